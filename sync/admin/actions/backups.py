"""Backups, what follows a restore, and bringing the store of an older release to this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.clock import Clock, SystemClock
from sync.store.backup import BackedUp, back_up, note_restored
from sync.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def upgrade(settings: Settings, *, clock: Clock | None = None) -> None:
    """Bring the tables of an older release to this one, in one transaction."""
    open_store(settings.store_url(), clock=clock or SystemClock(), upgrade=True).close()
