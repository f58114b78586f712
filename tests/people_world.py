"""Two CRMs and a store, for tests on people: records go in as pages, people come out."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from connectors.records import ActivityRecord, Ref
from scoring.attributes import DERIVED_VERSION, derive
from sync.people.accounts import touch_accounts
from sync.people.companies import record_account_links
from sync.people.encoding import encode_all
from sync.people.links import record_links
from sync.people.profiles import DEFAULT_RULES
from sync.people.resolve import Touched, resolve_contacts
from sync.store.account_rows import AccountRow
from sync.store.activity_rows import ActivityRow
from sync.store.contact_rows import ContactRow
from sync.store.open import open_store
from sync.store.people_rows import Cause, PersonRow
from sync.store.tables import activity, activity_contact, contact, person
from tests.fakes import FakeClock
from tests.postgres import emptied

START = datetime(2026, 1, 1, tzinfo=UTC)
BACKENDS = ("sqlite", "postgresql")
KINDS = {"sales": "salesforce", "marketing": "hubspot"}


class Crms:
    """A Salesforce `sales` and a HubSpot `marketing` in one workspace, and a second workspace with its own `sales`."""

    def __init__(self, store, clock, workspace="default", rules=DEFAULT_RULES):
        self.store, self.clock, self.rules = store, clock, rules
        self._born = {}
        with store.write() as unit:
            self.workspaces = {name: unit.connections.workspace(name) for name in (workspace, "other")}
            self.workspace_no = self.workspaces["default"] = self.workspaces[workspace]
            self.connections = {
                name: unit.connections.register(self.workspace_no, name, kind).connection_no
                for name, kind in KINDS.items()
            }
            other = unit.connections.register(self.workspaces["other"], "sales", "salesforce")
            self.connections["other"] = other.connection_no

    @classmethod
    @contextmanager
    def opened(cls, backend, folder, **options):
        clock = FakeClock()
        store = open_store(f"sqlite:///{folder / 'store.db'}" if backend == "sqlite" else emptied(), clock=clock)
        try:
            yield cls(store, clock, **options)
        finally:
            store.close()

    # ------------------------------------------------------------ what the CRMs send

    def sales(self, object_, record_id, **values) -> Touched:
        return self.page("sales", [self.row(object_, record_id, **values)])

    def marketing(self, record_id, **values) -> Touched:
        return self.page("marketing", [self.row("contacts", record_id, **values)])

    def elsewhere(self, object_, record_id, **values) -> Touched:
        return self.page("other", [self.row(object_, record_id, **values)])

    def row(self, object_, record_id, *, created=None, account=None, same_as=None, modified=None, **attributes):
        """A row with its vendor links (None: the record says nothing about them)."""
        texts = encode_all(attributes)
        digest = hashlib.sha256(repr((sorted(texts.items()), account)).encode()).hexdigest()
        if created is not None:
            self._born[object_, record_id] = START + timedelta(days=created)
        stored = ContactRow(
            ref=Ref(object=object_, id=record_id),
            attributes=texts,
            derived=encode_all(derive(texts)),
            derived_version=DERIVED_VERSION,
            fingerprint=digest,
            email=(texts.get("email") or "").lower() or None,
            account=account,
            created_at=self._born.get((object_, record_id), START),
            modified_at=self.clock.now() if modified is None else modified,
        )
        return stored, same_as

    def page(self, connection, rows) -> Touched:
        connection_no = self.connections[connection]
        with self.store.write() as unit:
            arrivals = unit.contacts.upsert(connection_no, [row for row, _ in rows])
            says = {row.ref: same_as for row, same_as in rows if same_as is not None}
            same_as = {item.contact_no: says[item.row.ref] for item in arrivals if item.row.ref in says}
            relinked = record_links(unit, KINDS.get(connection, "salesforce"), same_as)
            touched = resolve_contacts(unit, arrivals, now=self.clock.now(), relinked=relinked, rules=self.rules)
            unit.activities.resolve(connection_no, [item.contact_no for item in arrivals])
            return touched

    def gone(self, connection, *deletions) -> Touched:
        with self.store.write() as unit:
            gone = unit.contacts.tombstone(self.connections[connection], deletions)
            return resolve_contacts(unit, gone, now=self.clock.now(), rules=self.rules)

    def account(self, connection, record_id, *, created=None, same_as=None, **attributes) -> Touched:
        texts = encode_all(attributes)
        row = AccountRow(
            ref=Ref(object="Account", id=record_id),
            attributes=texts,
            derived={},
            derived_version=DERIVED_VERSION,
            fingerprint=repr(sorted(texts.items()))[:64],
            created_at=START if created is None else START + timedelta(days=created),
            modified_at=self.clock.now(),
        )
        with self.store.write() as unit:
            arrivals = unit.accounts.upsert(self.connections[connection], [row])
            numbers = {item.account_no for item in arrivals}
            if same_as is not None:
                numbers |= record_account_links(unit, KINDS[connection], dict.fromkeys(numbers, same_as))
            return touch_accounts(unit, numbers, now=self.clock.now(), rules=self.rules)

    def activity(
        self, record_id, contact_id, *, connection="marketing", object_="contacts", kind="page_view", also=(), **values
    ):
        record = ActivityRecord(
            ref=Ref(object="event", id=record_id),
            kind=kind,
            at=self.clock.now(),
            modified_at=self.clock.now(),
            contacts=(Ref(object=object_, id=contact_id), *also),
            **values,
        )
        with self.store.write() as unit:
            unit.activities.upsert(self.connections[connection], [ActivityRow(record=record, fingerprint=record_id)])

    # ------------------------------------------------------------ what time and the operator do

    def pass_time(self, span):
        self.clock.advance(span.total_seconds())

    def scored(self):
        """As after a rescore of everybody."""
        self._run(person.update().values(scored_seq=person.c.dirty_seq))

    def settle(self, act) -> Touched:
        with self.store.write() as unit:
            return act(unit, now=self.clock.now(), rules=self.rules)

    def operator(self, act, one, other) -> Touched:
        with self.store.write() as unit:
            return act(unit, one, other, now=self.clock.now(), rules=self.rules)

    # ------------------------------------------------------------ what the store holds

    def people(self, workspace="default") -> list[PersonRow]:
        """People who are no aliases, by number."""
        query = sa.select(person.c.person_no).where(
            person.c.workspace_no == self.workspaces[workspace], person.c.alias_of.is_(None)
        )
        with self.store.read() as unit:
            rows = unit.people.people([row.person_no for row in unit.sql.rows(query)])
        return [rows[number] for number in sorted(rows)]

    def person_of(self, connection, object_, record_id) -> PersonRow:
        number = self.number(connection, object_, record_id)
        with self.store.read() as unit:
            person_no = unit.people.people_of_contacts([number])[number]
            return unit.people.people([person_no])[person_no]

    def number(self, connection, object_, record_id) -> int:
        ref = Ref(object=object_, id=record_id)
        with self.store.read() as unit:
            return unit.contacts.at(self.connections[connection], [ref])[ref].contact_no

    def contacts_of(self, person_no):
        names = {number: name for name, number in self.connections.items()}
        query = sa.select(contact).where(contact.c.person_no == person_no)
        return sorted((names[row.connection_no], row.record_id) for row in self._rows(query))

    def activities_of(self, person_no):
        query = (
            sa.select(activity.c.record_id)
            .join(activity_contact, activity_contact.c.activity_no == activity.c.activity_no)
            .where(activity_contact.c.person_no == person_no)
        )
        return sorted(row.record_id for row in self._rows(query))

    def dirty(self):
        query = sa.select(person).where(
            person.c.dirty_seq > person.c.scored_seq, person.c.workspace_no == self.workspace_no
        )
        return {row.person_no: Cause(row.dirty_cause) for row in self._rows(query)}

    def ambiguities(self):
        with self.store.read() as unit:
            return unit.identity.ambiguities(self.workspace_no)

    def identified(self, address):
        with self.store.read() as unit:
            return unit.identity.keys(self.workspace_no, [address]).get(address)

    def who(self, person_no):
        with self.store.read() as unit:
            return unit.people.who(person_no)

    def _rows(self, query):
        with self.store.read() as unit:
            return unit.sql.rows(query)

    def _run(self, statement):
        with self.store.write() as unit:
            unit.sql.run(statement)
