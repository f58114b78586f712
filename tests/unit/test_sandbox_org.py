from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.sandbox.accounts import empty_hubspot_org, empty_salesforce_org
from connectors.sandbox.clock import OrgClock, iso, stamp_of
from connectors.sandbox.ids import id_order, salesforce_id, with_checksum
from connectors.sandbox.org import Happening, Org, UnknownObject, UnknownRecord

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    return OrgClock.frozen_at(NOON)


@pytest.fixture
def salesforce(clock) -> Org:
    return empty_salesforce_org(clock=clock)


@pytest.fixture
def hubspot(clock) -> Org:
    return empty_hubspot_org(clock=clock)


def test_a_new_record_has_equal_stamps_and_the_writer_as_creator(salesforce):
    record = salesforce.create("Contact", {"LastName": "Quill", "FirstName": None})

    assert record.created_at == record.modified_at == record.system_at == stamp_of(NOON)
    assert record.created_by == record.modified_by == salesforce.api_user
    assert record.values == {"LastName": "Quill", "Name": "Quill"}


def test_salesforce_stamps_are_whole_seconds(salesforce, clock):
    clock.advance(0.75)

    assert salesforce.create("Contact", {"LastName": "Quill"}).system_at == stamp_of(NOON)


def test_an_update_moves_stamps_and_recomputes_what_follows_from_values(salesforce, clock):
    record = salesforce.create("Contact", {"LastName": "Quill"})
    clock.advance(60)

    salesforce.update("Contact", record.id, {"FirstName": "Nora"}, by="005x")

    assert record.values["Name"] == "Nora Quill"
    assert record.modified_at == record.system_at == record.created_at + 60_000
    assert record.modified_by == "005x"


def test_none_empties_a_field(salesforce):
    record = salesforce.create("Contact", {"LastName": "Quill", "Title": "CEO"})

    salesforce.update("Contact", record.id, {"Title": None})

    assert "Title" not in record.values


def test_writing_the_same_value_moves_stamps_in_salesforce_only(salesforce, hubspot, clock):
    ours = salesforce.create("Contact", {"LastName": "Quill"})
    theirs = hubspot.create("contacts", {"lastname": "Quill"})
    clock.advance(60)

    salesforce.update("Contact", ours.id, {"LastName": "Quill"})
    hubspot.update("contacts", theirs.id, {"lastname": "Quill"})

    assert ours.modified_at > ours.created_at
    assert theirs.modified_at == theirs.created_at


def test_a_system_touch_leaves_the_modified_stamp_alone(salesforce, clock):
    record = salesforce.create("Contact", {"LastName": "Quill"})
    clock.advance(60)

    salesforce.touch("Contact", record, system_only=True)

    assert (record.modified_at, record.system_at) == (stamp_of(NOON), stamp_of(NOON) + 60_000)


def test_changed_since_orders_by_stamp_and_leaves_out_older_versions(salesforce, clock):
    first, second = (salesforce.create("Contact", {"LastName": name}) for name in ("A", "B"))
    clock.advance(60)
    middle = salesforce.now()
    assert salesforce.changed_since("Contact", 0) == [first, second]

    salesforce.update("Contact", first.id, {"Title": "CEO"})

    assert salesforce.changed_since("Contact", 0) == [second, first]
    assert salesforce.changed_since("Contact", middle) == [first]
    assert salesforce.changed_since("Contact", 0, middle) == [second]


def test_changed_since_finds_stamps_that_were_back_dated(salesforce, clock):
    first = salesforce.create("Contact", {"LastName": "A"})
    salesforce.changed_since("Contact", 0)

    late = salesforce.create("Contact", {"LastName": "B"}, at=salesforce.now() - 5_000)

    assert salesforce.changed_since("Contact", 0) == [late, first]


def test_where_follows_updates_and_ignores_case(salesforce):
    record = salesforce.create("Contact", {"LastName": "Quill", "Email": "Nora@Quill.example"})
    assert salesforce.where("Contact", "Email", "nora@quill.example") == [record]

    salesforce.update("Contact", record.id, {"Email": "n@quill.example"})

    assert salesforce.where("Contact", "Email", "nora@quill.example") == []
    assert salesforce.where("Contact", "Email", "N@quill.example") == [record]


def test_scan_goes_on_after_an_id_also_when_that_record_is_gone(hubspot):
    ids = [hubspot.create("contacts", {"lastname": str(number)}).id for number in range(12)]
    hubspot.purge("contacts", ids[4])

    assert [record.id for record in hubspot.scan("contacts", after=ids[4])] == ids[5:]
    assert sorted(ids, key=id_order) == ids


