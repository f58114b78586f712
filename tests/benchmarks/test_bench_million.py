"""Everybody at scale: 1,000,000 people and 20,000,000 activities straight into SQLite, then the figures side by side. `make bench`.

LEADGRADE_BENCH_RESCORE_PEOPLE and LEADGRADE_BENCH_RESCORE_ACTIVITIES set other sizes (activities are per person); 50,000
people show the same proportions in a minute. LEADGRADE_BENCH_FOLDER keeps the filled store, which takes most of the time, for
the next run of the same size. CPU seconds say more than the clock on a machine that does other things.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import statistics
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import load_settings
from sync.admin.actions.explain import explain
from sync.admin.actions.runs import ask
from sync.app import open_app
from sync.jobs.progress import Silent
from sync.jobs.rescoring import Sizes, rescore
from sync.jobs.slices import LEASE, Shift
from sync.rescore.scoring_run import Rescore
from sync.rules import lease_name, scoring_day, scoring_rules
from sync.store.run_rows import RunKind
from tests.bench_floor import floor, slow_people
from tests.bench_population import fill, settings_file

PEOPLE = int(os.environ.get("LEADGRADE_BENCH_RESCORE_PEOPLE", "1000000"))
ACTIVITIES = int(os.environ.get("LEADGRADE_BENCH_RESCORE_ACTIVITIES", "20"))
#: People of a batch when the engine is measured alone, and the people that the slow evaluator is given.
ENGINE_BATCH, SAMPLE = 100_000, 300


@dataclass
class Spent:
    """Seconds by the clock and of the processors, our own and our children's."""

    wall: float = 0.0
    cpu: float = 0.0

    def __enter__(self):
        self._start = time.perf_counter(), _cpu()
        return self

    def __exit__(self, *_):
        self.wall += time.perf_counter() - self._start[0]
        self.cpu += _cpu() - self._start[1]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    kept = os.environ.get("LEADGRADE_BENCH_FOLDER")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("million")
    filled = (folder / "leadgrade.db").exists()
    os.environ.setdefault("LEADGRADE_BENCH_TOKEN", "bench")
    opened = open_app(load_settings(settings_file(folder)))
    numbers = tuple(opened.connection(name).connection_no for name in opened.names())
    with Spent() as spent:
        if not filled:
            fill(
                folder / "leadgrade.db",
                people=PEOPLE,
                activities=ACTIVITIES,
                day=datetime.now(UTC).date(),
                connections=numbers,
            )
    size = (folder / "leadgrade.db").stat().st_size / 1e9
    print(f"\nfilled with {PEOPLE:,} people in {spent.wall:.0f} s, {size:.1f} GB")
    yield opened
    opened.close()


def test_bench_1_everybody_for_the_first_time(benchmark, app):
    """Every record gets its texts: what a first load or a new model costs."""
    spent, counts = benchmark.pedantic(lambda: everybody(app, days=0), rounds=1)

    show(benchmark, "first rescore, every text written", spent, counts)
    assert counts["scored"] == PEOPLE


def test_bench_2_everybody_a_day_later(benchmark, app):
    """What happens every night: read, score, compare, store what moved."""
    as_if_delivered(app)

    spent, counts = benchmark.pedantic(lambda: everybody(app, days=1), rounds=1)

    show(benchmark, "whole rescore, a day later", spent, counts)
    print(f"  goal 60 s and 3 GB; peak of a child {_peak(resource.RUSAGE_CHILDREN)} MB, of this process {_peak()} MB")
    assert counts["scored"] == PEOPLE


