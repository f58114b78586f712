"""A rescore of everybody keeps activities packed, and comes to the same with them as without."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from config.settings import load_settings
from sync.app import open_app
from sync.errors import LeaseLost
from sync.people.forget import forget
from sync.rescore.scoring_run import Rescore
from sync.rules import scoring_rules
from sync.store.shards import shard_of
from sync.store.sql import activity_blocks
from sync.store.sql.scoring_inputs import Who
from sync.store.tables import activity_block, activity_contact
from tests.bench_population import fill, settings_file

DAY = datetime(2026, 11, 20, tzinfo=UTC).date()
MANY = 120


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADGRADE_BENCH_TOKEN", "secret")
    monkeypatch.setattr(activity_blocks, "WORTH", 1)
    app = open_app(load_settings(settings_file(tmp_path)))
    numbers = tuple(app.connection(name).connection_no for name in app.names())
    fill(tmp_path / "leadgrade.db", people=MANY, activities=10, day=DAY, connections=numbers)
    yield Rescore(store=app.store, clock=app.clock, rules=scoring_rules(app, day=DAY, model=app.model))
    app.close()


def blocks(work):
    """Shard -> what it covers, of the blocks that hold something."""
    query = sa.select(activity_block.c.shard, activity_block.c.covers).where(activity_block.c.body.is_not(None))
    with work.store.read() as unit:
        return {row.shard: row.covers for row in unit.sql.rows(query)}


def on(work, days):
    """The same rescore some days later."""
    rules = replace(work.rules, day=DAY + timedelta(days=days))
    return Rescore(store=work.store, clock=work.clock, rules=rules)


def test_the_next_rescore_reads_what_the_first_has_packed_and_comes_to_the_same(work):
    work.batch(Who())
    packed = blocks(work)
    later = on(work, 40)

    (packed_ones,) = later.inputs(Who()).cohorts
    with work.store.write() as unit:
        unit.sql.run(sa.delete(activity_block))
    (read_ones,) = later.inputs(Who()).cohorts

    assert len(packed) > MANY // 4
    assert packed_ones.activities.height > MANY
    assert_frame_equal(packed_ones.activities, read_ones.activities)
    assert_frame_equal(
        *(each.scores(day=later.rules.day, assets=later.inputs(Who()).assets) for each in (packed_ones, read_ones))
    )


def test_who_did_something_since_is_read_anew(work):
    work.batch(Who())
    with work.store.read() as unit:
        everything = unit.scoring_inputs.activities(Who())
    person_no = everything["person_no"][0]
    numbers = everything.filter(everything["person_no"] == person_no)["activity_no"].to_list()

    with work.store.write() as unit:
        unit.activities._links.count(numbers, counted=False)
    inputs = work.inputs(Who())

    (cohort,) = inputs.cohorts
    assert person_no not in cohort.activities["person_id"].to_list()
    assert [block.shard for block in inputs.blocks] == [shard_of(person_no)]


def test_forgetting_leaves_no_block_with_the_person(work):
    work.batch(Who())
    with work.store.read() as unit:
        person_no = unit.sql.value(sa.select(activity_contact.c.person_no).limit(1))
    before = blocks(work)

    with work.store.write() as unit:
        forget(unit, person_no, now=work.clock.now())

    assert shard_of(person_no) in before.keys() - blocks(work).keys()


def test_a_run_that_lost_its_lease_stores_no_block(work):
    def fence(_unit):
        raise LeaseLost("workspace:default")

    work.fence = fence

    with pytest.raises(LeaseLost):
        work.batch(Who())

    assert blocks(work) == {}
