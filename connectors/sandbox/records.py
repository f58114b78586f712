"""Records and the table that holds one object's records, with the indexes that keep 300,000 of them fast."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from connectors.sandbox.clock import Stamp
from connectors.sandbox.ids import id_order


class Change(NamedTuple):
    """One kept change of one field."""

    at: Stamp
    field: str
    old: Any
    new: Any
    source: str


class Record:
    """One record: values are JSON-ready, in the vendor's own form; an absent key is an empty field."""

    __slots__ = (
        "changes",
        "created_at",
        "created_by",
        "deleted_at",
        "id",
        "merged_into",
        "modified_at",
        "modified_by",
        "stamps",
        "system_at",
        "values",
    )

    def __init__(self, record_id: str, values: dict[str, Any], *, at: Stamp, by: str) -> None:
        self.id = record_id
        self.values = values
        self.created_at = at
        #: Salesforce LastModifiedDate, HubSpot (hs_)lastmodifieddate.
        self.modified_at = at
        #: Salesforce SystemModstamp; never before `modified_at`. The change index is sorted by it.
        self.system_at = at
        self.created_by = by
        self.modified_by = by
        #: In the recycle bin (Salesforce) or archived (HubSpot) since.
        self.deleted_at: Stamp | None = None
        #: Id of the record that swallowed this one.
        self.merged_into: str | None = None
        self.changes: list[Change] | None = None
        #: Earlier system stamps, kept while the org's search lags.
        self.stamps: list[Stamp] | None = None

    @property
    def deleted(self) -> bool:
        """Soft-deleted or archived."""
        return self.deleted_at is not None

    def get(self, field: str, default: Any = None) -> Any:
        """The value of a field, or the default when it is empty."""
        return self.values.get(field, default)

    def history(self, field: str) -> list[tuple[Stamp, Any, str]]:
        """(stamp, value, source) of a field, newest first, down to the value at creation."""
        changes = [change for change in self.changes or () if change.field == field]
        first = changes[0].old if changes else self.values.get(field)
        entries = [(change.at, change.new, change.source) for change in reversed(changes)]
        if first is not None:
            entries.append((self.created_at, first, "CRM"))
        return entries

    def as_of(self, stamp: Stamp) -> dict[str, Any] | None:
        """The values as they stood at a stamp, as far as history is kept; None before creation."""
        if self.created_at > stamp:
            return None
        values = dict(self.values)
        for change in reversed(self.changes or ()):
            if change.at <= stamp:
                break
            if change.old is None:
                values.pop(change.field, None)
            else:
                values[change.field] = change.old
        return values


class Table:
    """The records of one object, in the order of their ids, found by id, by field value and by system stamp."""

    __slots__ = ("_by_stamp", "_by_value", "_order", "_stale", "_unsorted", "aliases", "purged", "records")

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        #: Ids that were merged away into a new id (HubSpot).
        self.aliases: dict[str, str] = {}
        #: Ids that are gone for good, with the stamp of their end.
        self.purged: dict[str, Stamp] = {}
        self._order: list[str] = []
        self._by_value: dict[str, dict[Any, dict[str, None]]] = {}
        self._by_stamp: list[tuple[Stamp, tuple[int, str]]] | None = None
        self._unsorted = False
        self._stale = 0

    def __len__(self) -> int:
        return len(self.records)

    def insert(self, record: Record) -> None:
        """Adds a record.

        Raises:
            ValueError: Its id is taken.
        """
        if record.id in self.records:
            raise ValueError(f"the id {record.id} is taken")
        self.records[record.id] = record
        if self._order and id_order(record.id) < id_order(self._order[-1]):
            insort(self._order, record.id, key=id_order)
        else:
            self._order.append(record.id)
        for field, index in self._by_value.items():
            index.setdefault(_key(record.values.get(field)), {})[record.id] = None
        self.stamped(record)

    def remove(self, record: Record, at: Stamp) -> None:
        """Takes a record out for good."""
        del self.records[record.id]
        self.purged[record.id] = at
        place = bisect_left(self._order, id_order(record.id), key=id_order)
        del self._order[place]
        for field, index in self._by_value.items():
            index.get(_key(record.values.get(field)), {}).pop(record.id, None)
        self._stale += 1

    def stamped(self, record: Record) -> None:
        """Notes that a record's system stamp is new."""
        if self._by_stamp is None:
            return
        entry = (record.system_at, id_order(record.id))
        if self._by_stamp and entry < self._by_stamp[-1]:
            self._unsorted = True
        self._by_stamp.append(entry)
        self._stale += 1

    def revalued(self, record: Record, old: Mapping[str, Any]) -> None:
        """Notes that the fields in `old` have other values now."""
        for field, before in old.items():
            index = self._by_value.get(field)
            if index is not None:
                index.get(_key(before), {}).pop(record.id, None)
                index.setdefault(_key(record.values.get(field)), {})[record.id] = None

    def find(self, field: str, value: Any) -> list[Record]:
        """Records whose field has this value (text compares without case), in the order of ids; builds an index once."""
        index = self._by_value.get(field)
        if index is None:
            index = {}
            for record in self.records.values():
                index.setdefault(_key(record.values.get(field)), {})[record.id] = None
            self._by_value[field] = index
        return [self.records[record_id] for record_id in sorted(index.get(_key(value), ()), key=id_order)]

    def after(self, record_id: str | None = None) -> Iterator[Record]:
        """All records in the order of ids, beyond the given id."""
        start = 0 if record_id is None else bisect_right(self._order, id_order(record_id), key=id_order)
        records = self.records
        return (records[self._order[place]] for place in range(start, len(self._order)))

    def changed(self, since: Stamp, until: Stamp | None = None) -> list[Record]:
        """Records with `since <= system stamp < until`, ordered by (system stamp, id)."""
        entries = self._sorted_stamps()
        start = bisect_left(entries, (since, (0, "")))
        end = len(entries) if until is None else bisect_left(entries, (until, (0, "")))
        found = []
        last = None
        for entry in entries[start:end]:
            record = self.records.get(entry[1][1])
            if record is not None and record.system_at == entry[0] and entry != last:
                found.append(record)
                last = entry
        return found

    def _sorted_stamps(self) -> list[tuple[Stamp, tuple[int, str]]]:
        if self._by_stamp is None or self._stale > 1000 + len(self.records):
            self._by_stamp = sorted((record.system_at, id_order(record.id)) for record in self.records.values())
            self._stale = 0
        elif self._unsorted:
            self._by_stamp.sort()
        self._unsorted = False
        return self._by_stamp


def _key(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    return repr(value) if isinstance(value, list | dict) else value
