"""Builders of what goes into the store, with everything that a test does not care about filled in."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from connectors.records import ActivityRecord, OpportunityRecord, Outcome, Ref
from sync.store.account_rows import AccountRow
from sync.store.activity_rows import ActivityRow
from sync.store.contact_rows import ContactRow
from sync.store.opportunity_rows import OpportunityRow
from sync.store.people_rows import PersonRow
from sync.store.unit import Store, Unit

EARLIER = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 2, 2, 12, 0, tzinfo=UTC)


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()


def lead(record_id: str) -> Ref:
    return Ref(object="Lead", id=record_id)


def task(record_id: str) -> Ref:
    return Ref(object="Task", id=record_id)


def a_connection(store: Store, name: str = "crm", kind: str = "salesforce") -> int:
    with store.write() as unit:
        return unit.connections.register(unit.connections.workspace("default"), name, kind).connection_no


def a_contact(record_id: str = "1", **changes: Any) -> ContactRow:
    attributes = changes.pop("attributes", {"title": "CEO"})
    values: dict[str, Any] = {
        "ref": lead(record_id),
        "attributes": attributes,
        "derived": {},
        "derived_version": 1,
        "fingerprint": _digest(attributes, changes.get("email"), changes.get("account")),
        "modified_at": EARLIER,
    }
    return ContactRow(**(values | changes))


def an_account(record_id: str = "1", **changes: Any) -> AccountRow:
    attributes = changes.pop("attributes", {"name": "Acme"})
    values: dict[str, Any] = {
        "ref": Ref(object="Account", id=record_id),
        "attributes": attributes,
        "derived": {},
        "derived_version": 1,
        "fingerprint": _digest(attributes),
        "modified_at": EARLIER,
    }
    return AccountRow(**(values | changes))


def an_activity(record_id: str = "1", **changes: Any) -> ActivityRow:
    values: dict[str, Any] = {"ref": task(record_id), "kind": "page_view", "at": EARLIER, "modified_at": EARLIER}
    record = ActivityRecord(**(values | changes))
    return ActivityRow(record=record, fingerprint=_digest(record))


def an_opportunity(record_id: str = "1", **changes: Any) -> OpportunityRow:
    values: dict[str, Any] = {
        "ref": Ref(object="Opportunity", id=record_id),
        "created_at": EARLIER,
        "modified_at": EARLIER,
        "stage": "New",
        "outcome": Outcome.OPEN,
    }
    record = OpportunityRecord(**(values | changes))
    return OpportunityRow(record=record, fingerprint=_digest(record))


def people_for(unit: Unit, contact_nos: list[int]) -> list[int]:
    """A person of its own for each contact."""
    workspace_no = unit.connections.workspace("default")
    numbers = unit.people.take(len(contact_nos))
    unit.people.create([a_person(number, workspace_no) for number in numbers], EARLIER)
    unit.contacts.set_people(dict(zip(contact_nos, numbers, strict=True)))
    return numbers


def a_person(person_no: int, workspace_no: int = 1) -> PersonRow:
    return PersonRow(
        person_no=person_no,
        workspace_no=workspace_no,
        alias_of=None,
        profile={},
        profile_version=0,
        company_no=None,
        contacts=1,
    )


def stored_people(store: Store, connection_no: int, *record_ids: str) -> list[int]:
    """Contacts with a person each; the numbers of the people."""
    with store.write() as unit:
        arrivals = unit.contacts.upsert(connection_no, [a_contact(record_id) for record_id in record_ids])
        return people_for(unit, [arrival.contact_no for arrival in arrivals])
