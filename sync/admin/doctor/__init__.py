"""Doctor: what is wrong with this installation, where, and what to do about it.

Asks the CRMs; changes nothing but that pauses end whose cause was looked at again and is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.admin.doctor.checks import Check, Level
from sync.admin.doctor.connection import connection_checks
from sync.admin.doctor.installation import library_checks, model_checks, run_checks, settings_checks, store_checks

if TYPE_CHECKING:
    from sync.app import App

__all__ = ["Check", "Level", "doctor", "needs_attention"]


def doctor(app: App, connection: str | None = None) -> list[Check]:
    """Look at everything, or at one connection alone. Raises SettingsError for an unknown connection."""
    names = app.names(connection)
    checks: list[Check] = []
    if connection is None:
        checks += [*settings_checks(app), *store_checks(app), *model_checks(app), *run_checks(app)]
    for name in names:
        checks += connection_checks(app, name)
    if connection is None:
        checks += library_checks()
    return checks


def needs_attention(checks: list[Check]) -> bool:
    """Whether a human must act."""
    return any(check.level is Level.PROBLEM for check in checks)
