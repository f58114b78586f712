from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.vocabulary import AttributeType
from sync.people.encoding import decode, encode, encode_all


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
    assert decode(encode(number), AttributeType.NUMBER) == number


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_comes_back_as_it_was(moment):
    assert decode(encode(moment), AttributeType.DATE) == moment


@pytest.mark.parametrize("text", ["", "  ", "many", "1e999999999x", "2026-13-01", "maybe"])
@pytest.mark.parametrize("kind", [AttributeType.NUMBER, AttributeType.BOOLEAN, AttributeType.DATE])
def test_what_does_not_fit_the_type_is_unknown(text, kind):
    assert decode(text, kind) is None
