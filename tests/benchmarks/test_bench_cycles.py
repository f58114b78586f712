"""What a round of the daemon costs at 10,000, 100,000 and 1,000,000 people: nothing new, and 100 changes. `make bench` runs it.

LEADGRADE_BENCH_CYCLES sets other sizes, separated by commas; LEADGRADE_BENCH_FOLDER keeps the filled stores. The CRMs are on paper,
so nothing is in the figures but our own work. Instructions of SQLite's virtual machine say how much the store looked at.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sync.admin.actions.connections import set_writes
from sync.jobs.daemon import Daemon
from sync.store.sql.connections import WriteMode
from tests.bench_resting import ChangingCrm, fill_at_rest
from tests.fakes import FakeClock
from tests.paper_crm import paper_app
from tests.store_work import counted

SIZES = [int(size) for size in os.environ.get("LEADGRADE_BENCH_CYCLES", "10000,100000,1000000").split(",")]
CHANGES, ACTIVITIES = 100, 2


class Rounds:
    """A daemon on a store at rest, round by round."""

    def __init__(self, folder, people):
        self.people = people
        self.clock = FakeClock()
        self.crms = {name: ChangingCrm(name, self.clock) for name in ("one", "two")}
        filled = (folder / "leadgrade.db").exists()
        self.app = paper_app(folder, self.crms, self.clock, model="preset:b2b")
        if filled:
            # Behind what the last one did with it.
            with self.app.store.read() as unit:
                self.clock.set(max(run.requested_at for run in unit.runs.recent(limit=5)))
            self.clock.advance(301)
        else:
            fill_at_rest(self.app, folder / "leadgrade.db", people=people, activities=ACTIVITIES)
            set_writes(self.app, WriteMode.ON)
        self._daemon = Daemon(app=self.app, load=lambda: self.app.settings)
        self._done = int(time.time()) % people

    def change(self):
        """So many contacts somewhere in the store change."""
        self._done += CHANGES
        self.crms["one"].change([1 + (7919 * (self._done + number)) % self.people for number in range(CHANGES)])

    def round(self):
        """Turns until nobody has anything to do; seconds of our own work."""
        began = time.process_time()
        while self._daemon.turn():
            pass
        self.clock.advance(301)
        return time.process_time() - began


@pytest.mark.parametrize("people", SIZES)
def test_bench_rounds(benchmark, tmp_path, people):
    kept = os.environ.get("LEADGRADE_BENCH_FOLDER")
    folder = Path(kept) / f"rounds-{people}" if kept else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    rounds = Rounds(folder, people)

    def both():
        rounds.round()
        for name, before in (("nothing new", lambda: None), (f"{CHANGES} changes", rounds.change)):
            before()
            rounds.round()
            before()
            cpu = rounds.round()
            before()
            with counted(rounds.app.store) as work:
                rounds.round()
            statements, steps = work.statements.total(), work.instructions.total()
            print(f"\n{people:,} people, {name}: {cpu:.2f} s CPU, {statements:,} statements, {steps:,} instructions")
            benchmark.extra_info |= {name: {"cpu": round(cpu, 2), "statements": statements, "instructions": steps}}

    benchmark.pedantic(both, rounds=1)
    rounds.app.close()
