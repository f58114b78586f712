"""`leadgrade deadletters` and `leadgrade quarantine`: what a CRM refused, what we could not read, and another try."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import ExitCode, WrongUse
from sync.admin.cli.opening import opened_app
from sync.admin.cli.output import print_json, print_table

if TYPE_CHECKING:
    from sync.admin.actions.quarantine import Quarantine
    from sync.app import App

commands = CommandLine()


class Act(StrEnum):
    """What can be done with them."""

    LIST = "list"
    RETRY = "retry"


ActArgument = Annotated[
    Act, typer.Argument(metavar="[list|retry]", help="list them (default), or try again.", show_default=False)
]
ConnectionArgument = Annotated[
    str | None, typer.Argument(metavar="[CONNECTION]", help="Only this connection.", show_default=False)
]
CodeOption = Annotated[str | None, typer.Option("--code", metavar="CODE", help="Only those with this code.")]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="How many records to list.")]


@commands.command("deadletters")
def deadletters_command(
    ctx: typer.Context,
    act: ActArgument = Act.LIST,
    connection: ConnectionArgument = None,
    *,
    code: CodeOption = None,
    record: Annotated[
        str | None, typer.Option("--record", metavar="CONNECTION:OBJECT:ID", help="Only this record (for retry).")
    ] = None,
    limit: LimitOption = 20,
    json: JsonOption = False,
) -> None:
    """Records that a CRM refused to update, with its own words; retry gives them another chance with the next sync."""
    with opened_app(ctx) as app:
        from sync.admin.actions import deadletters

        if act is Act.RETRY:
            many = deadletters.retry(app, connection, code=code, record=record)
            if json:
                print_json({"retried": many})
            else:
                print(f"{many:,} records get another chance" + ("; next: leadgrade sync" if many else ""))
            return
        if record is not None:
            raise WrongUse("--record goes with retry", next_step=f"leadgrade explain {record}")
        groups = deadletters.groups(app, connection)
        letters = deadletters.letters(app, connection, code=code, limit=limit)
        if json:
            print_json({"groups": [asdict(each) for each in groups], "records": [asdict(each) for each in letters]})
            return
        if not groups:
            print("nothing was refused")
            return
        print_table(
            ("connection", "object", "code", "revived by", "records", "the CRM's words"),
            [(each.connection, each.object, each.code, _REVIVED[each.scope], each.many, each.words) for each in groups],
        )
        print_table(
            ("record", "code", "refused at", "the CRM's words"),
            [(each.record, each.code, each.at, each.words) for each in letters],
        )
        print("next: correct the cause in the CRM, then leadgrade deadletters retry")


_REVIVED = {"value": "a new value", "record": "a change of the record", "object": "a change of the fields"}


@commands.command("quarantine")
def quarantine_command(
    ctx: typer.Context,
    act: ActArgument = Act.LIST,
    connection: ConnectionArgument = None,
    *,
    code: CodeOption = None,
    limit: LimitOption = 20,
    json: JsonOption = False,
) -> None:
    """Records that could not be read, and names of activities that the field map does not know; retry reads the records again."""
    with opened_app(ctx) as app:
        from sync.admin.actions import quarantine

        if act is Act.RETRY:
            if code is not None:
                raise WrongUse("retry reads all quarantined records of a connection again: --code goes with list")
            raise typer.Exit(_retry(app, connection, json=json))
        found = quarantine.listed(app, connection, code=code, limit=limit)
        if json:
            counts = [
                {"connection": name, "code": each, "records": many} for (name, each), many in found.counts.items()
            ]
            print_json(
                {
                    "counts": counts,
                    "records": [asdict(each) for each in found.records],
                    "unmapped": [asdict(each) for each in found.unmapped],
                }
            )
            return
        _print_quarantine(found)


def _print_quarantine(found: Quarantine) -> None:
    if not found.counts:
        print("nothing is in quarantine")
    else:
        print_table(
            ("connection", "code", "records"), [(name, code, many) for (name, code), many in found.counts.items()]
        )
        print_table(
            ("record", "stream", "code", "times", "last seen", "reason"),
            [
                (
                    each.record or f"{each.connection} (without an id)",
                    each.stream,
                    each.code,
                    each.times,
                    each.last_at,
                    each.reason,
                )
                for each in found.records
            ],
        )
        print("next: correct the records in the CRM (or the field map), then leadgrade quarantine retry")
    if found.unmapped:
        print_table(
            ("connection", "stream", "name that is not mapped", "times", "last seen"),
            [(each.connection, each.stream, each.name, each.times, each.last_at) for each in found.unmapped],
        )
        print("next: name them under activities in the field map, where they mean something")


def _retry(app: App, connection: str | None, *, json: bool) -> ExitCode:
    from sync.admin.actions import quarantine
    from sync.admin.cli.sync_commands import do_run

    asked = quarantine.retry(app, connection)
    if not asked:
        if json:
            print_json([])
        else:
            print("nothing is in quarantine")
        return ExitCode.DONE
    return max(do_run(app, run_no, wait=False, json=json) for run_no in asked)
