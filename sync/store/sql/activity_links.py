"""Links of activities to people, and orphans: links whose contact is not there yet. A part of `sql/activities.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.records import Ref
from sync.store.shards import shard_of
from sync.store.sql.activity_blocks import ActivityBlocks
from sync.store.sql.bulk import as_dict
from sync.store.tables import activity, activity_contact, activity_orphan, contact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.records import ActivityRecord
    from sync.store.sql.bulk import Sql

#: An address that more contacts of one connection carry names nobody (design: at most three join).
SHARED = 3
#: Columns of an activity that its links repeat, so that a shard is read in one range scan.
_COPIED: tuple[str, ...] = (
    *("kind", "at", "recorded_at", "asset_no", "direction", "outcome", "duration_s", "message_id", "link"),
    *("machine", "count"),
)
_WHO = (contact.c.contact_no, contact.c.person_no, contact.c.object, contact.c.record_id, contact.c.email)


class ActivityLinks:
    """Queries on links and orphans."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._blocks = ActivityBlocks(sql)

    def add(
        self,
        connection_no: int,
        workspace_no: int,
        activities: Sequence[tuple[int, ActivityRecord, Mapping[str, Any], bool]],
    ) -> set[int]:
        """Links of (number, record, stored columns, counted); people who have them now."""
        records = [record for _, record, _, _ in activities]
        by_ref = self._by_ref(connection_no, {ref for record in records for ref in record.contacts})
        by_email = self._by_email(connection_no, workspace_no, {mail for record in records for mail in record.emails})
        links, orphans = [], []
        for number, record, stored, counted in activities:
            copied = {name: stored[name] for name in _COPIED} | {"activity_no": number, "counted": counted}
            copied["connection_no"] = connection_no
            found: dict[int, int] = {}
            orphan = {"activity_no": number, "connection_no": connection_no}
            for ref in dict.fromkeys(record.contacts):
                who = by_ref.get(ref, {})
                found |= who
                if not who:
                    orphans.append({**orphan, "object": ref.object, "record_id": ref.id, "email": ""})
            for email in dict.fromkeys(record.emails):
                who = by_email.get(email, {})
                found |= who
                if not who:
                    orphans.append({**orphan, "object": "", "record_id": "", "email": email})
            links += [_link(copied, contact_no, person_no) for contact_no, person_no in found.items()]
        self._sql.insert(activity_contact, links)
        self._sql.upsert(activity_orphan, orphans)
        return self._noted({link["person_no"] for link in links})

    def drop(self, activity_nos: Sequence[int]) -> set[int]:
        """Remove all links and orphans of activities; people who had them."""
        people = self._people(activity_nos)
        for table in (activity_contact, activity_orphan):
            self._sql.update_within(sa.delete(table), table.c.activity_no, activity_nos)
        return self._noted(people)

    def count(self, activity_nos: Sequence[int], *, counted: bool) -> set[int]:
        """Let activities count or not; people who have them."""
        change = sa.update(activity_contact).values(counted=counted)
        self._sql.update_within(change, activity_contact.c.activity_no, activity_nos)
        return self._noted(self._people(activity_nos))

    def resolve(self, connection_no: int, contact_nos: Iterable[int]) -> set[int]:
        """Turn the orphans of these contacts into links; people who have them now."""
        # NOTE: their connection is not asked for in the query: SQLite would look through all contacts of it.
        there = sa.select(*_WHO, contact.c.connection_no).where(contact.c.person_no.is_not(None))
        rows = self._sql.within(there, contact.c.contact_no, contact_nos)
        contacts = [row for row in rows if row.connection_no == connection_no]
        by_ref = {Ref(object=row.object, id=row.record_id): row for row in contacts}
        by_email: dict[str, list[sa.Row[Any]]] = {}
        for row in contacts:
            if row.email is not None:
                by_email.setdefault(row.email, []).append(row)
        mine = sa.select(activity_orphan).where(activity_orphan.c.connection_no == connection_no)
        columns = activity_orphan.c.object, activity_orphan.c.record_id
        orphans = list(self._sql.at_refs(mine, columns, by_ref))
        orphans += self._sql.within(mine.where(activity_orphan.c.object == ""), activity_orphan.c.email, by_email)
        if not orphans:
            return set()
        stored = {
            row.activity_no: row
            for row in self._sql.within(
                sa.select(activity), activity.c.activity_no, {row.activity_no for row in orphans}
            )
        }
        links = []
        for orphan in orphans:
            row = stored[orphan.activity_no]
            values = as_dict(row)
            copied = {name: values[name] for name in _COPIED}
            copied |= {"activity_no": row.activity_no, "connection_no": connection_no}
            copied["counted"] = not row.superseded and row.gone_at is None
            ref = Ref(object=orphan.object, id=orphan.record_id)
            who = [by_ref[ref]] if orphan.object else by_email[orphan.email]
            links += [_link(copied, row.contact_no, row.person_no) for row in who]
        self._sql.upsert(activity_contact, links)
        self._remove_orphans(orphans)
        return self._noted({link["person_no"] for link in links})

    def erase(self, contact_nos: Iterable[int], emails: Iterable[str]) -> list[int]:
        """Remove the links of contacts; activities that nobody has a link to any more."""
        numbers = list(contact_nos)
        query = sa.select(activity_contact.c.activity_no, activity_contact.c.person_no)
        mine = list(self._sql.within(query, activity_contact.c.contact_no, numbers))
        self._blocks.erase({int(row.person_no) for row in mine}, numbers)
        touched = {row.activity_no for row in mine}
        self._sql.update_within(sa.delete(activity_contact), activity_contact.c.contact_no, numbers)
        waiting = sa.select(activity_orphan)
        orphans = list(self._sql.within(waiting, activity_orphan.c.email, [email for email in emails if email]))
        touched |= {row.activity_no for row in orphans}
        self._remove_orphans(orphans)
        kept = {row.activity_no for row in self._sql.within(query, activity_contact.c.activity_no, touched)}
        waiting = sa.select(activity_orphan.c.activity_no)
        kept |= {row.activity_no for row in self._sql.within(waiting, activity_orphan.c.activity_no, touched)}
        return sorted(touched - kept)

    def _noted(self, people: set[int]) -> set[int]:
        self._blocks.note(people)
        return people

    def _remove_orphans(self, orphans: Sequence[sa.Row[Any]]) -> None:
        names = ("activity_no", "object", "record_id", "email")
        self._sql.delete(activity_orphan, [{name: getattr(row, name) for name in names} for row in orphans])

    def _people(self, activity_nos: Sequence[int]) -> set[int]:
        query = sa.select(activity_contact.c.person_no).distinct()
        return {int(row.person_no) for row in self._sql.within(query, activity_contact.c.activity_no, activity_nos)}

    def _by_ref(self, connection_no: int, refs: Iterable[Ref]) -> dict[Ref, dict[int, int]]:
        query = sa.select(*_WHO).where(contact.c.connection_no == connection_no, contact.c.person_no.is_not(None))
        columns = contact.c.object, contact.c.record_id
        return {
            Ref(object=row.object, id=row.record_id): {row.contact_no: row.person_no}
            for row in self._sql.at_refs(query, columns, refs)
        }

    def _by_email(self, connection_no: int, workspace_no: int, emails: Iterable[str]) -> dict[str, dict[int, int]]:
        query = sa.select(*_WHO).where(
            contact.c.workspace_no == workspace_no,
            contact.c.connection_no == connection_no,
            contact.c.person_no.is_not(None),
            contact.c.gone_at.is_(None),
        )
        found: dict[str, dict[int, int]] = {}
        for row in self._sql.within(query, contact.c.email, emails):
            found.setdefault(row.email, {})[row.contact_no] = row.person_no
        return {email: who for email, who in found.items() if len(who) <= SHARED}


def _link(copied: Mapping[str, Any], contact_no: int, person_no: int) -> dict[str, Any]:
    return {**copied, "shard": shard_of(person_no), "person_no": person_no, "contact_no": contact_no}
