"""Values of Salesforce rows as attribute values, checked against the described type; what does not fit is malformed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.records import Value
from connectors.salesforce.describe import FieldDescription

Row = Mapping[str, Any]
_NUMBERS = frozenset({"int", "double", "currency", "percent", "long"})


class Malformed(Exception):
    """A row that cannot be read; the reason names field and type, never the value."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def dig(row: Row, path: str) -> Any:
    """The raw value behind a path such as `Campaign.Name`; None when a parent is absent."""
    if "." not in path:
        return row.get(path)
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def attribute(field: FieldDescription, raw: Any, path: str) -> Value | None:
    """The value of a field, None when it is empty.

    Raises:
        Malformed: The value is not of the described type.
    """
    if raw is None:
        return None
    if field.type == "boolean":
        return _of(bool, raw, path, "true or false")
    if field.type in _NUMBERS:
        return _number(raw, path)
    if not isinstance(raw, str):
        raise Malformed("wrong_type", f"{path} holds {type(raw).__name__} instead of text")
    if not raw.strip():
        return None
    if field.type == "date":
        return read_date(raw, path)
    if field.type == "datetime":
        return read_instant(raw, path)
    if field.type == "multipicklist":
        return tuple(part.strip() for part in raw.split(";") if part.strip())
    return raw.replace("\r\n", "\n").strip()


def first_filled(
    row: Row, paths: Sequence[str], fields: Mapping[str, FieldDescription]
) -> tuple[str | None, Value | None]:
    """The first of several fields that holds something, and what it holds."""
    for path in paths:
        if path in fields and (value := attribute(fields[path], dig(row, path), path)) is not None:
            return path, value
    return None, None


def instant_of(row: Row, path: str) -> datetime | None:
    """An optional date-time field."""
    raw = dig(row, path)
    return None if raw is None else read_instant(raw, path)


def read_instant(raw: Any, path: str) -> datetime:
    """`2026-11-20T08:30:00.000+0000` (REST) or `...Z` (Bulk 2) as an aware UTC instant."""
    if isinstance(raw, str):
        try:
            value = datetime.fromisoformat(raw)
        except ValueError:
            value = None
        if value is not None and value.tzinfo is not None:
            return value.astimezone(UTC)
    raise Malformed("bad_instant", f"{path} is not a date-time")


def read_date(raw: Any, path: str) -> date:
    """`2026-11-20` as a date."""
    try:
        return date.fromisoformat(raw)
    except (ValueError, TypeError) as error:
        raise Malformed("bad_date", f"{path} is not a date") from error


def noon(day: date) -> datetime:
    """The instant that stands for a date alone."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def record_id(row: Row, path: str = "Id") -> str:
    """A full record id.

    Raises:
        Malformed: There is none.
    """
    raw = dig(row, path)
    if not isinstance(raw, str) or len(raw) not in (15, 18) or not raw.isalnum():
        raise Malformed("no_id", f"{path} is not a record id")
    return full_id(raw)


def optional_id(row: Row, path: str) -> str | None:
    """A reference, None when it is empty."""
    return record_id(row, path) if dig(row, path) is not None else None


def full_id(short: str) -> str:
    """The 18-character form of an id: three check characters tell which letters are upper case."""
    if len(short) != 15:
        return short
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, char in enumerate(short[start : start + 5]) if "A" <= char <= "Z")
        suffix += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]
    return short + suffix


def flag(row: Row, path: str) -> bool:
    """A checkbox; absent is false."""
    raw = dig(row, path)
    return False if raw is None else bool(_of(bool, raw, path, "true or false"))


def _of(kind: type[bool], raw: Any, path: str, words: str) -> bool:
    if not isinstance(raw, kind):
        raise Malformed("wrong_type", f"{path} holds {type(raw).__name__} instead of {words}")
    return raw


def _number(raw: Any, path: str) -> Value:
    if isinstance(raw, bool) or not isinstance(raw, (int, Decimal, float)):
        raise Malformed("wrong_type", f"{path} holds {type(raw).__name__} instead of a number")
    number = Decimal(str(raw))
    if not number.is_finite():
        raise Malformed("wrong_type", f"{path} is not a finite number")
    return int(number) if number == number.to_integral_value() else number