def test_bench_3_engine_floor_and_slow_evaluator(benchmark, app):
    engine, bare, slow, reading = Spent(), Spent(), Spent(), Spent()

    def measure():
        rules = scoring_rules(app, day=scoring_day(app), model=app.model)
        work = Rescore(store=app.store, clock=app.clock, rules=rules)
        for number, who in enumerate(work.batches(work.counts(everybody=True), everybody=True, size=ENGINE_BATCH)):
            with reading:
                inputs = work.inputs(who)
                (cohort,) = inputs.cohorts
            with engine:
                cohort.scores(day=rules.day, assets=inputs.assets)
            with bare:
                floor(cohort.people, cohort.activities, inputs.assets, rules.day)
            if number == 0:
                evaluate = slow_people(app.model.models[0], cohort, inputs.assets, rules.day, SAMPLE)
                with slow:
                    evaluate()

    benchmark.pedantic(measure, rounds=1)

    scaled = slow.cpu * PEOPLE / SAMPLE
    print(f"\n{'':34}{'wall s':>10}{'CPU s':>10}")
    for name, spent in (("reading into frames", reading), ("engine alone", engine), ("bare aggregation (floor)", bare)):
        print(f"{name:34}{spent.wall:10.1f}{spent.cpu:10.1f}")
    print(f"{f'slow evaluator, {SAMPLE} people, scaled':34}{slow.wall * PEOPLE / SAMPLE:10.0f}{scaled:10.0f}")
    ratios = f"{engine.wall / bare.wall:.2f} by the clock and {engine.cpu / bare.cpu:.2f} in CPU time (goal 2)"
    print(f"engine / floor {ratios}, slow / engine {scaled / engine.cpu:.0f} (goal 100)")


def test_bench_4_one_person_explained(benchmark, app):
    """What `leadgrade explain` does, person by person: spread over the store, and the busiest; nobody is explained twice."""
    with app.store.read() as unit:
        best = unit.scores.best(20)
    spread = [1 + (number * 7919) % PEOPLE for number in range(100)]
    # A process that explains one person only also reads and compiles the model.
    app.__dict__.pop("model", None)
    with Spent() as first:
        explain(app, str(PEOPLE))
    seconds = {}

    def one_after_the_other():
        for number in dict.fromkeys([*spread, *best]):
            with Spent() as seconds[number]:
                explain(app, str(number))

    benchmark.pedantic(one_after_the_other, rounds=1)

    print(f"\nthe first, with the reading of the model: {first.wall * 1000:.0f} ms, {first.cpu * 1000:.0f} ms CPU")
    for name, whom in (("100 people spread over the store", spread), ("the 20 with the highest scores", best)):
        wall, cpu = ([getattr(seconds[each], what) * 1000 for each in whom] for what in ("wall", "cpu"))
        print(
            f"{name}: median {statistics.median(wall):.0f} ms, {statistics.median(cpu):.0f} ms CPU; "
            f"19 of 20 under {statistics.quantiles(wall, n=20)[-1]:.0f} ms (goal 50 ms)"
        )


def everybody(app, *, days):
    """The product's own rescore of everybody; (seconds, counts)."""
    run_no = ask(app, RunKind.RESCORE, by="bench")
    lease = lease_name(app)
    with app.store.write() as unit:
        epoch = unit.leases.acquire(lease, app.holder, LEASE)
        unit.runs.claim(run_no, app.holder)
        run = unit.runs.get(run_no)
    shift = Shift(store=app.store, clock=app.clock, lease=lease, holder=app.holder, epoch=epoch, run_no=run_no)
    day = scoring_day(app) + timedelta(days=days)
    try:
        with Spent() as spent:
            counts = rescore(app, run, shift, Silent(), day=day, model=app.model, sizes=Sizes(children_from=1))
    finally:
        with app.store.write() as unit:
            unit.leases.release(lease, epoch)
            unit.runs.finish(run_no, run.status)
    return spent, counts


def as_if_delivered(app):
    with closing(sqlite3.connect(app.store.place.removeprefix("sqlite:///"))) as database:
        database.execute("UPDATE outbox SET sent = desired, due = 0, due_at = NULL")
        database.commit()


def show(benchmark, name, spent, counts):
    benchmark.extra_info |= {"wall": round(spent.wall, 1), "cpu": round(spent.cpu, 1), **counts}
    print(f"\n{name}: {spent.wall:.1f} s, {spent.cpu:.1f} s CPU, {dict(counts)}")


def _cpu():
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)


def _peak(who=resource.RUSAGE_SELF):
    return resource.getrusage(who).ru_maxrss // 1024
