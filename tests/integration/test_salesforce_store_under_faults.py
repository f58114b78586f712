"""Whole runs on an org that misbehaves in every way it can: in the end the store equals the org, and the org the scores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.records import Ref, Stream
from connectors.sandbox.faults import Drop, Reply, Truncate, delay, exhaust_quota, expire_sessions
from sync.store.run_rows import RunStatus
from sync.store.tables import account, activity, activity_contact, contact, opportunity
from tests.contract.salesforce_case import SalesforceCase
from tests.worlds import LATER, World, people

_READS = r"/jobs/query|/composite$|/queryAll"
_SAVES = "/composite/sobjects"
_EFFECTS = (Reply(status=503), Drop(), expire_sessions(), Drop(keep=80), delay(40), Truncate(keep=120), exhaust_quota())


class Outside(SalesforceCase):
    """The truth about a world's org."""

    def __init__(self, org):
        self.org = org


def misbehave(world, path, *, every=2):
    """Every second call meets another fault."""
    for place, effect in enumerate(_EFFECTS):
        world.faults("salesforce").add(effect, path=path, after=1 + place * every)


def until_done(world):
    """Runs one after the other, as a daemon starts them; how many it took."""
    for attempt in range(1, 30):
        report = world.cycle()
        if report.run.status is RunStatus.SUCCEEDED:
            return attempt
        assert report.run.status is RunStatus.SUSPENDED, report.run.message
        world.advance(90_000)
    raise AssertionError("no run ever succeeds")


def live(world, table):
    return {Ref(object=row["object"], id=row["record_id"]): row for row in world.rows(table, table.c.gone_at.is_(None))}


def attributes(values, names):
    """As text, the way the store keeps them."""
    return {name: str(values[name]) for name in names if name != "account" and values.get(name) is not None}


def assert_equal(world):
    """Nothing lost, nothing that is not there, nothing that counts twice."""
    outside = Outside(world.salesforce)
    truth = outside.truth(Stream.CONTACTS)
    held = live(world, contact)
    assert {ref: attributes(row["attributes"], truth.get(ref, ())) for ref, row in held.items()} == {
        ref: attributes(facts, facts) for ref, facts in truth.items()
    }
    assert set(live(world, account)) == set(outside.truth(Stream.ACCOUNTS))
    truth = outside.truth(Stream.ACTIVITIES)
    held = live(world, activity)
    assert {ref: (row["kind"], row["at"]) for ref, row in held.items()} == {
        ref: (facts["kind"], facts["at"]) for ref, facts in truth.items()
    }
    links = world.rows(activity_contact)
    numbers = {row["contact_no"]: ref for ref, row in live(world, contact).items()}
    with_whom = {}
    for link in links:
        with_whom.setdefault(link["activity_no"], []).append(numbers[link["contact_no"]])
    by_number = {row["activity_no"]: ref for ref, row in held.items()}
    assert {by_number[number]: sorted(refs) for number, refs in with_whom.items() if number in by_number} == {
        ref: sorted(facts["contacts"]) for ref, facts in truth.items() if facts["contacts"]
    }
    truth = outside.truth(Stream.OPPORTUNITIES)
    assert {ref: row["stage"] for ref, row in live(world, opportunity).items()} == {
        ref: facts["stage"] for ref, facts in truth.items()
    }


@pytest.mark.parametrize(
    "threshold", [pytest.param(0, id="bulk"), pytest.param(2000, id="rest", marks=pytest.mark.slow)]
)
def test_after_faulty_runs_the_store_equals_the_org_and_the_org_the_scores(tmp_path, threshold):
    with World.opened(tmp_path, crms=["salesforce"], population=people(16)) as world:
        set_up(world, threshold)
        misbehave(world, _READS)
        assert until_done(world) > 1
        assert_equal(world)

        org = world.salesforce
        world.advance(LATER)
        with org.lock:
            for record in list(org.scan("Lead"))[:4]:
                org.update("Lead", record.id, {"LastName": "Changed"})
            for record in list(org.scan("Task"))[:3]:
                org.delete("Task", record.id)
        world.turn_writes_on()
        misbehave(world, _READS, every=1)
        misbehave(world, _SAVES, every=1)
        until_done(world)
        until_done(world)
        assert_equal(world)

        world.faults("salesforce").clear()
        world.advance(90_000)
        until_done(world)
        scored, differences = world.readback()
        assert scored > 0
        assert differences == []


def set_up(world, threshold):
    """Small pages; everything by bulk jobs, or nothing."""

    def smaller(_name, connector):
        connector._settings = replace(connector._settings, bulk_threshold=threshold, page_size=12)
        return connector

    world.wrap = smaller
    world.restart()
