"""Reading a stream: its parts in turn, one page at a time, each page with the cursor that continues it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connectors.hubspot.cursor import Position, StreamCursor
from connectors.records import BadRecord, Deletion, Page, Record, Ref


@dataclass(kw_only=True, slots=True)
class Gathered:
    """What came out of some rows."""

    records: list[Record] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.records or self.deletions or self.bad or self.unmapped)


@dataclass(frozen=True, kw_only=True, slots=True)
class PartPage:
    """One page of one part; `done` when the part has reached the present."""

    gathered: Gathered
    next: Position
    done: bool
    expected: int | None = None


class Part(Protocol):
    """One source of a stream: a CRM object, or events of one kind."""

    @property
    def name(self) -> str:
        """Its name in cursors."""
        ...

    def page(self, position: Position) -> PartPage:
        """The next page."""
        ...


def read_page(parts: Sequence[Part], cursor: StreamCursor) -> Page:
    """The next page that holds something, or the last one of the stream."""
    names = [part.name for part in parts]
    index = names.index(cursor.at) if cursor.at in names else 0
    while index < len(parts):
        part = parts[index]
        got = part.page(cursor.position(part.name))
        index += got.done
        more = index < len(parts)
        cursor = cursor.moved(part.name, got.next, at=names[index] if more else None)
        if got.gathered or not more:
            return page_of(got.gathered, cursor=cursor.dump(), more=more, expected=got.expected)
    return page_of(Gathered(), cursor=cursor.dump(), more=False)


def page_of(gathered: Gathered, *, cursor: str = "", more: bool = False, expected: int | None = None) -> Page:
    """A page of what was gathered."""
    return Page(
        records=tuple(gathered.records),
        deletions=tuple(gathered.deletions),
        bad=tuple(gathered.bad),
        unmapped=tuple(sorted(gathered.unmapped.items())),
        next=cursor,
        more=more,
        expected=expected,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One CRM record as the API returned it, sound enough to be read."""

    ref: Ref
    properties: Mapping[str, Any]
    raw: Mapping[str, Any]


def sound_rows(object_name: str, rows: Iterable[Any], gathered: Gathered) -> list[Row]:
    """The rows that are records with an id and properties; the others are noted as bad."""
    found: list[Row] = []
    for row in rows:
        record_id = id_of(row)
        if record_id is None:
            gathered.bad.append(BadRecord(ref=None, code="malformed", reason=f"{object_name}: a row without an id"))
        elif not isinstance(row.get("properties"), dict):
            ref = Ref(object=object_name, id=record_id)
            gathered.bad.append(BadRecord(ref=ref, code="malformed", reason="the record has no properties"))
        else:
            found.append(Row(ref=Ref(object=object_name, id=record_id), properties=row["properties"], raw=row))
    return found


def id_of(row: Any) -> str | None:
    """The id of a row, None when it has none that could be one."""
    record_id = row.get("id") if isinstance(row, dict) else None
    text = str(record_id) if isinstance(record_id, str | int) and not isinstance(record_id, bool) else ""
    return text if text.isdigit() else None
