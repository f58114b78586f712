"""Doing runs, waiting for others, and what the ends of runs mean for scripts."""

from __future__ import annotations

import os
import signal

import pytest

from config.errors import SettingsError
from config.settings import Settings
from sync.admin.actions import runs
from sync.admin.cli.failures import ExitCode
from sync.admin.cli.working import Worker, exit_code, stop_on_signals
from sync.app import open_app
from sync.errors import NotFound
from sync.jobs.issues import Issue
from sync.jobs.progress import Silent
from sync.jobs.report import RunReport
from sync.recovery import Access, Act
from sync.rules import lease_name
from sync.store.run_rows import RunKind, RunStatus
from tests.fakes import FakeClock


@pytest.fixture
def app(tmp_path):
    """An installation whose only connection is never reached."""
    (tmp_path / "token").write_text("secret")
    connection = {"kind": "hubspot", "token": f"file:{tmp_path / 'token'}", "host": "http://127.0.0.1:1"}
    settings = Settings(
        store=f"sqlite:///{tmp_path / 'leadgrade.db'}", connections={"hubspot": connection}, source=tmp_path / "x.yaml"
    )
    app = open_app(settings, clock=FakeClock())
    yield app
    app.close()


def held_elsewhere(app):
    """Somebody else works on the store; a function that ends it."""
    with app.store.write() as unit:
        epoch = unit.leases.acquire(lease_name(app), "elsewhere:1", 600)

    def end():
        with app.store.write() as unit:
            unit.leases.release(lease_name(app), epoch)

    return end


def report_of(app, status, *issues):
    number = runs.ask(app, RunKind.INCREMENTAL)
    with app.store.write() as unit:
        unit.runs.claim(number, "here")
        unit.runs.finish(number, status)
    return RunReport(run=runs.show(app, number)[0], issues=list(issues))


def issue(act):
    return Issue(connection="hubspot", access=Access.READ, act=act, code="x", message="y")


@pytest.mark.parametrize(
    ("status", "act", "code"),
    [
        (RunStatus.SUCCEEDED, None, ExitCode.DONE),
        (RunStatus.HELD, Act.PAUSE, ExitCode.NEEDS_ATTENTION),
        (RunStatus.SUSPENDED, Act.BACK_OFF, ExitCode.NEEDS_ATTENTION),
        (RunStatus.PARTIAL, Act.PAUSE, ExitCode.NEEDS_ATTENTION),
        (RunStatus.PARTIAL, Act.QUARANTINE, ExitCode.DONE),
        (RunStatus.PARTIAL, None, ExitCode.NEEDS_ATTENTION),
        (RunStatus.FAILED, Act.FAIL, ExitCode.FAILED),
        (RunStatus.FAILED, Act.PAUSE, ExitCode.NEEDS_ATTENTION),
        (RunStatus.CANCELLED, None, ExitCode.FAILED),
    ],
)
def test_the_end_of_a_run_decides_the_exit_code(app, status, act, code):
    assert exit_code(report_of(app, status, *([issue(act)] if act else []))) is code


def test_while_another_process_works_the_run_stays_queued(app):
    held_elsewhere(app)
    number = runs.ask(app, RunKind.INCREMENTAL)

    assert Worker(app=app, progress=Silent()).work(number) is None
    assert runs.show(app, number)[0].status is RunStatus.QUEUED
    assert runs.working(app).holder == "elsewhere:1"


def test_waiting_ends_when_the_other_process_has_done_the_run(app, monkeypatch):
    held_elsewhere(app)
    number = runs.ask(app, RunKind.INCREMENTAL)

    def done_meanwhile(_seconds):
        with app.store.write() as unit:
            unit.runs.claim(number, "elsewhere:1")
            unit.runs.finish(number, RunStatus.SUCCEEDED)

    monkeypatch.setattr(app.clock, "sleep", done_meanwhile)

    report = Worker(app=app, progress=Silent()).work(number, wait=True)

    assert report.run.status is RunStatus.SUCCEEDED


