from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.people.encoding import decode_boolean, decode_date, decode_number, encode, encode_all


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  Ada ", "Ada"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-12, "-12"),
        (1e21, "1000000000000000000000"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (float("nan"), ""),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.500"), "12.5"),
        (date(2026, 11, 21), "2026-11-21"),
        (datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2))), "2026-11-21T10:00:00Z"),
        (datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC), "2026-11-21T12:00:00.250000Z"),
        ((" a ", "", "b|c"), "a|b/c"),
        ((), ""),
    ],
)
def test_every_type_of_value_has_one_text(value, text):
    assert encode(value) == text


def test_blank_values_are_left_out():
    assert encode_all({"a": None, "b": "  ", "c": 0, "d": (), "e": False}) == {"c": "0", "e": "false"}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_a_number_comes_back_as_it_was(number):
    assert decode_number(encode(number)) == number


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_comes_back_as_it_was(moment):
    assert decode_date(encode(moment)) == moment


def test_a_date_stays_a_date_and_an_instant_without_a_zone_is_utc():
    assert decode_date("2026-11-21") == date(2026, 11, 21)
    assert decode_date("2026-11-21T10:00:00") == datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "  ", "many", "1e99999999999x", "2026-13-01", "maybe", "NaN", "Infinity"])
@pytest.mark.parametrize("read", [decode_number, decode_boolean, decode_date])
def test_what_does_not_fit_the_type_is_unknown(text, read):
    assert read(text) is None
