"""The daemon when its own machine fails it: a full or read-only disk, a locked database, days of 23 and of 25 hours."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.records import Stream
from sync.admin.actions.connections import set_writes
from sync.errors import StoreBusy, StoreFull, StoreReadOnly, StoreUnreachable
from sync.jobs.daemon import Daemon
from sync.store.open import open_store
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.connections import WriteMode
from tests.fakes import FakeClock
from tests.paper_crm import MODEL, PaperCrm, paper_app

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    return FakeClock(MORNING)


@pytest.fixture
def crm(clock):
    return PaperCrm("one", clock, contacts=40, page=8)


def opened(tmp_path, crm, **settings):
    app = paper_app(tmp_path, {"one": crm}, crm.clock, **settings)
    set_writes(app, WriteMode.ON)
    return app, Daemon(app=app, load=lambda: app.settings)


def rest(daemon):
    """Turns until nobody has anything to do; errors outside of runs are met as the daemon's threads meet them."""
    for _ in range(80):
        busy = []
        for worker in tuple(daemon.shared.workers):
            try:
                busy.append(worker.turn())
            except (StoreFull, StoreReadOnly, StoreBusy, StoreUnreachable):
                worker.upset()
                return
        if not any(busy):
            return
    pytest.fail("the workers do not come to rest")


def of_kind(app, kind):
    with app.store.read() as unit:
        return sorted((run for run in unit.runs.recent(limit=9999) if run.kind is kind), key=lambda run: run.run_no)


@contextmanager
def failing(app, error):
    """All write units fail, as on a full disk."""
    write = app.store.write
    broken = [True]

    @contextmanager
    def refused():
        if broken:
            raise error("the store: no")
        with write() as unit:
            yield unit

    app.store.write = refused
    try:
        yield broken
    finally:
        app.store.write = write


@pytest.mark.parametrize(
    "error",
    [
        StoreFull,
        pytest.param(StoreReadOnly, marks=pytest.mark.slow),
        pytest.param(StoreBusy, marks=pytest.mark.slow),
        pytest.param(StoreUnreachable, marks=pytest.mark.slow),
    ],
)
def test_a_store_that_cannot_be_written_during_a_run_loses_nothing_and_all_goes_on_when_it_can(tmp_path, crm, error):
    app, daemon = opened(tmp_path, crm)
    with failing(app, error) as broken:
        broken.clear()
        crm.during = lambda method, argument: (
            broken.append(True) if method == "read" and argument == (Stream.CONTACTS, 16) else None
        )
        rest(daemon)
        with app.store.read() as unit:
            (left,) = unit.runs.recent(limit=9)
            read = unit.checkpoints.get(1, Stream.CONTACTS).rows
        crm.during = lambda _method, _argument: None
        broken.clear()
        crm.clock.advance(300)
        rest(daemon)
        crm.clock.advance(900)
        rest(daemon)

    runs = of_kind(app, RunKind.INCREMENTAL)
    app.close()
    assert (left.kind, read) == (RunKind.INCREMENTAL, 16)
    assert not [run for run in runs if run.status is RunStatus.RUNNING]
    assert runs[-1].status is RunStatus.SUCCEEDED
    assert len(crm.written) == 40


def test_a_full_database_file_ends_the_run_with_what_helps_and_the_next_round_completes_it(tmp_path, clock):
    crm = PaperCrm("one", clock, contacts=150, page=30)
    app, daemon = opened(tmp_path, crm)
    limit = []

    def fill_up(method, argument):
        if method == "read" and argument == (Stream.CONTACTS, 60) and not limit:
            with app.store.write() as unit:
                pages = unit.sql.value(sa.text("PRAGMA page_count"))
                limit.append(unit.sql.value(sa.text(f"PRAGMA max_page_count={pages}")))

    crm.during = fill_up
    rest(daemon)
    failed = of_kind(app, RunKind.INCREMENTAL)[0]
    with app.store.write() as unit:
        unit.sql.value(sa.text("PRAGMA max_page_count=1000000"))
    clock.advance(600)
    rest(daemon)
    runs = of_kind(app, RunKind.INCREMENTAL)
    app.close()

    assert limit
    assert failed.status is RunStatus.FAILED
    assert "no room" in failed.message
    assert "free some space" in failed.message
    assert runs[-1].status is RunStatus.SUCCEEDED
    assert len(crm.written) == 150


@pytest.mark.parametrize(("mode", "helps"), [(0o555, "make the file and its folder writable"), (0o700, "accessible")])
def test_a_database_that_cannot_be_written_is_told_with_what_helps(mode, helps):
    folder = Path(tempfile.mkdtemp())
    path = folder / "leadgrade.db"
    open_store(f"sqlite:///{path}", clock=FakeClock()).close()
    path.chmod(0o444)
    folder.chmod(mode if os.geteuid() == 0 else 0o555 if mode == 0o555 else 0o000)

    with as_nobody(), pytest.raises(StoreReadOnly) as caught:
        open_store(f"sqlite:///{path}", clock=FakeClock())

    folder.chmod(0o700)
    shutil.rmtree(folder)
    assert helps in str(caught.value)


@contextmanager
def as_nobody():
    """Root may write everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_database_locked_by_another_program_delays_the_daemon_and_nothing_else(tmp_path, crm):
    app, daemon = opened(tmp_path, crm)
    rest(daemon)
    app.store.close()
    app.store = open_store(f"sqlite:///{tmp_path / 'leadgrade.db'}", clock=crm.clock, busy_seconds=0.05)
    other = sqlite3.connect(tmp_path / "leadgrade.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    crm.put(1, "Chief Executive Officer")
    crm.clock.advance(300)
    rest(daemon)
    before = len(of_kind(app, RunKind.INCREMENTAL))
    other.execute("ROLLBACK")
    other.close()
    rest(daemon)
    runs = of_kind(app, RunKind.INCREMENTAL)
    app.close()

    assert before == 1
    assert [run.status for run in runs] == [RunStatus.SUCCEEDED] * 2


@pytest.mark.parametrize(
    ("begin", "hours"),
    [(datetime(2026, 3, 27, 20, tzinfo=UTC), 72), (datetime(2026, 10, 23, 20, tzinfo=UTC), 72)],
    ids=["a day of 23 hours", "a day of 25 hours"],
)
def test_every_day_is_scored_once_when_the_clocks_change(tmp_path, begin, hours):
    clock = FakeClock(begin)
    crm = PaperCrm("one", clock, contacts=3)
    (tmp_path / "berlin.yaml").write_text(MODEL.replace("time_zone: UTC", "time_zone: Europe/Berlin"))
    schedule = {"incremental": "1 day", "sweep": "30 2 * * *"}
    app, daemon = opened(tmp_path, crm, model="berlin.yaml", schedule=schedule)
    for _ in range(hours // 3):
        rest(daemon)
        clock.advance(3 * 3600)
    days = [run.day for run in of_kind(app, RunKind.RESCORE)]
    sweeps = [run.requested_at for run in of_kind(app, RunKind.SWEEP)]
    app.close()

    first = begin.date()
    assert days == [first + timedelta(days=number) for number in range(4)]
    assert date(2026, 3, 29) in days or date(2026, 10, 25) in days
    # 02:30 does not exist on one of these nights and comes twice on the other.
    assert len(sweeps) == 3
