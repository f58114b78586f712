"""Links between contacts, keys, vendor statements, ambiguity: what identity is decided on. Always many rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.people_rows import Link, Pair, Reason, Statement, StoredLink, Target, by_object
from sync.store.tables import (
    ambiguous,
    connection,
    contact,
    contact_change,
    identity_key,
    identity_link,
    vendor_link,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sync.store.sql.bulk import Sql

EMAIL_KEY = "email"
#: Written for a contact that was merged away, so that the winner finds it in either order of arrival.
MOVED = "moved"
#: Contacts shown for one ambiguity.
_SHOWN = 50


class Identity:
    """Queries on identity."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # ------------------------------------------------------------ addresses

    def addresses_of(self, contact_nos: Iterable[int]) -> set[str]:
        """Addresses that the contacts hold or ever held."""
        numbers = list(contact_nos)
        held = sa.select(contact.c.email).where(contact.c.email.is_not(None))
        found = {str(row.email) for row in self._sql.within(held, contact.c.contact_no, numbers)}
        earlier = sa.select(contact_change.c.old).where(
            contact_change.c.attribute == "email", contact_change.c.old.is_not(None)
        )
        rows = self._sql.within(earlier, contact_change.c.contact_no, numbers)
        return found | {text for row in rows if (text := str(row.old).strip().lower())}

    def carriers(self, workspace_no: int, addresses: Iterable[str]) -> dict[str, dict[tuple[int, str], int]]:
        """Address -> (connection, object) -> number of live contacts that hold it."""
        query = (
            sa.select(contact.c.email, contact.c.connection_no, contact.c.object, sa.func.count().label("many"))
            .where(contact.c.workspace_no == workspace_no, contact.c.gone_at.is_(None))
            .group_by(contact.c.email, contact.c.connection_no, contact.c.object)
        )
        found: dict[str, dict[tuple[int, str], int]] = {}
        for row in self._sql.within(query, contact.c.email, addresses):
            found.setdefault(row.email, {})[(row.connection_no, row.object)] = row.many
        return found

    def holders(self, workspace_no: int, addresses: Iterable[str]) -> dict[str, list[int]]:
        """Address -> live contacts that hold it, the lowest numbers first."""
        query = sa.select(contact.c.email, contact.c.contact_no).where(
            contact.c.workspace_no == workspace_no, contact.c.gone_at.is_(None)
        )
        found: dict[str, list[int]] = {}
        for row in self._sql.within(query, contact.c.email, addresses):
            found.setdefault(str(row.email), []).append(int(row.contact_no))
        return {address: sorted(numbers) for address, numbers in found.items()}

    def keys(self, workspace_no: int, addresses: Iterable[str]) -> dict[str, int]:
        """Addresses that identify somebody -> person."""
        query = sa.select(identity_key.c.value, identity_key.c.person_no).where(
            identity_key.c.workspace_no == workspace_no, identity_key.c.kind == EMAIL_KEY
        )
        return {str(row.value): int(row.person_no) for row in self._sql.within(query, identity_key.c.value, addresses)}

    def take_keys(self, workspace_no: int, people: Mapping[str, int], now: datetime) -> None:
        """Let addresses identify people; `since` stays that of the first taking."""
        rows = [
            {"workspace_no": workspace_no, "kind": EMAIL_KEY, "value": address, "person_no": person_no, "since": now}
            for address, person_no in people.items()
        ]
        self._sql.upsert(identity_key, rows, update=["person_no"])

    def drop_keys(self, workspace_no: int, addresses: Iterable[str]) -> None:
        """Addresses that identify nobody any more."""
        statement = identity_key.delete().where(
            identity_key.c.workspace_no == workspace_no, identity_key.c.kind == EMAIL_KEY
        )
        self._sql.update_within(statement, identity_key.c.value, addresses)

    # ------------------------------------------------------------ what vendors say

    def statements_of(self, contact_nos: Iterable[int], *, moves: bool = True) -> list[Statement]:
        """What the vendors say about these contacts; without `moves`, only what their records say themselves."""
        query = sa.select(vendor_link)
        if not moves:
            query = query.where(vendor_link.c.reason != MOVED)
        return [_statement(row) for row in self._sql.within(query, vendor_link.c.contact_no, contact_nos)]

    def statements_about(self, targets: Iterable[Target]) -> list[Statement]:
        """Statements, by whatever contact, that name these records."""
        found: list[Statement] = []
        for (crm, name), ids in by_object(targets).items():
            query = sa.select(vendor_link).where(vendor_link.c.crm == crm, vendor_link.c.object == name)
            found += [_statement(row) for row in self._sql.within(query, vendor_link.c.record_id, ids)]
        return found

    def state(self, statements: Iterable[Statement]) -> None:
        """Add statements that no record brings by itself (a merge that was told by the loser's deletion)."""
        self._sql.upsert(vendor_link, [_columns(item, MOVED) for item in statements])

    def retract_moves(self, contact_nos: Iterable[int]) -> None:
        """Forget such statements of contacts that are back."""
        statement = vendor_link.delete().where(vendor_link.c.reason == MOVED)
        self._sql.update_within(statement, vendor_link.c.contact_no, contact_nos)

    def contacts_at(self, workspace_no: int, targets: Iterable[Target]) -> dict[Target, list[tuple[int, int]]]:
        """Record -> (contact, connection) of every connection of that kind of CRM that has it."""
        found: dict[Target, list[tuple[int, int]]] = {}
        for (crm, name), ids in by_object(targets).items():
            query = (
                sa.select(contact.c.contact_no, contact.c.connection_no, contact.c.record_id)
                .join(connection, connection.c.connection_no == contact.c.connection_no)
                .where(connection.c.workspace_no == workspace_no, connection.c.kind == crm, contact.c.object == name)
            )
            for row in self._sql.within(query, contact.c.record_id, ids):
                found.setdefault(Target(crm, name, row.record_id), []).append((row.contact_no, row.connection_no))
        return found

    # ------------------------------------------------------------ links

    def links_of(self, contact_nos: Iterable[int], *, ended: bool = False) -> dict[Link, StoredLink]:
        """Links that touch the contacts; those that ended only when asked for."""
        query = sa.select(identity_link)
        if not ended:
            query = query.where(identity_link.c.ended_at.is_(None))
        numbers = list(contact_nos)
        found: dict[Link, StoredLink] = {}
        for column in (identity_link.c.a, identity_link.c.b):
            for row in self._sql.within(query, column, numbers):
                link = _stored(row)
                found[link.link] = link
        return found

    def write_links(self, workspace_no: int, links: Sequence[StoredLink]) -> None:
        """Insert links or set their history."""
        rows = [
            {
                "workspace_no": workspace_no,
                "a": item.link.pair.a,
                "b": item.link.pair.b,
                "reason": item.link.reason.value,
                "since": item.since,
                "diverged_at": item.diverged_at,
                "ended_at": item.ended_at,
            }
            for item in links
        ]
        self._sql.upsert(identity_link, rows, key=["a", "b", "reason"], update=["since", "diverged_at", "ended_at"])

    def diverged_before(self, instant: datetime) -> dict[int, list[StoredLink]]:
        """E-mail links whose sides have held different addresses since then or longer, by workspace."""
        query = sa.select(identity_link).where(
            identity_link.c.diverged_at <= instant, identity_link.c.ended_at.is_(None)
        )
        found: dict[int, list[StoredLink]] = {}
        for row in self._sql.rows(query):
            found.setdefault(int(row.workspace_no), []).append(_stored(row))
        return found

    # ------------------------------------------------------------ ambiguity

    def note_ambiguous(
        self, workspace_no: int, kind: str, reasons: Mapping[str, tuple[str, Collection[int]]], now: datetime
    ) -> None:
        """Digest -> (reason, contacts): shown to the operator, with contact numbers alone."""
        rows = [
            {
                "workspace_no": workspace_no,
                "kind": kind,
                "digest": digest,
                "reason": reason,
                "contacts": sorted(contacts)[:_SHOWN],
                "since": now,
            }
            for digest, (reason, contacts) in reasons.items()
        ]
        self._sql.upsert(ambiguous, rows, update=["reason", "contacts"])

    def has_ambiguous(self, workspace_no: int, kind: str) -> bool:
        """Whether anything of the kind is ambiguous at all: mostly not."""
        query = sa.select(ambiguous.c.kind).where(ambiguous.c.workspace_no == workspace_no, ambiguous.c.kind == kind)
        return self._sql.first(query.limit(1)) is not None

    def fully_noted(self, workspace_no: int, kind: str, digests: Iterable[str]) -> set[str]:
        """Those of the digests that are noted with as many contacts as are ever shown."""
        query = sa.select(ambiguous.c.digest, ambiguous.c.contacts).where(
            ambiguous.c.workspace_no == workspace_no, ambiguous.c.kind == kind
        )
        rows = self._sql.within(query, ambiguous.c.digest, digests)
        return {str(row.digest) for row in rows if len(row.contacts) >= _SHOWN}

    def settle_ambiguous(self, workspace_no: int, kind: str, digests: Iterable[str]) -> None:
        """Not ambiguous any more."""
        statement = ambiguous.delete().where(ambiguous.c.workspace_no == workspace_no, ambiguous.c.kind == kind)
        self._sql.update_within(statement, ambiguous.c.digest, digests)

    def ambiguities(self, workspace_no: int, kind: str | None = None) -> list[tuple[str, str, str, tuple[int, ...]]]:
        """(kind, digest, reason, contacts), oldest first."""
        query = sa.select(ambiguous).where(ambiguous.c.workspace_no == workspace_no)
        if kind is not None:
            query = query.where(ambiguous.c.kind == kind)
        rows = self._sql.rows(query.order_by(ambiguous.c.since, ambiguous.c.kind, ambiguous.c.digest))
        return [(row.kind, row.digest, row.reason, tuple(row.contacts)) for row in rows]


def _columns(item: Statement, reason: str) -> dict[str, object]:
    return {"contact_no": item.contact_no, **item.target._asdict(), "reason": reason}


def _statement(row: sa.Row[tuple[object, ...]]) -> Statement:
    reason = Reason.MERGE if row.reason == MOVED else Reason(row.reason)
    return Statement(row.contact_no, Target(row.crm, row.object, row.record_id), reason)


def _stored(row: sa.Row[tuple[object, ...]]) -> StoredLink:
    return StoredLink(
        link=Link(Pair(row.a, row.b), Reason(row.reason)),
        since=row.since,
        diverged_at=row.diverged_at,
        ended_at=row.ended_at,
    )
