"""HubSpot's texts to values and back. Properties come as strings; the property's own type says what they mean."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.hubspot.schema import Property
from connectors.port import OutputType
from connectors.records import Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def value_of(text: Any, definition: Property | None) -> Value | None:
    """A property's value, None when empty. Text that does not fit the property's type stays text."""
    if text is None or not str(text).strip():
        return None
    raw = str(text)
    if definition is None:
        return raw
    match definition.type:
        case "number":
            number = number_of(raw)
            return raw if number is None else number
        case "bool":
            return {"true": True, "false": False}.get(raw.strip().lower(), raw)
        case "date":
            return date_of(raw) or raw
        case "datetime":
            return instant_of(raw) or raw
        case "enumeration":
            chosen = tuple(definition.readable(item) for item in raw.split(";") if item.strip())
            several = definition.field_type == "checkbox" or len(chosen) > 1
            return chosen if several else definition.readable(raw)
        case _:
            return raw


def observed_of(text: Any, kind: OutputType) -> Value | None:
    """What HubSpot holds in a field that we write, in the output's own type."""
    if text is None or text == "":
        return None
    raw = str(text)
    if kind is OutputType.NUMBER:
        number = number_of(raw)
        return raw if number is None else number
    if kind is OutputType.CHECKBOX:
        return {"true": True, "false": False}.get(raw.strip().lower(), raw)
    if kind is OutputType.DATE_TIME:
        return instant_of(raw) or raw
    return raw


def written(value: Value | None) -> str:
    """A value as HubSpot takes it; the empty string clears a property."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        utc = value.astimezone(UTC)
        return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def number_of(text: str) -> int | Decimal | None:
    """A whole number as int, another as Decimal."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return int(number) if number == number.to_integral_value() and number.adjusted() < 18 else number


def date_of(text: str) -> date | None:
    """A date: `2026-11-20`, or milliseconds at midnight UTC."""
    try:
        if _DAY.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = instant_of(text)
    return None if moment is None else moment.date()


def instant_of(text: Any) -> datetime | None:
    """An aware UTC instant: ISO 8601 (UTC when no zone is given) or milliseconds since 1970."""
    raw = str(text).strip() if text is not None else ""
    try:
        if raw.lstrip("-").isdigit():
            return _EPOCH + timedelta(milliseconds=int(raw))
        moment = datetime.fromisoformat(raw)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
