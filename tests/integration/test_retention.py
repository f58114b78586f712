"""What is old goes, scores stay as they are, and reading everything again brings nothing old back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.errors import SettingsError
from config.retention import Retention
from sync.scoring_model import check_retention, read_models
from sync.store.expiry import Old, expire, last_retention
from sync.store.run_rows import RunKind
from sync.store.sql.activity_blocks import Block
from sync.store.tables import (
    activity,
    activity_block,
    activity_contact,
    contact_change,
    delivery,
    outbox,
    score_history,
    slice_,
    sync_run,
)
from tests.worlds import LATER, World, people

#: As short as the shipped model allows, and as a long-lived installation would have.
SHORT = {"activities_days": 767, "score_history_days": 767, "contact_change_days": 767}
DAY = 86_400


def retention(**days):
    return {"retention": "{" + ", ".join(f"{name}: {value}" for name, value in days.items()) + "}"}


@pytest.fixture
def world(tmp_path):
    settings = retention(**SHORT, runs_days=30) | {"deadband": 3, "guard": "{changes: 100, blanks: 100}"}
    with World.opened(tmp_path, population=people(25), crms=("hubspot",), settings=settings) as world:
        yield world


@pytest.fixture(scope="module")
def resting(tmp_path_factory):
    """One world for those who look at a table alone."""
    folder = tmp_path_factory.mktemp("resting")
    with World.opened(folder, population=people(12), crms=("hubspot",), settings={"deadband": 3}) as world:
        yield world.loaded()


def days_later(world, days):
    world.advance(days * DAY)


def totals(world):
    return {number: (row["total"], row["grade"], row["engagement"]) for number, row in world.scores().items()}


def last(world):
    with world.app.store.read() as unit:
        return last_retention(unit)


def test_the_same_day_scores_the_same_with_and_without_what_was_deleted(world):
    world.settings["retention"] = "{activities_days: null}"
    world.restart()
    world.loaded()
    days_later(world, 500)
    world.cycle()
    with_all = totals(world)

    with world.app.store.write() as unit:
        gone = expire(unit, Old.ACTIVITIES, world.clock.now() - timedelta(days=767)).rows
    linked = {row["activity_no"] for row in world.rows(activity_contact)}
    world.cycle(RunKind.RESCORE)

    assert gone > 0
    assert linked <= {row["activity_no"] for row in world.rows(activity)}
    assert totals(world) == with_all


def test_reading_everything_again_brings_nothing_old_back(world):
    world.loaded()
    with world.app.store.write() as unit:
        rows = unit.sql.frame(activity_contact.select().limit(5))
        unit.activity_blocks.store(Block(shard=3, covers=10**9, since=world.clock.now(), rows=rows), b"packed")
    days_later(world, 540)
    world.cycle()
    many = len(world.rows(activity))
    first = last(world)
    packed = [row["body"] for row in world.rows(activity_block, activity_block.c.shard == 3)]

    report = world.cycle(RunKind.FULL)

    assert first.deleted["activities"] > 0
    assert packed == [None]
    assert report.connections["hubspot"].pulled["too_old"] > 0
    assert len(world.rows(activity)) == many
    # Once a day.
    assert last(world) == first


def test_ended_runs_go_but_the_newest_of_each_kind_stays(world):
    world.loaded()
    world.cycle(RunKind.FULL)
    full = max(row["run_no"] for row in world.rows(sync_run))
    days_later(world, 40)
    world.cycle()
    world.advance(LATER)

    kept = {row["run_no"] for row in world.rows(sync_run)}

    assert full in kept
    assert last(world).deleted["runs"] >= 2
    assert {row["run_no"] for row in world.rows(slice_)} <= kept
    assert all(row["at"] >= world.clock.now() - timedelta(days=31) for row in world.rows(delivery))


def test_of_each_persons_history_the_last_score_before_that_stays(resting):
    for _ in range(3):
        days_later(resting, 30)
        resting.cycle()
    rows = resting.rows(score_history)
    before = resting.clock.now() - timedelta(days=10)
    old = [row for row in rows if row["at"] < before]
    last_of = {row["person_no"]: row["history_no"] for row in sorted(old, key=lambda row: row["history_no"])}

    with resting.app.store.write() as unit:
        expire(unit, Old.SCORE_HISTORY, before)

    left = {row["history_no"] for row in resting.rows(score_history) if row["at"] < before}
    assert len(old) > len(last_of)
    assert left == set(last_of.values())


def test_old_changes_of_contacts_go(resting):
    record = next(record for name, _, record in resting.contacts() if name == "hubspot")
    resting.hubspot.update("contacts", record, {"jobtitle": "Chief Buyer"})
    resting.advance(LATER)
    resting.cycle()
    assert resting.rows(contact_change)

    with resting.app.store.write() as unit:
        expire(unit, Old.CONTACT_CHANGES, resting.clock.now() + timedelta(days=1))

    assert resting.rows(contact_change) == []


def test_an_old_refusal_gives_the_record_another_chance(resting):
    key, _ = next(iter(resting.contact_entries("hubspot").items()))
    at = resting.clock.now() - timedelta(days=2)
    mine = outbox.c.record_id == key[1]
    refusal = {"refusal": "INVALID", "refusal_text": "no", "refusal_scope": "value", "refused_at": at, "due": False}
    with resting.app.store.write() as unit:
        unit.sql.run(outbox.update().where(mine).values(**refusal))

    with resting.app.store.write() as unit:
        none = expire(unit, Old.DEAD_LETTERS, at)
        one = expire(unit, Old.DEAD_LETTERS, resting.clock.now())

    assert (none.rows, one.rows) == (0, 1)
    assert [(row["refusal"], row["due"]) for row in resting.rows(outbox, mine)] == [(None, True)]


@pytest.mark.parametrize("name", SHORT)
def test_what_scores_rest_on_is_never_kept_for_less_than_the_models_look_back(resting, name):
    settings = resting.app.settings.model_copy(update={"retention": Retention(**{name: 766})})

    with pytest.raises(SettingsError) as refused:
        read_models(settings)

    assert f"retention.{name}: 766 is too short" in str(refused.value)
    assert "give 767 or more" in refused.value.next_step


def test_of_several_models_the_one_that_looks_back_furthest_counts(resting):
    near = resting.app.model.models[0].model
    far = replace(near, horizon_days=1000)
    settings = resting.app.settings.model_copy(update={"retention": Retention(activities_days=1036)})

    with pytest.raises(SettingsError, match="1000 days"):
        check_retention(settings, [near, far])
    check_retention(settings, [near])
