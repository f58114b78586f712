"""HubSpot's texts become values by the property's own type, and values become HubSpot's texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from connectors.hubspot.schema import Property
from connectors.hubspot.values import instant_of, observed_of, value_of, written
from connectors.port import OutputType

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_property(kind: str, *, field_type: str = "", **options: str) -> Property:
    named = {key.removeprefix("v"): label for key, label in options.items()}
    return Property(name="p", type=kind, field_type=field_type, read_only=False, group="g", options=named)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "75001", "75001"),
        ("number", "75001", 75001),
        ("number", "12.50", Decimal("12.50")),
        ("number", "1e3", 1000),
        ("number", "lots", "lots"),
        ("number", "NaN", "NaN"),
        ("bool", "true", True),
        ("bool", "FALSE", False),
        ("bool", "maybe", "maybe"),
        ("date", "2026-11-20", date(2026, 11, 20)),
        ("date", "1795132800000", date(2026, 11, 20)),
        ("date", "2026-13-40", "2026-13-40"),
        ("datetime", "2026-11-20T12:00:00Z", NOON),
        ("datetime", "2026-11-20T13:00:00.000+01:00", NOON),
        ("datetime", "1795176000000", NOON),
        ("datetime", "yesterday", "yesterday"),
        ("enumeration", "DECISION_MAKER", "DECISION_MAKER"),
        ("enumeration", "A;B", ("A", "B")),
    ],
)
def test_a_text_is_read_by_its_propertys_type(kind: str, text: str, value: object) -> None:
    assert value_of(text, a_property(kind)) == value


@pytest.mark.parametrize("text", [None, "", "   "])
def test_blank_is_absent(text: str | None) -> None:
    assert value_of(text, a_property("string")) is None
    assert value_of(text, None) is None


def test_a_property_that_takes_several_values_gives_a_list_even_of_one() -> None:
    assert value_of("CHAMPION", a_property("enumeration", field_type="checkbox")) == ("CHAMPION",)


def test_a_numeric_option_is_read_by_its_label() -> None:
    stages = a_property("enumeration", v123456="Marketing engaged", customer="Customer")

    assert value_of("123456", stages) == "Marketing engaged"
    assert value_of("customer", stages) == "customer"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (71, "71"),
        (Decimal("1.50"), "1.50"),
        (datetime(2026, 11, 20, 13, 0, 0, 7_000, tzinfo=timezone(timedelta(hours=1))), "2026-11-20T12:00:00.007Z"),
        (date(2026, 11, 20), "2026-11-20"),
        (("a", "b"), "a;b"),
        ("Straße", "Straße"),
    ],
)
def test_a_value_is_written_as_hubspot_takes_it(value: object, text: str) -> None:
    assert written(value) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (OutputType.NUMBER, 71),
        (OutputType.CHECKBOX, True),
        (OutputType.CHECKBOX, False),
        (OutputType.DATE_TIME, NOON),
        (OutputType.TEXT, "Pricing page"),
        (OutputType.CHOICE, "A1"),
        (OutputType.TEXT, None),
    ],
)
def test_what_was_written_is_observed_again(kind: OutputType, value: object) -> None:
    assert observed_of(written(value), kind) == value  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["9" * 30, "-" + "9" * 30, "T", "20261120T"])
def test_an_impossible_instant_is_none(text: str) -> None:
    assert instant_of(text) is None
