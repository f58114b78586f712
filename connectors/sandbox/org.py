"""One CRM account: objects, records, history, associations, quota and a clock of its own. Knows no vendor's API.

It keeps the mechanics (stamps, history, merges, recycle bin) and checks nothing about values: dialects do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from threading import RLock
from typing import Any

from connectors.sandbox.associations import Associations, EdgeType
from connectors.sandbox.clock import OrgClock, Stamp
from connectors.sandbox.ids import NewId
from connectors.sandbox.quota import Window
from connectors.sandbox.records import Change, Record, Table
from connectors.sandbox.rules import Event, Happening, OrgRules, UnknownObject, UnknownRecord
from connectors.sandbox.schema import ObjectType
from connectors.sandbox.traffic import Traffic

__all__ = ["AssignmentRule", "Event", "Happening", "Hook", "Org", "OrgRules", "UnknownObject", "UnknownRecord"]


Hook = Callable[["Org", Event], None]
#: (org, record after the write) to the fields that the account's automatic rules set, such as a new owner.
AssignmentRule = Callable[["Org", Record], Mapping[str, Any]]


class Org:
    """All of one CRM account. Every method takes the org's lock; a dialect holds `org.lock` for a whole request."""

    def __init__(
        self, *, org_id: str, name: str, new_id: NewId, rules: OrgRules | None = None, clock: OrgClock | None = None
    ) -> None:
        self.id = org_id
        self.name = name
        self.rules = rules or OrgRules()
        self.clock = clock or OrgClock()
        self.lock = RLock()
        #: Id of the user in whose name the API writes.
        self.api_user = ""
        #: What a client must present: `client_id` and `client_secret`, or `access_token`.
        self.credentials: dict[str, str] = {}
        #: Token to the stamp at which it ends.
        self.sessions: dict[str, Stamp] = {}
        #: Windows by name: `daily`, `burst`, `search`.
        self.quotas: dict[str, Window] = {}
        self.requests = Traffic()
        self.schema: dict[str, ObjectType] = {}
        self.associations = Associations()
        self.assignment_rules: dict[str, AssignmentRule] = {}
        self.hooks: list[Hook] = []
        #: Milliseconds by which search trails behind writes.
        self.search_lag: int = 0
        #: Whatever else a dialect keeps about the account (currency, time zone, plan, pipelines, locators).
        self.settings: dict[str, Any] = {}
        self._new_id = new_id
        self._tables: dict[str, Table] = {}
        self._numbers: dict[str, int] = {}

    # ---- schema ----

    def define(self, object_type: ObjectType) -> ObjectType:
        """Adds an object with an empty table."""
        self.schema[object_type.name] = object_type
        self._tables[object_type.name] = Table()
        return object_type

    def type(self, name: str) -> ObjectType:
        """The object of this exact name."""
        try:
            return self.schema[name]
        except KeyError as error:
            raise UnknownObject(name) from error

    def table(self, name: str) -> Table:
        """The table of an object, for scans under `org.lock`."""
        self.type(name)
        return self._tables[name]

    # ---- reading ----

    def now(self) -> Stamp:
        """The org's clock, cut to the vendor's step."""
        stamp = self.clock.now()
        return stamp - stamp % self.rules.stamp_step

    def find(self, name: str, record_id: str, *, follow: bool = True) -> Record | None:
        """A record, deleted or not; `follow` leads from the id of a merged record to its successor's (HubSpot)."""
        table = self.table(name)
        with self.lock:
            while follow and record_id in table.aliases:
                record_id = table.aliases[record_id]
            return table.records.get(record_id)

    def get(self, name: str, record_id: str) -> Record:
        """A record, deleted or not.

        Raises:
            UnknownRecord: There is none.
        """
        record = self.find(name, record_id)
        if record is None:
            raise UnknownRecord(f"{name} {record_id}")
        return record

    def where(self, name: str, field: str, value: Any) -> list[Record]:
        """Live and deleted records whose field has this value; text compares without case."""
        table = self.table(name)
        with self.lock:
            return table.find(field, value)

    def scan(self, name: str, *, after: str | None = None, deleted: bool | None = False) -> Iterator[Record]:
        """Records in the order of ids beyond `after`; `deleted` None gives both. Iterate under `org.lock`."""
        return (record for record in self.table(name).after(after) if deleted is None or record.deleted is deleted)

    def changed_since(
        self, name: str, since: Stamp, until: Stamp | None = None, *, deleted: bool | None = False
    ) -> list[Record]:
        """Records with `since <= system stamp < until`, by (system stamp, id)."""
        table = self.table(name)
        with self.lock:
            found = table.changed(since, until)
        return [record for record in found if deleted is None or record.deleted is deleted]

    def count(self, name: str, *, deleted: bool | None = False) -> int:
        """How many records there are."""
        with self.lock:
            return sum(1 for _ in self.scan(name, deleted=deleted))

    def searchable(self, record: Record) -> tuple[dict[str, Any], Stamp] | None:
        """(values, modified stamp) as the lagging search index holds them, None if it does not hold the record yet."""
        if not self.search_lag:
            return record.values, record.modified_at
        horizon = self.clock.now() - self.search_lag
        if record.modified_at <= horizon:
            return record.values, record.modified_at
        values = record.as_of(horizon)
        if values is None:
            return None
        seen = [stamp for stamp in record.stamps or () if stamp <= horizon]
        return values, seen[-1] if seen else record.created_at

    # ---- writing ----

    def create(
        self,
        name: str,
        values: Mapping[str, Any],
        *,
        by: str | None = None,
        at: Stamp | None = None,
        record_id: str | None = None,
        assign: bool = False,
    ) -> Record:
        """Creates a record; None values are left out. `assign` runs the account's assignment rule."""
        object_type = self.type(name)
        table = self._tables[name]
        with self.lock:
            held = {field: value for field, value in values.items() if value is not None}
            stamp = self.now() if at is None else at
            record = Record(
                record_id or self._next_id(object_type), held, at=stamp, by=self.api_user if by is None else by
            )
            if assign and name in self.assignment_rules:
                record.values.update(self.assignment_rules[name](self, record))
            if object_type.derive is not None:
                derived = object_type.derive(record.values)
                record.values.update((field, value) for field, value in derived.items() if value is not None)
            table.insert(record)
            self._tell(Happening.CREATED, name, record, {})
            return record

    def update(
        self,
        name: str,
        record_id: str,
        values: Mapping[str, Any],
        *,
        by: str | None = None,
        at: Stamp | None = None,
        source: str = "API",
        assign: bool = False,
    ) -> Record:
        """Sets fields (None empties), moves the stamps, keeps history where the object asks for it.

        Raises:
            UnknownRecord: There is none.
        """
        object_type = self.type(name)
        with self.lock:
            record = self.get(name, record_id)
            stamp = self.now() if at is None else at
            wanted = dict(values)
            if assign and name in self.assignment_rules:
                wanted.update(self.assignment_rules[name](self, record))
            if object_type.derive is not None:
                wanted.update(object_type.derive({**record.values, **wanted}))
            old = {field: record.values.get(field) for field, new in wanted.items() if record.values.get(field) != new}
            if not old and not self.rules.same_value_moves_stamps:
                return record
            for field, before in old.items():
                new = wanted[field]
                if new is None:
                    del record.values[field]
                else:
                    record.values[field] = new
                if object_type.tracks(field):
                    self._keep(record, Change(stamp, field, before, new, source))
            self._tables[name].revalued(record, old)
            self.touch(name, record, at=stamp, by=by)
            self._tell(Happening.UPDATED, name, record, old)
            return record

    def touch(
        self, name: str, record: Record, *, at: Stamp | None = None, by: str | None = None, system_only: bool = False
    ) -> None:
        """Moves the stamps of a record; `system_only` moves SystemModstamp alone."""
        with self.lock:
            stamp = self.now() if at is None else at
            if self.search_lag:
                record.stamps = [*(record.stamps or []), record.modified_at]
            if not system_only:
                record.modified_at = stamp
                record.modified_by = self.api_user if by is None else by
            record.system_at = max(stamp, record.modified_at)
            self._tables[name].stamped(record)

    def overwrite(self, name: str, record: Record, values: Mapping[str, Any]) -> None:
        """Sets fields without moving a stamp, keeping history or telling hooks: what the vendor computes by itself."""
        with self.lock:
            old = {field: record.values.get(field) for field in values}
            for field, value in values.items():
                if value is None:
                    record.values.pop(field, None)
                else:
                    record.values[field] = value
            self._tables[name].revalued(record, old)

    def delete(self, name: str, record_id: str, *, by: str | None = None, at: Stamp | None = None) -> Record:
        """Moves a record to the recycle bin (archives it), or purges it where the object has no bin."""
        with self.lock:
            record = self.get(name, record_id)
            if not self.type(name).soft_delete:
                self.purge(name, record.id, at=at)
                return record
            record.deleted_at = self.now() if at is None else at
            if self.rules.deletion_moves_stamps:
                self.touch(name, record, at=record.deleted_at, by=by)
            self._tell(Happening.DELETED, name, record, {})
            return record

    def undelete(self, name: str, record_id: str, *, by: str | None = None) -> Record:
        """Brings a record back from the recycle bin."""
        with self.lock:
            record = self.get(name, record_id)
            record.deleted_at = None
            record.merged_into = None
            self.touch(name, record, by=by)
            self._tell(Happening.UNDELETED, name, record, {})
            return record

    def purge(self, name: str, record_id: str, *, at: Stamp | None = None) -> None:
        """Removes a record for good: hard delete, emptied bin, privacy deletion."""
        with self.lock:
            record = self.get(name, record_id)
            self._tables[name].remove(record, self.now() if at is None else at)
            self.associations.drop(name, record.id)
            self._tell(Happening.PURGED, name, record, {})

    def merge(self, name: str, winner_id: str, loser_ids: Iterable[str], *, by: str | None = None) -> Record:
        """Merges records of one object and gives the surviving one; references and associations move to it.

        The winner's values stay and its empty fields are filled from the losers.
        """
        with self.lock:
            winner = self.get(name, winner_id)
            losers = [self.get(name, loser_id) for loser_id in loser_ids]
            filled = {
                field: value
                for loser in reversed(losers)
                for field, value in loser.values.items()
                if field not in winner.values
            }
            if self.rules.merge_gives_new_id:
                survivor = self.create(name, {**filled, **winner.values}, by=by)
                survivor.created_at = min(record.created_at for record in (winner, *losers))
                for record in (winner, *losers):
                    self._swallow(name, record, survivor)
                self._tell(Happening.MERGED, name, survivor, {})
                return survivor
            self.update(name, winner.id, filled, by=by, source="MERGE")
            for record in losers:
                record.merged_into = winner.id
                self.delete(name, record.id, by=by)
                self._repoint(name, record.id, winner.id)
                self.associations.move(name, record.id, winner.id)
            self._tell(Happening.MERGED, name, winner, {})
            return winner

    def rewrite_history(self, name: str, record_id: str, field: str, entries: Iterable[tuple[Stamp, Any]]) -> None:
        """Gives a field a past: (stamp, value) from oldest to newest; the last value becomes the current one."""
        with self.lock:
            record = self.get(name, record_id)
            before = record.values.get(field)
            kept = [change for change in record.changes or () if change.field != field]
            ordered = sorted(entries, key=lambda entry: entry[0])
            for (_, old), (at, new) in pairwise(ordered):
                kept.append(Change(at, field, old, new, "CRM_UI"))
            record.changes = sorted(kept, key=lambda change: change.at)
            if ordered:
                record.values[field] = ordered[-1][1]
                self._tables[name].revalued(record, {field: before})

    # ---- associations and sessions ----

    def associate(
        self, source: str, source_id: str, target: str, target_id: str, *, edge: EdgeType, back: EdgeType | None = None
    ) -> None:
        """Adds a labelled edge, and the one back; no stamp moves (HubSpot does not either)."""
        with self.lock:
            self.associations.add(source, source_id, target, target_id, edge)
            if back is not None:
                self.associations.add(target, target_id, source, source_id, back)

    def dissociate(self, source: str, source_id: str, target: str, target_id: str) -> None:
        """Removes all labels between two records, in both directions."""
        with self.lock:
            self.associations.remove(source, source_id, target, target_id)
            self.associations.remove(target, target_id, source, source_id)

    def expire_sessions(self) -> None:
        """Ends every session, as an administrator or a timeout would."""
        with self.lock:
            self.sessions.clear()

    def reserve_ids(self, name: str, last: int) -> None:
        """Leaves the running numbers up to `last` to whoever gives ids of their own."""
        with self.lock:
            self._numbers[name] = max(last, self._numbers.get(name, 0))

    # ---- inside ----

    def _next_id(self, object_type: ObjectType) -> str:
        number = self._numbers.get(object_type.name, 0) + 1
        self._numbers[object_type.name] = number
        return self._new_id(object_type.prefix, number)

    def _keep(self, record: Record, change: Change) -> None:
        if record.changes is None:
            record.changes = []
        record.changes.append(change)

    def _swallow(self, name: str, record: Record, survivor: Record) -> None:
        self.associations.move(name, record.id, survivor.id)
        self._repoint(name, record.id, survivor.id)
        table = self._tables[name]
        table.remove(record, self.now())
        del table.purged[record.id]
        table.aliases[record.id] = survivor.id

    def _repoint(self, name: str, old_id: str, new_id: str) -> None:
        """Re-parents children without moving their stamps: Salesforce does it without triggers, the stamps are unknown."""
        for child in self.schema.values():
            table = self._tables[child.name]
            for field in child.fields.values():
                if name in field.reference_to:
                    for record in table.find(field.name, old_id):
                        self.overwrite(child.name, record, {field.name: new_id})

    def _tell(self, kind: Happening, name: str, record: Record, changed: Mapping[str, Any]) -> None:
        if self.hooks:
            event = Event(kind=kind, object=name, record=record, changed=changed)
            for hook in self.hooks:
                hook(self, event)
