from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from scoring.attributes import DERIVED, DERIVED_VERSION, derive, derive_frame, snapshot_dates

RECORD = {
    "email": "Ann.Lee@Acme.example",
    "first_name": "Ann",
    "last_name": "Lee",
    "title": "Leiterin Einkauf",
    "company": "Acme GmbH",
    "website": "https://www.acme.example",
    "phone": "089 12345678",
    "country": "Deutschland",
    "state": "Bavaria",
    "employees": "1,000-5,000",
    "revenue": "$50M",
}


def test_a_full_record_yields_every_derived_attribute():
    assert derive(RECORD) == {
        "email_domain": "acme.example",
        "email_class": "business",
        "company_domain": "acme.example",
        "seniority": "director",
        "function": "procurement",
        "country_code": "DE",
        "region_code": "DE-BY",
        "phone_e164": "+498912345678",
        "phone_valid": True,
        "phone_country": "DE",
        "name_has_digits": False,
        "name_is_noise": False,
        "company_is_provider": False,
        "domain_matches_company": True,
        "employees": 3000,
        "revenue": 50_000_000,
    }
    assert set(derive(RECORD)) == set(DERIVED)


@pytest.mark.parametrize(
    "record", [{}, {"email": "", "title": None, "phone": "  ", "employees": float("nan"), "country": []}]
)
def test_absent_stays_absent_but_for_the_missing_address(record):
    assert derive(record) == {"email_class": "missing"}


def test_a_title_that_says_nothing_is_unknown_and_a_country_that_says_nothing_is_absent():
    assert derive({"title": "Ninja", "country": "Other"}) == {
        "seniority": "unknown",
        "function": "unknown",
        "email_class": "missing",
    }


def test_a_filled_derived_attribute_is_taken_as_it_is_and_others_follow_from_it():
    derived = derive(
        {"country": "France", "country_code": "DE", "phone": "030 901820", "seniority": "vp", "title": "CFO"}
    )

    assert derived["country_code"] == "DE"
    assert derived["phone_e164"] == "+4930901820"
    assert (derived["seniority"], derived["function"]) == ("vp", "finance")


def test_numbers_stay_and_texts_become_numbers():
    assert derive({"employees": 12, "revenue": 1.5})["employees"] == 12
    assert derive({"employees": "5k+", "revenue": "many"}) == {"employees": 5000, "email_class": "missing"}


def test_a_frame_gets_the_derived_columns_in_the_order_of_its_rows():
    people = pl.DataFrame(
        {"person_id": ["2", "1", "3"], "title": ["CEO", None, "CEO"], "country": ["Brasil", "Peru", " "]}
    )

    derived = derive_frame(people)

    assert derived["person_id"].to_list() == ["2", "1", "3"]
    assert derived["seniority"].to_list() == ["c_level", None, "c_level"]
    assert derived["country_code"].to_list() == ["BR", "PE", None]
    assert derived["email_class"].to_list() == ["missing"] * 3
    assert set(DERIVED) <= set(derived.columns)


def test_a_filled_cell_of_a_frame_is_taken_and_a_blank_one_computed():
    people = pl.DataFrame(
        {
            "title": ["CEO", "CEO", "CEO"],
            "seniority": ["lead", None, " "],
            "phone_valid": ["yes", "false", None],
            "phone": ["x"] * 3,
        }
    )

    derived = derive_frame(people)

    assert derived["seniority"].to_list() == ["lead", "c_level", "c_level"]
    assert derived["phone_valid"].to_list() == [True, False, False]


def test_deriving_a_frame_twice_changes_nothing():
    once = derive_frame(pl.DataFrame([RECORD, {**RECORD, "email": "info@gmail.com", "employees": None}]))

    assert_frame_equal(derive_frame(once), once)


def test_columns_of_any_type_are_accepted():
    people = pl.DataFrame(
        {
            "phone": [493090182, None], "employees": [10, 20], "revenue": [1.5, float("nan")], "title": [["CEO"], None],
            "country": pl.Series(["DE", "FR"], dtype=pl.Categorical),
        }
    )  # fmt: skip

    derived = derive_frame(people)

    assert derived["employees"].to_list() == [10, 20]
    assert derived["revenue"].to_list() == [1.5, None]
    assert derived["seniority"].to_list() == [None, None]
    assert derived["country_code"].to_list() == ["DE", "FR"]


def test_an_empty_frame_gets_the_columns_too():
    assert set(DERIVED) <= set(derive_frame(pl.DataFrame({"person_id": []}, schema={"person_id": pl.String})).columns)


def test_enriched_sources_yield_enriched_derived_columns_where_they_are_filled():
    people = pl.DataFrame(
        {
            "country": ["Germany", None, "Germany"], "enriched_country": ["France", "DE", None],
            "phone": ["030 901820"] * 3, "title": [None, "CEO", "CEO"], "enriched_title": ["CFO", None, None], "enriched_employees": ["11-50", None, "7"],
        }
    )  # fmt: skip

    derived = derive_frame(people)

    assert derived["country_code"].to_list() == ["DE", None, "DE"]
    assert derived["enriched_country_code"].to_list() == ["FR", "DE", None]
    assert derived["enriched_phone_e164"].to_list()[1:] == ["+4930901820", None]
    assert derived["enriched_seniority"].to_list() == ["c_level", None, None]
    assert derived["enriched_employees"].to_list() == [31, None, 7]
    assert "enriched_email_class" not in derived.columns


def test_the_dates_of_the_libraries_data_are_told():
    assert DERIVED_VERSION >= 1
    assert all(snapshot_dates().values())
    assert len(snapshot_dates()) == 5


def test_once_imported_nothing_opens_a_file_or_a_socket():
    program = """
import sys
import polars as pl
import scoring.attributes as attributes
record = {name: text for name, text in zip(
    ("email", "title", "phone", "country", "state", "website", "company", "employees"),
    ("ann@acme.com", "Leiter", "+81 3 1234 5678", "Japan", "Tokyo", "acme.co.jp", "Acme", "1-5"))}
seen = []
attributes.derive_frame(pl.DataFrame({"title": ["CEO"]}))
sys.addaudithook(lambda event, _: seen.append(event) if event.split(".")[0] in ("open", "socket", "sqlite3", "import") else None)
attributes.derive(record)
attributes.derive({**record, "phone": "01 42 68 53 00", "country": "Frankreich", "title": "Chef de projett"})
attributes.derive_frame(pl.DataFrame([record]))
print(sorted(set(seen)))
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
