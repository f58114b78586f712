from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.sandbox.accounts import empty_hubspot_org, empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.conversion import convert_lead
from connectors.sandbox.objects_hubspot import EDGES
from connectors.sandbox.quota import DAY, Window
from connectors.sandbox.traffic import Traffic, template_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    return OrgClock.frozen_at(NOON)


@pytest.fixture
def salesforce(clock):
    return empty_salesforce_org(clock=clock)


@pytest.fixture
def hubspot(clock):
    return empty_hubspot_org(clock=clock)


def test_history_goes_from_newest_down_to_the_value_at_creation(hubspot, clock):
    record = hubspot.create("contacts", {"lifecyclestage": "lead"})
    clock.advance(60)
    hubspot.update("contacts", record.id, {"lifecyclestage": "opportunity"})
    clock.advance(60)
    hubspot.update("contacts", record.id, {"lifecyclestage": None})

    created = record.created_at
    assert record.history("lifecyclestage") == [
        (created + 120_000, None, "API"),
        (created + 60_000, "opportunity", "API"),
        (created, "lead", "CRM"),
    ]
    assert record.as_of(created + 60_000) == {"lifecyclestage": "opportunity"}
    assert record.as_of(created - 1) is None


def test_a_rewritten_history_ends_in_the_current_value(hubspot):
    record = hubspot.create("deals", {"dealstage": "closedwon"}, at=1_000)

    hubspot.rewrite_history("deals", record.id, "dealstage", [(1_000, "qualifiedtobuy"), (5_000, "closedwon")])

    assert [entry[:2] for entry in record.history("dealstage")] == [(5_000, "closedwon"), (1_000, "qualifiedtobuy")]


def test_salesforce_merge_deletes_losers_and_moves_their_children(salesforce):
    winner = salesforce.create("Contact", {"LastName": "Quill", "Title": "CEO"})
    loser = salesforce.create("Contact", {"LastName": "Quil", "Title": "Boss", "Phone": "1"})
    task = salesforce.create("Task", {"WhoId": loser.id})

    survivor = salesforce.merge("Contact", winner.id, [loser.id])

    assert survivor is winner
    assert (winner.values["Title"], winner.values["Phone"]) == ("CEO", "1")
    assert (loser.deleted, loser.merged_into) == (True, winner.id)
    assert salesforce.where("Task", "WhoId", winner.id) == [task]


def test_hubspot_merge_gives_a_new_id_that_answers_to_the_old_ones(hubspot):
    company = hubspot.create("companies", {"name": "Ibex"})
    winner, loser = (hubspot.create("contacts", {"lastname": name}) for name in ("Quill", "Quil"))
    edge, back = EDGES["contacts", "companies"][0], EDGES["companies", "contacts"][0]
    hubspot.associate("contacts", loser.id, "companies", company.id, edge=edge, back=back)

    survivor = hubspot.merge("contacts", winner.id, [loser.id])

    assert survivor.id not in (winner.id, loser.id)
    assert hubspot.find("contacts", loser.id) is survivor
    assert hubspot.find("contacts", loser.id, follow=False) is None
    assert [record.id for record in hubspot.scan("contacts", deleted=None)] == [survivor.id]
    assert hubspot.associations.of("contacts", survivor.id, "companies") == {company.id: (edge,)}
    assert list(hubspot.associations.of("companies", company.id, "contacts")) == [survivor.id]


def test_merged_twice_the_oldest_id_still_leads_to_the_survivor(hubspot):
    first, second, third = (hubspot.create("contacts", {"lastname": name}).id for name in "ABC")
    middle = hubspot.merge("contacts", first, [second])

    last = hubspot.merge("contacts", third, [middle.id])

    assert hubspot.find("contacts", first) is last


def test_associations_move_no_stamp_and_hold_several_labels(hubspot, clock):
    contact = hubspot.create("contacts", {})
    company = hubspot.create("companies", {})
    clock.advance(60)

    for edge in EDGES["contacts", "companies"]:
        hubspot.associate("contacts", contact.id, "companies", company.id, edge=edge)
    hubspot.associations.remove("contacts", contact.id, "companies", company.id, EDGES["contacts", "companies"][1])

    assert contact.modified_at == contact.created_at
    assert hubspot.associations.of("contacts", contact.id, "companies") == {
        company.id: (EDGES["contacts", "companies"][0],)
    }
    hubspot.dissociate("contacts", contact.id, "companies", company.id)
    assert hubspot.associations.of("contacts", contact.id, "companies") == {}


