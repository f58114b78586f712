"""Contacts: pages of them with their attribute history, tombstones, and every way in which they are looked up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.records import Ref
from sync.store.contact_rows import (
    Arrival,
    ChangeRow,
    ChangeSource,
    ContactArrival,
    ContactRow,
    GoneContact,
    PersonRecord,
    StoredContact,
)
from sync.store.sql import tombstones
from sync.store.sql.bulk import as_dict
from sync.store.tables import connection, contact, contact_change, contact_counter, vendor_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from connectors.records import Deletion
    from sync.store.sql.bulk import Sql

_REF = (contact.c.object, contact.c.record_id)
#: Compared or needed when a record arrives; attributes as text, because most rows have not changed.
_ARRIVING = sa.select(
    contact.c.contact_no,
    contact.c.object,
    contact.c.record_id,
    contact.c.person_no,
    contact.c.email,
    contact.c.account_object,
    contact.c.account_id,
    contact.c.fingerprint,
    contact.c.modified_at,
    contact.c.writable,
    contact.c.unwritable_reason,
    contact.c.derived_version,
    contact.c.completeness,
    contact.c.gone_at,
    sa.type_coerce(contact.c.attributes, sa.Text).label("attributes"),
)


class Contacts:
    """Queries on contacts."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # ------------------------------------------------------------ pages

    def upsert(
        self, connection_no: int, rows: Sequence[ContactRow], *, source: ChangeSource = ChangeSource.PULL
    ) -> list[ContactArrival]:
        """Store a page: one arrival per record, in their order (of a record that comes twice, the last counts).

        Changed attributes leave a row of history each. A backfill does not move `modified_at`.
        """
        page = {row.ref: row for row in rows}
        known = {
            Ref(object=row.object, id=row.record_id): row
            for row in self._sql.at_refs(_ARRIVING.where(contact.c.connection_no == connection_no), _REF, page)
        }
        fresh = [ref for ref in page if ref not in known]
        numbers = dict(zip(fresh, self._sql.take("contact", len(fresh)), strict=True))
        arrivals, changes, updates = [], [], []
        for ref, row in page.items():
            old = known.get(ref)
            if old is None:
                arrivals.append(ContactArrival(contact_no=numbers[ref], arrival=Arrival.NEW, row=row))
                continue
            arrival = _compared(old, row)
            changed: dict[str, tuple[str | None, str | None]] = {}
            if arrival is not Arrival.UNCHANGED:
                if old.fingerprint != row.fingerprint or arrival is Arrival.RESTORED:
                    changed = _differences(old, row)
                moved = bool(changed) and source is not ChangeSource.BACKFILL
                modified_at = row.modified_at if moved else old.modified_at
                updates.append({"contact_no": old.contact_no, "modified_at": modified_at} | _stored(row))
                stamp = {"contact_no": old.contact_no, "at": row.modified_at, "source": source}
                changes += [{"attribute": n, "old": a, "new": b} | stamp for n, (a, b) in changed.items()]
            arrivals.append(
                ContactArrival(
                    contact_no=old.contact_no,
                    arrival=arrival,
                    row=row,
                    person_no=old.person_no,
                    changed=frozenset(changed),
                    email_before=old.email,
                    account_before=_ref(old.account_object, old.account_id),
                )
            )
        self._insert(connection_no, numbers, page)
        self._sql.update(contact, updates)
        self._keep(changes)
        return arrivals

    def _insert(self, connection_no: int, numbers: Mapping[Ref, int], page: Mapping[Ref, ContactRow]) -> None:
        if not numbers:
            return
        now, workspace_no = self._sql.now(), self._workspace_of(connection_no)
        self._sql.insert(
            contact,
            [
                {
                    "contact_no": number,
                    "workspace_no": workspace_no,
                    "connection_no": connection_no,
                    "object": ref.object,
                    "record_id": ref.id,
                    "modified_at": page[ref].modified_at,
                    "first_seen_at": now,
                }
                | _stored(page[ref])
                for ref, number in numbers.items()
            ],
        )

    def _keep(self, changes: Iterable[dict[str, Any]]) -> None:
        now = self._sql.now()
        self._sql.insert(contact_change, [change | {"recorded_at": now} for change in changes])

    # ------------------------------------------------------------ going and coming back

    def tombstone(self, connection_no: int, deletions: Iterable[Deletion]) -> list[GoneContact]:
        """Mark contacts as gone (softly); those that were still there are returned, unknown ones are ignored."""
        gone = tombstones.bury(self._sql, contact, connection_no, deletions, contact.c.person_no)
        stamp = {"attribute": "$gone", "old": None, "source": ChangeSource.PULL}
        self._keep(
            {"contact_no": row.contact_no, "new": deletion.kind, "at": deletion.at or self._sql.now()} | stamp
            for row, deletion in gone
        )
        return [_gone(row, deletion.moved_to) for row, deletion in gone]

    def restore(self, connection_no: int, refs: Iterable[Ref]) -> list[GoneContact]:
        """Take tombstones away; contacts that were gone are returned."""
        back = tombstones.raise_up(self._sql, contact, connection_no, refs, contact.c.person_no, contact.c.gone_kind)
        stamp = {"attribute": "$gone", "new": None, "at": self._sql.now(), "source": ChangeSource.PULL}
        self._keep({"contact_no": row.contact_no, "old": row.gone_kind} | stamp for row in back)
        return [_gone(row, None) for row in back]

    def re_key(self, connection_no: int, old: Ref, new: Ref) -> bool:
        """Follow a record to its new id; False when the new one is stored already: then the old one must be tombstoned."""
        if self.at(connection_no, [new]):
            return False
        found = contact.c.connection_no == connection_no, contact.c.object == old.object, contact.c.record_id == old.id
        return bool(self._sql.run(contact.update().where(*found).values(object=new.object, record_id=new.id)))

    def erase(self, contact_nos: Iterable[int]) -> None:
        """Remove contacts and their history for good."""
        numbers = list(contact_nos)
        for table in (contact_change, contact_counter, vendor_link, contact):
            self._sql.update_within(sa.delete(table), table.c.contact_no, numbers)

    # ------------------------------------------------------------ people and derived attributes

    def set_people(self, people: Mapping[int, int]) -> None:
        """Assign contacts (by number) to people."""
        self._sql.update(contact, [{"contact_no": number, "person_no": person} for number, person in people.items()])

    def set_unwritable(self, reasons: Mapping[int, str]) -> None:
        """Note that contacts (by number) cannot be written, and why; the next pull of the record may lift it."""
        self._sql.update(
            contact,
            [
                {"contact_no": number, "writable": False, "unwritable_reason": reason}
                for number, reason in reasons.items()
            ],
        )

    def set_derived(self, derived: Mapping[int, dict[str, str]], version: int, completeness: Mapping[int, int]) -> None:
        """Store what a better normaliser made of the same attributes."""
        self._sql.update(
            contact,
            [
                {
                    "contact_no": number,
                    "derived": values,
                    "derived_version": version,
                    "completeness": completeness.get(number),
                }
                for number, values in derived.items()
            ],
        )

    def derived_before(self, version: int, *, limit: int = 2000) -> list[StoredContact]:
        """Contacts whose derived attributes an older normaliser made."""
        query = sa.select(contact).where(contact.c.derived_version < version).order_by(contact.c.contact_no)
        return [_made(row) for row in self._sql.rows(query.limit(limit))]

    # ------------------------------------------------------------ looking up

    def get(self, contact_nos: Iterable[int]) -> dict[int, StoredContact]:
        """Contacts by number, gone ones included."""
        return {
            row.contact_no: _made(row)
            for row in self._sql.within(sa.select(contact), contact.c.contact_no, contact_nos)
        }

    def at(self, connection_no: int, refs: Iterable[Ref]) -> dict[Ref, StoredContact]:
        """Contacts by record, gone ones included."""
        query = sa.select(contact).where(contact.c.connection_no == connection_no)
        return {made.ref: made for row in self._sql.at_refs(query, _REF, refs) if (made := _made(row))}

    def of_people(self, person_nos: Iterable[int], *, gone: bool = False) -> list[StoredContact]:
        """All contacts of people, oldest number first within each chunk."""
        return self._listed(contact.c.person_no, person_nos, gone=gone)

    def records_of_people(self, person_nos: Iterable[int]) -> list[PersonRecord]:
        """All contacts of people, gone ones included, with what a rescore must know of them."""
        text = sa.type_coerce(contact.c.attributes, sa.Text).label("attributes")
        writable = sa.and_(contact.c.writable, contact.c.gone_at.is_(None)).label("writable")
        query = sa.select(contact.c.contact_no, contact.c.connection_no, *_REF, contact.c.person_no, text, writable)
        query = query.order_by(contact.c.contact_no)
        return [
            PersonRecord(
                contact_no=row.contact_no,
                connection_no=row.connection_no,
                ref=Ref(object=row.object, id=row.record_id),
                person_no=row.person_no,
                attributes=row.attributes,
                writable=bool(row.writable),
            )
            for row in self._sql.within(query, contact.c.person_no, person_nos)
        ]

    def by_email(self, workspace_no: int, emails: Iterable[str], *, gone: bool = False) -> list[StoredContact]:
        """Contacts that carry one of these addresses (lower case)."""
        return self._listed(contact.c.email, emails, contact.c.workspace_no == workspace_no, gone=gone)

    def of_accounts(self, connection_no: int, accounts: Iterable[Ref], *, gone: bool = False) -> list[StoredContact]:
        """Contacts that belong to these account records."""
        query = sa.select(contact).where(contact.c.connection_no == connection_no).order_by(contact.c.contact_no)
        query = query if gone else query.where(contact.c.gone_at.is_(None))
        columns = contact.c.account_object, contact.c.account_id
        return [_made(row) for row in self._sql.at_refs(query, columns, accounts)]

    def people_of_accounts(self, connection_no: int, accounts: Iterable[Ref]) -> set[int]:
        """The people behind the live contacts of these account records."""
        query = sa.select(contact.c.person_no).where(
            contact.c.connection_no == connection_no, contact.c.gone_at.is_(None), contact.c.person_no.is_not(None)
        )
        columns = contact.c.account_object, contact.c.account_id
        return {int(row.person_no) for row in self._sql.at_refs(query, columns, accounts)}

    def unassigned(self, *, limit: int = 2000) -> list[StoredContact]:
        """Live contacts that identity has not assigned yet."""
        query = sa.select(contact).where(contact.c.person_no.is_(None), contact.c.gone_at.is_(None))
        return [_made(row) for row in self._sql.rows(query.order_by(contact.c.contact_no).limit(limit))]

    def present(self, connection_no: int, object_name: str) -> Iterator[list[Ref]]:
        """Records that are not gone, in blocks (for the sweep)."""
        return tombstones.present(self._sql, contact, connection_no, object_name)

    def vanished_before(self, connection_no: int, instant: datetime, *, limit: int = 500) -> list[StoredContact]:
        """Contacts that left without a trace at or before an instant, and of which nothing was heard since."""
        query = sa.select(contact).where(
            contact.c.connection_no == connection_no, contact.c.gone_kind == "vanished", contact.c.gone_at <= instant
        )
        return [_made(row) for row in self._sql.rows(query.order_by(contact.c.gone_at).limit(limit))]

    def count(self, connection_no: int | None = None) -> dict[str, int]:
        """Live contacts by object."""
        query = sa.select(contact.c.object, sa.func.count().label("many")).where(contact.c.gone_at.is_(None))
        if connection_no is not None:
            query = query.where(contact.c.connection_no == connection_no)
        return {row.object: int(row.many) for row in self._sql.rows(query.group_by(contact.c.object))}

    def changes(self, contact_no: int) -> list[ChangeRow]:
        """The history of a contact's attributes, oldest first."""
        columns = [contact_change.c[name] for name in ("attribute", "old", "new", "at", "recorded_at", "source")]
        query = sa.select(*columns).where(contact_change.c.contact_no == contact_no)
        return [
            ChangeRow(**{**as_dict(row), "source": ChangeSource(row.source)})
            for row in self._sql.rows(query.order_by(contact_change.c.at, contact_change.c.change_no))
        ]

    def _listed(
        self, column: sa.ColumnElement[Any], values: Iterable[Any], *conditions: sa.ColumnElement[bool], gone: bool
    ) -> list[StoredContact]:
        query = sa.select(contact).where(*conditions).order_by(contact.c.contact_no)
        query = query if gone else query.where(contact.c.gone_at.is_(None))
        return [_made(row) for row in self._sql.within(query, column, values)]

    def _workspace_of(self, connection_no: int) -> int:
        query = sa.select(connection.c.workspace_no).where(connection.c.connection_no == connection_no)
        return int(self._sql.value(query))


