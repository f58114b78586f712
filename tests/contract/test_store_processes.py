"""Three processes of three threads each on one store: nothing is lost, even if the tables are not there yet."""

from __future__ import annotations

from pathlib import Path

from sync.store.open import open_store
from tests.contract.store_processes import counted, run_processes
from tests.fakes import FakeClock
from tests.postgres import postgres


def test_processes_and_threads_lose_nothing_on_sqlite(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/store.db"

    run_processes(address)

    assert counted(open_store(address, clock=FakeClock())) == 90


def test_processes_and_threads_lose_nothing_on_postgresql() -> None:
    name = postgres().new_database()
    address = postgres().url(name)

    run_processes(address)

    store = open_store(address, clock=FakeClock())
    assert counted(store) == 90
    store.close()
    postgres().drop(name)
