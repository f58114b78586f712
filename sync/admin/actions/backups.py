"""Backups, what follows a restore, and bringing the store of an older release to this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sync.clock import Clock, SystemClock
from sync.errors import SchemaOutdated
from sync.store.backup import BackedUp, back_up, note_restored
from sync.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from config.settings import Settings
    from sync.app import App


def backup(
    settings: Settings, target: Path, *, clock: Clock, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> BackedUp:
    """Copy the store into a file while others work on it, and check the copy. The store may be of an older release.

    Raises:
        StoreError: the store is PostgreSQL (its own tools do this), the file exists, or the copy is not sound.
    """
    return back_up(settings.store_url(), target, now=clock.now(), progress=progress)


def restored(app: App, *, by: str = "operator") -> list[str]:
    """Note that the store was restored by other means than a file of `backup`; the connections that this is about."""
    rows = app.connections(app.names())
    with app.store.write() as unit:
        note_restored(unit, [row.connection_no for row in rows.values()], now=app.clock.now())
        unit.audit.note(by, "store restored", {"connections": list(rows)})
    return list(rows)


def upgrade(settings: Settings, *, clock: Clock | None = None) -> BackedUp | None:
    """Bring the tables of an older release to this one, in one transaction; the backup that was made before.

    None: they are of this release already, or the database server's own tools make backups.
    """
    clock, url = clock or SystemClock(), settings.store_url()
    try:
        open_store(url, clock=clock).close()
    except SchemaOutdated:
        made = _backup_beside(url, clock.now())
        open_store(url, clock=clock, upgrade=True).close()
        return made
    return None


def _backup_beside(url: str, now: datetime) -> BackedUp | None:
    if not url.startswith("sqlite:///"):
        return None
    store = Path(url.removeprefix("sqlite:///"))
    return back_up(url, store.with_name(f"{store.name}.{now:%Y%m%d-%H%M%S}.backup"), now=now)