def test_waiting_takes_over_when_the_other_process_ends_without_it(app, monkeypatch):
    end = held_elsewhere(app)
    number = runs.ask(app, RunKind.RESCORE)
    monkeypatch.setattr(app.clock, "sleep", lambda _seconds: end())

    report = Worker(app=app, progress=Silent()).work(number, wait=True)

    assert report.run.run_no == number
    assert report.run.status not in {RunStatus.QUEUED, RunStatus.RUNNING}


def test_waiting_ends_when_we_are_to_stop(app):
    held_elsewhere(app)
    number = runs.ask(app, RunKind.INCREMENTAL)

    assert Worker(app=app, progress=Silent(), stop=lambda: True).work(number, wait=True) is None


def test_runs_that_were_queued_meanwhile_are_done_too(app):
    first, second = runs.ask(app, RunKind.INCREMENTAL), runs.ask(app, RunKind.RESCORE)

    Worker(app=app, progress=Silent()).work(first)

    assert runs.show(app, second)[0].status is not RunStatus.QUEUED


def test_a_run_that_is_stopped_is_cancelled_between_two_steps(app):
    number = runs.ask(app, RunKind.RESCORE)

    report = Worker(app=app, progress=Silent(), stop=lambda: True).work(number)

    assert report.run.status is RunStatus.CANCELLED
    assert exit_code(report) is ExitCode.FAILED


def test_the_first_signal_asks_and_the_second_one_interrupts():
    before = signal.getsignal(signal.SIGINT)
    with stop_on_signals() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

    assert signal.getsignal(signal.SIGINT) is before


def test_asking_twice_for_the_same_asks_once_and_for_something_else_again(app):
    one = runs.ask(app, RunKind.INCREMENTAL)

    assert runs.ask(app, RunKind.INCREMENTAL) == one
    assert runs.ask(app, RunKind.INCREMENTAL, dry_run=True) != one
    assert runs.ask(app, RunKind.INCREMENTAL, connection="hubspot") != one


def test_a_run_of_yesterday_gives_way(app):
    one = runs.ask(app, RunKind.INCREMENTAL)
    with app.store.write() as unit:
        unit.runs.claim(one, "here")
        unit.runs.pin(one, day=app.clock.now().date(), version="x")
        unit.runs.finish(one, RunStatus.SUSPENDED)
    assert runs.ask(app, RunKind.INCREMENTAL) == one

    app.clock.advance(86_400)

    assert runs.ask(app, RunKind.INCREMENTAL) != one
    assert runs.show(app, one)[0].status is RunStatus.CANCELLED


def test_a_plain_id_means_the_only_object_that_holds_contacts(app):
    number = runs.ask(app, RunKind.INCREMENTAL, connection="hubspot", record="1")

    assert runs.show(app, number)[0].options == {"record": ["contacts", "1"]}


@pytest.mark.parametrize(
    ("record", "error", "words"),
    [
        ("companies:1", NotFound, "hubspot has no contacts called companies; it has contacts"),
        ("a:b:c:d", NotFound, "has no contacts called a"),
        ("other:contacts:1", SettingsError, "there is no connection 'other'"),
    ],
)
def test_a_record_that_cannot_be_meant_is_refused_with_what_can(app, record, error, words):
    with pytest.raises(error, match=words):
        runs.ask(app, RunKind.INCREMENTAL, connection="hubspot", record=record)


def test_a_run_that_is_not_there_or_not_held_is_told(app):
    number = runs.ask(app, RunKind.INCREMENTAL)

    with pytest.raises(NotFound, match=f"run {number} is queued, not held"):
        runs.release(app, number)
    for act in (runs.show, runs.cancel, runs.release):
        with pytest.raises(NotFound, match="there is no run 99"):
            act(app, 99)
