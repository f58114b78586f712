"""What a command needs at its beginning: the settings, the logs, the app; and its end: everything closed."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sync.admin.cli.commands import config_of
from sync.admin.cli.logs import set_up_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import typer

    from config.settings import Settings
    from sync.app import App


def opened_settings(ctx: typer.Context) -> Settings:
    """Read the settings file that is meant and set up the logs as it says. Raises SettingsError."""
    from config.settings import load_settings

    settings = load_settings(config_of(ctx))
    set_up_logs(settings.log_level)
    return settings


@contextmanager
def opened_app(ctx: typer.Context) -> Iterator[App]:
    """Open the settings, the store and what hangs on it; close it whatever happens."""
    settings = opened_settings(ctx)
    if settings.log_level == "info" and sys.stderr.isatty():
        # Whoever sits before a command sees its progress and its tables; lines for machines would only run through them.
        set_up_logs("warning")
    from sync.app import open_app

    app = open_app(settings)
    try:
        yield app
    finally:
        app.close()
