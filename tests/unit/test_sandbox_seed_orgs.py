from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from connectors.sandbox.clock import instant_of, stamp_of
from connectors.sandbox.org import Org
from connectors.sandbox.population import Double, Kind, Population, SalesforceShape, generate
from connectors.sandbox.seed_clock import clock_of
from connectors.sandbox.seed_hubspot import hubspot_org
from connectors.sandbox.seed_salesforce import salesforce_org


@pytest.fixture(scope="module")
def population() -> Population:
    return generate(600, seed=5)


@pytest.fixture(scope="module")
def salesforce(population) -> Org:
    return salesforce_org(population)


@pytest.fixture(scope="module")
def hubspot(population) -> Org:
    return hubspot_org(population)


def test_everybody_has_their_rows(population, salesforce, hubspot):
    assert set(salesforce.settings["rows"]) == {person.number for person in population.people if person.in_salesforce}
    assert set(hubspot.settings["rows"]) == {person.number for person in population.people if person.in_hubspot}
    for org in (salesforce, hubspot):
        for rows in org.settings["rows"].values():
            assert all(org.find(name, record_id) is not None for name, record_id in rows)


def test_ids_of_the_counterpart_lead_to_the_same_person(population, salesforce, hubspot):
    linked = [person for person in population.people if person.linked]
    for person in linked:
        contact = hubspot.get(*hubspot.settings["rows"][person.number][0])
        name, record_id = salesforce.settings["rows"][person.number][0]
        assert contact.get("salesforcecontactid" if name == "Contact" else "salesforceleadid") == record_id
    assert len(linked) > 100


def test_references_point_to_existing_records(salesforce):
    for object_type in salesforce.schema.values():
        for record in salesforce.scan(object_type.name, deleted=None):
            for field in object_type.fields.values():
                value = record.get(field.name)
                if field.reference_to and value is not None:
                    assert any(salesforce.find(name, value) for name in field.reference_to), (object_type.name, field)


def test_values_have_fields_and_required_fields_have_values(salesforce, hubspot):
    for org in (salesforce, hubspot):
        for object_type in org.schema.values():
            required = [
                field.name for field in object_type.fields.values() if not field.nillable and not field.read_only
            ]
            for record in org.scan(object_type.name, deleted=None):
                assert set(record.values) <= set(object_type.fields), object_type.name
                assert all(name in record.values or name == "IsActive" for name in required), (
                    object_type.name,
                    required,
                )


def test_picklists_hold_only_their_options(salesforce, hubspot):
    for org in (salesforce, hubspot):
        for object_type in org.schema.values():
            for field in object_type.fields.values():
                if field.options:
                    allowed = {option.value for option in field.options}
                    held = {
                        record.values[field.name]
                        for record in org.scan(object_type.name)
                        if field.name in record.values
                    }
                    assert held <= allowed, (object_type.name, field.name)


def test_hubspot_values_are_texts_and_addresses_unique(hubspot):
    mails = Counter(record.get("email") for record in hubspot.scan("contacts") if record.get("email"))

    assert max(mails.values()) == 1
    for name in ("contacts", "companies", "deals", "calls", "meetings", "emails", "tasks", "notes", "email_events"):
        assert all(isinstance(value, str) for record in hubspot.scan(name) for value in record.values.values())


def test_converted_people_have_both_rows(population, salesforce):
    converted = [
        person for person in population.people if person.in_salesforce and person.shape is SalesforceShape.CONVERTED
    ]
    for person in converted:
        rows = salesforce.settings["rows"][person.number]
        lead = salesforce.get(*rows[1])
        assert lead.get("ConvertedContactId") == rows[0][1]
        assert salesforce.find("Account", lead.get("ConvertedAccountId")) is not None
    assert len(converted) > 30


def test_merged_doubles_lie_in_the_recycle_bin(population, salesforce):
    merged = [person for person in population.people if person.in_salesforce and person.double is Double.MERGED]
    for person in merged:
        rows = salesforce.settings["rows"][person.number]
        loser = salesforce.get(*rows[-1])
        assert (loser.deleted, loser.merged_into) == (True, rows[0][1])
    assert merged


def test_mirrored_activities_stand_in_both_crms(population, salesforce, hubspot):
    sync = salesforce.settings["native_sync"]
    copies = [task for task in salesforce.scan("Task") if task.created_by == sync]
    expected = sum(
        activity.mirrored and activity.kind.value.startswith(("email", "form", "download", "demo_requested"))
        for person in population.people
        if person.in_salesforce
        for activity in person.activities
    )

    assert len(copies) == expected > 300
    calls = sum(
        activity.kind in {Kind.CALL_ATTEMPTED, Kind.CALL_CONNECTED, Kind.CALL_INBOUND}
        and (activity.mirrored or not person.in_salesforce)
        for person in population.people
        if person.in_hubspot
        for activity in person.activities
    )
    assert hubspot.count("calls") == calls


def test_counters_on_contacts_agree_with_the_events(hubspot):
    opens = Counter(event.get("contactId") for event in hubspot.scan("email_events") if event.get("type") == "OPEN")
    for contact in hubspot.scan("contacts"):
        assert int(contact.get("hs_email_open", "0")) == opens[contact.id]


def test_meetings_may_have_several_people(hubspot):
    sizes = Counter(len(hubspot.associations.of("meetings", row.id, "contacts")) for row in hubspot.scan("meetings"))

    assert sizes[1] > sizes[2] > 0


def test_deals_keep_their_stage_history(hubspot):
    closed = [deal for deal in hubspot.scan("deals") if deal.get("hs_is_closed") == "true"]

    assert closed
    assert all(len(deal.history("dealstage")) > 1 for deal in closed)
    assert all(deal.history("dealstage")[0][1] == deal.get("dealstage") for deal in closed)


def test_everything_happened_before_the_day_and_the_clock_stands_after_it(population, salesforce, hubspot):
    end = stamp_of(population.day)
    for org in (salesforce, hubspot):
        for name in set(org.schema) - {"User", "Organization", "OpportunityStage", "owners"}:
            assert all(record.system_at <= end for record in org.scan(name, deleted=None)), name
        assert org.now() > end


def test_a_population_of_today_runs_on_the_hosts_clock_and_another_at_noon_of_its_day():
    evening = stamp_of(date(2026, 11, 20)) + 20 * 3_600_000
    today = clock_of(generate(1, day=date(2026, 11, 20)), host=lambda: evening / 1000)
    past = clock_of(generate(1, day=date(2020, 2, 29)), host=lambda: evening / 1000)

    assert today.now() == evening
    assert instant_of(past.now()).isoformat() == "2020-02-29T12:00:00+00:00"
