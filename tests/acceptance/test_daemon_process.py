"""`leadgrade daemon` as a process: it starts, does what is queued beside it, refuses a broken model, and ends when told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from sync.admin.actions import runs
from sync.store.run_rows import RunKind, RunStatus
from tests.operators import own_model
from tests.worlds import World, people

PATIENCE = 240  # seconds
SCRIPT = "from sync.admin.cli.main import run; run()"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("daemon")
    own_model(folder)
    settings = {"model": "model.yaml", "schedule": '{incremental: "1 day", sweep: never}'}
    with World.opened(folder, population=people(6), crms=("hubspot",), settings=settings) as world:
        world.turn_writes_on()
        yield world


class Process:
    """The daemon of a world, and the lines of its log."""

    def __init__(self, world):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LEADGRADE_")}
        self.popen = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "daemon", "--config", str(world.folder / "leadgrade.yaml")],
            stderr=subprocess.PIPE,
            text=True,
            env=clean,
        )
        self.lines = []
        # A daemon that falls silent fails the test instead of holding it up.
        self.limit = threading.Timer(PATIENCE, self.popen.kill)
        self.limit.start()

    def until(self, event, **known):
        """The first line about an event; its threads may have told it before others told theirs."""
        seen = 0
        while True:
            while seen < len(self.lines):
                found = self.lines[seen]
                seen += 1
                if found["event"] == event and all(found.get(name) == value for name, value in known.items()):
                    return found
            line = self.popen.stderr.readline()
            if not line:
                pytest.fail(f"the daemon ended before {event}")
            self.lines.append(json.loads(line))


@contextmanager
def a_daemon(world):
    process = Process(world)
    try:
        process.until("daemon_started")
        yield process
    finally:
        process.limit.cancel()
        process.popen.kill()
        process.popen.wait()
        process.popen.stderr.close()


def test_a_daemon_loads_writes_takes_queued_runs_and_ends_cleanly(world):
    with a_daemon(world) as daemon:
        daemon.until("run_ended", kind="deliver")
        record = next(iter(sorted(key[2] for key in world.contacts())))
        number = runs.ask(world.app, RunKind.INCREMENTAL, connection="hubspot", record=record)
        daemon.until("run_ended", run=number)
        daemon.popen.send_signal(signal.SIGTERM)
        daemon.until("daemon_stopped")
        code = daemon.popen.wait(30)

    with world.app.store.read() as unit:
        leases = unit.leases.all()
    assert (code, leases) == (0, [])
    assert runs.show(world.app, number)[0].status is RunStatus.SUCCEEDED
    assert any(entry.sent for entry in world.contact_entries("hubspot").values())


def test_a_broken_model_is_refused_on_sighup_and_the_next_good_one_taken(world):
    path = world.folder / "model.yaml"
    good = path.read_text()
    with a_daemon(world) as daemon:
        path.write_text(good.replace("points:", "pints:", 1))
        daemon.popen.send_signal(signal.SIGHUP)
        refused = daemon.until("reload_refused")
        path.write_text(good)
        daemon.popen.send_signal(signal.SIGHUP)
        taken = daemon.until("reloaded")
        daemon.popen.send_signal(signal.SIGINT)
        code = daemon.popen.wait(30)

    assert "model.yaml:" in refused["reason"]
    assert taken["connections"] == ["hubspot"]
    assert code == 0


def test_after_a_kill_the_next_daemon_takes_the_leases_at_once(world):
    with a_daemon(world) as daemon:
        daemon.until("lease_taken", lease="connection:1")
    with a_daemon(world) as after:
        after.until("lease_taken", lease="connection:1")
        after.popen.send_signal(signal.SIGTERM)
        code = after.popen.wait(30)

    assert code == 0
