"""`leadgrade fields` and `leadgrade writes`: what Leadgrade may write, and where."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import ExitCode, Refused
from sync.admin.cli.opening import opened_app
from sync.admin.cli.output import print_json, print_table

if TYPE_CHECKING:
    from connectors.port import FieldStep
    from sync.app import App

commands = CommandLine()


class FieldsAct(StrEnum):
    """What can be done with the fields."""

    PLAN = "plan"
    APPLY = "apply"
    CLEAR = "clear"


class Mode(StrEnum):
    """What may be written."""

    OFF = "off"
    SAMPLE = "sample"
    ON = "on"


@commands.command("fields")
def fields_command(
    ctx: typer.Context,
    act: Annotated[FieldsAct, typer.Argument(metavar="plan|apply|clear", help="What to do.", show_default=False)],
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="Where.", show_default=False)],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before clearing.")] = False,
    json: JsonOption = False,
) -> None:
    """Plan or create the fields that hold the scores, or blank them on every record. Creating again changes nothing."""
    with opened_app(ctx) as app:
        from sync.admin.actions import connections

        if act is FieldsAct.CLEAR:
            raise typer.Exit(_clear(app, connection, yes=yes, json=json))
        planned = act is FieldsAct.PLAN
        steps = connections.plan_fields(app, connection) if planned else connections.apply_fields(app, connection)
        _print_steps(steps, planned=planned, connection=connection, json=json)
        refused = any(step.error for step in steps)
        raise typer.Exit(ExitCode.NEEDS_ATTENTION if refused else ExitCode.DONE)


@commands.command("writes")
def writes_command(
    ctx: typer.Context,
    mode: Annotated[
        Mode,
        typer.Argument(
            metavar="on|off|sample",
            help="on: all records; sample: those that the settings name; off: none, honoured between two batches.",
            show_default=False,
        ),
    ],
    connection: Annotated[
        str | None, typer.Argument(metavar="[CONNECTION]", help="Only this connection.", show_default=False)
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Turn writing into the CRMs on or off, or limit it to the sample of the settings."""
    with opened_app(ctx) as app:
        from sync.admin.actions import connections
        from sync.store.sql.connections import WriteMode

        names = connections.set_writes(app, WriteMode(mode.value), connection)
        if json:
            print_json({"writes": mode, "connections": names})
            return
        for name in names:
            print(f"{name}: writes are {mode.value}")
            sample = app.settings.connections[name].sample
            if mode is Mode.SAMPLE and not sample.records and not sample.where:
                print(
                    f"  its sample is empty, so nothing is written; next: name records under connections.{name}.sample"
                )
        if mode is not Mode.OFF:
            print("next: leadgrade sync")


def _print_steps(steps: list[FieldStep], *, planned: bool, connection: str, json: bool) -> None:
    if json:
        print_json([asdict(step) for step in steps])
        return
    if not steps:
        print(f"{connection}: all fields are there, nothing is to be done")
        return
    print_table(
        ("step", "object", "field", "by hand") if planned else ("step", "object", "field", "done", "why not"),
        [
            (step.action, step.object, step.field, *((step.manual,) if planned else (step.done, step.error)))
            for step in steps
        ],
    )
    if planned:
        print(f"next: leadgrade fields apply {connection} (or do these steps by hand)")
        return
    refused = [step for step in steps if step.error]
    if refused:
        print(f"{len(refused)} steps were refused; an admin can do them by hand:")
        for text in dict.fromkeys(step.manual for step in refused):
            print(f"  {text}")
        print(f"next: leadgrade fields plan {connection}")
    else:
        print("next: leadgrade sync, then leadgrade preview")


def _clear(app: App, connection: str, *, yes: bool, json: bool) -> ExitCode:
    from sync.admin.actions import connections
    from sync.admin.cli.progress import shown_progress

    app.names(connection)
    if not yes and not typer.confirm(f"Turn writes off and blank Leadgrade's fields on every record of {connection}?"):
        raise Refused("nothing was cleared", next_step="answer yes, or give --yes")
    total: Counter[str] = Counter()
    with shown_progress() as progress:
        for counts in connections.clear_fields(app, connection):
            total += counts
            progress.step("clear", connection, total.total(), None)
    left = total.total() - total["accepted"] - total["gone"]
    if json:
        print_json({"connection": connection, **total})
    else:
        print(
            f"{connection}: writes are off; {total['accepted']:,} records cleared, {left:,} not, {total['gone']:,} gone"
        )
        if left:
            print(f"  next: leadgrade fields clear {connection} again")
    return ExitCode.NEEDS_ATTENTION if left else ExitCode.DONE
