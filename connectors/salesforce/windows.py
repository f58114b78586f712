"""Reading a stream in windows of SystemModstamp, page by page, several objects in one call.

Each window starts an overlap before the last mark, because transactions commit late. Inside it rows come in the order of
(SystemModstamp, Id); the place of the last row is the cursor, so ties across pages and partial pages lose nothing. The first
page has no upper end and its answer's Date sets it, so a stream with nothing new costs one call and a busy one ends. Large
objects of a first load come by bulk jobs before the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from connectors.errors import NeedsAttention, Scope, Unavailable
from connectors.records import BadRecord, Deletion, DeletionKind, Page, Record, Ref
from connectors.salesforce import soql
from connectors.salesforce.bulk_load import BulkLoad
from connectors.salesforce.client import Answer, SalesforceClient
from connectors.salesforce.composite import MAX_QUERIES
from connectors.salesforce.cursor import Cursor, Place
from connectors.salesforce.values import Malformed, Row, flag, instant_of, optional_id, read_instant, record_id
from connectors.salesforce.vanished import Vanished, Vanishing, ask, due

_ORDER = "SystemModstamp, Id"


@dataclass(kw_only=True, slots=True)
class Harvest:
    """What one page has brought so far."""

    #: Before this instant a row may have been seen by an earlier window; None: the first load.
    known_before: datetime | None = None
    records: list[Record] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)

    def page(self, *, next_cursor: str, more: bool, expected: int | None = None) -> Page:
        """The page of it all."""
        return Page(
            records=tuple(self.records),
            deletions=tuple(self.deletions),
            bad=tuple(self.bad),
            unmapped=tuple(sorted(self.unmapped.items())),
            next=next_cursor,
            more=more,
            expected=expected,
        )


class Part(Protocol):
    """One object of a stream: what is selected, and how a row becomes records."""

    name: str
    #: False: of no use in a first load, which reads everything anyway.
    first_load: bool
    vanishing: Vanishing

    def select(self) -> Sequence[str]:
        """Fields, parent paths and subqueries."""
        ...

    def take(self, row: Row, harvest: Harvest) -> None:
        """Convert one live row; raises Malformed."""
        ...

    def finish(self, harvest: Harvest) -> None:
        """Look up what the rows of this page still need."""
        ...


class WindowReader:
    """Reads the parts of one stream."""

    def __init__(
        self,
        client: SalesforceClient,
        parts: Sequence[Part],
        *,
        page_size: int,
        overlap: timedelta,
        bulk: BulkLoad | None = None,
    ) -> None:
        self._client = client
        self._bulk = bulk
        self._parts = {part.name: part for part in parts}
        self._page_size = page_size
        self._overlap = overlap

    def read(self, cursor: Cursor) -> Page:
        """The next page."""
        first = not cursor.open and cursor.mark is None
        counts = self._counts(cursor) if first else None
        expected = sum(counts.values()) if counts is not None else None
        vanished = Vanished()
        if due(cursor):
            names = [(part.name, part.vanishing) for part in self._parts.values()]
            vanished = ask(self._client, names, cursor, overlap=self._overlap)
            cursor = replace(cursor, checked=cursor.mark)
        if not cursor.open:
            cursor = self._begin(cursor, again=vanished.reread)
        if self._bulk and counts:
            cursor = self._bulk.take_over(cursor, counts)
        if self._bulk and cursor.jobs:
            return self._by_bulk(self._bulk, cursor, expected)
        active = [self._parts[name] for name in cursor.places if name in self._parts][:MAX_QUERIES]
        harvest = Harvest(known_before=cursor.mark, deletions=vanished.deletions)
        places = {name: place for name, place in cursor.places.items() if name in self._parts}
        if active:
            limit = max(1, self._page_size // len(active))
            queries = [(part.name, self._soql(part, cursor, limit)) for part in active]
            answers = self._client.query_together(queries, deleted=True)
            cursor = self._clocked(cursor, answers)
            for part, answer in zip(active, answers, strict=True):
                if not answer.rows and not answer.done:
                    raise Unavailable(f"Salesforce answered with an empty page of {part.name} that is not the last.")
                place = self._take(part, answer, harvest)
                if answer.done and len(answer.rows) < limit:
                    del places[part.name]
                else:
                    places[part.name] = place or self._stuck(part.name)
            for part in active:
                part.finish(harvest)
        return self._page(replace(cursor, places=places), harvest, expected)

    def fetch(self, ids: Iterable[Ref]) -> Page:
        """Named records as they are now; those that are not there come as deletions."""
        harvest = Harvest()
        wanted = list(dict.fromkeys(ids))
        for name, part in self._parts.items():
            found: set[str] = set()
            for block in soql.blocks(ref.id for ref in wanted if ref.object == name):
                query = soql.select(name, self._fields(part), where=[soql.one_of("Id", block)])
                for row in self._client.rows(query, deleted=True, subject=name):
                    self._take_row(part, row, harvest)
                    found.add(str(row.get("Id")))
            harvest.deletions.extend(Deletion(ref=ref) for ref in wanted if ref.object == name and ref.id not in found)
            part.finish(harvest)
        return harvest.page(next_cursor="", more=False)

    def matching(self, name: str, condition: str) -> Page:
        """All live records of one object under a condition."""
        harvest = Harvest()
        part = self._parts[name]
        query = soql.select(name, self._fields(part), where=[condition, "IsDeleted = false"])
        for row in self._client.rows(query, deleted=True, subject=name):
            self._take_row(part, row, harvest)
        part.finish(harvest)
        return harvest.page(next_cursor="", more=False)

    # ---- inside ----

    def _page(self, cursor: Cursor, harvest: Harvest, expected: int | None) -> Page:
        following = cursor if cursor.open else _between(cursor)
        return harvest.page(next_cursor=following.dump(), more=cursor.open, expected=expected)

    def _by_bulk(self, bulk: BulkLoad, cursor: Cursor, expected: int | None) -> Page:
        step = bulk.step(cursor, {name: self._fields(part) for name, part in self._parts.items()})
        harvest = Harvest(known_before=cursor.mark)
        if step.name is not None:
            part = self._parts[step.name]
            for row in step.rows:
                self._take_row(part, row, harvest)
            part.finish(harvest)
        return self._page(step.cursor, harvest, expected)

    def _begin(self, cursor: Cursor, *, again: bool) -> Cursor:
        """A new window; `again` reads everything once more, however old."""
        if cursor.mark is None or again:
            return replace(cursor, places=dict.fromkeys(self._first_load(cursor)))
        return replace(cursor, low=cursor.mark - self._overlap, places=dict.fromkeys(self._parts))

    def _clocked(self, cursor: Cursor, answers: Sequence[Answer]) -> Cursor:
        if cursor.until is not None:
            return cursor
        now = self._client.session.crm_now
        asked = [answer.asked_at for answer in answers if answer.asked_at is not None]
        if now is None or not asked:
            raise NeedsAttention(
                "Salesforce's answers carry no Date, so nobody knows how far a stream has been read.",
                code="clock",
                next_step="find what removes the header on the way (a proxy?), then run: leadgrade doctor",
            )
        return replace(cursor, until=now + timedelta(seconds=1), next_mark=min(asked))

    def _soql(self, part: Part, cursor: Cursor, limit: int) -> str:
        conditions = []
        place = cursor.places.get(part.name)
        if place is not None:
            conditions.append(soql.after(place.at, place.id))
        elif cursor.low is not None:
            conditions.append(f"SystemModstamp >= {soql.instant(cursor.low)}")
        if cursor.until is not None:
            conditions.append(f"SystemModstamp < {soql.instant(cursor.until)}")
        return soql.select(part.name, self._fields(part), where=conditions, order=_ORDER, limit=limit)

    def _fields(self, part: Part) -> list[str]:
        return ["Id", "SystemModstamp", "CreatedDate", "IsDeleted", *part.select()]

    def _take(self, part: Part, answer: Answer, harvest: Harvest) -> Place | None:
        place: Place | None = None
        for row in answer.rows:
            place = self._take_row(part, row, harvest) or place
        return place

    def _take_row(self, part: Part, row: Any, harvest: Harvest) -> Place | None:
        ref: Ref | None = None
        try:
            if not isinstance(row, dict):
                raise Malformed("no_record", f"{part.name} row is no object")
            ref = Ref(object=part.name, id=record_id(row))
            place = Place(at=read_instant(row.get("SystemModstamp"), "SystemModstamp"), id=ref.id)
        except Malformed as error:
            harvest.bad.append(BadRecord(ref=ref, code=error.code, reason=f"{part.name}: {error.reason}"))
            return None
        try:
            if flag(row, "IsDeleted"):
                harvest.deletions.append(_deletion(ref, row, place.at))
            else:
                part.take(row, harvest)
        except Malformed as error:
            harvest.bad.append(BadRecord(ref=ref, code=error.code, reason=f"{part.name}: {error.reason}"))
        return place

    def _stuck(self, name: str) -> Place:
        raise NeedsAttention(
            f"A whole page of {name} has neither ids nor stamps; reading cannot go on behind it.",
            code="malformed",
            scope=Scope.OBJECT,
            subject=name,
            next_step="run: leadgrade doctor",
        )

    def _first_load(self, cursor: Cursor) -> list[str]:
        """Objects of a load from the beginning."""
        wanted = cursor.only or tuple(self._parts)
        return [name for name, part in self._parts.items() if part.first_load and name in wanted]

    def _counts(self, cursor: Cursor) -> dict[str, int] | None:
        """About how many rows each object has; None when the org does not tell, and then REST reads it."""
        names = self._first_load(cursor)
        try:
            content = self._client.get("limits/recordCount", {"sObjects": ",".join(names)}, kind="count")
        except NeedsAttention:
            return None
        counts = content.get("sObjects") if isinstance(content, dict) else None
        if not isinstance(counts, list):
            return None
        return {str(item.get("name")): int(item.get("count") or 0) for item in counts if isinstance(item, dict)}


def _between(cursor: Cursor) -> Cursor:
    mark = cursor.next_mark or cursor.mark
    return Cursor(mark=mark, checked=cursor.checked or mark)


def _deletion(ref: Ref, row: Row, at: datetime) -> Deletion:
    winner = optional_id(row, "MasterRecordId")
    if winner:
        return Deletion(ref=ref, kind=DeletionKind.MERGED, at=at, moved_to=Ref(object=ref.object, id=winner))
    return Deletion(ref=ref, at=at)


def created_at(row: Row) -> datetime | None:
    """When the record was made."""
    return instant_of(row, "CreatedDate")


def modified_at(row: Row) -> datetime:
    """The record's SystemModstamp, already checked by the reader."""
    return read_instant(row.get("SystemModstamp"), "SystemModstamp")
