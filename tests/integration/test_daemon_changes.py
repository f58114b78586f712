"""The daemon while the world changes: files that are read again, days that begin, clocks that are set back, stops."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest

from connectors.records import Ref, Stream
from sync.admin.actions import runs
from sync.admin.actions.connections import set_writes
from sync.errors import StoreFull
from sync.jobs.daemon import Daemon
from sync.jobs.rescoring import basis_of_scores
from sync.jobs.shared import StoppableClock
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.connections import WriteMode
from tests.fakes import FakeClock
from tests.paper_crm import MODEL, PaperCrm, paper_app, paper_settings

EVENING = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


@pytest.fixture
def clock():
    return FakeClock(EVENING)


@pytest.fixture
def crm(clock):
    return PaperCrm("one", clock, contacts=12, page=3)


def opened(tmp_path, crm, **settings):
    app = paper_app(tmp_path, {"one": crm}, crm.clock, **settings)
    set_writes(app, WriteMode.ON)
    return app, Daemon(app=app, load=lambda: app.settings)


def rest(daemon):
    for _ in range(60):
        if not daemon.turn():
            return
    pytest.fail("the workers do not come to rest")


def day_of_scores(app):
    with app.store.read() as unit:
        return basis_of_scores(unit)[1]


def of_kind(app, kind):
    with app.store.read() as unit:
        return sorted((run for run in unit.runs.recent(limit=999) if run.kind is kind), key=lambda run: run.run_no)


def test_a_broken_model_is_refused_and_all_goes_on_with_the_old_one(tmp_path, crm, capsys):
    path = tmp_path / "model.yaml"
    path.write_text(MODEL)
    app, daemon = opened(tmp_path, crm, model="model.yaml")
    rest(daemon)
    before = of_kind(app, RunKind.RESCORE)
    path.write_text(MODEL.replace("points:", "pints:", 1))

    taken = daemon.reload()
    crm.clock.advance(300)
    rest(daemon)

    told = capsys.readouterr().out
    assert not taken
    assert "reload_refused" in told
    assert "model.yaml:" in told
    assert of_kind(app, RunKind.RESCORE) == before
    assert of_kind(app, RunKind.INCREMENTAL)[-1].status is RunStatus.SUCCEEDED
    app.close()


def test_a_new_model_is_read_and_everybody_is_rescored(tmp_path, crm):
    path = tmp_path / "model.yaml"
    path.write_text(MODEL)
    app, daemon = opened(tmp_path, crm, model="model.yaml")
    rest(daemon)
    before = app.model.version
    path.write_text(MODEL.replace("points: 20", "points: 30"))

    assert daemon.reload()
    rest(daemon)

    with app.store.read() as unit:
        versions = {row["version"] for row in unit.scores.numbers(range(1, 20)).values()}
    # Whose score is the same keeps it as it is.
    assert daemon.shared.app.model.version in versions
    assert daemon.shared.app.model.version != before
    assert len(of_kind(app, RunKind.RESCORE)) == 2
    daemon.tidy()
    app.close()


@pytest.mark.slow
def test_settings_that_cannot_be_changed_while_it_runs_are_refused(tmp_path, crm):
    app, daemon = opened(tmp_path, crm)
    (tmp_path / "other").mkdir()
    daemon.load = lambda: paper_settings(tmp_path / "other", ("one",))

    assert not daemon.reload()
    assert daemon.shared.app is app
    app.close()


@pytest.mark.slow
def test_a_connection_that_is_new_in_the_settings_gets_a_worker_and_one_that_is_gone_loses_it(tmp_path, crm):
    other = PaperCrm("two", crm.clock, contacts=3, first=50)
    app = paper_app(tmp_path, {"one": crm, "two": other}, crm.clock)
    daemon = Daemon(app=app, load=lambda: paper_settings(tmp_path, ("two",)))
    assert daemon.reload()
    assert [worker.title for worker in daemon.shared.workers] == ["rescoring", "connection two"]
    daemon.load = lambda: paper_settings(tmp_path, ("two", "one"))

    assert daemon.reload()
    rest(daemon)

    assert {run.connection_no for run in of_kind(app, RunKind.INCREMENTAL)} == {1, 2}
    app.close()


def test_everybody_is_rescored_once_for_each_new_day_at_its_time(tmp_path, crm):
    app, daemon = opened(tmp_path, crm, schedule={"incremental": "never"})
    runs.ask(app, RunKind.INCREMENTAL)
    found = []
    for _ in range(5):
        rest(daemon)
        found.append((crm.clock.now().strftime("%H:%M"), day_of_scores(app)))
        crm.clock.advance(1800)

    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    assert found == [
        ("22:30", monday),
        ("23:00", monday),
        ("23:30", monday),
        ("00:00", monday),
        ("00:30", tuesday),
    ]
    assert [run.day for run in of_kind(app, RunKind.RESCORE)] == [monday, tuesday]
    app.close()


def test_midnight_during_a_run_takes_nobody_back_to_yesterday(tmp_path, crm):
    app, daemon = opened(tmp_path, crm, schedule={"incremental": "1 hour"})
    rest(daemon)
    crm.clock.advance(3600)
    crm.put(2, "Chief Executive Officer")

    def over_midnight(method, argument):
        if method == "read" and argument[0] is Stream.CONTACTS:
            crm.during = lambda _method, _argument: None
            crm.clock.advance(3600)
            daemon.shared.workers[0].turn()

    crm.during = over_midnight
    rest(daemon)

    with app.store.read() as unit:
        people = unit.contacts.at(1, [Ref(object="contacts", id="2")])
        (score,) = unit.scores.numbers([each.person_no for each in people.values()]).values()
    assert of_kind(app, RunKind.INCREMENTAL)[1].day == date(2026, 3, 2)
    assert score["day"] == day_of_scores(app) == date(2026, 3, 3)
    app.close()


def test_a_clock_that_is_set_back_an_hour_stops_nothing_and_takes_nobody_back(tmp_path, crm):
    crm.clock.set(datetime(2026, 3, 3, 0, 20, tzinfo=UTC))
    app, daemon = opened(tmp_path, crm)
    rest(daemon)
    crm.clock.set(datetime(2026, 3, 2, 23, 20, tzinfo=UTC))
    crm.put(1, "Chief Executive Officer")
    rest(daemon)
    crm.clock.advance(300)
    rest(daemon)

    assert len(of_kind(app, RunKind.INCREMENTAL)) == 3
    assert len(of_kind(app, RunKind.RESCORE)) == 1
    assert day_of_scores(app) == date(2026, 3, 3)
    app.close()


def test_quiet_hours_put_a_long_load_aside_and_it_goes_on_after_them(tmp_path, crm):
    app, daemon = opened(tmp_path, crm, schedule={"quiet_hours": "23:00-06:00"})
    crm.during = lambda method, argument: (
        crm.clock.advance(1800) if method == "read" and argument == (Stream.CONTACTS, 6) else None
    )
    rest(daemon)
    (load,) = of_kind(app, RunKind.INCREMENTAL)
    operators = runs.ask(app, RunKind.INCREMENTAL, connection="one", record="1")
    rest(daemon)
    crm.clock.advance(7 * 3600)
    rest(daemon)

    assert (load.status, load.message) == (
        RunStatus.SUSPENDED,
        "quiet hours have begun; the run goes on from there after them",
    )
    assert runs.show(app, operators)[0].status is RunStatus.SUCCEEDED
    assert runs.show(app, load.run_no)[0].status is RunStatus.SUCCEEDED
    assert len(crm.written) == 12
    app.close()


def test_a_stop_ends_after_the_page_under_way_and_the_next_daemon_goes_on(tmp_path, crm):
    app, daemon = opened(tmp_path, crm)
    crm.during = lambda method, argument: (
        daemon.shared.stopping.set() if method == "read" and argument == (Stream.CONTACTS, 6) else None
    )
    rest(daemon)
    daemon.leave()
    (run,) = of_kind(app, RunKind.INCREMENTAL)
    with app.store.read() as unit:
        read = unit.checkpoints.get(1, Stream.CONTACTS).rows
        leases = unit.leases.all()
    rest(Daemon(app=app, load=lambda: app.settings))

    assert (run.status, run.holder, read, leases) == (RunStatus.SUSPENDED, None, 9, [])
    assert runs.show(app, run.run_no)[0].status is RunStatus.SUCCEEDED
    assert len(crm.written) == 12
    app.close()


def test_a_full_disk_outside_of_a_run_stops_no_worker(tmp_path, crm, monkeypatch):
    app, daemon = opened(tmp_path, crm)
    worker = daemon.shared.workers[1]
    turn, tries = worker.turn, []

    def full_at_first():
        tries.append(1)
        if len(tries) == 1:
            raise StoreFull("no room")
        daemon.shared.stopping.set()
        worker.bell.set()
        return turn()

    worker.turn = full_at_first
    monkeypatch.setattr("sync.jobs.daemon._FIRST_PAUSE", 0.001)
    daemon._live(worker)

    assert len(tries) == 2
    app.close()


def test_threads_do_the_same_and_stop_when_told(tmp_path):
    clock = StoppableClock(threading.Event())
    crm = PaperCrm("one", clock, contacts=12, page=3)
    app, daemon = opened(tmp_path, crm)
    written = threading.Event()
    crm.during = lambda method, _argument: written.set() if method == "write" else None

    daemon.start()
    reached = written.wait(60)
    clean = daemon.stop()

    with app.store.read() as unit:
        leases = unit.leases.all()
        statuses = {run.status for run in unit.runs.recent(limit=99) if not unit.runs.parts(run.run_no)}
    assert (reached, clean, leases) == (True, True, [])
    assert RunStatus.FAILED not in statuses
    assert RunStatus.RUNNING not in statuses
    app.close()


def test_a_worker_that_hangs_in_the_crm_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("sync.jobs.daemon.GRACE", 0.01)
    monkeypatch.setattr("sync.jobs.daemon._LAST", 60)
    crm = PaperCrm("one", StoppableClock(threading.Event()), contacts=3)
    app, daemon = opened(tmp_path, crm)
    inside, answer = threading.Event(), threading.Event()
    crm.during = lambda _method, _argument: (inside.set(), answer.wait(60))

    daemon.start()
    inside.wait(60)
    clean = daemon.stop()
    with app.store.read() as unit:
        leases, found = unit.leases.all(), unit.runs.recent()
    answer.set()
    for thread in daemon._threads.values():
        thread.join(60)

    assert (clean, leases) == (False, [])
    assert [run.status for run in found] == [RunStatus.SUSPENDED]
    app.close()
