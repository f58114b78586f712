"""A round of the daemon that finds nothing costs one call per object that is read, and the store does the same at any size."""

from __future__ import annotations

import pytest

from connectors.records import Stream
from sync.admin.actions.connections import set_writes
from sync.jobs.daemon import Daemon
from sync.store.sql.connections import WriteMode
from tests.bench_resting import ChangingCrm, fill_at_rest
from tests.fakes import FakeClock
from tests.paper_crm import paper_app
from tests.store_work import counted
from tests.worlds import World, people

CHANGES = 20


def rest(daemon):
    for _ in range(60):
        if not daemon.turn():
            return
    pytest.fail("the workers do not come to rest")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    settings = {"schedule": "{sweep: never, jitter_seconds: 0}"}
    with World.opened(tmp_path_factory.mktemp("idle"), population=people(4), settings=settings) as world:
        world.turn_writes_on()
        daemon = Daemon(app=world.app, load=lambda: world.app.settings)
        world.round = lambda: rest(daemon)
        for _ in range(3):
            world.round()
            world.advance(2000)
        yield world


def calls(world, name):
    """Calls of one round, by template."""
    requests = world.server.sites[name].org.requests
    requests.clear()
    world.round()
    world.advance(600)
    return {f"{method} {path}": many for (method, path, status), many in requests.counts.items() if status == 200}


def test_nothing_new_costs_no_look_at_schema_or_account(world):
    # What was written last may come once more.
    calls(world, "hubspot")
    world.advance(2000)
    hubspot = calls(world, "hubspot")

    assert not [path for path in hubspot if "properties" in path or "account-info" in path]
    # One for each object that is read.
    assert set(hubspot.values()) == {1}


def test_nothing_new_costs_salesforce_one_call_per_stream(world):
    salesforce = calls(world, "salesforce")

    assert sum(many for path, many in salesforce.items() if "oauth2" not in path) == len(Stream)


def test_before_anything_is_stored_the_schema_is_looked_at(world):
    calls(world, "hubspot")
    world.hubspot.update("contacts", next(iter(world.hubspot.scan("contacts"))).id, {"jobtitle": "Chief Buyer"})

    hubspot = calls(world, "hubspot")

    assert hubspot["GET /account-info/2026-09/details"] == 1
    assert hubspot["GET /crm/properties/2026-09/contacts"] == 1


@pytest.fixture(scope="module")
def rounds(tmp_path_factory):
    """People -> (work of a round without changes, work of a round with some)."""
    return {people: _rounds(tmp_path_factory.mktemp("rounds"), people) for people in (400, 2000)}


def _rounds(folder, people):
    clock = FakeClock()
    crms = {"one": ChangingCrm("one", clock), "two": ChangingCrm("two", clock)}
    app = paper_app(folder, crms, clock, model="preset:b2b")
    try:
        fill_at_rest(app, folder / "leadgrade.db", people=people, activities=2)
        set_writes(app, WriteMode.ON)
        daemon = Daemon(app=app, load=lambda: app.settings)
        rest(daemon)
        found = []
        for changed in ((), range(1, CHANGES + 1)):
            clock.advance(301)
            crms["one"].change(changed)
            with counted(app.store) as work:
                rest(daemon)
            found.append(work)
        assert len(crms["one"].written) >= CHANGES
        return found
    finally:
        app.close()


@pytest.mark.parametrize("changes", [0, 1], ids=["nothing", "some changes"])
def test_what_a_round_costs_the_store_does_not_grow_with_the_database(rounds, changes):
    small, large = (rounds[people][changes] for people in (400, 2000))

    grown = {
        text: (small.instructions[text], many)
        for text, many in large.instructions.items()
        # Two instructions for each row more.
        if many > 2 * small.instructions[text] + 2 * 1600
    }
    assert grown == {}
    assert large.statements.total() < small.statements.total() * 1.2


def test_a_round_without_changes_looks_at_next_to_nothing(rounds):
    assert rounds[2000][0].instructions.total() < 40_000
