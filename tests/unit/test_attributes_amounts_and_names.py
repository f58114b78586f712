from __future__ import annotations

import pytest

from scoring.attributes import currency_of, number_from_text, whole_number
from scoring.attributes.name import has_digits, is_noise


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1000", 1000), ("1,000", 1000), ("1.000", 1000), ("1 000", 1000), ("1'000", 1000), ("1\u202f000", 1000), ("1.234.567,89", 1234567.89),
        ("1,234,567.89", 1234567.89), ("1234.5", 1234.5), ("0.5", 0.5), ("0,5", 0.5), ("1.200 employés", 1200), ("approx. 300", 300),
        ("1,000-5,000", 3000), ("1 - 10 employees", 5.5), ("51 to 200", 125.5), ("de 100 a 250", 175), ("50-100M", 75e6), ("$1M – $5M", 3e6),
        ("entre 50 et 100", 75), ("100 bis 200 Mitarbeiter", 150), ("10k-50k", 30e3), ("500-1M", 500250),
        ("5k+", 5000), ("more than 500", 500), ("500+", 500), ("10.000+", 10000), ("über 1.000", 1000), ("> 20", 20),
        ("<50", 25), ("moins de 50", 25), ("menos de 50", 25), ("unter 50", 25), ("up to 100", 50),
        ("$50M", 50e6), ("10 Mio. €", 10e6), ("1,5 Mio", 1.5e6), ("2,5 Mrd. EUR", 2.5e9), ("$1.234B", 1.234e9), ("1.200 Mio. €", 1.2e9),
        ("€2.5bn", 2.5e9), ("R$ 1,2 bilhão", 1.2e9), ("2 mil millones", 2e9), ("200 mil", 200e3), ("3 millones de euros", 3e6), ("500 K€", 500e3),
        ("K€ 500", 500e3), ("12 millions d'euros", 12e6), ("1.1k", 1100), ("1e6", 1e6),
    ],
)  # fmt: skip
def test_numbers_are_read_from_text(text, number):
    assert number_from_text(text) == number


@pytest.mark.parametrize(
    "text", ["", "n/a", "many", "50%", "-5", "(5)", "10 - 20 - 30", "2019, 2020, 2021", "1" * 400, "500-100", "∞"]
)
def test_a_text_without_one_number_yields_none(text):
    assert number_from_text(text) is None


def test_head_counts_are_whole():
    assert whole_number("51-200") == 126
    assert whole_number("1-10") == 6
    assert whole_number("none") is None


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("10 Mio. €", "EUR"),
        ("$50M", "USD"),
        ("500 K€", "EUR"),
        ("R$ 5 mi", "BRL"),
        ("CHF 5m", "CHF"),
        ("5 keur", "EUR"),
        ("50", None),
        ("$5 or €5", None),
    ],
)
def test_the_currency_of_an_amount_is_told_when_it_names_one(text, currency):
    assert currency_of(text) == currency


@pytest.mark.parametrize(
    "name",
    ["asdf", "ASDFGH", "qwerty", "qwertz", "sdfgh", "lkjh", "asdasd", "xxx", "aaaa", "Test", "n/a", "-", ".", "123", "???", "unknown", "Unbekannt",
     "http://spam.example", "a@b.com", "blabla", "hahaha", "Smithhhhhh", "x" * 80],
)  # fmt: skip
def test_noise_is_recognised(name):
    assert is_noise(name)
    assert is_noise("Ann", name)


@pytest.mark.parametrize(
    "name",
    ["Ann", "O'Brien", "McDonald", "Ng", "Krč", "Hirschsprung", "Wert", "Azer", "Trew", "III", "Smith III", "李雷", "Łukasz", "Anna-Lena", "Sarah",
     "Glad", "Das", "Dass", "Lass", "Dada", "Schwartz", "Strnad", "van der Berg", "Þórr", "Jean-François", "Xi", "J."],
)  # fmt: skip
def test_real_names_are_no_noise(name):
    assert not is_noise(name)


def test_digits_in_names_are_seen():
    assert has_digits("Ann", "Lee2")
    assert has_digits("Ann٣")
    assert not has_digits("Ann", None)
