"""Large and interrupted runs: an account and `leadgrade` in processes of their own, the latter killed at random instants."""

from __future__ import annotations

import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_LEADGRADE = "from sync.admin.cli.main import run; run()"
#: Seconds between two looks at a process.
_LOOK = 0.05


@dataclass(frozen=True, kw_only=True)
class Life:
    """One process from its start to its end."""

    code: int
    seconds: float
    #: The most that it, or a child of it, held in memory at a time.
    peak_mb: int


class AccountProcess:
    """The sandbox with one account; a context manager."""

    def __init__(self, crm, **options):
        self.crm = crm
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self._command = [sys.executable, "-m", "tests.long_account", "--crm", crm, *words]

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
        )
        self.announced = json.loads(self._process.stdout.readline())
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def ask(self, do, **details):
        """Let it do something; its answer."""
        self._process.stdin.write(json.dumps({"do": do, **details}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def dump(self, **details):
        """See `Account.dump`."""
        self.ask("dump", **details)

    def calls(self, *, method="", path="", status=""):
        """How many calls there were so far."""
        found = 0
        for key, many in self.ask("calls")["calls"].items():
            verb, template, code = key.split(" ")
            found += many * (method in ("", verb) and path in template and str(status) in ("", code))
        return found

    def rows(self):
        """Records handed out and taken in so far."""
        return self.ask("calls")["rows"]

    @property
    def peak_mb(self):
        """The most that it held in memory."""
        return _high_water(self._process.pid)


class Installation:
    """Settings, secrets and a store of one connection; `leadgrade` runs on it in processes of its own."""

    def __init__(self, folder, account, **settings):
        self.folder = folder
        self.crm = account.crm
        self.store = folder / "leadgrade.db"
        folder.mkdir(exist_ok=True)
        announced = account.announced
        values = {"kind": account.crm, "host": announced["base_url"]}
        secrets = ("client_id", "client_secret") if account.crm == "salesforce" else ("access_token",)
        for name in secrets:
            file = folder / name
            file.touch(mode=0o600)
            file.write_text(announced[name])
            values["token" if name == "access_token" else name] = f"file:{name}"
        if account.crm == "salesforce":
            values["domain"] = "demo.my.salesforce.com"
        values |= {"daily_share": 100, **settings}
        lines = ["deadband: 0", "connections:", f"  {account.crm}:", *(f"    {k}: {v}" for k, v in values.items())]
        (folder / "leadgrade.yaml").write_text("\n".join(lines) + "\n")

    def start(self, *words):
        """A process that works; what it prints goes to a file."""
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        with (self.folder / "printed.txt").open("a") as out:
            return subprocess.Popen(
                [sys.executable, "-c", _LEADGRADE, *words, "--config", str(self.folder / "leadgrade.yaml")],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, cwd=self.folder,
            )  # fmt: skip

    def run(self, *words, until=lambda: False):
        """Let a command work to its end, or kill it as soon as `until` says so; its life."""
        began = time.monotonic()
        process = self.start(*words)
        handle = os.pidfd_open(process.pid)
        peak = 0
        try:
            while not select.select([handle], [], [], _LOOK)[0]:
                peak = max(peak, _high_water(process.pid), *map(_high_water, _children(process.pid)))
                if until():
                    process.send_signal(signal.SIGKILL)
                    break
        finally:
            os.close(handle)
            process.wait()
        return Life(code=process.returncode, seconds=time.monotonic() - began, peak_mb=peak)

    def printed(self):
        """What all commands printed."""
        return (self.folder / "printed.txt").read_text()

    def rows(self, query, *values):
        """Rows of the store, read beside whoever works on it."""
        connection = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def stored(self):
        """Numbers of contacts and activities given out so far: how far a first load is."""
        try:
            return sum(
                many for name, many in self.rows("SELECT name, value FROM sequence") if name in {"contact", "activity"}
            )
        except sqlite3.OperationalError:
            return 0  # no store or no tables yet


def killed_along(installation, words, *, kills, rng, total, progress):
    """Let a command work until it is done, killed at random places between 0 and `total` of what `progress` says; its lives.

    A kill comes a random moment after its place is reached, so that it may meet any step of the work.
    """
    lives = []
    for left in range(kills, 0, -1):
        here = progress()
        place = here + max(1, (total - here) * min(1.0, 2 * rng.random() / (left + 1)))
        pause, due = rng.random() * 0.4, []

        def until(place=place, pause=pause, due=due):
            if not due and progress() >= place:
                due.append(time.monotonic() + pause)
            return bool(due) and time.monotonic() >= due[0]

        lives.append(installation.run(*words, until=until))
        if lives[-1].code != -signal.SIGKILL:
            return lives
    return [*lives, installation.run(*words)]


def killed_after(installation, words, *, kills, rng, seconds):
    """Let a command work until it is done, killed so often, each time after a random part of so many seconds; its lives."""
    lives = []
    for _ in range(kills):
        end = time.monotonic() + rng.random() * seconds
        lives.append(installation.run(*words, until=lambda end=end: time.monotonic() >= end))
    return [*lives, installation.run(*words)]


def summary(lives):
    """Lives in one line."""
    killed = sum(life.code == -signal.SIGKILL for life in lives)
    seconds = " + ".join(f"{life.seconds:.0f}" for life in lives)
    return f"{len(lives)} processes, {killed} killed, {seconds} s, peak {max(life.peak_mb for life in lives)} MB"


def _high_water(pid):
    """The most that a process held in memory so far, 0 when it is gone. (ru_maxrss would count whoever started it, too.)"""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in text.splitlines() if line.startswith("VmHWM")), 0)


def _children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
