"""What processes and threads do at the same time in tests of the store: read a number, then write one more."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import sqlalchemy as sa

from sync.clock import SystemClock
from sync.store.open import open_store
from sync.store.tables import audit, marker
from sync.store.unit import Store

_ROOT = Path(__file__).parents[2]


def count_up(store: Store, times: int) -> None:
    """Read the counter, then write it, and leave a row each time."""
    for _ in range(times):
        with store.write() as unit:
            value = unit.sql.value(sa.select(marker.c.value).where(marker.c.name == "counter")) or 0
            unit.sql.upsert(marker, [{"name": "counter", "value": value + 1}], update=["value"])
            unit.audit.note("test", "count")


def counted(store: Store) -> int:
    """The counter, which must equal the rows that were left."""
    with store.read() as unit:
        value = unit.sql.value(sa.select(marker.c.value).where(marker.c.name == "counter"))
        rows = unit.sql.value(sa.select(sa.func.count()).select_from(audit))
    assert value == rows
    return int(value)


def run_processes(address: str, *, processes: int = 3, threads: int = 3, times: int = 10) -> None:
    """Count up in several processes of several threads each."""
    code = "import sys; from tests.contract.store_processes import work; work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"
    started = [
        subprocess.Popen([sys.executable, "-c", code, address, str(threads), str(times)], cwd=_ROOT)
        for _ in range(processes)
    ]
    assert [process.wait(timeout=120) for process in started] == [0] * processes


def work(address: str, threads: int, times: int) -> None:
    """One of the processes. It opens the store itself, possibly before its tables exist."""
    store = open_store(address, clock=SystemClock())
    running = [threading.Thread(target=count_up, args=(store, times)) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    store.close()
