"""Opening the store: what is set, what is refused, and what an operator is told."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sync.errors import (
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreMisplaced,
    StoreReadOnly,
    StoreUnreachable,
)
from sync.store import open as opening
from sync.store.failures import failure
from sync.store.open import file_system_of, open_store
from sync.store.unit import Store
from tests.contract.store_builders import a_connection, a_contact
from tests.fakes import FakeClock
from tests.postgres import postgres


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder % with é" / "store.db"


@pytest.fixture
def store(path: Path) -> Store:
    path.parent.mkdir()
    return open_store(f"sqlite:///{path}", clock=FakeClock(), busy_seconds=0.05)


def pragma(store: Store, name: str) -> object:
    with store.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_writers_of_sqlite_are_set_up_as_designed(store: Store) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 50}

    assert {name: pragma(store, name) for name in wanted} == wanted
    assert pragma(store, "journal_size_limit") == 64 * 1024 * 1024


def test_the_file_and_its_log_belong_to_their_owner_alone(store: Store, path: Path) -> None:
    connection_no = a_connection(store)
    with store.write() as unit:
        unit.contacts.upsert(connection_no, [a_contact()])

    modes = {item.name: stat.S_IMODE(item.stat().st_mode) for item in path.parent.iterdir()}

    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_closing_folds_the_log_into_the_file(store: Store, path: Path) -> None:
    a_connection(store)

    store.close()

    assert [item.name for item in path.parent.iterdir()] == ["store.db"]


@pytest.mark.parametrize("url", ["", "mysql://host/name", "sqlite://", "sqlite:///:memory:", "no address at all"])
def test_an_address_of_no_store_is_refused(url: str) -> None:
    with pytest.raises(StoreUnreachable, match="neither sqlite"):
        open_store(url, clock=FakeClock())


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="no folder") as caught:
        open_store(f"sqlite:///{tmp_path}/missing/store.db", clock=FakeClock())

    assert caught.value.next_step == f"mkdir -p {tmp_path}/missing"


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged, match="this is a folder"):
        open_store(f"sqlite:///{tmp_path}", clock=FakeClock())


def test_a_file_of_something_else_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Jane, " * 200)

    with pytest.raises(StoreDamaged, match="SQLITE_NOTADB"):
        open_store(f"sqlite:///{path}", clock=FakeClock())

    assert path.read_text() == "Dear Jane, " * 200


def test_a_full_disk_is_told_and_nothing_that_was_committed_is_lost(store: Store) -> None:
    connection_no = a_connection(store)
    pages = pragma(store, "page_count")
    assert pragma(store, f"max_page_count={pages}") == pages

    with pytest.raises(StoreFull) as caught, store.write() as unit:
        unit.contacts.upsert(connection_no, [a_contact(str(number)) for number in range(2000)])

    assert "free some space" in str(caught.value)
    with store.read() as unit:
        assert unit.connections.get(connection_no).name == "crm"
        assert unit.contacts.count() == {}


def test_a_database_that_another_program_locks_is_told(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreBusy), store.write():
        pass
    with store.read() as unit:
        assert unit.connections.all() == []

    other.execute("ROLLBACK")
    other.close()
    a_connection(store)


def test_a_read_only_file_can_be_told_from_a_bug() -> None:
    error = sqlite3.OperationalError("attempt to write a readonly database")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_READONLY_DBMOVED, "SQLITE_READONLY_DBMOVED"

    assert isinstance(failure("sqlite:///x", error), StoreReadOnly)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_network_file_systems_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(opening, "file_system_of", lambda path: kind)

    with pytest.raises(StoreMisplaced, match="network file system") as caught:
        open_store(f"sqlite:///{tmp_path}/store.db", clock=FakeClock())

    assert "PostgreSQL" in str(caught.value.next_step)
    assert list(tmp_path.iterdir()) == []


def test_the_file_system_is_that_of_the_deepest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/root / ext4 rw 0 0\n"
        f"server:/home {tmp_path} nfs4 rw 0 0\n"
        f"tmpfs {tmp_path}/a\\040b tmpfs rw 0 0\n"
        f"/dev/x {tmp_path}x xfs rw 0 0\n"
        f"server:/y {tmp_path}/over ext4 rw 0 0\n"
        f"server:/y {tmp_path}/over cifs rw 0 0\n"
        "short\n"
    )

    found = {
        name: file_system_of(Path(place), mounts)
        for name, place in {
            "root": "/nowhere",
            "nfs": f"{tmp_path}/store.db",
            "blank": f"{tmp_path}/a b/store.db",
            "like": f"{tmp_path}x/store.db",
            "over": f"{tmp_path}/over/store.db",
        }.items()
    }

    assert found == {"root": "ext4", "nfs": "nfs4", "blank": "tmpfs", "like": "xfs", "over": "cifs"}
    assert file_system_of(tmp_path, tmp_path / "missing") is None


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable) as caught:
        open_store(f"postgresql://me:secret-word@/name?host={tmp_path}", clock=FakeClock())

    assert "secret-word" not in str(caught.value)


def test_a_missing_database_of_a_server_is_told() -> None:
    with pytest.raises(StoreUnreachable):
        open_store(postgres().url("missing"), clock=FakeClock())


def test_every_error_of_the_store_says_what_to_do_next() -> None:
    codes = [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_ERROR,
    ]
    for code in codes:
        error = sqlite3.OperationalError("x")
        error.sqlite_errorcode, error.sqlite_errorname = code, "NAME"
        found = failure("here", error)
        assert isinstance(found, StoreError)
        assert found.next_step
        assert str(found).startswith("here: ")


def test_no_second_copy_of_sqlite_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; from sync.clock import SystemClock; from sync.store.open import open_store\n"
        f"store = open_store('sqlite:///{tmp_path}/store.db', clock=SystemClock())\n"
        "from sync.store.tables import contact; import sqlalchemy as sa\n"
        "store.read_frame(sa.select(contact.c.contact_no)); store.close()\n"
        "found = {'adbc_driver_sqlite', 'adbc_driver_manager', 'connectorx', 'duckdb'} & set(sys.modules)\n"
        "assert not found, found"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
