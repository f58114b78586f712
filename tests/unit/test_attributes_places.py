from __future__ import annotations

import pytest
from babel import Locale

from scoring.attributes import COUNTRY_CODES, country_code, region_code


@pytest.mark.parametrize("language", ["en", "fr", "de", "es", "pt"])
def test_every_country_is_known_by_its_name_in_five_languages(language):
    names = Locale(language).territories

    assert [code for code in sorted(COUNTRY_CODES) if country_code(names[code]) != code] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Deutschland", "DE"), ("Allemagne", "DE"), ("Alemanha", "DE"), ("Alemania", "DE"), ("BRD", "DE"), ("DEU", "DE"), ("de", "DE"),
        ("États-Unis", "US"), ("ETATS UNIS", "US"), ("EE.UU.", "US"), ("EUA", "US"), ("U.S.A.", "US"), ("Vereinigte Staaten", "US"),
        ("UK", "GB"), ("England", "GB"), ("Großbritannien", "GB"), ("Grossbritannien", "GB"), ("Brasil", "BR"), ("Österreich", "AT"),
        ("Oesterreich", "AT"), ("NO", "NO"), ("Norvège", "NO"), ("Holland", "NL"), ("Côte d'Ivoire", "CI"), ("Elfenbeinküste", "CI"),
        ("Korea", "KR"), ("Georgia", "GE"), ("Niger", "NE"), ("Nigeria", "NG"), ("Schweiz (CH)", "CH"), ("US - United States", "US"),
        ("Berlin, Germany", "DE"), ("Kosovo", "XK"), ("Germnay", "DE"), ("Swizerland", "CH"), ("Untied States", "US"), ("日本", "JP"),
    ],
)  # fmt: skip
def test_countries_are_known_by_names_codes_and_near_misses(text, code):
    assert country_code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n/a",
        "Other",
        "unknown",
        "XX",
        "ZZ",
        "EU",
        "Europe",
        "Austrlia",
        "Slovania",
        "France, Spain",
        "12345",
    ],
)
def test_what_is_no_single_country_has_no_code(text):
    assert country_code(text) is None


@pytest.mark.parametrize(
    ("state", "country", "code"),
    [
        ("CA", "US", "US-CA"), ("California", "US", "US-CA"), ("Kalifornien", "US", "US-CA"), ("Californie", "US", "US-CA"),
        ("State of Texas", "US", "US-TX"), ("Calfornia", "US", "US-CA"), ("Georgia", "US", "US-GA"), ("Nova Iorque", "US", "US-NY"),
        ("Bayern", "DE", "DE-BY"), ("Bavaria", "DE", "DE-BY"), ("Bavière", "DE", "DE-BY"), ("Baviera", "DE", "DE-BY"), ("NRW", "DE", "DE-NW"),
        ("São Paulo", "BR", "BR-SP"), ("SP", "BR", "BR-SP"), ("Île-de-France", "FR", "FR-IDF"), ("75", "FR", "FR-75C"),
        ("Madrid", "ES", "ES-MD"), ("Cataluña", "ES", "ES-CT"), ("Catalonia", "ES", "ES-CT"), ("Lisboa", "PT", "PT-11"),
        ("Québec", "CA", "CA-QC"), ("Zürich", "CH", "CH-ZH"), ("Genf", "CH", "CH-GE"), ("Lombardei", "IT", "IT-25"), ("England", "GB", "GB-ENG"),
        ("US-CA", None, "US-CA"), ("us-ca", "US", "US-CA"), ("California", None, "US-CA"), ("Bayern", None, "DE-BY"),
    ],
)  # fmt: skip
def test_regions_are_known_by_names_in_five_languages_and_codes(state, country, code):
    assert region_code(state, country) == code


@pytest.mark.parametrize(
    ("state", "country"),
    [
        ("CA", None),
        ("Georgia", None),
        ("Amazonas", None),
        ("US-CA", "DE"),
        ("California", "DE"),
        ("nowhere", "US"),
        ("", "US"),
        ("CA", "XX"),
    ],
)
def test_a_region_that_cannot_be_told_has_no_code(state, country):
    assert region_code(state, country) is None
