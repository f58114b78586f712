"""`leadgrade init`: a folder with settings and a scoring model to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import Refused
from sync.admin.cli.output import print_json

commands = CommandLine()


@commands.command("init", epilog="\b\nExample:\n  leadgrade init leadgrade-acme && cd leadgrade-acme")
def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="Folder to write to; made when it is not there.")
    ],
    *,
    preset: Annotated[str, typer.Option("--preset", metavar="NAME", help="Shipped model to start from.")] = "b2b",
    json: JsonOption = False,
) -> None:
    """Write leadgrade.yaml, and a scoring model with its lists, ready to be edited. Overwrites nothing."""
    from sync.admin.actions.start_folder import FolderInUse, start_folder

    try:
        done = start_folder(directory, preset=preset)
    except FolderInUse as error:
        raise Refused(error.message, next_step=error.next_step) from None
    if json:
        print_json(
            {"folder": str(done.folder), "files": [str(each) for each in done.files], "variables": done.variables}
        )
        return
    for path in done.files:
        print(f"written: {path}")
    print("next:")
    for number, step in enumerate(_steps(directory, done.variables), start=1):
        print(f"  {number}. {step}")


def _steps(directory: Path, variables: tuple[str, ...]) -> list[str]:
    change = [] if directory.resolve() == Path.cwd() else [f"cd {directory}"]
    return [
        *change,
        "edit leadgrade.yaml: keep the connections that you have, delete the others",
        f"set the secrets: {', '.join(variables)}",
        "edit the lists and model.yaml, then: leadgrade model check model.yaml",
        "leadgrade doctor",
        "leadgrade sync (writes to the CRMs are off until: leadgrade writes on)",
    ]
