"""`leadgrade health` and `leadgrade alerts`: is all well, and does whoever should hear of it hear of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import ExitCode
from sync.admin.cli.opening import opened_app, opened_settings
from sync.admin.cli.output import print_json, print_table

if TYPE_CHECKING:
    from sync.watch.health import Finding

commands = CommandLine()
alert_commands = CommandLine(help="Who is told when somebody must act, and of what.")


@commands.command("health")
def health_command(ctx: typer.Context, *, json: JsonOption = False) -> None:
    """Is all well? Notices silence, too. Asks no CRM. Exit code 3 when somebody must act, 1 when it cannot be known."""
    with opened_app(ctx) as app:
        from sync.watch.endpoint import health_as_json
        from sync.watch.facts import facts_now
        from sync.watch.health import findings, is_well

        found = findings(facts_now(app))
        if json:
            print_json(health_as_json(found))
        else:
            _print_findings(found)
        raise typer.Exit(ExitCode.DONE if is_well(found) else ExitCode.NEEDS_ATTENTION)


@alert_commands.command("show")
def show_alerts(ctx: typer.Context, *, json: JsonOption = False) -> None:
    """What a daemon has noticed and is not over, since when, and who was told."""
    with opened_app(ctx) as app:
        from sync.watch.alerts import open_causes

        causes = open_causes(app)
        if json:
            print_json(
                [
                    {
                        "code": cause.finding.code,
                        "place": cause.finding.place,
                        "message": cause.finding.message,
                        "next_step": cause.finding.next_step,
                        "since": cause.since,
                        "told": cause.told,
                    }
                    for cause in causes
                ]
            )
        elif not causes:
            print("nothing is open")
        else:
            print_table(
                ("since", "place", "code", "told", "message"),
                [
                    (
                        cause.since,
                        cause.finding.place,
                        cause.finding.code,
                        ", ".join(cause.told),
                        cause.finding.message,
                    )
                    for cause in causes
                ],
            )


@alert_commands.command("test")
def try_alerts(ctx: typer.Context, *, json: JsonOption = False) -> None:
    """Send a test message by every way that the settings name. Exit code 1 when one does not work."""
    settings = opened_settings(ctx)
    if not settings.alerts.anybody:
        from config.errors import SettingsError

        raise SettingsError(
            f"{settings.source}: nobody is told: alerts has neither webhook nor email",
            next_step="add one under alerts: (leadgrade.example.yaml explains both)",
        )
    with opened_app(ctx) as app:
        from sync.watch.alerts import send_test

        results = send_test(app)
    if json:
        print_json([{"way": way, "sent": problem is None, "problem": problem} for way, problem in results])
    else:
        for way, problem in results:
            print(f"{way}: sent" if problem is None else f"{way}: {problem}")
    raise typer.Exit(ExitCode.FAILED if any(problem for _, problem in results) else ExitCode.DONE)


def _print_findings(found: list[Finding]) -> None:
    for each in found:
        print(f"{each.severity.value.ljust(7)}  {each.place}: {each.message}")
        print(f"         next: {each.next_step}")
    problems = sum(each.severity.value == "problem" for each in found)
    print(f"{problems} problems, {len(found) - problems} warnings" if found else "all is well")
