"""People: their contacts, profiles, numbers, and who is dirty. Always many rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.people_rows import Cause, PersonRow
from sync.store.shards import shard_of
from sync.store.sql.activity_blocks import ActivityBlocks
from sync.store.sql.bulk import as_dict
from sync.store.tables import activity_contact, contact, contact_change, outbox, person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sync.store.sql.bulk import Sql


class People:
    """Queries on people."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # ------------------------------------------------------------ reading

    def people_of_contacts(self, contact_nos: Iterable[int]) -> dict[int, int]:
        """Contact -> person."""
        query = sa.select(contact.c.contact_no, contact.c.person_no).where(contact.c.person_no.is_not(None))
        rows = self._sql.within(query, contact.c.contact_no, contact_nos)
        return {int(row.contact_no): int(row.person_no) for row in rows}

    def contacts_of(self, person_nos: Iterable[int]) -> set[int]:
        """All contacts of the people, gone ones included."""
        query = sa.select(contact.c.contact_no)
        return {int(row.contact_no) for row in self._sql.within(query, contact.c.person_no, person_nos)}

    def people(self, person_nos: Iterable[int]) -> dict[int, PersonRow]:
        """People by number, aliases too."""
        query = sa.select(
            person.c.person_no,
            person.c.workspace_no,
            person.c.alias_of,
            person.c.profile,
            person.c.profile_version,
            person.c.company_no,
            person.c.contacts,
        )
        rows = self._sql.within(query, person.c.person_no, person_nos)
        return {int(row.person_no): PersonRow(**as_dict(row)) for row in rows}

    def shard(self, shard: int) -> list[int]:
        """People of a shard who are no aliases."""
        query = sa.select(person.c.person_no).where(person.c.shard == shard, person.c.alias_of.is_(None))
        return [int(row.person_no) for row in self._sql.rows(query.order_by(person.c.person_no))]

    def who(self, person_no: int) -> int | None:
        """The person that a number now stands for: itself, or the one it was joined into."""
        seen: set[int] = set()
        while person_no not in seen:
            seen.add(person_no)
            row = self._sql.first(sa.select(person.c.alias_of).where(person.c.person_no == person_no))
            if row is None:
                return None
            if row.alias_of is None:
                return person_no
            person_no = int(row.alias_of)
        return None

    def aliases_of(self, person_no: int) -> set[int]:
        """All numbers that were joined into a person, over any number of joins."""
        found: set[int] = set()
        frontier = {person_no}
        while frontier:
            rows = self._sql.within(sa.select(person.c.person_no), person.c.alias_of, frontier)
            frontier = {int(row.person_no) for row in rows} - found
            found |= frontier
        return found

    def last_changes(self, contact_nos: Iterable[int]) -> dict[int, dict[str, datetime]]:
        """Contact -> attribute -> its newest change."""
        query = sa.select(
            contact_change.c.contact_no, contact_change.c.attribute, sa.func.max(contact_change.c.at).label("at")
        ).group_by(contact_change.c.contact_no, contact_change.c.attribute)
        found: dict[int, dict[str, datetime]] = {}
        for row in self._sql.within(query, contact_change.c.contact_no, contact_nos):
            found.setdefault(int(row.contact_no), {})[row.attribute] = row.at
        return found

    # ------------------------------------------------------------ writing

    def take(self, many: int) -> list[int]:
        """Numbers for new people."""
        return list(self._sql.take("person", many)) if many else []

    def create(self, rows: Sequence[PersonRow], now: datetime) -> None:
        """New people, dirty from the start."""
        self._sql.insert(
            person,
            [
                {
                    "shard": shard_of(row.person_no),
                    "person_no": row.person_no,
                    "workspace_no": row.workspace_no,
                    "alias_of": row.alias_of,
                    "profile": row.profile,
                    "profile_version": row.profile_version,
                    "company_no": row.company_no,
                    "created_at": now,
                    "contacts": row.contacts,
                    "dirty_seq": 1,
                    "scored_seq": 0,
                    "dirty_cause": Cause.PROFILE.value,
                }
                for row in rows
            ],
        )

    def assign(self, people: Mapping[int, int], *, new: Iterable[int]) -> None:
        """Contact -> person; contacts of `new` had none, the others take their activities and outbox entries along."""
        rows = [{"contact_no": number, "person_no": person_no} for number, person_no in people.items()]
        fresh = set(new)
        self._note_moves({number: person_no for number, person_no in people.items() if number not in fresh})
        self._sql.update(contact, rows)
        moved = [{**row, "shard": shard_of(row["person_no"])} for row in rows if row["contact_no"] not in fresh]
        self._sql.update(activity_contact, moved, key=["contact_no"])
        self._sql.update(outbox, moved, key=["contact_no"])

    def _note_moves(self, people: Mapping[int, int]) -> None:
        left: set[tuple[int, int]] = set()
        for table in (contact, activity_contact):
            query = sa.select(table.c.contact_no, table.c.person_no).where(table.c.person_no.is_not(None)).distinct()
            rows = self._sql.within(query, table.c.contact_no, people)
            left |= {(row.contact_no, row.person_no) for row in rows if row.person_no != people[row.contact_no]}
        blocks = ActivityBlocks(self._sql)
        blocks.note_left(left)
        blocks.note({people[number] for number, _ in left})

    def alias(self, people: Mapping[int, int]) -> None:
        """Joined person -> the person that it is now."""
        rows = [
            {"shard": shard_of(number), "person_no": number, "alias_of": survivor, "contacts": 0}
            for number, survivor in people.items()
        ]
        self._sql.update(person, rows)

    def write(self, rows: Sequence[PersonRow]) -> None:
        """Set profile, company and number of live contacts."""
        self._sql.update(
            person,
            [
                {
                    "shard": shard_of(row.person_no),
                    "person_no": row.person_no,
                    "profile": row.profile,
                    "profile_version": row.profile_version,
                    "company_no": row.company_no,
                    "contacts": row.contacts,
                }
                for row in rows
            ],
        )

    def mark_dirty(self, causes: Mapping[int, Cause]) -> None:
        """People whose inputs changed."""
        by_cause: dict[Cause, list[int]] = {}
        for person_no, cause in causes.items():
            by_cause.setdefault(cause, []).append(person_no)
        for cause, numbers in by_cause.items():
            statement = person.update().values(dirty_seq=person.c.dirty_seq + 1, dirty_cause=cause.value)
            self._sql.update_within(statement, person.c.person_no, numbers)
