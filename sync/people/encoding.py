"""Attribute values as texts, one form per value: what `attributes`, `derived` and `profile` hold in the store.

Numbers are plain decimals without exponent or trailing zeros, booleans `true` and `false`, dates `2026-11-21`, instants
`2026-11-21T10:00:00Z` (UTC, a fraction only where there is one), lists joined by `|`. Blank is absent.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.records import Value

BAR = "|"
TRUE, FALSE = "true", "false"


def encode(value: Value) -> str:
    """The text of a value; blank text when there is nothing worth keeping (callers leave it out).

    A bar inside a list's value becomes a slash, because it could not be told from the separator.
    """
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _plain(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, datetime):
        return encode_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    parts = (part.strip().replace(BAR, "/") for part in value)
    return BAR.join(part for part in parts if part)


def encode_all(values: Mapping[str, Value | None]) -> dict[str, str]:
    """All values that are not blank, by name."""
    texts = {name: encode(value) for name, value in values.items() if value is not None}
    return {name: text for name, text in texts.items() if text}


def encode_instant(moment: datetime) -> str:
    """An aware instant in UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def decode_number(text: str) -> Decimal | None:
    """A finite number, else None."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def decode_boolean(text: str) -> bool | None:
    """true/yes/1 and false/no/0 in any case, else None."""
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.casefold())


def decode_date(text: str) -> date | None:
    """A date or an aware instant (UTC where no zone is given), else None."""
    try:
        if len(text) == len("2026-11-21"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _plain(number: Decimal) -> str:
    if not number.is_finite():
        return ""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
