"""An idle daemon: how long it takes to start, and how much memory it keeps after some rounds without news. `make bench` runs it.

Goals: under 2 s and 150 MB. Set LEADGRADE_BENCH_PEOPLE for another size than 20,000 people; two connections, metrics served.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import load_settings
from sync.admin.actions.connections import apply_fields
from sync.admin.actions.runs import ask
from sync.admin.demo.world import World
from sync.app import open_app
from sync.jobs.progress import Silent
from sync.jobs.runner import Runner
from sync.store.run_rows import RunKind

PEOPLE = int(os.environ.get("LEADGRADE_BENCH_PEOPLE", "20000"))
ROUNDS = 6
MORE = """
schedule: {incremental: 10 seconds, sweep: never, jitter_seconds: 0}
metrics: {port: 0}
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("idle")
    with World(people=PEOPLE, seed=7, day=datetime.now(UTC).date()) as world:
        path = world.settings(folder)
        app = open_app(load_settings(path))
        for name in app.names():
            apply_fields(app, name)
        for _ in range(2):
            Runner(app=app, progress=Silent()).execute(ask(app, RunKind.INCREMENTAL, by="bench"))
            world.advance(3600)
        app.close()
        path.write_text(path.read_text() + MORE)
        yield path


def memory(pid):
    """(resident now, its peak) in MB."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(status[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))


def cpu(pid):
    """Seconds of processor time so far: what the start takes on a machine that does nothing else."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return round((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), 2)


def test_idle_daemon(benchmark, loaded):
    def live():
        began = time.monotonic()
        daemon = subprocess.Popen(
            [sys.executable, "-c", "from sync.admin.cli.main import run; run()", "daemon", "--config", str(loaded)],
            stderr=subprocess.PIPE,
            text=True,
        )
        started, own, at_start, rounds = 0.0, 0.0, (0, 0), 0
        for line in daemon.stderr:
            event = json.loads(line)
            if event["event"] == "daemon_started":
                started, own, at_start = time.monotonic() - began, cpu(daemon.pid), memory(daemon.pid)
            rounds += event["event"] == "run_ended" and event["kind"] == "incremental"
            if rounds == ROUNDS:
                break
        idle = memory(daemon.pid)
        daemon.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        daemon.communicate(timeout=30)
        return {
            "seconds_to_start": round(started, 2),
            "cpu_seconds_to_start": own,
            "rss_mb_at_start": at_start[0],
            "rss_mb_idle": idle[0],
            "peak_rss_mb": idle[1],
            "seconds_to_stop": round(time.monotonic() - asked, 2),
        }

    benchmark.extra_info |= benchmark.pedantic(live, rounds=1, iterations=1)
    print(f"\nidle daemon, {PEOPLE:,} people: {benchmark.extra_info}")