def test_purging_forgets_edges_in_both_directions(hubspot):
    contact = hubspot.create("contacts", {})
    call = hubspot.create("calls", {})
    hubspot.associate("calls", call.id, "contacts", contact.id, edge=EDGES["calls", "contacts"][0],
                      back=EDGES["contacts", "calls"][0])  # fmt: skip

    hubspot.purge("contacts", contact.id)

    assert hubspot.associations.of("calls", call.id, "contacts") == {}


def test_a_lagging_search_sees_old_values_and_no_new_records(hubspot, clock):
    hubspot.search_lag = 90_000
    record = hubspot.create("contacts", {"lastname": "Quill"})
    assert hubspot.searchable(record) is None
    clock.advance(100)
    created = record.created_at
    hubspot.update("contacts", record.id, {"lastname": "Quillon"})
    clock.advance(60)

    assert hubspot.searchable(record) == ({"lastname": "Quill"}, created)
    clock.advance(60)
    assert hubspot.searchable(record) == ({"lastname": "Quillon"}, created + 100_000)


def test_conversion_moves_activities_and_campaign_members_to_the_contact(salesforce, clock):
    values = {"LastName": "Quill", "Company": "Ibex", "Email": "q@ibex.example", "City": "Graz"}
    lead = salesforce.create("Lead", values)
    task = salesforce.create("Task", {"WhoId": lead.id})
    member = salesforce.create("CampaignMember", {"LeadId": lead.id, "LeadOrContactId": lead.id})
    clock.advance(60)

    done = convert_lead(salesforce, lead.id, opportunity="Ibex - Suite")

    contact = salesforce.get("Contact", done.contact)
    assert (contact.values["Email"], contact.values["MailingCity"]) == ("q@ibex.example", "Graz")
    assert (lead.values["IsConverted"], lead.values["ConvertedContactId"]) == (True, contact.id)
    assert (task.values["WhoId"], task.modified_at) == (contact.id, salesforce.now())
    assert member.values["ContactId"] == contact.id
    assert "LeadId" not in member.values


def test_each_stage_of_a_sale_is_kept_as_a_row(salesforce, clock):
    sale = salesforce.create("Opportunity", {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31"})
    clock.advance(60)
    salesforce.update("Opportunity", sale.id, {"StageName": "Closed Won"})
    salesforce.update("Opportunity", sale.id, {"Type": "New Business"})

    rows = salesforce.where("OpportunityHistory", "OpportunityId", sale.id)

    assert [row.values["StageName"] for row in rows] == ["Prospecting", "Closed Won"]
    assert rows[1].created_at == rows[0].created_at + 60_000
    assert sale.values["LastStageChangeDate"] == "2026-11-20T12:01:00.000+0000"


def test_an_activity_moves_only_the_system_stamp_of_its_person(salesforce, clock):
    contact = salesforce.create("Contact", {"LastName": "Quill"})
    clock.advance(60)

    salesforce.create("Task", {"WhoId": contact.id, "ActivityDate": "2026-11-20", "Status": "Completed"})

    assert contact.values["LastActivityDate"] == "2026-11-20"
    assert (contact.modified_at, contact.system_at) == (contact.created_at, contact.created_at + 60_000)


def test_a_rolling_window_frees_calls_one_by_one_and_a_day_at_midnight():
    burst = Window(2, 1_000)
    daily = Window(2)

    assert [burst.take(at) for at in (0, 500, 900, 1_000, 1_400, 1_500)] == [True, True, False, True, False, True]
    assert [daily.take(at) for at in (0, 1, 2, DAY, DAY + 1)] == [True, True, False, True, True]
    daily.exhaust(2 * DAY)
    assert daily.remaining(2 * DAY) == 0


def test_traffic_counts_by_template():
    traffic = Traffic()
    traffic.note("GET", "/crm/v3/objects/contacts/1010000007", 200)
    traffic.note("GET", "/crm/v3/objects/contacts/1010000014", 200)
    traffic.note("GET", "/services/data/v66.0/sobjects/Lead/00QWs0000000001MAA", 404)

    assert traffic.counts["GET", "/crm/v3/objects/contacts/{id}", 200] == 2
    assert (traffic.total, traffic.count(path="contacts"), traffic.count(status=404)) == (3, 2, 1)
    assert template_of("/services/data/v66.0/sobjects/Lead/00QWs0000000001MAA") == (
        "/services/data/{version}/sobjects/Lead/{id}"
    )
