"""Killed anywhere, the next process goes on, and the end is the same as if nothing had happened."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from connectors.sandbox.server import SandboxServer
from sync.store.tables import contact, lease, outbox, score, score_history
from tests.kills import Killed, Tripwire
from tests.worlds import LATER, NOW, World, people

#: Single kills: one in each of so many equal parts of all steps.
POINTS = 8
#: Kills in a row: steps that the first process lives; the later ones live a little longer each.
LIVES = (31, 37, 41)
#: Stamps and bookkeeping that may differ between two ways to the same end.
_MAY_DIFFER = {"scored_at", "history_no", "at", "run_no", "sent_at", "observed_at", "due_at", "claimed_at", "attempts"}


@pytest.fixture(scope="module")
def server():
    with SandboxServer() as server:
        yield server


@pytest.fixture(scope="module")
def undisturbed(server, tmp_path_factory):
    """(steps of the whole story, its end) when nobody is killed."""
    wire = Tripwire()
    end = lived(tmp_path_factory.mktemp("undisturbed"), server, wire)
    return wire.steps, end


@pytest.mark.parametrize("point", range(POINTS))
def test_after_a_kill_the_end_is_the_same(server, undisturbed, tmp_path, point):
    steps, end = undisturbed
    wire = Tripwire(1 + (2 * point + 1) * steps // (2 * POINTS))

    found = lived(tmp_path, server, wire)

    assert len(wire.kills) == 1
    assert found == end, wire.kills


@pytest.mark.parametrize("life", LIVES)
def test_processes_that_are_killed_one_after_the_other_come_to_the_same_end(server, undisturbed, tmp_path, life):
    _, end = undisturbed
    wire = Tripwire(every=life)

    found = lived(tmp_path, server, wire)

    assert len(wire.kills) >= 9
    assert found == end, wire.kills


def lived(folder, server, wire):
    """The end of a story: a first load that writes everybody, some changes, a second cycle. Killed cycles are begun again."""
    with World.opened(folder, population=people(12), server=server) as world:
        world.turn_writes_on()
        wire.around(world.app)
        survived(world, wire)
        world.advance(LATER)
        change_some(world)
        world.advance(60)
        survived(world, wire)
        world.app.store.__dict__.pop("write")
        return end_of(world)


def change_some(world):
    contacts = sorted(key for key in world.contacts() if key[0] == "hubspot")
    world.hubspot.update(*contacts[0][1:], {"jobtitle": "Chief Financial Officer"})
    world.hubspot.update(*contacts[1][1:], {"jobtitle": "Intern", "phone": None})
    world.visit(contacts[2][2], "/pricing")
    prospects = sorted(key for key in world.contacts() if key[1] == "Lead")
    world.salesforce.update(*prospects[0][1:], {"Title": "VP Marketing"})
    world.salesforce.delete(*prospects[1][1:])


def survived(world, wire):
    while True:
        try:
            world.cycle()
            return
        except Killed:
            world.app.store.__dict__.pop("write")
            world.restart()
            with world.app.store.write() as unit:
                # Two minutes later: nobody renews the lease of the dead.
                unit.sql.run(sa.update(lease).values(expires_at=NOW))
            wire.around(world.app)


def end_of(world):
    """Everything that matters: who is one person, scores and how they came about, the outbox, and what the CRMs hold."""
    scored, differences = world.readback()
    assert differences == []
    assert not any(row["due"] or row["claim"] for row in world.rows(outbox))
    return {
        "people": sorted((row["record_id"], row["person_no"], row["gone_at"] is None) for row in world.rows(contact)),
        "scored": scored,
        "scores": _settled(world.rows(score)),
        "history": _settled(world.rows(score_history)),
        "outbox": _settled(world.rows(outbox)),
        "crms": {key: _without_stamp(world.held(*key)) for key in world.contacts()},
    }


def _settled(rows):
    kept = [{name: value for name, value in row.items() if name not in _MAY_DIFFER} for row in rows]
    for row in kept:
        for name in ("desired", "sent", "observed"):
            row.update({name: _without_stamp(row[name])} if row.get(name) else {})
    return sorted(kept, key=repr)


def _without_stamp(values):
    return {name: value for name, value in values.items() if name != "scored_at"}
