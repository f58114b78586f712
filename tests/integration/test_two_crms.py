"""A person in both CRMs: one score, activities from the believed CRM, each counted once, the same score in every record."""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy
from decimal import Decimal

from connectors.sandbox.clock import iso
from connectors.sandbox.objects_hubspot import EDGES
from connectors.sandbox.population.model import Kind
from sync.store.tables import activity_contact, contact, opportunity, opportunity_contact, outbox, person, score
from tests.worlds import LATER, World, people

EMAIL = "ada.byron@acme-industries.example"
MODEL = """\
model: pair
title: What they did
language: en
time_zone: UTC
horizon: 365 days
fit: {rules: [{id: director, label: Director or above, when: {seniority: [director, vp, c_level]}, points: 20}]}
engagement:
  decay: none
  rules:
    - {id: page, label: Web page, on: page_view, points: 3}
    - {id: mail, label: E-mail opened, on: email_opened, points: 2}
    - {id: call, label: Telephone conversation, on: [call_inbound, call_connected], points: 5}
    - {id: meeting, label: Meeting held, on: meeting_held, points: 10}
"""
HOUR = 3_600_000


@contextmanager
def pair(folder, *, mirrored):
    """Ada in both CRMs: pages and mails in HubSpot, a call, a meeting and a purchase in Salesforce; mirrored or not."""
    (folder / "pair.yaml").write_text(MODEL)
    with World.opened(folder, settings={"model": "pair.yaml"}) as world:
        at = world.hubspot.now() - 20 * HOUR
        ada = world.hubspot.create(
            "contacts", {"firstname": "Ada", "lastname": "Byron", "email": EMAIL, "jobtitle": "Sales Director"}, at=at
        )
        world.visit(ada.id, "/pricing")
        mail = {"recipient": EMAIL, "type": "OPEN", "created": str(at), "emailCampaignId": "1", "subject": "News"}
        world.hubspot.create("email_events", {**mail, "appName": "Batch", "contactId": ada.id}, at=at)
        record, account = in_salesforce(world, at)
        if mirrored:
            mirror(world, ada, record, account, at)
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()
        yield world


def in_salesforce(world, at):
    org = world.salesforce
    account = org.create("Account", {"Name": "Acme Industries", "Website": "acme-industries.example"}, at=at)
    row = {"FirstName": "Ada", "LastName": "Byron", "Email": EMAIL, "Title": "Sales Director", "AccountId": account.id}
    record = org.create("Contact", row, at=at)
    task(org, record, account, at, Type="Call", TaskSubtype="Call", CallType="Inbound", Subject="She called")
    start = {"ActivityDateTime": iso(at), "StartDateTime": iso(at), "EndDateTime": iso(at + HOUR)}
    meeting = {"Subject": "Meeting", "Type": "Meeting", "ActivityDate": iso(at)[:10], "DurationInMinutes": 60, **start}
    org.create("Event", {"WhoId": record.id, "WhatId": account.id, "AccountId": account.id, **meeting}, at=at)
    sale = {"Name": "Acme 1", "AccountId": account.id, "StageName": "Closed Won", "CloseDate": "2026-11-19"}
    sale = org.create("Opportunity", {**sale, "Amount": 1000.0, "IsClosed": True, "IsWon": True}, at=at)
    org.create("OpportunityContactRole", {"OpportunityId": sale.id, "ContactId": record.id, "IsPrimary": True}, at=at)
    return record, account


