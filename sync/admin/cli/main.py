"""The command `leadgrade`. Each group of commands is a module of its own, added here with one line; heavy imports stay inside commands."""

from __future__ import annotations

from typing import Annotated

import typer

from sync.admin.cli import (
    backup_command,
    daemon_command,
    demo_command,
    explain_commands,
    init_command,
    model_commands,
    people_commands,
    publish_commands,
    refusal_commands,
    sandbox_commands,
    score_command,
    status_commands,
    sync_commands,
    watch_commands,
    write_commands,
)
from sync.admin.cli.commands import CommandLine, ConfigOption, note_config

_HELP = """Transparent lead scoring beside Salesforce and HubSpot.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 needs attention.
"""

app = CommandLine(name="leadgrade", help=_HELP)
app.add_typer(demo_command.commands)
app.add_typer(init_command.commands)
app.add_typer(write_commands.commands)
app.add_typer(sync_commands.commands)
app.add_typer(daemon_command.commands)
app.add_typer(status_commands.commands)
app.add_typer(watch_commands.commands)
app.add_typer(watch_commands.alert_commands, name="alerts")
app.add_typer(explain_commands.commands)
app.add_typer(refusal_commands.commands)
app.add_typer(people_commands.commands, name="people")
app.add_typer(sandbox_commands.commands, name="sandbox")
app.add_typer(score_command.commands)
model_commands.commands.add_typer(publish_commands.commands)
app.add_typer(model_commands.commands, name="model")
app.add_typer(backup_command.commands)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"leadgrade {version('leadgrade')}")
        raise typer.Exit


@app.callback()
def leadgrade(
    ctx: typer.Context,
    config: ConfigOption = None,
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option(
            "--version",
            help="Print the version and exit.",
            is_eager=True,
            callback=lambda value: _print_version(wanted=value),
        ),
    ] = False,
) -> None:
    note_config(ctx, config)


def run() -> None:
    """Entry point of the console script."""
    app(prog_name="leadgrade")
