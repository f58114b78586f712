"""Building SOQL: quoting, instants to the millisecond, keyset conditions, lists of ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from simple_salesforce.format import format_soql

#: Ids per IN list: 200 x 23 characters stay far below the 16,384 bytes of an address.
IDS_PER_QUERY = 200


def select(
    name: str,
    fields: Iterable[str],
    *,
    where: Sequence[str] = (),
    order: str = "",
    limit: int | None = None,
) -> str:
    """One SELECT; conditions are joined by AND."""
    text = f"SELECT {', '.join(dict.fromkeys(fields))} FROM {name}"  # noqa: S608  (names come from describe, values are quoted)
    if where:
        text += f" WHERE {' AND '.join(where)}"
    if order:
        text += f" ORDER BY {order}"
    return f"{text} LIMIT {limit}" if limit is not None else text


def instant(value: datetime) -> str:
    """A date-time literal with milliseconds.

    `format_soql` cuts them off, and a keyset that forgets them reads a page of equal seconds for ever.
    """
    utc = value.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def text(value: str) -> str:
    """A quoted text literal."""
    return format_soql("{}", value)


def listed(values: Sequence[str]) -> str:
    """A quoted list, parentheses included."""
    return format_soql("{}", list(values))


def one_of(field: str, values: Sequence[str]) -> str:
    """`field IN (...)`."""
    return f"{field} IN {listed(values)}"


def after(stamp: datetime, record_id: str) -> str:
    """Rows behind (stamp, id) in the order of (SystemModstamp, Id); the first half keeps the index useful."""
    at = instant(stamp)
    return f"SystemModstamp >= {at} AND (SystemModstamp > {at} OR Id > {text(record_id)})"


def blocks(ids: Iterable[str], size: int = IDS_PER_QUERY) -> Iterator[list[str]]:
    """Ids in lists short enough for one query, each once."""
    rest = iter(dict.fromkeys(ids))
    while block := list(islice(rest, size)):
        yield block
