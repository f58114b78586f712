"""Scores, an active assignment rule, and who owns the leads; what an idle round costs."""

from __future__ import annotations

import pytest

from sync.store.run_rows import RunKind
from sync.store.sql.connections import WriteMode
from tests.worlds import World, counted, people


@pytest.fixture
def world(tmp_path):
    with World.opened(tmp_path, crms=["salesforce"], population=people(16)) as made:
        yield made


def owners(world):
    with world.salesforce.lock:
        return {record.id: record.get("OwnerId") for record in world.salesforce.scan("Lead")}


def scored_leads(world):
    with world.salesforce.lock:
        return [record.id for record in world.salesforce.scan("Lead") if record.get("Leadgrade_Score__c") is not None]


def test_writing_every_score_changes_no_owner_though_a_rule_is_active_and_would_without_the_header(world):
    assert world.salesforce.where("AssignmentRule", "SobjectType", "Lead")[0].get("Active")
    # Somebody has taken every lead over: the rule would give each back to the seller of its country.
    for lead in owners(world):
        world.salesforce.update("Lead", lead, {"OwnerId": world.salesforce.api_user})
    before = owners(world)
    world.cycle()
    world.turn_writes_on()
    world.cycle()

    assert len(scored_leads(world)) > 2
    assert owners(world) == before

    # Other scores, as a client would send them that does not know of the header.
    for lead in scored_leads(world):
        world.salesforce.update("Lead", lead, {"Title": "Chief Executive Officer", "Email": f"ceo@{lead}.example"})
    world.advance(600)
    assert owners(world) == before
    del world.app.connector("salesforce")._client.session.headers["Sforce-Auto-Assign"]
    assert world.cycle().connections["salesforce"].delivered["accepted"] > 0

    assert owners(world) != before


def test_an_idle_round_costs_six_calls(world):
    world.cycle()
    world.advance(3600)
    world.cycle()
    world.advance(1800)

    with counted(world.salesforce) as calls:
        world.cycle()

    assert sum(calls.values()) == 6


@pytest.mark.parametrize("kind", [RunKind.REWRITE, RunKind.RESCORE])
def test_what_was_overwritten_while_writes_were_off_is_healed_when_they_are_on_again(world, kind):
    world.cycle()
    world.turn_writes_on()
    world.cycle()
    leads = scored_leads(world)
    world.turn_writes(WriteMode.OFF)
    world.advance(60)
    for lead in leads:
        world.salesforce.update("Lead", lead, {"Leadgrade_Score__c": None})
    world.advance(600)
    world.cycle()
    assert scored_leads(world) == []

    world.turn_writes_on()
    world.cycle(kind)
    world.cycle()

    assert scored_leads(world) == leads
