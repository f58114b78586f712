"""Column types that mean the same on SQLite and PostgreSQL: instants, days, foreign words and small JSON values."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, Text, types

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Instant(types.TypeDecorator[datetime]):
    """An aware UTC datetime, stored as whole microseconds since 1970: exact, ordered, and cheap to read into frames."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Day(types.TypeDecorator[date]):
    """A date, stored as whole days since 1970."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - _EPOCH_DAY).days

    def process_result_value(self, value: int | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        return None if value is None else _EPOCH_DAY + timedelta(days=value)


class Json(types.TypeDecorator[Any]):
    """A small JSON value as canonical text (sorted keys, no blanks): equal values are equal bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


class Words(types.TypeDecorator[str]):
    """Text as it comes from a CRM: what no database can hold (NUL, half a surrogate pair) becomes a question mark."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text without what UTF-8 and PostgreSQL refuse."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\0", "?") if "\0" in text else text


def canonical_json(value: Any) -> str:
    """The one text form of a JSON value."""
    return storable(_CANONICAL.encode(value))
