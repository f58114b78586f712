"""`leadgrade sync` and `leadgrade runs`: asking for runs, doing them, looking at them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.days import parse_day
from sync.admin.cli.failures import ExitCode, WrongUse
from sync.admin.cli.opening import opened_app
from sync.admin.cli.output import print_facts, print_json, print_table
from sync.admin.cli.progress import shown_progress

if TYPE_CHECKING:
    from collections.abc import Collection

    from sync.admin.actions.preview import WouldWrite
    from sync.app import App

commands = CommandLine()

_SYNC_EPILOG = """\b
Examples:
  leadgrade sync                                   all connections, what changed
  leadgrade sync salesforce --record Lead:00Q000000000001AAA
  leadgrade sync --kind full                       read everything again
  leadgrade sync --kind rewrite                    write whatever differs, whatever the deadband

Exit codes: 0 done, 1 failed or stopped (Ctrl-C ends at the next step), 3 needs attention: held, partly done, or waiting for the CRM.
"""


class Kind(StrEnum):
    """What an operator may ask for."""

    INCREMENTAL = "incremental"
    FULL = "full"
    RESCORE = "rescore"
    REWRITE = "rewrite"
    SWEEP = "sweep"


@commands.command("sync", epilog=_SYNC_EPILOG)
def sync(
    ctx: typer.Context,
    connection: Annotated[
        str | None, typer.Argument(metavar="[CONNECTION]", help="Only this connection.", show_default=False)
    ] = None,
    *,
    kind: Annotated[
        Kind,
        typer.Option(
            "--kind",
            help="incremental: what changed; full: everything again; rescore: everybody, no CRM read; rewrite: also write "
            "whatever differs; sweep: find records that vanished.",
        ),
    ] = Kind.INCREMENTAL,
    record: Annotated[
        str | None, typer.Option("--record", metavar="ID", help="One record: ID, OBJECT:ID or CONNECTION:OBJECT:ID.")
    ] = None,
    since: Annotated[
        date | None,
        typer.Option("--since", metavar="DATE", parser=parse_day, help="Read again what changed since that date."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Pull and score, write nothing into the CRM.")] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="If another process is working (a daemon): watch until this run has ended, as on a terminal anyway.",
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Pull, score and write: here and now, or by whoever is working already."""
    if kind is not Kind.INCREMENTAL and (record or since):
        raise WrongUse(f"--kind {kind.value} goes neither with --record nor with --since")
    if record and since:
        raise WrongUse("--record reads the record as it is now: --since says nothing about it")
    with opened_app(ctx) as app:
        from sync.admin.actions import runs
        from sync.store.run_rows import RunKind

        _load_configuration(app)
        run_no = runs.ask(app, RunKind(kind.value), connection=connection, record=record, since=since, dry_run=dry_run)
        would = [connection] if connection else app.names()
        raise typer.Exit(do_run(app, run_no, wait=wait, json=json, would_write=would if dry_run else ()))


class Act(StrEnum):
    """What can be done with a run."""

    SHOW = "show"
    CANCEL = "cancel"
    RELEASE = "release"


@commands.command("runs")
def runs_command(
    ctx: typer.Context,
    act: Annotated[
        Act | None, typer.Argument(metavar="[show|cancel|release]", help="Nothing: list runs.", show_default=False)
    ] = None,
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="The run's number.", show_default=False)] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many runs to list.")] = 20,
    json: JsonOption = False,
) -> None:
    """List runs; show or cancel one; release one that is held by the guard, and do it."""
    if act is not None and number is None:
        raise WrongUse(f"leadgrade runs {act.value}: of which run?", next_step="leadgrade runs lists them")
    with opened_app(ctx) as app:
        if act is None or number is None:
            _list_runs(app, limit, json=json)
        elif act is Act.SHOW:
            _show_run(app, number, json=json)
        elif act is Act.CANCEL:
            _cancel_run(app, number, json=json)
        else:
            from sync.admin.actions import runs

            _load_configuration(app)
            runs.release(app, number)
            raise typer.Exit(do_run(app, number, wait=False, json=json))


