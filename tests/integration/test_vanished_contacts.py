"""Contacts that leave HubSpot without a trace are forgotten after a while; those that went elsewhere are not."""

from __future__ import annotations

import pytest

from connectors.sandbox.server import SandboxServer
from sync.admin.actions.people import link
from sync.store.run_rows import RunKind
from sync.store.tables import activity, contact, person, suppressed
from tests.worlds import World

DAY = 86_400


@pytest.fixture(scope="module")
def server():
    with SandboxServer() as running:
        yield running


@pytest.fixture
def world(tmp_path, server):
    more = {"hubspot": {"forget_after_days": 10}}
    with World.opened(tmp_path, crms=["hubspot"], fields=False, server=server, more=more) as world:
        yield world


def add(world, name):
    values = {"email": f"{name}@acme.example", "lastname": name}
    return world.hubspot.create("contacts", values).id


def gone(world):
    """Record id -> how it went, of the contacts that are kept."""
    return {row["record_id"]: row["gone_kind"] for row in world.rows(contact)}


def test_a_privacy_deletion_is_forgotten_after_the_set_days_and_stays_out(world):
    ada, bob = add(world, "ada"), add(world, "bob")
    world.visit(ada, "/pricing")
    world.cycle()
    world.hubspot.purge("contacts", ada)
    world.cycle(RunKind.SWEEP)
    assert gone(world) == {ada: "vanished", bob: None}

    world.advance(9 * DAY)
    world.cycle()
    assert gone(world) == {ada: "vanished", bob: None}

    world.advance(DAY)
    report = world.cycle()
    assert report.connections["hubspot"].pulled["forgotten"] == 1
    assert gone(world) == {bob: None}
    assert len(world.rows(person)) == 1
    assert world.rows(activity) == []
    assert world.rows(suppressed)

    # Somebody imports her address again: she stays out.
    add(world, "ada")
    world.advance(3600)
    world.cycle()
    assert gone(world) == {bob: None}


def test_who_is_archived_merged_or_back_is_not_forgotten(world):
    binned, loser, winner, back = (add(world, name) for name in ("binned", "loser", "winner", "back"))
    world.cycle()
    world.hubspot.delete("contacts", binned)
    world.hubspot.delete("contacts", back)
    one = world.hubspot.merge("contacts", winner, [loser]).id
    # The sweep sees only that ids are not listed any more.
    world.cycle(RunKind.SWEEP)
    assert set(gone(world).values()) == {"vanished"}
    world.hubspot.undelete("contacts", back)

    world.advance(11 * DAY)
    world.cycle(RunKind.SWEEP)

    kept = gone(world)
    assert (kept[binned], kept[loser], kept[winner], kept[back]) == ("deleted", "merged", "merged", None)
    world.advance(11 * DAY)
    world.cycle()
    assert set(gone(world)) == {binned, loser, winner, back, one}


def test_of_a_person_who_is_elsewhere_only_the_vanished_contact_goes(world):
    ada, twin = add(world, "ada"), add(world, "twin")
    world.visit(ada, "/pricing")
    world.visit(twin, "/demo")
    world.cycle()
    link(world.app, f"hubspot:contacts:{ada}", f"hubspot:contacts:{twin}")
    world.cycle()
    world.hubspot.purge("contacts", ada)
    world.cycle(RunKind.SWEEP)

    world.advance(11 * DAY)
    world.cycle()

    assert gone(world) == {twin: None}
    assert len(world.rows(activity)) == 1
    assert len(world.scores()) == 1


def test_nobody_is_forgotten_when_the_settings_say_never(world):
    world.more = {"hubspot": {"forget_after_days": "null"}}
    world.restart()
    ada, bob = add(world, "ada"), add(world, "bob")
    world.cycle()
    world.hubspot.purge("contacts", ada)
    world.cycle(RunKind.SWEEP)
    world.advance(400 * DAY)
    world.cycle()

    assert gone(world) == {ada: "vanished", bob: None}