def _compared(old: sa.Row[Any], row: ContactRow) -> Arrival:
    if old.gone_at is not None:
        return Arrival.RESTORED
    if old.fingerprint != row.fingerprint:
        return Arrival.CHANGED
    before = old.derived_version, old.writable, old.unwritable_reason, old.completeness
    return (
        Arrival.UNCHANGED
        if before == (row.derived_version, row.writable, row.unwritable_reason, row.completeness)
        else Arrival.REVISED
    )


def _differences(old: sa.Row[Any], row: ContactRow) -> dict[str, tuple[str | None, str | None]]:
    before: dict[str, str] = json.loads(old.attributes)
    after = row.attributes
    found = {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
    account = _ref(old.account_object, old.account_id)
    if account != row.account:
        found["$account"] = (_text(account), _text(row.account))
    return found


def _stored(row: ContactRow) -> dict[str, Any]:
    """The columns that follow the CRM; an arrival also takes a tombstone away."""
    return {
        "account_object": row.account.object if row.account else None,
        "account_id": row.account.id if row.account else None,
        "email": row.email,
        "attributes": row.attributes,
        "derived": row.derived,
        "derived_version": row.derived_version,
        "fingerprint": row.fingerprint,
        "created_at": row.created_at,
        "writable": row.writable,
        "unwritable_reason": row.unwritable_reason,
        "completeness": row.completeness,
        "gone_at": None,
        "gone_kind": None,
        "moved_to_object": None,
        "moved_to_id": None,
    }


def _made(row: sa.Row[Any]) -> StoredContact:
    values = as_dict(row)
    ref = Ref(object=values.pop("object"), id=values.pop("record_id"))
    account = _ref(values.pop("account_object"), values.pop("account_id"))
    moved_to = _ref(values.pop("moved_to_object"), values.pop("moved_to_id"))
    return StoredContact(ref=ref, account=account, moved_to=moved_to, **values)


def _gone(row: sa.Row[Any], moved_to: Ref | None) -> GoneContact:
    ref = Ref(object=row.object, id=row.record_id)
    return GoneContact(contact_no=row.contact_no, ref=ref, person_no=row.person_no, moved_to=moved_to)


def _ref(name: str | None, record_id: str | None) -> Ref | None:
    return None if name is None or record_id is None else Ref(object=name, id=record_id)


def _text(ref: Ref | None) -> str | None:
    return None if ref is None else f"{ref.object}:{ref.id}"