def _load_configuration(app: App) -> None:
    """Broken files are told before anything is queued."""
    _ = app.model
    for name in app.names():
        app.field_map(name)


def do_run(app: App, run_no: int, *, wait: bool, json: bool, would_write: Collection[str] = ()) -> ExitCode:
    """Do a run in the foreground and print what it did; queue it when somebody else is working, and watch it on a terminal.

    Connections in `would_write` are not written: what would be is printed.
    """
    import sys

    from sync.admin.actions import runs
    from sync.admin.cli.report_output import print_report
    from sync.admin.cli.working import Worker, exit_code, stop_on_signals

    watching = wait or sys.stderr.isatty()
    with stop_on_signals() as stop, shown_progress() as progress:
        report = Worker(app=app, progress=progress, stop=stop).work(run_no, wait=watching)
    if report is not None:
        print_report(report, json=json, would_write=_would_write(app, would_write))
        return exit_code(report)
    run, _ = runs.show(app, run_no)
    lease = runs.working(app)
    if json:
        print_json({"run": run_no, "status": run.status, "holder": lease.holder if lease else None})
    else:
        who = lease.who if lease else "another process"
        print(f"{who} is working on {app.store.place}: run {run_no} is queued and will be done after what it does now")
        print(f"  next: leadgrade runs show {run_no}, or leadgrade sync --wait")
    return ExitCode.FAILED if wait else ExitCode.DONE


def _would_write(app: App, names: Collection[str]) -> list[WouldWrite]:
    """What a dry run found to be written."""
    if not names:
        return []
    from sync.admin.actions.preview import preview

    return [each for each in preview(app, examples=0).connections if each.connection in names]


def _list_runs(app: App, limit: int, *, json: bool) -> None:
    from dataclasses import asdict

    from sync.admin.actions import runs

    found = runs.recent(app, limit=limit)
    names = runs.connection_names(app)
    if json:
        print_json([asdict(run) | {"connection": names.get(run.connection_no or 0)} for run in found])
        return
    if not found:
        print("no runs yet; next: leadgrade sync")
        return
    print_table(
        ("run", "kind", "connection", "status", "asked", "ended", "by", "message"),
        [
            (
                str(run.run_no),
                run.kind,
                names.get(run.connection_no or 0, "all"),
                run.status,
                run.requested_at,
                run.ended_at,
                run.requested_by,
                run.message,
            )
            for run in found
        ],
    )


def _show_run(app: App, number: int, *, json: bool) -> None:
    from dataclasses import asdict

    from sync.admin.actions import runs

    run, slices = runs.show(app, number)
    names = runs.connection_names(app)
    if json:
        print_json(asdict(run) | {"slices": [asdict(each) for each in slices]})
        return
    print_facts(
        {
            "run": str(run.run_no),
            "kind": run.kind,
            "connection": names.get(run.connection_no or 0, "all"),
            "status": run.status,
            "asked": f"{run.requested_at:%Y-%m-%d %H:%M:%S} by {run.requested_by}",
            "started": run.started_at,
            "ended": run.ended_at,
            "day": run.day,
            "model version": run.version,
            "released by": run.released_by,
            "message": run.message,
            "next": run.next_step,
        }
    )
    print_table(
        ("slice", "connection", "started", "ended", "counts"),
        [
            (
                each.stage,
                names.get(each.connection_no or 0),
                each.started_at,
                each.ended_at,
                ", ".join(f"{name} {many:,}" for name, many in each.counts.items()),
            )
            for each in slices
        ],
    )


def _cancel_run(app: App, number: int, *, json: bool) -> None:
    from sync.admin.actions import runs
    from sync.store.run_rows import RunStatus

    status = runs.cancel(app, number)
    if json:
        print_json({"run": number, "status": status})
    elif status is RunStatus.RUNNING:
        print(f"run {number} ends at its next step")
    else:
        print(f"run {number} is {status.value}")
