"""One CRM object as a part of a stream: first load by the list, changes by search, archived records by the archived list.

Search is the only "modified since" that HubSpot has. It trails behind writes (hence the lookback) and stops at 10,000 rows
per query (hence pages by ascending id, each a query of its own: no cap, no offset, and any number of records may share a stamp).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from connectors.errors import NeedsAttention, Unavailable
from connectors.hubspot.associations import CONTACTS, associated
from connectors.hubspot.availability import Availability
from connectors.hubspot.calls import Client
from connectors.hubspot.client import Answer
from connectors.hubspot.cursor import Mode, Position, stamp
from connectors.hubspot.reading import Gathered, PartPage, Row, id_of, sound_rows
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.values import instant_of
from connectors.records import BadRecord, Deletion, DeletionKind, Ref

_LIST_PAGE = 100
_HISTORY_PAGE = 50
_SEARCH_PAGE = 200
_SEARCH_BODY = 3_000
_QUERY_LENGTH = 6_000
_BATCH = 100


class Translator(Protocol):
    """Turns sound rows of one object into records."""

    @property
    def properties(self) -> Sequence[str]:
        """The properties that it needs."""
        ...

    @property
    def history(self) -> Sequence[str]:
        """The properties whose history it needs."""
        ...

    def translate(self, rows: Sequence[Row], gathered: Gathered) -> None:
        """Add a record for each row, or a BadRecord."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectPart:
    """The reading of one CRM object."""

    name: str
    #: `lastmodifieddate` of contacts, `hs_lastmodifieddate` of all others.
    modified: str
    client: Client
    settings: HubSpotSettings
    translator: Translator
    #: Ask how many there are when a first load begins.
    count: bool = False
    #: Given for objects without which the stream goes on when the token may not read them.
    optional: Availability | None = None

    def page(self, position: Position) -> PartPage:
        """The next page of this object."""
        if self.optional is None or self.name not in self.optional.refused:
            with self._if_allowed():
                return self._next(position)
        return PartPage(gathered=Gathered(), next=position, done=True)

    def _next(self, position: Position) -> PartPage:
        if position.mode is Mode.LOAD:
            return self._load(position)
        return self._changes(position) if position.mode is Mode.CHANGES else self._archived(position)

    @contextmanager
    def _if_allowed(self) -> Iterator[None]:
        """Goes on without an optional object that the token may not read; others need attention."""
        try:
            yield
        except NeedsAttention as error:
            if self.optional is None or not self.optional.refuses(self.name, error):
                error.subject = error.subject or self.name
                raise

    def records(self, ids: Sequence[str], gathered: Gathered) -> None:
        """Named records as they are now; those that are gone become deletions, merged ones name their winner."""
        with self._if_allowed():
            self._records(list(dict.fromkeys(ids)), gathered)

    def _records(self, unique: Sequence[str], gathered: Gathered) -> None:
        size = _HISTORY_PAGE if self.translator.history else _BATCH
        for start in range(0, len(unique), size):
            wanted = unique[start : start + size]
            rows = sound_rows(self.name, self._read(wanted), gathered)
            self._translate(list({row.ref: row for row in rows}.values()), gathered)
            found = {row.ref.id for row in rows}
            found |= {gone.ref.id for gone in gathered.deletions} | {bad.ref.id for bad in gathered.bad if bad.ref}
            gathered.deletions += self._gone([record_id for record_id in wanted if record_id not in found])

    def _gone(self, ids: Sequence[str]) -> list[Deletion]:
        """What became of records that are not there: archived ones are in the bin, the others left no trace."""
        if not ids:
            return []
        answer = self.client.batch_read(self.name, ids, properties=["hs_object_id"], archived=True)
        _only_missing(answer)
        in_bin = {id_of(row): instant_of(row.get("archivedAt")) for row in answer.results() if isinstance(row, dict)}
        return [
            Deletion(
                ref=Ref(object=self.name, id=record_id),
                kind=DeletionKind.DELETED if record_id in in_bin else DeletionKind.VANISHED,
                at=in_bin.get(record_id),
            )
            for record_id in ids
        ]

    def of_contacts(self, contacts: Sequence[str], gathered: Gathered) -> None:
        """All records of this object that are associated with the contacts."""
        with self._if_allowed():
            links = associated(self.client, CONTACTS, self.name, contacts)
            self._records(list(dict.fromkeys(found for targets in links.values() for found in targets)), gathered)

    def ids(self) -> Iterator[list[Ref]]:
        """All ids that exist now, in blocks."""
        with self._if_allowed():
            yield from self._ids()

    def _ids(self) -> Iterator[list[Ref]]:
        after: str | None = None
        limit = min(self.settings.page_size, _LIST_PAGE)
        while True:
            answer = self.client.list_page(self.name, properties=["hs_object_id"], after=after, limit=limit)
            yield [Ref(object=self.name, id=found) for row in answer.results() if (found := id_of(row))]
            following = answer.after()
            if following is None:
                return
            after = _moved(after, following)

    def _load(self, position: Position) -> PartPage:
        gathered = Gathered()
        history = self.translator.history
        properties = self.translator.properties
        by_batch = sum(len(name) + 12 for name in properties) > _QUERY_LENGTH
        answer = self.client.list_page(
            self.name,
            properties=["hs_object_id"] if by_batch else properties,
            after=position.after,
            limit=min(self.settings.page_size, _HISTORY_PAGE if history else _LIST_PAGE),
            history=() if by_batch else history,
        )
        expected = self._total() if self.count and position.opened is None else None
        position = position.opened_at(answer.began)
        rows = answer.results()
        if by_batch:
            rows = self._read([found for row in rows if (found := id_of(row))])
        self._translate(sound_rows(self.name, rows, gathered), gathered)
        following = answer.after()
        if following is None:
            ended = position.finished(polled=position.opened)
            return PartPage(gathered=gathered, next=ended, done=True, expected=expected)
        moved = replace(position, after=_moved(position.after, following))
        return PartPage(gathered=gathered, next=moved, done=False, expected=expected)

    def _changes(self, position: Position) -> PartPage:
        gathered = Gathered()
        body = self._query(position)
        in_search = not self.translator.history and len(json.dumps(body)) <= _SEARCH_BODY
        if not in_search:
            body["properties"] = ["hs_object_id"]
        answer = self.client.search(self.name, body)
        position = position.opened_at(answer.began)
        rows = answer.results()
        ids = [found for row in rows if (found := id_of(row))]
        if rows and not in_search:
            gathered.bad += _without_id(self.name, rows)
            rows = self._read(ids)
        self._translate(sound_rows(self.name, rows, gathered), gathered)
        if _more(answer):
            return PartPage(gathered=gathered, next=replace(position, after=_beyond(position.after, ids)), done=False)
        ended = position.finished()
        due = position.polled is None or answer.date - position.polled >= self.settings.archived_every
        if due:
            ended = replace(ended, mode=Mode.ARCHIVED)
        return PartPage(gathered=gathered, next=ended, done=not due)

    def _archived(self, position: Position) -> PartPage:
        gathered = Gathered()
        answer = self.client.list_page(
            self.name, properties=["hs_object_id"], after=position.after, limit=_LIST_PAGE, archived=True
        )
        # `opened` marks when this listing began; what was archived since the last one is told.
        position = position.opened_at(answer.began)
        horizon = position.polled - self.settings.lookback if position.polled else None
        for row in answer.results():
            record_id = id_of(row)
            at = instant_of(row.get("archivedAt")) if isinstance(row, dict) else None
            if record_id is not None and (horizon is None or at is None or at >= horizon):
                ref = Ref(object=self.name, id=record_id)
                gathered.deletions.append(Deletion(ref=ref, kind=DeletionKind.DELETED, at=at))
        following = answer.after()
        if following is not None:
            return PartPage(
                gathered=gathered, next=replace(position, after=_moved(position.after, following)), done=False
            )
        ended = replace(position, mode=Mode.CHANGES, after=None, polled=position.opened, opened=None)
        return PartPage(gathered=gathered, next=ended, done=True)

    def _query(self, position: Position) -> dict[str, Any]:
        filters: list[dict[str, str]] = []
        if position.since is not None:
            start = stamp(position.since - self.settings.lookback)
            filters.append({"propertyName": self.modified, "operator": "GTE", "value": str(start)})
        if position.after is not None:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": position.after})
        return {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(self.translator.properties),
            "limit": min(self.settings.page_size, _SEARCH_PAGE),
        }

    def _read(self, ids: Sequence[str]) -> list[Any]:
        history = self.translator.history
        size = _HISTORY_PAGE if history else _BATCH
        rows: list[Any] = []
        for start in range(0, len(ids), size):
            answer = self.client.batch_read(
                self.name, ids[start : start + size], properties=self.translator.properties, history=history
            )
            _only_missing(answer)
            rows += answer.results()
        return rows

    def _translate(self, rows: Sequence[Row], gathered: Gathered) -> None:
        for row in rows:
            gathered.deletions += merged_away(row)
        self.translator.translate(rows, gathered)

    def _total(self) -> int | None:
        answer = self.client.search(self.name, {"filterGroups": [], "limit": 1, "properties": ["hs_object_id"]})
        total = answer.body.get("total")
        return total if isinstance(total, int) else None