def test_deleting_moves_stamps_in_salesforce_but_not_in_hubspot(salesforce, hubspot, clock):
    ours = salesforce.create("Contact", {"LastName": "Quill"})
    theirs = hubspot.create("contacts", {"lastname": "Quill"})
    clock.advance(60)

    salesforce.delete("Contact", ours.id)
    hubspot.delete("contacts", theirs.id)

    assert ours.deleted
    assert ours.system_at == ours.deleted_at
    assert theirs.deleted_at == stamp_of(NOON) + 60_000
    assert theirs.modified_at == stamp_of(NOON)
    assert salesforce.count("Contact") == 0
    assert salesforce.count("Contact", deleted=True) == 1


def test_undelete_brings_a_record_back_with_a_new_stamp(salesforce, clock):
    record = salesforce.create("Contact", {"LastName": "Quill"})
    salesforce.delete("Contact", record.id)
    clock.advance(60)

    salesforce.undelete("Contact", record.id)

    assert salesforce.changed_since("Contact", stamp_of(NOON) + 60_000) == [record]


def test_an_object_without_a_recycle_bin_loses_deleted_records_for_good(salesforce):
    member = salesforce.create("CampaignMember", {"Status": "Sent"})

    salesforce.delete("CampaignMember", member.id)

    assert salesforce.find("CampaignMember", member.id) is None
    assert salesforce.table("CampaignMember").purged[member.id] == salesforce.now()


def test_unknown_names_are_refused(salesforce):
    with pytest.raises(UnknownObject):
        salesforce.create("Nothing__c", {})
    with pytest.raises(UnknownRecord):
        salesforce.get("Contact", "003000000000000AAA")


def test_an_id_can_be_given_but_only_once(hubspot):
    hubspot.create("forms", {"name": "Demo", "fields": ["email"]}, record_id="0b1c")

    assert [form.id for form in hubspot.where("forms", "fields", ["email"])] == ["0b1c"]
    with pytest.raises(ValueError, match="taken"):
        hubspot.create("forms", {}, record_id="0b1c")


def test_reserved_numbers_are_not_given_out(salesforce):
    salesforce.reserve_ids("Contact", 5)

    assert salesforce.create("Contact", {}).id == salesforce_id("003", 6)


def test_the_assignment_rule_runs_only_when_asked_for(salesforce):
    salesforce.assignment_rules["Lead"] = lambda org, record: {"OwnerId": org.settings["sellers"][0]}
    record = salesforce.create("Lead", {"LastName": "Quill", "Company": "Ibex", "OwnerId": "005mine"})

    salesforce.update("Lead", record.id, {"Title": "CEO"})
    assert record.values["OwnerId"] == "005mine"
    salesforce.update("Lead", record.id, {"Title": "CFO"}, assign=True)

    assert record.values["OwnerId"] == salesforce.settings["sellers"][0]


def test_hooks_see_old_values(salesforce):
    seen = []
    salesforce.hooks.append(
        lambda _, event: event.object == "Opportunity" and seen.append((event.kind, dict(event.changed)))
    )
    record = salesforce.create("Opportunity", {"Name": "Deal", "StageName": "Prospecting"})

    salesforce.update("Opportunity", record.id, {"StageName": "Closed Won"})

    assert seen[0] == (Happening.CREATED, {})
    assert seen[1][1]["StageName"] == "Prospecting"
    assert record.values["IsWon"] is True


def test_ids_carry_a_checksum_and_ascend():
    ids = [salesforce_id("003", number) for number in (1, 9, 10, 61, 62, 4000)]

    assert with_checksum("00D50000000IZ3Z") == "00D50000000IZ3ZEAW"
    assert all(len(record_id) == 18 for record_id in ids)
    assert sorted(ids, key=id_order) == ids


def test_a_clock_runs_from_its_start_freezes_and_moves():
    host = iter([100.0, 100.0, 101.5, 102.0, 103.0]).__next__
    clock = OrgClock(start=NOON, host=host)
    start = stamp_of(NOON)

    assert clock.now() == start
    assert clock.now() == start + 1_500
    clock.freeze(NOON)
    clock.advance(10)
    assert clock.now() == start + 10_000
    clock.resume()
    assert clock.now() == start + 11_000
    assert iso(start + 7) == "2026-11-20T12:00:00.007Z"
