"""The daemon's workers by hand, turn by turn, on a clock that moves when told: who does what, how often, and in which order."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import NeedsAttention, Unavailable
from connectors.records import Stream
from sync.admin.actions import runs
from sync.admin.actions.connections import set_writes
from sync.admin.actions.status import status
from sync.jobs.daemon import Daemon
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.connections import WriteMode
from tests.fakes import FakeClock
from tests.paper_crm import PaperCrm, paper_app

#: Cycles of two daemons, and contacts of a first load; LEADGRADE_TEST_CYCLES=500 for the long version.
CYCLES = int(os.environ.get("LEADGRADE_TEST_CYCLES", "6"))
MANY = 200 if CYCLES < 500 else 5000
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    return FakeClock(MONDAY)


@pytest.fixture
def crms(clock):
    return {"one": PaperCrm("one", clock, contacts=4), "two": PaperCrm("two", clock, contacts=4, first=100)}


@pytest.fixture
def app(tmp_path, crms, clock):
    app = paper_app(tmp_path, crms, clock)
    set_writes(app, WriteMode.ON)
    yield app
    app.close()


@pytest.fixture
def daemon(app):
    return Daemon(app=app, load=lambda: app.settings)


def rest(daemon):
    """Turns until nobody has anything to do."""
    for _ in range(60):
        if not daemon.turn():
            return
    pytest.fail("the workers do not come to rest")


def all_runs(app):
    with app.store.read() as unit:
        return sorted(unit.runs.recent(limit=100_000), key=lambda run: run.run_no)


def of_kind(app, kind, **known):
    return [run for run in all_runs(app) if run.kind is kind and all(getattr(run, key) == known[key] for key in known)]


def test_a_first_load_of_both_is_rescored_and_written(app, daemon, crms):
    rest(daemon)

    assert len(crms["one"].written) == len(crms["two"].written) == 4
    assert {run.status for run in all_runs(app)} == {RunStatus.SUCCEEDED}
    assert all(status.loaded for status in status(app).connections)


def test_each_round_of_two_daemons_is_done_exactly_once(tmp_path, crms, clock, app, daemon):
    other = paper_app(tmp_path, crms, clock, holder="there:2")
    standby = Daemon(app=other, load=lambda: other.settings)
    daemons = [daemon, standby]
    for cycle in range(CYCLES):
        if cycle % 5 == 4:
            crms["one"].put(cycle % 4, f"Head of {cycle}")
        for each in daemons:
            rest(each)
        if cycle % 7 == 2:
            # The one that works ends, and comes again later: the other takes over.
            daemons[0].leave()
            daemons.reverse()
        clock.advance(300)
    other.close()

    rounds = Counter((run.connection_no, run.requested_at) for run in of_kind(app, RunKind.INCREMENTAL))
    expected = {(number, MONDAY + timedelta(seconds=300 * at)) for number in (1, 2) for at in range(CYCLES)}
    assert set(rounds) == expected
    assert set(rounds.values()) == {1}
    assert {run.status for run in all_runs(app)} == {RunStatus.SUCCEEDED}


def test_the_second_daemon_says_who_works(tmp_path, crms, clock, app, daemon):
    rest(daemon)
    other = paper_app(tmp_path, crms, clock, holder="there:2")
    standby = Daemon(app=other, load=lambda: other.settings)

    assert not standby.turn()

    assert {worker.waits_for for worker in standby.shared.workers} == {"here:1"}
    assert {run.holder for run in all_runs(app)} == {None}
    other.close()


def test_a_record_reaches_the_crm_while_all_others_are_being_loaded(tmp_path, clock):
    crms = {"one": PaperCrm("one", clock, contacts=MANY, page=MANY // 10)}
    app = paper_app(tmp_path, crms, clock)
    set_writes(app, WriteMode.ON)
    daemon = Daemon(app=app, load=lambda: app.settings)
    crm, seen, last = crms["one"], [], str(MANY - 1)

    def during(method, argument):
        if method == "read" and argument == (Stream.CONTACTS, MANY // 10 * 5):
            seen.append(runs.ask(app, RunKind.INCREMENTAL, connection="one", record=f"contacts:{last}"))
        if method == "read" and argument == (Stream.CONTACTS, MANY // 10 * 6):
            seen.append({one: dict(values) for one, values in crm.written.items()})

    crm.during = during
    rest(daemon)

    record, written = seen
    assert list(written) == [last]
    assert written[last]["score"] is not None
    assert len(crm.written) == MANY
    assert runs.show(app, record)[0].status is RunStatus.SUCCEEDED
    assert of_kind(app, RunKind.INCREMENTAL)[0].status is RunStatus.SUCCEEDED
    app.close()


def test_a_full_load_gives_way_to_the_rounds(app, daemon, crms, clock):
    rest(daemon)
    crm, order = crms["one"], []
    crm.size = 1

    def during(method, argument):
        if method == "read" and argument == (Stream.CONTACTS, 2):
            crm.put(3, "Chief Executive Officer")
            clock.advance(301)
        if method == "read" and argument[0] is Stream.CONTACTS:
            order.append(argument[1])

    crm.during = during
    full = runs.ask(app, RunKind.FULL, connection="one")
    rest(daemon)

    # Position 4 is the round in the middle of the full load, which then goes on.
    assert order.index(4) < order.index(3)
    assert runs.show(app, full)[0].status is RunStatus.SUCCEEDED


def test_a_run_of_all_connections_is_done_in_parts_and_ends_with_them(app, daemon):
    rest(daemon)
    number = runs.ask(app, RunKind.SWEEP)
    rest(daemon)

    run, parts = runs.show(app, number)[0], runs.parts(app, number)
    assert run.status is RunStatus.SUCCEEDED
    assert [(part.kind, part.connection_no) for part in parts] == [(RunKind.SWEEP, 1), (RunKind.SWEEP, 2)]
    assert run.counts == {"swept": 8}


def test_a_rewrite_is_rescored_once_and_written_everywhere(app, daemon, crms):
    rest(daemon)
    for crm in crms.values():
        crm.written.clear()
    number = runs.ask(app, RunKind.REWRITE)
    rest(daemon)

    assert runs.show(app, number)[0].status is RunStatus.SUCCEEDED
    assert {part.kind for part in runs.parts(app, number)} == {RunKind.DELIVER}


def test_one_connection_that_is_down_stops_nobody_else_and_is_tried_ever_more_slowly(app, daemon, crms, clock):
    rest(daemon)
    crms["one"].during = lambda _method, _argument: (_ for _ in ()).throw(Unavailable("down"))
    rounds = Counter()
    for _ in range(6):
        clock.advance(1200)
        rest(daemon)
        rounds["two"] = len(of_kind(app, RunKind.INCREMENTAL, connection_no=2))
    waiting = [run for run in of_kind(app, RunKind.INCREMENTAL, connection_no=1) if run.status is RunStatus.SUSPENDED]
    suspended = waiting[0]
    crms["one"].during = lambda _method, _argument: None
    # It would go on by itself in half an hour; whoever asks for it does not wait so long.
    assert runs.ask(app, RunKind.INCREMENTAL, connection="one") == suspended.run_no
    rest(daemon)

    assert rounds["two"] == 7
    assert len(waiting) == 1
    assert 4 <= suspended.suspensions <= 6
    assert runs.show(app, suspended.run_no)[0].status is RunStatus.SUCCEEDED


@pytest.mark.slow
def test_refused_credentials_pause_the_connection_and_are_asked_for_again_by_and_by(app, daemon, crms, clock):
    rest(daemon)
    before = crms["one"].calls["identify"]
    crms["one"].during = lambda _method, _argument: (_ for _ in ()).throw(NeedsAttention("no", code="credentials"))
    for _ in range(6):
        clock.advance(1200)
        rest(daemon)

    paused = {each.name: each.pauses for each in status(app).connections}
    assert [pause.code for pause in paused["one"]] == ["credentials"]
    assert paused["two"] == ()
    assert crms["one"].calls["identify"] - before <= 5


def test_a_bug_ends_the_run_and_not_the_worker(app, daemon, crms, clock):
    rest(daemon)
    crms["one"].during = lambda method, _argument: 1 / 0 if method == "read" else None
    clock.advance(300)
    rest(daemon)
    failed = of_kind(app, RunKind.INCREMENTAL, connection_no=1)[-1]
    crms["one"].during = lambda _method, _argument: None
    clock.advance(600)
    rest(daemon)

    assert (failed.status, failed.message) == (RunStatus.FAILED, "ZeroDivisionError: see the log")
    assert of_kind(app, RunKind.INCREMENTAL, connection_no=1)[-1].status is RunStatus.SUCCEEDED


def test_cancelling_stops_at_the_next_page(tmp_path, clock):
    crms = {"one": PaperCrm("one", clock, contacts=200, page=10)}
    app = paper_app(tmp_path, crms, clock, schedule={"incremental": "never"})
    daemon = Daemon(app=app, load=lambda: app.settings)
    number = runs.ask(app, RunKind.INCREMENTAL)
    crm = crms["one"]
    crm.during = lambda method, argument: (
        runs.cancel(app, number) if method == "read" and argument == (Stream.CONTACTS, 100) else None
    )
    rest(daemon)

    run = runs.show(app, number)[0]
    with app.store.read() as unit:
        read = unit.checkpoints.get(1, Stream.CONTACTS).rows
    app.close()
    assert (run.status, read) == (RunStatus.CANCELLED, 110)


def test_what_a_killed_daemon_left_running_is_gone_on_with(tmp_path, clock):
    class Killed(BaseException):
        pass

    crms = {"one": PaperCrm("one", clock, contacts=60, page=6)}
    app = paper_app(tmp_path, crms, clock)
    daemon = Daemon(app=app, load=lambda: app.settings)

    def kill(method, argument):
        if method == "read" and argument == (Stream.CONTACTS, 30):
            raise Killed

    crms["one"].during = kill
    with pytest.raises(Killed):
        rest(daemon)
    left = all_runs(app)[0]
    with app.store.write() as unit:
        for lease in unit.leases.all():
            unit.leases.release(lease.name, lease.epoch)
    app.close()
    crms["one"].during = lambda _method, _argument: None
    app = paper_app(tmp_path, crms, clock, holder="next:3")
    rest(Daemon(app=app, load=lambda: app.settings))

    assert left.status is RunStatus.RUNNING
    assert runs.show(app, left.run_no)[0].status is RunStatus.SUCCEEDED
    assert status(app).totals.scored == 60
    app.close()
