"""Children without a recycle bin: once a day the log of deletions tells which of them are gone.

A removed campaign member is a deletion like any other. A removed contact role names no opportunity any more, so that all
opportunities are read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from connectors.errors import NeedsAttention
from connectors.records import Deletion, Ref
from connectors.salesforce import soql
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.cursor import Cursor
from connectors.salesforce.values import Malformed, read_instant, record_id

#: How often the log is asked: it costs a call per object.
_EVERY = timedelta(days=1)
#: How far it reaches back, at most.
_LOG = timedelta(days=15)


class Vanishing(StrEnum):
    """How records of an object go away."""

    #: Through the recycle bin, where queryAll sees them.
    BIN = "bin"
    #: For good; each is told as a deletion.
    GONE = "gone"
    #: For good, and what they belonged to must be read again.
    PARENT = "parent"


@dataclass(kw_only=True, slots=True)
class Vanished:
    """What the log told."""

    deletions: list[Deletion] = field(default_factory=list)
    #: Whether something may have been removed from records that nobody can name.
    reread: bool = False


def due(cursor: Cursor) -> bool:
    """Whether the log is to be asked before the next window."""
    return not cursor.open and None not in (cursor.mark, cursor.checked) and _since(cursor) >= _EVERY


def ask(
    client: SalesforceClient, names: Sequence[tuple[str, Vanishing]], cursor: Cursor, *, overlap: timedelta
) -> Vanished:
    """What vanished since the last question. What the log no longer knows is left to the sweep."""
    found = Vanished()
    if cursor.mark is None or cursor.checked is None:
        return found
    start = max(cursor.checked - overlap, cursor.mark - _LOG)
    for name, vanishing in names:
        if vanishing is Vanishing.BIN:
            continue
        try:
            content = client.get(
                f"sobjects/{name}/deleted/",
                {"start": soql.instant(start), "end": soql.instant(cursor.mark)},
                kind="deleted",
                subject=name,
            )
        except NeedsAttention:
            continue  # an object without such a log, or one we may not ask: the sweep finds what is gone
        gone = _deletions(name, content)
        if vanishing is Vanishing.GONE:
            found.deletions += gone
        elif gone or start > cursor.checked or not _complete(content, start):
            found.reread = True
    return found


def _since(cursor: Cursor) -> timedelta:
    return cursor.mark - cursor.checked if cursor.mark and cursor.checked else timedelta(0)


def _deletions(name: str, content: Any) -> list[Deletion]:
    rows = content.get("deletedRecords") if isinstance(content, Mapping) else None
    found = []
    for row in rows or ():
        try:
            at = read_instant(row.get("deletedDate"), "deletedDate")
            found.append(Deletion(ref=Ref(object=name, id=record_id(row, "id")), at=at))
        except Malformed:
            continue
    return found


def _complete(content: Any, start: datetime) -> bool:
    """Whether the log reaches back to an instant."""
    raw = content.get("earliestDateAvailable") if isinstance(content, Mapping) else None
    try:
        return read_instant(raw, "earliestDateAvailable") <= start
    except Malformed:
        return False
