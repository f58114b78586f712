"""The error table at work: what a daemon does with each row of it, while reading and while writing, and when the cause is gone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from connectors.errors import (
    Contended,
    Gone,
    NeedsAttention,
    QuotaSpent,
    RefusalScope,
    Rejected,
    Throttled,
    Unavailable,
)
from connectors.port import WriteOutcome, WriteResult
from sync.admin.actions.connections import set_writes
from sync.jobs.daemon import Daemon
from sync.jobs.patience import LONGEST_WAIT
from sync.recovery import TABLE
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.connections import WriteMode
from tests.fakes import FakeClock
from tests.paper_crm import PaperCrm, paper_app

CLOCK = FakeClock()
SOON = timedelta(hours=1)

#: Error, how often it comes, how the run ends that meets it, codes of pauses meanwhile.
ROWS = [
    (NeedsAttention("no", code="permission"), None, RunStatus.PARTIAL, ["permission"]),
    (QuotaSpent("no", until=CLOCK.now() + SOON), None, RunStatus.SUSPENDED, []),
    (Throttled("no", retry_after=7), 2, RunStatus.SUCCEEDED, []),
    (Throttled("no", retry_after=LONGEST_WAIT + 1), None, RunStatus.SUSPENDED, []),
    (Unavailable("no"), 2, RunStatus.SUCCEEDED, []),
    (Unavailable("no"), None, RunStatus.SUSPENDED, []),
    (Rejected("no"), None, RunStatus.PARTIAL, []),
    (Contended("no"), 2, RunStatus.SUCCEEDED, []),
    (Gone("no"), None, RunStatus.PARTIAL, []),
    (ZeroDivisionError("no"), None, RunStatus.FAILED, []),
]


@pytest.fixture
def world(tmp_path):
    clock = FakeClock()
    crm = PaperCrm("one", clock, contacts=4, page=2)
    app = paper_app(tmp_path, {"one": crm}, clock)
    set_writes(app, WriteMode.ON)
    daemon = Daemon(app=app, load=lambda: app.settings)
    yield app, daemon, crm
    app.close()


def rest(daemon):
    for _ in range(60):
        if not daemon.turn():
            return
    pytest.fail("the workers do not come to rest")


def rounds(app):
    with app.store.read() as unit:
        found = [run for run in unit.runs.recent(limit=999) if run.kind is RunKind.INCREMENTAL]
        return sorted(found, key=lambda run: run.run_no), [each.code for each in unit.connections.pauses(1)]


def failing(crm, method, error, times):
    left = [times]

    def during(called, _argument):
        if called == method and left[0] != 0:
            left[0] = left[0] and left[0] - 1
            raise error

    crm.during = during


def test_the_list_has_every_row_of_the_table():
    assert {type(error) for error, *_ in ROWS} == {*TABLE, ZeroDivisionError}


@pytest.mark.parametrize("method", ["read", "write"])
@pytest.mark.parametrize(("error", "times", "status", "pauses"), ROWS, ids=lambda value: type(value).__name__)
def test_each_row_ends_a_run_as_the_table_says_and_nothing_is_lost(world, method, error, times, status, pauses):
    app, daemon, crm = world
    rest(daemon)
    crm.put(2, "Chief Executive Officer")
    crm.written.clear()
    app.clock.advance(300)
    failing(crm, method, error, times)
    rest(daemon)
    met, paused = rounds(app)

    crm.during = lambda _method, _argument: None
    app.clock.advance(2 * SOON.total_seconds())
    rest(daemon)
    app.clock.advance(SOON.total_seconds())
    rest(daemon)
    after, still = rounds(app)

    assert (met[1].status, paused) == (status, pauses)
    assert (after[-1].status, still) == (RunStatus.SUCCEEDED, [])
    assert not [run for run in after if run.status in {RunStatus.RUNNING, RunStatus.SUSPENDED}]
    assert crm.written["2"]["score"] is not None


def answered(crm, answers):
    """The CRM answers the next writes of record 1 so, one after the other."""
    accept = crm.write

    def write(requests):
        results = accept(requests)
        for place, request in enumerate(requests):
            if request.ref.id == "1" and answers:
                crm.written.pop("1")
                results[place] = WriteResult(ref=request.ref, **answers.pop(0))
        return results

    crm.write = write


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ({"outcome": WriteOutcome.REJECTED, "code": "NO", "scope": RefusalScope.VALUE}, "dead"),
        ({"outcome": WriteOutcome.DEFERRED}, "written"),
        ({"outcome": WriteOutcome.GONE}, "dropped"),
    ],
    ids=["a dead letter", "tried again", "dropped"],
)
def test_what_a_crm_says_of_one_record_concerns_that_record_alone(world, answer, ends):
    app, daemon, crm = world
    answered(crm, [answer])
    rest(daemon)
    app.clock.advance(1200)
    rest(daemon)
    with app.store.read() as unit:
        entries = {entry.record_id: entry for block in unit.outbox.entries(1) for entry in block}
        dead = [each.record_id for each in unit.outbox.dead_letters()]

    assert {"0", "2", "3"} <= set(crm.written)
    assert Counter(run.status for run in rounds(app)[0])[RunStatus.FAILED] == 0
    assert (dead == ["1"], "1" in crm.written, "1" in entries) == {
        "dead": (True, False, True),
        "written": (False, True, True),
        "dropped": (False, False, False),
    }[ends]
