"""Accounts, opportunities, vendor links, quarantine in the store."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from connectors.records import (
    BadRecord,
    Deletion,
    LinkReason,
    LinkStrength,
    Outcome,
    Ref,
    StageEntry,
    Stream,
    VendorLink,
)
from sync.store.contact_rows import Arrival
from sync.store.tables import vendor_link
from sync.store.unit import Store
from tests.contract.store_builders import (
    EARLIER,
    LATER,
    a_connection,
    a_contact,
    an_account,
    an_opportunity,
    lead,
)
from tests.fakes import FakeClock

ACCOUNT = Ref(object="Account", id="1")
DEAL = Ref(object="Opportunity", id="1")


class RecordCases:
    """Pages of other records."""

    def test_accounts_come_go_and_come_back(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            (new,) = unit.accounts.upsert(connection_no, [an_account()])
            unit.accounts.set_companies({new.account_no: 5})
            (same,) = unit.accounts.upsert(connection_no, [an_account(modified_at=LATER)])
            (changed,) = unit.accounts.upsert(connection_no, [an_account(attributes={"name": "B"}, modified_at=LATER)])
            (gone,) = unit.accounts.tombstone(connection_no, [Deletion(ref=ACCOUNT)])
            count = unit.accounts.count(connection_no)
            (back,) = unit.accounts.upsert(connection_no, [an_account(attributes={"name": "B"})])
            found = unit.accounts.at(connection_no, [ACCOUNT])[ACCOUNT]

        arrivals = [new.arrival, same.arrival, changed.arrival, back.arrival]
        assert arrivals == [Arrival.NEW, Arrival.UNCHANGED, Arrival.CHANGED, Arrival.RESTORED]
        assert (changed.company_no, gone.company_no, count) == (5, 5, {})
        assert (found.attributes, found.modified_at, found.company_no) == ({"name": "B"}, LATER, 5)

    def test_an_opportunity_keeps_the_stages_that_the_crm_tells(self, store: Store) -> None:
        connection_no = a_connection(store)
        first = StageEntry(stage="New", entered=EARLIER, left=LATER)
        second = StageEntry(stage="Won", entered=LATER)
        row = an_opportunity(
            stage="Won",
            outcome=Outcome.WON,
            amount=Decimal("1234.50"),
            currency="EUR",
            stages=(first, second),
            contacts=((lead("1"), LinkStrength.ACCOUNT), (lead("1"), LinkStrength.ROLE)),
        )
        with store.write() as unit:
            unit.opportunities.upsert(
                connection_no, [an_opportunity(stages=(StageEntry(stage="New", entered=EARLIER),))]
            )
            page = unit.opportunities.upsert(connection_no, [row])
            (found,) = unit.opportunities.of_contacts(connection_no, [lead("1")])

        assert (page.new, page.changed) == (0, 1)
        assert found.stages == (first, second)
        assert found.contacts == ((lead("1"), LinkStrength.ROLE),)
        assert (found.outcome, found.amount, found.currency) == (Outcome.WON, Decimal("1234.50"), "EUR")

    def test_where_the_crm_tells_no_stages_the_changes_that_we_see_are_kept(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            for stage, seen in (("New", EARLIER), ("New", LATER), ("Offer", LATER)):
                unit.opportunities.upsert(connection_no, [an_opportunity(stage=stage, modified_at=seen)])
            found = unit.opportunities.at(connection_no, [DEAL])[DEAL]

        assert found.stages == (
            StageEntry(stage="New", entered=EARLIER, left=LATER),
            StageEntry(stage="Offer", entered=LATER),
        )

    def test_opportunities_go_and_come_back(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.opportunities.upsert(connection_no, [an_opportunity()])
            gone = unit.opportunities.tombstone(connection_no, [Deletion(ref=DEAL)])
            none = unit.opportunities.count(connection_no)
            back = unit.opportunities.restore(connection_no, [DEAL])

            assert gone == back
            assert none == {}
            assert unit.opportunities.count() == {"open": 1}
            assert list(unit.opportunities.present(connection_no, "Opportunity")) == [[DEAL]]

    def test_vendor_links_are_replaced_by_what_the_record_says_now(self, store: Store) -> None:
        connection_no = a_connection(store)
        links = [
            VendorLink(ref=lead("2"), reason=LinkReason.MERGE),
            VendorLink(ref=Ref(object="contacts", id="7"), reason=LinkReason.NATIVE_SYNC, crm="hubspot"),
        ]
        with store.write() as unit:
            (one,) = unit.contacts.upsert(connection_no, [a_contact()])
            unit.vendor_links.replace("salesforce", {one.contact_no: links})
            before = unit.sql.rows(sa.select(vendor_link.c.crm, vendor_link.c.record_id).order_by(vendor_link.c.crm))
            unit.vendor_links.replace("salesforce", {one.contact_no: links[:1]})
            after = unit.sql.rows(sa.select(vendor_link.c.crm, vendor_link.c.record_id))

        assert [tuple(row) for row in before] == [("hubspot", "7"), ("salesforce", "2")]
        assert [tuple(row) for row in after] == [("salesforce", "2")]

    def test_quarantine_counts_repeats_and_releases(self, store: Store, clock: FakeClock) -> None:
        connection_no = a_connection(store)
        bad = BadRecord(ref=lead("1"), code="no_date", reason="CreatedDate is not a date")
        nameless = BadRecord(ref=None, code="no_id", reason="a record without id")
        with store.write() as unit:
            unit.quarantine.put(connection_no, Stream.CONTACTS, [bad, bad, nameless])
            first_at = clock.now()
        clock.advance(60)
        with store.write() as unit:
            unit.quarantine.put(connection_no, Stream.CONTACTS, [bad])
            counts = unit.quarantine.counts(connection_no)
            newest = unit.quarantine.records(connection_no)[0]
            released = unit.quarantine.release(connection_no, Stream.CONTACTS, [lead("1"), lead("2")])
            left = unit.quarantine.records(code="no_id")

        assert counts == {"no_date": 1, "no_id": 1}
        assert (newest.record_id, newest.times, newest.first_at, newest.last_at) == ("1", 3, first_at, clock.now())
        assert released == 1
        assert [item.record_id for item in left] == [""]

    def test_unmapped_names_add_up(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.quarantine.count_unmapped(connection_no, Stream.ACTIVITIES, {"Fax": 2, "Pigeon": 1})
            unit.quarantine.count_unmapped(connection_no, Stream.ACTIVITIES, {"Fax": 3})
            found = unit.quarantine.unmapped(connection_no)

        assert [(item.name, item.times) for item in found] == [("Fax", 5), ("Pigeon", 1)]
