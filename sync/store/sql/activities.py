"""Activities: pages of them with their links to people, assets, tombstones, and records that tell of the same event.

A link waits as an orphan until its contact is there and has a person. Links carry the columns that scoring reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.records import ActivityRecord, Ref
from sync.store.activity_rows import ActivityRow, StoredPage
from sync.store.sql import tombstones
from sync.store.sql.activity_links import ActivityLinks
from sync.store.sql.assets import Assets
from sync.store.tables import activity, connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connectors.records import Deletion
    from sync.store.sql.bulk import Sql

_REF = (activity.c.object, activity.c.record_id)
_SUPERSEDES = (activity.c.supersedes_object, activity.c.supersedes_id)


class Activities:
    """Queries on activities."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._links = ActivityLinks(sql)
        self._assets = Assets(sql)

    def upsert(self, connection_no: int, rows: Sequence[ActivityRow]) -> StoredPage:
        """Store a page; of a record that comes twice, the last counts. `people` of the answer are to be marked dirty."""
        page = {row.record.ref: row for row in rows}
        known = self._known(connection_no, page)
        fresh = [ref for ref in page if ref not in known]
        changed = [
            ref for ref, old in known.items() if old.fingerprint != page[ref].fingerprint or old.gone_at is not None
        ]
        todo = {ref: page[ref].record for ref in (*fresh, *changed)}
        if not todo:
            return StoredPage(new=0, changed=0, unchanged=len(page))
        workspace_no = int(
            self._sql.value(sa.select(connection.c.workspace_no).where(connection.c.connection_no == connection_no))
        )
        numbers = dict(zip(fresh, self._sql.take("activity", len(fresh)), strict=True))
        numbers |= {ref: known[ref].activity_no for ref in changed}
        assets = self._assets.numbers(workspace_no, todo.values())
        stored = {
            ref: self._stored(record, page[ref].fingerprint, assets.get(ref), known.get(ref))
            for ref, record in todo.items()
        }
        self._sql.insert(
            activity,
            [
                {
                    "activity_no": numbers[ref],
                    "workspace_no": workspace_no,
                    "connection_no": connection_no,
                    "object": ref.object,
                    "record_id": ref.id,
                    "superseded": False,
                }
                | stored[ref]
                for ref in fresh
            ],
        )
        self._sql.update(activity, [{"activity_no": numbers[ref]} | stored[ref] for ref in changed])
        people = self._links.drop([numbers[ref] for ref in changed])
        people |= self._links.add(
            connection_no,
            workspace_no,
            [
                (numbers[ref], record, stored[ref], not (ref in known and known[ref].superseded))
                for ref, record in todo.items()
            ],
        )
        people |= self._settle(connection_no, _concerned(todo, known), fresh)
        return StoredPage(
            new=len(fresh), changed=len(changed), unchanged=len(page) - len(todo), people=frozenset(people)
        )

    def resolve(self, connection_no: int, contact_nos: Iterable[int]) -> set[int]:
        """Link activities that waited for these contacts; the people to be marked dirty.

        To be called for contacts that are new or have another e-mail address, once they have a person.
        """
        return self._links.resolve(connection_no, contact_nos)

    def tombstone(self, connection_no: int, deletions: Iterable[Deletion]) -> set[int]:
        """Mark activities as gone: nobody counts them; the people to be marked dirty."""
        gone = [row for row, _ in tombstones.bury(self._sql, activity, connection_no, deletions, *_SUPERSEDES)]
        people = self._links.count([row.activity_no for row in gone], counted=False)
        return people | self._settle(connection_no, _targets(gone))

    def restore(self, connection_no: int, refs: Iterable[Ref]) -> set[int]:
        """Take tombstones away; the people to be marked dirty."""
        back = tombstones.raise_up(self._sql, activity, connection_no, refs, activity.c.superseded, *_SUPERSEDES)
        people = self._links.count([row.activity_no for row in back if not row.superseded], counted=True)
        return people | self._settle(connection_no, _targets(back))

    def present(self, connection_no: int, object_name: str) -> Iterator[list[Ref]]:
        """Records that are not gone, in blocks (for the sweep)."""
        return tombstones.present(self._sql, activity, connection_no, object_name)

    def count(self, connection_no: int | None = None) -> dict[str, int]:
        """Activities by kind, gone ones excluded."""
        query = sa.select(activity.c.kind, sa.func.count().label("many")).where(activity.c.gone_at.is_(None))
        if connection_no is not None:
            query = query.where(activity.c.connection_no == connection_no)
        return {row.kind: int(row.many) for row in self._sql.rows(query.group_by(activity.c.kind))}

    def objects(self, connection_no: int) -> list[str]:
        """The objects that activities of a connection came from."""
        query = sa.select(activity.c.object).where(activity.c.connection_no == connection_no).distinct()
        return sorted(row.object for row in self._sql.rows(query))

    def erase_contacts(self, contact_nos: Iterable[int], emails: Iterable[str] = ()) -> int:
        """Remove for good what contacts did, unless somebody else took part; how many activities went."""
        alone = self._links.erase(contact_nos, emails)
        return self._sql.update_within(sa.delete(activity), activity.c.activity_no, alone)

    def erase(self, activity_nos: Sequence[int]) -> int:
        """Remove activities for good; how many went. Nobody is to be marked dirty when they are beyond all horizons."""
        self._links.drop(activity_nos)
        return self._sql.update_within(sa.delete(activity), activity.c.activity_no, activity_nos)

    def erase_records(self, connection_no: int, refs: Iterable[Ref]) -> set[int]:
        """Remove records for good as far as they are stored; the people to be marked dirty."""
        numbers = [row.activity_no for row in self._known(connection_no, refs).values()]
        people = self._links.drop(numbers)
        self.erase(numbers)
        return people

    def _known(self, connection_no: int, refs: Iterable[Ref]) -> dict[Ref, sa.Row[Any]]:
        columns = ("activity_no", "fingerprint", "gone_at", "recorded_at", "superseded")
        query = sa.select(*_REF, *_SUPERSEDES, *(activity.c[name] for name in columns))
        rows = self._sql.at_refs(query.where(activity.c.connection_no == connection_no), _REF, refs)
        return {Ref(object=row.object, id=row.record_id): row for row in rows}

    def _stored(
        self, record: ActivityRecord, fingerprint: str, asset_no: int | None, old: sa.Row[Any] | None
    ) -> dict[str, Any]:
        # When the CRM does not tell when it learnt of an activity, its first stamp that we saw stands for it.
        seen = old.recorded_at if old is not None else min(record.modified_at, self._sql.now())
        supersedes = record.supersedes if record.supersedes != record.ref else None
        return {
            "kind": record.kind,
            "at": record.at,
            "recorded_at": record.recorded_at or seen,
            "at_precision": record.precision.value,
            "asset_no": asset_no,
            "direction": record.direction,
            "outcome": record.outcome,
            "duration_s": record.duration_s,
            "message_id": record.message_id,
            "link": record.link,
            "machine": record.machine,
            "count": record.count,
            "supersedes_object": supersedes.object if supersedes else None,
            "supersedes_id": supersedes.id if supersedes else None,
            "fingerprint": fingerprint,
            "gone_at": None,
        }

    def _settle(self, connection_no: int, refs: set[Ref], fresh: Iterable[Ref] = ()) -> set[int]:
        """Bring `superseded` of these records up to date, whichever record came first; people whose activities flipped.

        Fresh records are known not to be marked yet.
        """
        if not refs:
            return set()
        better = sa.select(*_SUPERSEDES).where(activity.c.connection_no == connection_no, activity.c.gone_at.is_(None))
        superseded = {
            Ref(object=row.supersedes_object, id=row.supersedes_id)
            for row in self._sql.at_refs(better, _SUPERSEDES, refs)
        }
        known = self._known(connection_no, refs.difference(fresh) | superseded)
        people: set[int] = set()
        for now in (True, False):
            flipped = [row for ref, row in known.items() if row.superseded != now and (ref in superseded) == now]
            numbers = [row.activity_no for row in flipped]
            change = sa.update(activity).values(superseded=now)
            self._sql.update_within(change, activity.c.activity_no, numbers)
            there = [row.activity_no for row in flipped if row.gone_at is None]
            people |= self._links.count(there, counted=not now)
        return people


def _concerned(todo: Mapping[Ref, ActivityRecord], known: Mapping[Ref, sa.Row[Any]]) -> set[Ref]:
    """Records that may be superseded now, or not any more: those that came, and those that they name or named."""
    named = {record.supersedes for record in todo.values() if record.supersedes is not None}
    return set(todo) | named | _targets(known[ref] for ref in todo if ref in known)


def _targets(rows: Iterable[sa.Row[Any]]) -> set[Ref]:
    return {
        Ref(object=row.supersedes_object, id=row.supersedes_id) for row in rows if row.supersedes_object is not None
    }
