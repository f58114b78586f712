"""`leadgrade demo`: the whole loop on both CRMs of a local sandbox, with a proof at the end."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sync.admin.cli.commands import CommandLine
from sync.admin.cli.failures import ExitCode

commands = CommandLine()

#: Columns of the tables when nobody sits at a terminal.
_WIDTH = 120


@commands.command("demo")
def demo(
    *,
    people: Annotated[int, typer.Option("--people", metavar="N", min=10, help="How many made-up people.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same people.")] = 7,
    stay: Annotated[
        bool,
        typer.Option(
            "--stay", help="Afterwards keep the sandbox up and the folder, to try commands on; Ctrl-C ends it."
        ),
    ] = False,
) -> ExitCode:
    """Run the whole loop on a local sandbox of both CRMs; exit 0 only if they hold what was computed.

    Starts the sandbox, creates the fields, loads, previews, writes, changes some records in the CRMs, syncs again, explains a
    score, and reads every record back over HTTP. Nothing outside this machine is touched.
    """
    import os
    from datetime import UTC, datetime
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from rich.console import Console

    from sync.admin.cli.logs import level_named, set_up_logs
    from sync.admin.cli.progress import shown_progress
    from sync.admin.demo.play import Play
    from sync.admin.demo.world import World

    set_up_logs(level_named(os.environ.get("LEADGRADE_LOG_LEVEL"), "warning"))
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    with TemporaryDirectory(prefix="leadgrade-demo-") as folder:
        console.print(f"{people:,} made-up people (seed {seed}) in a sandbox of Salesforce and HubSpot on this machine")
        with World(people=people, seed=seed, day=datetime.now(UTC).date()) as world:
            with shown_progress() as progress:
                good = Play(console, progress).run(world, Path(folder))
            if stay:
                console.print(
                    f"\nThe sandbox stays up. In another terminal: cd {folder} && leadgrade status\nCtrl-C ends it."
                )
                world.wait()
    return ExitCode.DONE if good else ExitCode.FAILED
