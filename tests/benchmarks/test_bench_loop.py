"""The loop at 20,000 people: first load, rescore of everybody, delivery, an idle cycle, one explanation. `make bench` runs it.

Set LEADGRADE_BENCH_PEOPLE for another size. The sandbox is a process of its own on the same machine, so what it costs to
serve is in the figures of pull and deliver; the share of time that we waited for it is printed beside them.
"""

from __future__ import annotations

import os
import resource
import time
from datetime import UTC, datetime

import pytest

from config.settings import load_settings
from sync.admin.actions.connections import apply_fields, set_writes
from sync.admin.actions.explain import explain
from sync.admin.actions.runs import ask
from sync.admin.demo.world import World
from sync.app import open_app
from sync.jobs.progress import Silent
from sync.jobs.runner import Runner
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.connections import WriteMode

PEOPLE = int(os.environ.get("LEADGRADE_BENCH_PEOPLE", "20000"))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    with World(people=PEOPLE, seed=7, day=datetime.now(UTC).date()) as world:
        opened = open_app(load_settings(world.settings(folder)))
        for name in opened.names():
            apply_fields(opened, name)
        yield opened
        opened.close()


def cycle(app, kind=RunKind.INCREMENTAL):
    report = Runner(app=app, progress=Silent()).execute(ask(app, kind, by="bench"))
    assert report.run.status is RunStatus.SUCCEEDED, report.issues
    return report


def measured(benchmark, call, count, unit):
    """Run once; note things per second and where the process stands."""
    cpu = time.process_time()
    result = benchmark.pedantic(call, rounds=1, iterations=1)
    seconds = benchmark.stats.stats.total
    many = count(result)
    benchmark.extra_info |= {
        f"{unit}_per_second": round(many / seconds),
        unit: many,
        "own_cpu_share": round((time.process_time() - cpu) / seconds, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(f"\n{benchmark.name}: {many:,} {unit} in {seconds:.1f} s, {benchmark.extra_info}")
    return result


def test_bench_1_first_load_and_first_rescore(benchmark, app):
    report = measured(
        benchmark,
        lambda: cycle(app),
        lambda done: sum(part.pulled["pulled"] for part in done.connections.values()),
        "records",
    )

    assert report.rescored["scored"] > PEOPLE * 0.9


def test_bench_2_rescore_of_everybody(benchmark, app):
    measured(benchmark, lambda: cycle(app, RunKind.RESCORE), lambda done: done.rescored["scored"], "people")


def test_bench_3_delivery_of_everybody(benchmark, app):
    set_writes(app, WriteMode.ON, by="bench")

    measured(
        benchmark,
        lambda: cycle(app, RunKind.RESCORE),
        lambda done: sum(part.delivered["accepted"] for part in done.connections.values()),
        "writes",
    )


def test_bench_4_cycle_in_which_our_writes_come_back(benchmark, app):
    report = measured(
        benchmark,
        lambda: cycle(app),
        lambda done: sum(part.pulled["pulled"] for part in done.connections.values()),
        "records",
    )

    assert report.rescored["scored"] == 0


def test_bench_5_explanation_of_one_person(benchmark, app):
    with app.store.read() as unit:
        best = unit.scores.best(1)[0]

    benchmark.pedantic(lambda: explain(app, str(best)), rounds=5, warmup_rounds=1)
