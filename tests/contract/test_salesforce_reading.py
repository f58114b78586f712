"""What only Salesforce does to a reader: conversion, mirrored mails, roles, archives, partial pages, traps of the library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.mapping import FieldMap
from connectors.records import (
    ActivityRecord,
    ContactRecord,
    LinkReason,
    LinkStrength,
    OpportunityRecord,
    Precision,
    Ref,
    Stream,
    VendorLink,
)
from connectors.sandbox.conversion import convert_lead
from connectors.sandbox.server import SandboxServer
from tests.contract.connector_case import Replica
from tests.contract.salesforce_case import SalesforceCase, equals, loaded, shipped_map


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer) -> Iterator[SalesforceCase]:
    made = SalesforceCase(server)
    yield made
    made.close()
    server.unmount("org")


# ---- people ----


def test_a_converted_lead_is_its_contact_and_can_no_longer_be_written(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.CONTACTS)
    (lead,) = case.pick(1)
    contact = Ref(object="Contact", id=convert_lead(case.org, lead.id).contact)

    replica.drain(case.connector(), Stream.CONTACTS, cursor)

    record = replica.records[lead]
    assert isinstance(record, ContactRecord)
    assert record.same_as == (VendorLink(ref=contact, reason=LinkReason.CONVERSION),)
    assert (record.writable, record.unwritable_reason) == (False, "converted")
    assert contact in replica.records
    equals(case, replica, Stream.CONTACTS)


def test_the_activities_of_a_converted_lead_go_with_its_contact(case: SalesforceCase) -> None:
    activities = case.truth(Stream.ACTIVITIES)
    leads = {ref.id for ref in case.pick(60)}
    busy = next(
        ref
        for known in activities.values()
        for ref in known["contacts"]
        if ref.id in leads  # type: ignore[attr-defined]
    )
    replica, cursor = loaded(case, Stream.ACTIVITIES)
    contact = convert_lead(case.org, busy.id).contact

    replica.drain(case.connector(), Stream.ACTIVITIES, cursor)

    held = {ref for record in replica.records.values() if isinstance(record, ActivityRecord) for ref in record.contacts}
    assert Ref(object="Contact", id=contact) in held
    equals(case, replica, Stream.ACTIVITIES)


def test_an_undeleted_contact_comes_back(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.CONTACTS)
    (lead,) = case.pick(1)
    case.delete(lead)
    cursor = replica.drain(case.connector(), Stream.CONTACTS, cursor)
    assert lead not in replica.records
    case.advance(60)
    case.org.undelete("Lead", lead.id)

    replica.drain(case.connector(), Stream.CONTACTS, cursor)

    equals(case, replica, Stream.CONTACTS)


def test_a_hard_deleted_contact_is_missing_among_the_present(case: SalesforceCase) -> None:
    (lead,) = case.pick(1)
    case.org.purge("Lead", lead.id)

    present = {ref for block in case.connector().present_ids(Stream.CONTACTS) for ref in block}

    assert present == set(case.truth(Stream.CONTACTS))


def test_a_field_of_a_parent_can_be_read(case: SalesforceCase) -> None:
    custom = shipped_map().model_dump(mode="json")
    custom["contacts"]["Contact"]["attributes"]["account_industry"] = ["Account.Industry"]
    custom["contacts"]["Lead"]["attributes"]["owner_name"] = ["Owner.Name"]
    connector = case.made(case.settings(), FieldMap.model_validate(custom))
    replica = Replica()

    replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))

    industries = {case.org.get("Account", record.account.id).get("Industry")
                  for record in replica.records.values()
                  if isinstance(record, ContactRecord) and record.account}  # fmt: skip
    read = {record.attributes.get("account_industry")
            for record in replica.records.values()
            if isinstance(record, ContactRecord) and record.ref.object == "Contact"}  # fmt: skip
    assert industries - {None} == read - {None}
    names = [record.attributes["owner_name"] for record in replica.records.values()
             if isinstance(record, ContactRecord) and record.ref.object == "Lead"]  # fmt: skip
    assert all(names)


# ---- activities ----


def test_a_message_wins_over_the_task_that_mirrors_it(case: SalesforceCase) -> None:
    replica, _ = loaded(case, Stream.ACTIVITIES)
    messages = [record for record in replica.records.values() if record.ref.object == "EmailMessage"]

    assert messages
    for record in messages:
        assert isinstance(record, ActivityRecord)
        assert record.supersedes in replica.records
        assert record.message_id


def test_a_mail_to_several_contacts_belongs_to_all_of_them(case: SalesforceCase) -> None:
    message = next(case.org.scan("EmailMessage"))
    seconds = list(case.org.scan("Contact"))[:2]
    for contact in seconds:
        values = {"EmailMessageId": message.id, "RelationId": contact.id, "RelationType": "CcAddress"}
        case.org.create("EmailMessageRelation", values)

    (record,) = case.connector().read_records(Stream.ACTIVITIES, [Ref(object="EmailMessage", id=message.id)]).records

    assert isinstance(record, ActivityRecord)
    assert {Ref(object="Contact", id=contact.id) for contact in seconds} <= set(record.contacts)


def test_a_task_that_is_reopened_is_no_activity_any_more(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.ACTIVITIES)
    task = next(record for record in case.org.scan("Task") if record.get("IsClosed"))
    case.org.update("Task", task.id, {"Status": "In Progress"})

    replica.drain(case.connector(), Stream.ACTIVITIES, cursor)

    assert Ref(object="Task", id=task.id) not in replica.records
    equals(case, replica, Stream.ACTIVITIES)


def test_archived_activities_are_part_of_a_first_load(case: SalesforceCase) -> None:
    task = next(record for record in case.org.scan("Task") if record.get("IsClosed"))
    case.org.update("Task", task.id, {"IsArchived": True})

    replica, _ = loaded(case, Stream.ACTIVITIES)

    assert Ref(object="Task", id=task.id) in replica.records


def test_what_the_map_does_not_name_is_counted_by_what_it_calls_itself(case: SalesforceCase) -> None:
    (lead,) = case.pick(1)
    campaign = case.org.create("Campaign", {"Name": "Fair", "Type": "Barbecue"})
    for _ in range(2):
        member = {"CampaignId": campaign.id, "LeadId": lead.id, "Status": "Ate"}
        case.org.create("CampaignMember", member)
    connector = case.connector()

    page = connector.read(Stream.ACTIVITIES, connector.since(Stream.ACTIVITIES, connector.identify().now))

    assert page.unmapped == (("CampaignMember: Barbecue / Ate", 2),)
    assert page.records == ()


def test_a_campaign_response_has_a_day_and_a_campaign(case: SalesforceCase) -> None:
    replica, _ = loaded(case, Stream.ACTIVITIES)
    responded = [
        record
        for record in replica.records.values()
        if isinstance(record, ActivityRecord) and record.kind == "campaign_responded"
    ]

    assert {record.precision for record in responded} == {Precision.DAY}
    assert all(record.campaign and record.recorded_at and record.recorded_at >= record.at for record in responded)


def test_a_description_counts_as_url_only_when_it_is_an_address(case: SalesforceCase) -> None:
    replica, _ = loaded(case, Stream.ACTIVITIES)
    views = [record for record in replica.records.values() if isinstance(record, ActivityRecord)]

    assert all(record.url for record in views if record.kind == "page_view")
    assert not any(record.url for record in views if record.kind == "task_completed")


# ---- opportunities ----


def test_people_are_found_by_role_conversion_sole_contact_in_this_order(case: SalesforceCase) -> None:
    (lead,) = case.pick(1)
    became = convert_lead(case.org, lead.id, opportunity="Deal of a lead")
    for role in case.org.where("OpportunityContactRole", "OpportunityId", became.opportunity):
        case.org.purge("OpportunityContactRole", role.id)
    replica, _ = loaded(case, Stream.OPPORTUNITIES)
    strengths = {
        strength
        for record in replica.records.values()
        if isinstance(record, OpportunityRecord)
        for _, strength in record.contacts
    }

    assert strengths == {LinkStrength.ROLE, LinkStrength.CONVERTED, LinkStrength.SOLE_CONTACT}
    converted = replica.records[Ref(object="Opportunity", id=str(became.opportunity))]
    assert isinstance(converted, OpportunityRecord)
    assert converted.contacts == ((Ref(object="Contact", id=became.contact), LinkStrength.CONVERTED),)


def test_a_new_role_brings_its_opportunity_though_that_did_not_change(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.OPPORTUNITIES)
    case.advance(1200)
    cursor = replica.drain(case.connector(), Stream.OPPORTUNITIES, cursor)
    deal = next(case.org.scan("Opportunity"))
    contact = list(case.org.scan("Contact"))[-1]
    case.org.create("OpportunityContactRole", {"OpportunityId": deal.id, "ContactId": contact.id})

    fresh = Replica()
    fresh.drain(case.connector(), Stream.OPPORTUNITIES, cursor)

    assert list(fresh.records) == [Ref(object="Opportunity", id=deal.id)]
    replica.records.update(fresh.records)
    equals(case, replica, Stream.OPPORTUNITIES)


def test_stages_have_the_time_they_were_left(case: SalesforceCase) -> None:
    replica, _ = loaded(case, Stream.OPPORTUNITIES)
    long = [
        record
        for record in replica.records.values()
        if isinstance(record, OpportunityRecord) and len(record.stages) > 2
    ]

    assert long
    for record in long:
        assert [entry.left for entry in record.stages[:-1]] == [entry.entered for entry in record.stages[1:]]
        assert record.stages[-1].left is None
