"""Backups of a SQLite store while others work on it, and what a store remembers about having been restored."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import sqlalchemy as sa

from sync.errors import StoreDamaged, StoreError, StoreFull, StoreUnreachable
from sync.store.failures import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.store.unit import Unit

#: Pages that are copied at a time: between two such parts a signal is heard and progress shown.
PAGES: Final = 2_000
#: Streams whose records carry our fields.
_WRITTEN: Final = ("contacts", "accounts")


@dataclass(frozen=True, kw_only=True, slots=True)
class BackedUp:
    """A backup that was checked."""

    file: Path
    bytes: int
    taken_at: datetime


def restored_marker(connection_no: int, stream: str) -> str:
    """The fact that a stream was not read to its present since its store was restored."""
    return f"restored.{connection_no}.{stream}"


def note_restored(unit: Unit, connection_nos: list[int], *, now: datetime) -> None:
    """The store was restored: until a stream is read to its present, what its CRM holds counts as what we sent."""
    for number in connection_nos:
        for stream in _WRITTEN:
            unit.markers.put(restored_marker(number, stream), now.isoformat())


def back_up(
    url: str, target: Path, *, now: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> BackedUp:
    """Copy the store into one file, readable by its owner alone, and check the copy.

    The copy is one instant of the store: it is read inside one transaction, which in write-ahead mode keeps nobody
    waiting. It knows that it is a copy: a store that begins with it asks the CRMs what they hold before it writes.

    Args:
        url: Of the store; it may be of another release.
        target: A file that does not exist.
        now: The instant of the backup.
        progress: Called with (pages copied, all pages).

    Raises:
        StoreError: no SQLite store, the file exists, there is no room, or the copy is not sound.
    """
    source = _file_of(url)
    if target.exists():
        raise StoreError(f"{target} exists already, and a backup overwrites nothing", next_step="name another file")
    if not target.parent.is_dir():
        raise StoreUnreachable(
            f"there is no folder {target.parent} for the backup", next_step=f"mkdir -p {target.parent}"
        )
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with translated(str(target)):
            _copy(source, part, now, progress)
        part.replace(target)
    except OSError as error:
        raise StoreFull(
            f"{target}: the backup cannot be written: {error.strerror}", next_step="name a file on another disk"
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return BackedUp(file=target, bytes=target.stat().st_size, taken_at=now)


def _file_of(url: str) -> Path:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        address = parsed.set(drivername="postgresql", password=None).render_as_string()
        raise StoreError(
            "The store is a PostgreSQL database, which has tools of its own for this.",
            next_step=f"pg_dump --format=custom --file=leadgrade.dump '{address}'",
        )
    path = Path(str(parsed.database))
    if not path.is_file():
        raise StoreUnreachable(f"there is no store {path}", next_step="correct `store` in the settings")
    return path


def _copy(source: Path, part: Path, now: datetime, progress: Callable[[int, int], None]) -> None:
    reading = sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=30, isolation_level=None)
    with closing(reading), closing(sqlite3.connect(part, isolation_level=None)) as copy:
        # One snapshot for all pages: without it each change by somebody else would make the copy begin anew.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(copy, pages=PAGES, progress=lambda _status, left, total: progress(total - left, total))
        reading.execute("COMMIT")
        # One file, without a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        _mark(copy, now)
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or broken is not None:
        raise StoreDamaged(
            f"{source}: the copy is not sound ({found if found != 'ok' else 'rows refer to rows that are not there'})",
            next_step="check the disk; keep the last backup that was sound",
        )
    with part.open("rb") as file:
        os.fsync(file.fileno())


def _mark(copy: sqlite3.Connection, now: datetime) -> None:
    tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"marker", "connection"} <= tables:
        return
    numbers = [number for (number,) in copy.execute("SELECT connection_no FROM connection")]
    value = json.dumps(now.astimezone(UTC).isoformat())
    rows = [(restored_marker(number, stream), value) for number in numbers for stream in _WRITTEN]
    copy.executemany("INSERT OR REPLACE INTO marker (name, value) VALUES (?, ?)", rows)
