"""A record that cannot be mapped is put aside; the page, the cycle and everybody else go on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connectors.sandbox.faults import Rewrite
from sync.admin.actions.quarantine import listed, retry
from sync.jobs.progress import Silent
from sync.jobs.runner import Runner
from sync.store.run_rows import RunStatus
from sync.store.tables import contact
from tests.worlds import LATER, World


@pytest.fixture
def world(tmp_path):
    """Three contacts, the second of which comes back malformed."""
    with World.opened(tmp_path, crms=["hubspot"]) as world:
        for number in range(3):
            values = {"email": f"p{number}@company{number}.example", "lastname": f"P{number}"}
            world.hubspot.create("contacts", values)
        world.turn_writes_on()
        yield world


def ids(world):
    with world.hubspot.lock:
        return [record.id for record in world.hubspot.scan("contacts")]


def malform(world, record_id):
    """From now on the record comes without its properties, wherever it is listed."""

    def without_properties(response):
        content = json.loads(response.body)
        for row in content.get("results") or ():
            if row.get("id") == record_id:
                row["properties"] = None
        return replace(response, body=json.dumps(content).encode())

    world.faults("hubspot").add(Rewrite(change=without_properties), path="contacts", times=None)


def test_a_malformed_record_is_put_aside_and_the_others_are_written(world):
    first, bad, last = ids(world)
    malform(world, bad)

    report = world.cycle()

    assert report.run.status is RunStatus.SUCCEEDED
    assert report.connections["hubspot"].pulled["quarantined"] == 1
    assert {row["record_id"] for row in world.rows(contact)} == {first, last}
    assert set(world.entries("hubspot")) == {("contacts", first), ("contacts", last)}
    (kept,) = listed(world.app).records
    assert kept.record == f"hubspot:contacts:{bad}"
    assert "@" not in kept.reason


def test_a_record_that_changes_and_is_sound_again_is_let_out(world):
    _, bad, _ = ids(world)
    malform(world, bad)
    world.cycle()
    world.faults("hubspot").clear()
    world.advance(LATER)
    world.hubspot.update("contacts", bad, {"jobtitle": "CEO"})
    world.advance(LATER)

    world.cycle()

    assert listed(world.app).records == ()
    assert world.readback() == (3, [])


def test_quarantined_records_can_be_asked_for_again(world):
    _, bad, _ = ids(world)
    malform(world, bad)
    world.cycle()
    world.faults("hubspot").clear()

    (run_no,) = retry(world.app, by="test")
    report = Runner(app=world.app, progress=Silent()).execute(run_no)

    assert report.run.status is RunStatus.SUCCEEDED
    assert report.rescored["scored"] == 1
    assert listed(world.app).records == ()
    assert world.readback() == (3, [])


def test_a_record_that_stays_malformed_stays_aside_and_is_counted(world):
    _, bad, _ = ids(world)
    malform(world, bad)
    world.cycle()

    (run_no,) = retry(world.app, by="test")
    Runner(app=world.app, progress=Silent()).execute(run_no)

    (kept,) = listed(world.app).records
    assert kept.times == 2


def test_a_record_that_was_sound_keeps_its_score_while_it_is_aside(world):
    first, _, _ = ids(world)
    world.cycle()
    before = world.held("hubspot", "contacts", first)
    malform(world, first)
    world.advance(LATER)
    world.hubspot.update("contacts", first, {"jobtitle": "CEO"})
    world.advance(LATER)

    report = world.cycle()

    assert report.connections["hubspot"].pulled["quarantined"] == 1
    assert world.held("hubspot", "contacts", first) == before
    world.faults("hubspot").clear()
    assert world.readback() == (3, [])
