from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from connectors.records import (
    ActivityRecord,
    ContactRecord,
    LinkReason,
    LinkStrength,
    OpportunityRecord,
    Outcome,
    Page,
    Ref,
    VendorLink,
)
from sync.people.forget import forget, without_suppressed
from sync.store.people_rows import EnrichmentRow
from sync.store.tables import metadata
from tests.people_world import BACKENDS, Crms

AT = datetime(2026, 3, 1, tzinfo=UTC)
ADA = Ref(object="Contact", id="003ADA")
BOB = Ref(object="Contact", id="003BOB")


@pytest.fixture(params=BACKENDS)
def crms(request, tmp_path):
    with Crms.opened(request.param, tmp_path) as crms:
        yield crms


def everything(crms):
    """All that is stored, as one text."""
    with crms.store.read() as unit:
        return "\n".join(str(tuple(row)) for table in metadata.sorted_tables for row in unit.sql.rows(sa.select(table)))


def the_life_of_ada(crms):
    says = (VendorLink(ref=Ref(object="contacts", id="HS-ADA"), reason=LinkReason.NATIVE_SYNC, crm="hubspot"),)
    crms.sales("Contact", ADA.id, email="ada@old.example", first_name="Ada", last_name="Byron", same_as=says)
    crms.sales("Contact", ADA.id, email="ada@new.example", first_name="Ada", last_name="Byron", same_as=says)
    crms.marketing("HS-ADA", email="ada@old.example", title="Countess")
    crms.activity("e1", "HS-ADA", url="https://acme.example/?mail=ada@old.example")
    crms.activity("e2", ADA.id, connection="sales", object_="Contact", url="https://acme.example/shared")
    ada = crms.person_of("sales", "Contact", ADA.id)
    with crms.store.write() as unit:
        number = unit.contacts.at(crms.connections["sales"], [ADA])[ADA].contact_no
        at = {"source": "table", "subject": f"contact:{number}", "attribute": "title", "value": "Byron, Countess"}
        unit.enrichment.put(crms.workspace_no, [EnrichmentRow(**at, confidence=None, at=AT)])
    return ada


def test_after_forgetting_nothing_in_the_store_tells_of_the_person(crms):
    crms.sales("Contact", BOB.id, email="bob@acme.example", last_name="Babbage")
    ada = the_life_of_ada(crms)
    assert "ada@old.example" in everything(crms)

    with crms.store.write() as unit:
        told = forget(unit, ada.person_no, now=crms.clock.now())

    stored = everything(crms)
    assert (told.contacts, told.activities, told.addresses) == (2, 2, 2)
    for trace in ("ada@", "Byron", "Countess", "003ADA", "HS-ADA"):
        assert trace not in stored
    assert "bob@acme.example" in stored
    assert [person.contacts for person in crms.people()] == [1]


def test_an_unknown_person_cannot_be_forgotten(crms):
    with pytest.raises(KeyError), crms.store.write() as unit:
        forget(unit, 4711, now=crms.clock.now())


def test_a_joined_person_is_forgotten_by_any_of_its_numbers(crms):
    crms.sales("Contact", "1", email="a@one.example")
    crms.marketing("2", email="b@two.example")
    loser = crms.person_of("marketing", "contacts", "2").person_no
    crms.marketing("2", email="a@one.example")

    with crms.store.write() as unit:
        forget(unit, loser, now=crms.clock.now())

    assert crms.people() == []
    assert crms.who(loser) is None


def test_later_pages_bring_nobody_back(crms):
    ada = the_life_of_ada(crms)
    with crms.store.write() as unit:
        forget(unit, ada.person_no, now=crms.clock.now())
        connection = unit.connections.get(crms.connections["sales"])
    contact = ContactRecord(ref=ADA, created_at=AT, modified_at=AT, attributes={"last_name": "Byron"})
    same_address = replace(contact, ref=Ref(object="Lead", id="00Q1"), attributes={"email": " Ada@New.example "})
    bob = replace(contact, ref=BOB, attributes={"email": "bob@acme.example"})
    alone = ActivityRecord(ref=Ref(object="Task", id="1"), kind="note", at=AT, modified_at=AT, contacts=(ADA,))
    together = replace(alone, ref=Ref(object="Task", id="2"), contacts=(ADA, BOB), emails=("ADA@old.example",))
    unlinked = replace(alone, ref=Ref(object="Task", id="3"), contacts=())
    deal = OpportunityRecord(
        ref=Ref(object="Opportunity", id="006"),
        created_at=AT,
        modified_at=AT,
        stage="won",
        outcome=Outcome.WON,
        contacts=((ADA, LinkStrength.ROLE), (BOB, LinkStrength.ROLE)),
    )
    page = Page(records=(contact, same_address, bob, alone, together, unlinked, deal), next="{}", more=False)

    with crms.store.write() as unit:
        kept, touched = without_suppressed(unit, connection, page)

    assert touched == 5
    assert [record.ref for record in kept.records] == [bob.ref, together.ref, unlinked.ref, deal.ref]
    assert kept.records[1] == replace(together, contacts=(BOB,), emails=())
    assert kept.records[2] is unlinked
    assert kept.records[3].contacts == ((BOB, LinkStrength.ROLE),)


def test_an_address_that_somebody_else_holds_too_is_not_kept_out(crms):
    crms.sales("Contact", "1", email="home@byron.example", last_name="Byron")
    crms.sales("Contact", "2", email="home@byron.example", last_name="Lovelace")
    ada = crms.person_of("sales", "Contact", "1")

    with crms.store.write() as unit:
        told = forget(unit, ada.person_no, now=crms.clock.now())
        connection = unit.connections.get(crms.connections["sales"])
    other = ContactRecord(
        ref=Ref(object="Contact", id="2"), created_at=AT, modified_at=AT, attributes={"email": "home@byron.example"}
    )
    page = Page(records=(other,), next="{}", more=False)

    assert told.addresses == 0
    with crms.store.write() as unit:
        assert without_suppressed(unit, connection, page) == (page, 0)