def merged_away(row: Row) -> list[Deletion]:
    """The records that were merged into this one: they vanish without ever being archived."""
    listed = str(row.properties.get("hs_merged_object_ids") or "")
    losers = [part.strip() for part in listed.split(";") if part.strip().isdigit()]
    return [
        Deletion(ref=Ref(object=row.ref.object, id=loser), kind=DeletionKind.MERGED, moved_to=row.ref)
        for loser in losers
        if loser != row.ref.id
    ]


def _without_id(object_name: str, rows: Sequence[Any]) -> list[BadRecord]:
    reason = f"{object_name}: a row without an id"
    return [BadRecord(ref=None, code="malformed", reason=reason) for row in rows if id_of(row) is None]


def _only_missing(answer: Answer) -> None:
    """A batch read may lack records that are gone; any other error of a 207 must not pass for absence."""
    for error in answer.body.get("errors") or ():
        category = error.get("category") if isinstance(error, dict) else None
        if category != "OBJECT_NOT_FOUND":
            raise Unavailable(f"HubSpot could not read a batch in full ({category}).")


def _more(answer: Answer) -> bool:
    total = answer.body.get("total")
    return answer.after() is not None or (isinstance(total, int) and total > len(answer.results()))


def _beyond(after: str | None, ids: Sequence[str]) -> str:
    last = max((int(record_id) for record_id in ids), default=-1)
    if last <= int(after or -1):
        raise Unavailable("HubSpot's search gives the same page again.")
    return str(last)


def _moved(before: str | None, after: str) -> str:
    if before == after:
        raise Unavailable("HubSpot's list gives the same page again.")
    return after
