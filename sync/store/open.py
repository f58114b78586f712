"""Opening the store: the only place that makes database engines, and what each database must be told first.

SQLite: the standard library's copy alone, write-ahead log, BEGIN IMMEDIATE for writers, read-only connections for
readers (SQLAlchemy's own SQLite transactions lose updates). PostgreSQL: psycopg 3, one writer at a time by an advisory
lock, repeatable read for readers.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa

from sync.errors import StoreDamaged, StoreMisplaced, StoreReadOnly, StoreUnreachable
from sync.store import adbc, migrations
from sync.store.failures import translated
from sync.store.unit import Store

if TYPE_CHECKING:
    from sync.clock import Clock

#: File systems on which SQLite's locks or its shared memory do not hold.
_NETWORK = frozenset(
    {
        *(
            "9p",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "coda",
            "davfs",
            "gfs2",
            "glusterfs",
            "gpfs",
            "lustre",
            "ncpfs",
            "nfs",
        ),
        *("nfs4", "ocfs2", "smb3", "smbfs", "virtiofs", "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.rclone"),
        *("fuse.s3fs", "fuse.sshfs"),
    }
)
_OLDEST_SQLITE = (3, 35, 0)
#: One key for all writers of one PostgreSQL database; the number means nothing.
_WRITER_KEY = 7_305_437_115


def open_store(url: str, *, clock: Clock, busy_seconds: float = 30.0, upgrade: bool = False) -> Store:
    """Open a database, and make its tables when it is new.

    `sqlite:////path/file.db` or `postgresql://user:password@host/name`. A database of an older release is refused unless
    `upgrade` is asked for. Raises StoreError with the place and the next step.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    match parsed.get_backend_name() if parsed is not None else None:
        case "sqlite" if parsed is not None and parsed.database not in {None, "", ":memory:"}:
            store = _open_sqlite(Path(str(parsed.database)), clock, busy_seconds)
        case "postgresql" if parsed is not None:
            store = _open_postgresql(parsed, clock, busy_seconds)
        case _:
            raise StoreUnreachable(
                "The store's address is neither sqlite:///FILE nor postgresql://…",
                next_step="correct `store` in the settings",
            )
    try:
        migrations.settle(store, upgrade=upgrade)
    except BaseException:
        store.close()
        raise
    return store


# ---------------------------------------------------------------- SQLite


def _open_sqlite(path: Path, clock: Clock, busy_seconds: float) -> Store:
    place = f"sqlite:///{path}"
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        wanted = ".".join(map(str, _OLDEST_SQLITE))
        raise StoreUnreachable(
            f"SQLite {sqlite3.sqlite_version} is too old, {wanted} is needed", next_step="use a newer Python"
        )
    _refuse_network_file_systems(path)
    _create_private(path, place)

    def connect(mode: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-32768")
        if mode == "rw":
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA journal_size_limit=67108864")
        return connection

    with translated(place):
        _turn_on_write_ahead_log(connect, place)
    writer = _sqlite_engine(lambda: connect("rw"), "BEGIN IMMEDIATE", pool_size=1)
    reader = _sqlite_engine(lambda: connect("ro"), "BEGIN", pool_size=4)
    return Store(writer=writer, reader=reader, clock=clock, place=place, busy_seconds=busy_seconds)


def _sqlite_engine(creator: Any, begin: str, *, pool_size: int) -> sa.Engine:
    engine = sa.create_engine(
        "sqlite://", creator=creator, poolclass=sa.QueuePool, pool_size=pool_size, max_overflow=60, hide_parameters=True
    )

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _turn_on_write_ahead_log(connect: Any, place: str) -> None:
    connection = connect("rw")
    try:
        # Asking first: the change itself needs the file for itself, and SQLite does not wait for that.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            if mode != "wal":
                raise StoreMisplaced(
                    f"{place}: this file system does not let SQLite keep a write-ahead log (mode {mode})",
                    next_step="put the file on a local disk",
                )
    finally:
        connection.close()


def _create_private(path: Path, place: str) -> None:
    """Make the file readable by its owner alone; SQLite gives its side files the same mode."""
    try:
        there, folder = path.parent.is_dir(), path.is_dir()
    except PermissionError:
        raise StoreReadOnly(
            f"{place}: this user may not enter {path.parent}", next_step="make the folder accessible and writable"
        ) from None
    if not there:
        raise StoreUnreachable(f"{place}: there is no folder {path.parent}", next_step=f"mkdir -p {path.parent}")
    if folder:
        raise StoreDamaged(f"{place}: this is a folder", next_step="name a file in `store` in the settings")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, stat.S_IRUSR | stat.S_IWUSR))
    except FileExistsError:
        return
    except PermissionError:
        raise StoreReadOnly(
            f"{place}: this user may not create files in {path.parent}", next_step="make the folder writable"
        ) from None


def _refuse_network_file_systems(path: Path) -> None:
    kind = file_system_of(path)
    if kind in _NETWORK:
        raise StoreMisplaced(
            f"sqlite:///{path}: this is on a network file system ({kind}), where SQLite loses data",
            next_step="put the file on a local disk, or use PostgreSQL",
        )


def file_system_of(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """The type of the file system that holds a path, None where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    real = path.absolute().resolve()
    best, kind = -1, None
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        # Of equal mount points the later one lies on top.
        if (real == point or point in real.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind


# ---------------------------------------------------------------- PostgreSQL


def _open_postgresql(url: sa.URL, clock: Clock, busy_seconds: float) -> Store:
    place = url.set(drivername="postgresql").render_as_string(hide_password=True)
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise StoreUnreachable(
            f"{place}: the driver for PostgreSQL is not installed", next_step="pip install 'leadgrade[postgres]'"
        ) from None
    url = url.set(drivername="postgresql+psycopg")
    common: dict[str, Any] = {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": 10, "application_name": "leadgrade"},
    }
    writer = sa.create_engine(url, isolation_level="READ COMMITTED", pool_size=2, max_overflow=8, **common)
    reader = sa.create_engine(url, isolation_level="REPEATABLE READ", pool_size=4, max_overflow=28, **common)

    @sa.event.listens_for(writer, "connect")
    def _limits(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {int(busy_seconds * 1000)}")
        # Lists of thousands of values need plans that know them.
        connection.execute("SET plan_cache_mode = force_custom_plan")
        # A writer that hangs must not hold all others for ever; its transaction is rolled back.
        connection.execute("SET idle_in_transaction_session_timeout = 60000")
        connection.autocommit = False

    @sa.event.listens_for(writer, "begin")
    def _alone(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_KEY})")

    @sa.event.listens_for(reader, "connect")
    def _plans(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute("SET plan_cache_mode = force_custom_plan")
        connection.autocommit = False

    @sa.event.listens_for(reader, "begin")
    def _read_only(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return Store(
        writer=writer,
        reader=reader,
        clock=clock,
        place=place,
        busy_seconds=busy_seconds,
        bulk_reader=adbc.reader(address),
    )