def mirror(world, ada, record, account, at):
    """What HubSpot's native sync copies: its own activities as completed tasks, Salesforce's calls and meetings as its own."""
    by = world.salesforce.settings["native_sync"]
    page = {"Type": "Web Visit", "Subject": "Page viewed: Pricing", "Description": "https://www.vendor.example/pricing"}
    task(world.salesforce, record, account, at, by=by, **page)
    task(world.salesforce, record, account, at, by=by, Type="Email", Subject="Email opened: News")
    call = {"hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED", "hs_timestamp": iso(at)}
    meeting = {"hs_meeting_outcome": "COMPLETED", "hs_meeting_title": "Meeting", "hs_timestamp": iso(at)}
    for name, values in (("calls", call), ("meetings", meeting)):
        made = world.hubspot.create(name, values, at=at)
        edge, back = EDGES[name, "contacts"][0], EDGES["contacts", name][0]
        world.hubspot.associate(name, made.id, "contacts", ada.id, edge=edge, back=back)


def task(org, record, account, at, *, by=None, **values):
    done = {"Status": "Completed", "IsClosed": True, "CompletedDateTime": iso(at), "ActivityDate": iso(at)[:10]}
    common = {"TaskSubtype": "Task", "WhoId": record.id, "WhatId": account.id, "AccountId": account.id}
    org.create("Task", {**common, **done, **values}, at=at, by=by)


def test_two_records_are_one_person_with_the_activities_of_both_crms(tmp_path):
    with pair(tmp_path, mirrored=False) as world:
        (ada,) = world.rows(person)
        assert {row["object"] for row in world.rows(contact)} == {"contacts", "Contact"}
        assert {row["person_no"] for row in world.rows(contact)} == {ada["person_no"]}

        points = dict(world.lines().select("rule_id", "points").rows())

        expected = {"director": 20, "page": 3, "mail": 2, "call": 5, "meeting": 10}
        assert points == {rule: Decimal(number) for rule, number in expected.items()}


def test_the_opportunity_in_salesforce_is_linked_to_her_record_there(tmp_path):
    with pair(tmp_path, mirrored=False) as world:
        (sale,) = world.rows(opportunity)
        (link,) = world.rows(opportunity_contact)
        (record,) = world.rows(contact, contact.c.object == "Contact")

        assert (sale["outcome"], sale["amount"]) == ("won", "1000")
        assert (link["object"], link["record_id"], link["strength"]) == ("Contact", record["record_id"], "role")


def test_what_the_native_sync_mirrors_counts_once(tmp_path):
    (tmp_path / "alone").mkdir()
    (tmp_path / "mirrored").mkdir()
    with pair(tmp_path / "alone", mirrored=False) as world:
        (alone,) = world.rows(score)
        stored = len(world.rows(activity_contact))
    with pair(tmp_path / "mirrored", mirrored=True) as world:
        (mirrored,) = world.rows(score)
        assert len(world.rows(activity_contact)) == stored + 4

    assert mirrored["total"] == alone["total"] == 40


def test_both_records_hold_the_same_score(tmp_path):
    with pair(tmp_path, mirrored=True) as world:
        held = {entry["object"]: entry["sent"]["score"] for entry in world.rows(outbox)}

        assert held == {"contacts": 40, "Contact": 40}
        assert world.readback() == (2, [])


def test_mirroring_changes_nobodys_total(tmp_path):
    """The same people, once with everything mirrored that can be, once with nothing.

    Without the mails of sales: HubSpot is believed for mail, so those that were logged in Salesforce alone do not count.
    """
    totals = []
    for mirrored in (True, False):
        population = deepcopy(people(40))
        for each in population.people:
            kept = [act for act in each.activities if act.kind not in {Kind.SALES_EMAIL, Kind.EMAIL_REPLIED}]
            each.activities = [act._replace(mirrored=mirrored) for act in kept]
        folder = tmp_path / str(mirrored)
        folder.mkdir()
        with World.opened(folder, population=population) as world:
            world.cycle()
            crms = {}
            for row in world.rows(contact):
                crms.setdefault(row["person_no"], set()).add(row["connection_no"])
            both = {number for number, seen in crms.items() if len(seen) == 2}
            totals.append({number: row["total"] for number, row in world.scores().items() if number in both})

    assert len(totals[0]) > 8
    assert totals[0] == totals[1]
