"""`leadgrade model publish`, `rollback` and `versions`: another model, looked at and approved before it scores."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import Refused
from sync.admin.cli.opening import opened_app
from sync.admin.cli.output import print_facts, print_json, print_table

if TYPE_CHECKING:
    from sync.admin.actions.publishing import Announcement, Draft
    from sync.app import App

commands = CommandLine()

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and publish nothing.")]


@commands.command(
    "publish",
    epilog="\b\nExamples:\n  leadgrade model publish draft.yaml --dry-run\n  leadgrade model publish draft.yaml --yes",
)
def publish_command(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="The new model; default: the configured file as it stands, after you edited it.",
            show_default=False,
        ),
    ] = None,
    *,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Put a model in force: says how many people and records change, how many calls and hours that takes, then asks.

    What was announced is approved: the guard does not hold it. The file replaces the one that the settings name; of
    several models, the one of the same name.
    """
    with opened_app(ctx) as app:
        from sync.admin.actions.publishing import draft

        _go(app, draft(app, file), action="published", yes=yes, dry_run=dry_run, json=json)


@commands.command("rollback", epilog="\b\nExample:\n  leadgrade model rollback 3f9c2a1b --dry-run")
def rollback_command(
    ctx: typer.Context,
    version: Annotated[
        str,
        typer.Argument(metavar="VERSION", help="A version, or how it begins (model versions).", show_default=False),
    ],
    *,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Go back to an earlier version of the model, with its lists, as publish would. The store keeps every version that scored."""
    with opened_app(ctx) as app, TemporaryDirectory() as folder:
        from sync.admin.actions.publishing import earlier

        drafted = earlier(app, version, Path(folder))
        _go(app, drafted, action="rolled back", yes=yes, dry_run=dry_run, json=json)


@commands.command("versions")
def versions_command(ctx: typer.Context, *, json: JsonOption = False) -> None:
    """List the versions that the store keeps, the last published first."""
    with opened_app(ctx) as app:
        from sync.admin.actions.publishing import versions

        found = versions(app)
        rows = [(each.version, each.model, f"{each.published_at:%Y-%m-%d %H:%M}", each.live) for each in found]
        names = ("version", "model", "published", "live")
        if json:
            print_json([dict(zip(names, row, strict=True)) for row in rows])
        else:
            print_table(names, rows)


def _go(app: App, drafted: Draft, *, action: str, yes: bool, dry_run: bool, json: bool) -> None:
    from sync.admin.actions.publishing import announce, publish
    from sync.admin.cli.progress import shown_progress

    with shown_progress() as progress:
        announced = announce(app, drafted, looked=lambda done, total: progress.step("compare", None, done, total))
    if not json:
        _print(announced)
    if not dry_run:
        if not yes and not typer.confirm("Publish it?"):
            raise Refused("nothing was published", next_step="answer yes, or give --yes")
        publish(app, drafted, announced, action=action)
    if json:
        print_json(asdict(announced) | {"published": not dry_run})
    elif dry_run:
        print("nothing was published; next: the same without --dry-run")
    else:
        print("published; a daemon takes it within seconds, else next: leadgrade sync")
        print("to pause what it writes: leadgrade writes off; to go on: leadgrade writes on")


def _print(announced: Announcement) -> None:
    by = {"in_scope": "scope"}
    print_facts(
        {
            "model": f"{announced.model}, version {announced.version}",
            "before": announced.before or "nothing was scored yet",
            "file": announced.file or "stands in its place",
            "people": announced.people,
            "change": announced.changed,
            **{f"  {by.get(name, name)}": many for name, many in announced.by.items() if many},
        }
    )
    print_table(
        ("connection", "writes", "records", "grade or qualified", "blanked", "calls", "hours"),
        [
            (each.connection, each.writes, each.records, each.changes, each.blanks, each.calls, each.hours)
            for each in announced.connections
        ],
    )
