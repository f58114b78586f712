"""`leadgrade people`: which records are one person, and everything that is known of one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import Refused
from sync.admin.cli.opening import opened_app
from sync.admin.cli.output import print_json

commands = CommandLine(help="Who is one person: link, unlink; export or forget one.")

RecordArgument = Annotated[str, typer.Argument(metavar="CONNECTION:OBJECT:ID", help="A record.", show_default=False)]
WhoArgument = Annotated[
    str, typer.Argument(metavar="EMAIL|CONNECTION:OBJECT:ID", help="The person.", show_default=False)
]


@commands.command("link")
def link_command(ctx: typer.Context, one: RecordArgument, other: RecordArgument, *, json: JsonOption = False) -> None:
    """Say that two records are one person. It holds until unlink says otherwise."""
    with opened_app(ctx) as app:
        from sync.admin.actions import people

        number = people.link(app, one, other)
        if json:
            print_json({"person_no": number, "records": [one, other]})
        else:
            print(f"{one} and {other} are person {number} now; next: leadgrade sync scores it")


@commands.command("unlink")
def unlink_command(ctx: typer.Context, one: RecordArgument, other: RecordArgument, *, json: JsonOption = False) -> None:
    """Say that two records are not one person, whatever else links them."""
    with opened_app(ctx) as app:
        from sync.admin.actions import people

        number = people.unlink(app, one, other)
        if json:
            print_json({"person_no": number, "record": one})
        else:
            print(f"{one} is person {number} now, {other} is another one; next: leadgrade sync scores them")


@commands.command("export")
def export_command(
    ctx: typer.Context,
    who: WhoArgument,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="F", help="Into this file, readable by you alone; else to stdout.")
    ] = None,
    json: JsonOption = False,  # noqa: ARG001 - an export is always JSON
) -> None:
    """Everything that is kept of one person, as JSON: for a request of access."""
    with opened_app(ctx) as app:
        from sync.admin.actions import people

        found = people.export(app, who)
        if out is None:
            print_json(found)
            return
        out.touch(mode=0o600)
        with out.open("w", encoding="utf-8") as file:
            print_json(found, file=file)
        print(f"person {found['person_no']} is in {out}")


@commands.command("forget")
def forget_command(
    ctx: typer.Context,
    who: WhoArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> None:
    """Erase a person for good and keep them out, whatever the CRMs bring later. The CRMs' own records are not touched."""
    with opened_app(ctx) as app:
        from sync.admin.actions import people

        if not yes and not typer.confirm("Erase everything that is known of this person, for good?"):
            raise Refused("nobody was forgotten", next_step="answer yes, or give --yes")
        gone = people.forget(app, who)
        if json:
            print_json(asdict(gone))
        else:
            print(
                f"person {gone.person_no} is forgotten: {gone.contacts:,} records, {gone.activities:,} activities,"
                f" {gone.addresses:,} addresses; later syncs keep them out"
            )
