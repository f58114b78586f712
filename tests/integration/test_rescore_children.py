"""Everybody is rescored by processes of their own when there are many; here a few hundred are many."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime

import polars as pl
import pytest

from config.settings import load_settings
from sync.admin.actions.runs import ask
from sync.app import open_app
from sync.errors import LeaseLost, RescoringEnded, RunCancelled
from sync.jobs.progress import Silent
from sync.jobs.rescoring import Sizes, rescore
from sync.jobs.slices import LEASE, Shift
from sync.rules import lease_name
from sync.store.run_rows import RunKind
from sync.store.sql.scoring_inputs import Who
from tests.bench_population import fill, settings_file

DAY = datetime(2026, 11, 20, tzinfo=UTC).date()
MANY = 300
ALONE = Sizes(children_from=MANY + 1, batch=50)
CHILD = Sizes(children_from=MANY, children=1, batch=50)
CHILDREN = Sizes(children_from=MANY, children=2, batch=50)
FAR = """\
model: far
fit:
  rules:
    - {id: there, label: There, when: {country: {present: true}}, points: 4}
engagement:
  rules:
    - {id: page, label: Page, on: page_view, where: {url: {contains: /p}}, points: 2}
"""


class Watcher(Silent):
    """Keeps the steps of the stage and does something at the first."""

    def __init__(self, then=lambda: None):
        self.steps = []
        self._then = then

    def step(self, stage, connection, done, expected):
        if stage != "rescore":
            return
        self.steps.append((done, expected))
        if len(self.steps) == 1:
            self._then()


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADGRADE_BENCH_TOKEN", "secret")
    opened = open_app(load_settings(settings_file(tmp_path)))
    numbers = tuple(opened.connection(name).connection_no for name in opened.names())
    fill(tmp_path / "leadgrade.db", people=MANY, activities=5, day=DAY, connections=numbers)
    yield opened
    opened.close()


def rescored(app, sizes, *, progress=None, stop=lambda: False, kind=RunKind.INCREMENTAL, day=DAY):
    run_no = ask(app, kind, by="test")
    with app.store.write() as unit:
        epoch = unit.leases.acquire(lease_name(app), app.holder, LEASE)
        unit.runs.claim(run_no, app.holder)
        run = unit.runs.get(run_no)
    shift = Shift(
        store=app.store,
        clock=app.clock,
        lease=lease_name(app),
        holder=app.holder,
        epoch=epoch,
        run_no=run_no,
        stop=stop,
    )
    try:
        return rescore(app, run, shift, progress or Silent(), day=day, model=app.model, sizes=sizes)
    finally:
        with app.store.write() as unit:
            unit.leases.release(lease_name(app), epoch)
            unit.runs.finish(run_no, run.status)


def scores(app):
    with app.store.read() as unit:
        return unit.scores.frame(Who()).drop("scored_at").sort("person_no")


def test_children_give_the_same_scores_as_this_process_and_show_their_progress(app):
    progress = Watcher()

    counts = rescored(app, CHILDREN, progress=progress)

    by_children, expected = scores(app), len(progress.steps)
    assert expected >= MANY / 50
    assert progress.steps == [(number, expected) for number in range(1, expected + 1)]
    assert multiprocessing.active_children() == []
    again = rescored(app, ALONE, kind=RunKind.RESCORE)
    assert counts["scored"] == again["scored"] == by_children.height == MANY
    assert counts["wanted"] > MANY / 2
    assert again["changed"] == again["wanted"] == 0
    assert scores(app).equals(by_children)


def test_a_stop_is_heard_between_batches_and_the_next_run_goes_on_from_there(app):
    stopped = []
    with pytest.raises(RunCancelled):
        rescored(app, CHILD, progress=Watcher(lambda: stopped.append(True)), stop=lambda: bool(stopped))
    done = scores(app).height

    counts = rescored(app, CHILD)

    assert multiprocessing.active_children() == []
    assert 0 < done < MANY
    assert counts["scored"] == MANY - done
    assert scores(app).height == MANY


def test_a_child_that_is_killed_fails_the_run_and_loses_nothing(app):
    def kill():
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(
        RescoringEnded, match=r"killed by signal 9; what it had finished is stored\. Next: .*leadgrade sync"
    ):
        rescored(app, CHILD, progress=Watcher(kill))
    done = scores(app).height

    rescored(app, ALONE)

    assert 0 < done < MANY
    assert scores(app).height == MANY
    assert rescored(app, ALONE, kind=RunKind.RESCORE)["changed"] == 0


def test_a_child_writes_nothing_when_somebody_else_has_taken_the_lease(app):
    def usurp():
        with app.store.write() as unit:
            lease = unit.leases.of(lease_name(app))
            unit.leases.release(lease.name, lease.epoch)
            assert unit.leases.acquire(lease.name, "another", LEASE) == lease.epoch + 1

    with pytest.raises(LeaseLost):
        rescored(app, CHILD, progress=Watcher(usurp))

    assert scores(app).height < MANY


def test_a_day_later_only_records_beyond_the_deadband_are_due(app):
    """What is told for many at once agrees with what is told record by record."""
    rescored(app, ALONE)
    with app.store.write() as unit:
        for number in (1, 2):
            for entries in unit.outbox.entries(number):
                unit.outbox.want(
                    [{**_wanted(entry), "sent": entry.desired, "due": False, "due_at": None} for entry in entries]
                )
    later = DAY.replace(day=27)

    counts = rescored(app, CHILD, day=later)

    with app.store.read() as unit:
        found = [entry for number in (1, 2) for entries in unit.outbox.entries(number) for entry in entries]
    totals = dict(scores(app).filter(pl.col("in_scope")).select("person_no", "total").iter_rows())
    assert counts["changed"] > counts["wanted"] > 0
    assert sum(entry.due for entry in found) == counts["wanted"]
    for entry in found:
        if not entry.due and entry.person_no in totals:
            assert abs(totals[entry.person_no] - entry.sent["score"]) <= app.settings.deadband


def _wanted(entry):
    names = (
        "connection_no",
        "object",
        "record_id",
        "shard",
        "person_no",
        "contact_no",
        "desired",
        "urgent",
        "attempts",
    )
    return {name: getattr(entry, name) for name in names} | {
        "refusal": None,
        "refusal_text": None,
        "refusal_scope": None,
        "model_version": None,
        "run_no": None,
    }


def test_children_score_each_segment_by_its_own_model(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADGRADE_BENCH_TOKEN", "secret")
    (tmp_path / "far.yaml").write_text(FAR)
    (tmp_path / "near.yaml").write_text(FAR.replace("far", "near").replace("points: 4", "points: 9"))
    path = settings_file(tmp_path)
    entries = "models: [{model: far.yaml, when: {any: [{country: [DE, NO]}, {happened: {on: demo_attended}}]}}, {model: near.yaml}]"
    path.write_text(path.read_text().replace("model: preset:b2b", entries))
    opened = open_app(load_settings(path))
    try:
        numbers = tuple(opened.connection(name).connection_no for name in opened.names())
        fill(tmp_path / "leadgrade.db", people=MANY, activities=5, day=DAY, connections=numbers)

        counts = rescored(opened, CHILD)

        by_children = scores(opened)
        assert set(by_children["model"]) == {"far", "near"}
        again = rescored(opened, ALONE, kind=RunKind.RESCORE)
        assert counts["scored"] == MANY
        assert again["changed"] == again["wanted"] == 0
        assert scores(opened).equals(by_children)
    finally:
        opened.close()
