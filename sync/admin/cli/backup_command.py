"""`leadgrade backup`: a checked copy of the store, made while others work on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import WrongUse
from sync.admin.cli.opening import opened_app, opened_settings
from sync.admin.cli.output import print_json

commands = CommandLine()

_EPILOG = """\b
Examples:
  leadgrade backup /var/backups/leadgrade.db    while the daemon runs
  leadgrade backup --restored                   after a database server or a disk was restored by its own tools

A file of this command is restored by putting it in the place of the store while nothing runs (docs/operations.md).
"""


@commands.command("backup", epilog=_EPILOG)
def backup_command(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The copy; it must not exist.", show_default=False)
    ] = None,
    *,
    restored: Annotated[
        bool,
        typer.Option(
            "--restored",
            help="Make no copy: note that the store was restored, so that the CRMs are asked what they hold.",
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Copy the store into a file that you alone can read, while others work on it, and check the copy."""
    if restored == (file is not None):
        raise WrongUse(
            "name the file of the backup, or give --restored", next_step="leadgrade backup leadgrade-copy.db"
        )
    if file is None:
        _note_restored(ctx, json=json)
        return
    settings = opened_settings(ctx)
    from sync.admin.actions.backups import backup
    from sync.admin.cli.progress import shown_progress
    from sync.clock import SystemClock

    with shown_progress() as progress:
        made = backup(
            settings,
            file,
            clock=SystemClock(),
            progress=lambda done, total: progress.step("backup", None, done, total),
        )
    if json:
        print_json({"file": made.file, "bytes": made.bytes, "taken_at": made.taken_at, "checked": True})
    else:
        print(f"{made.file}: {made.bytes / 1e6:.1f} MB, checked; it holds personal data and is readable by you alone")


def _note_restored(ctx: typer.Context, *, json: bool) -> None:
    with opened_app(ctx) as app:
        from sync.admin.actions.backups import restored

        names = restored(app)
    if json:
        print_json({"restored": True, "connections": names})
    else:
        print(f"noted: what {', '.join(names)} hold counts as what was written; next: leadgrade sync")
