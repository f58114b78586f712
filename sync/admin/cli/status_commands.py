"""`leadgrade status`, `leadgrade doctor` and `leadgrade preview`: looking without changing anything."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import ExitCode
from sync.admin.cli.opening import opened_app, opened_settings
from sync.admin.cli.output import print_facts, print_json, print_table

if TYPE_CHECKING:
    from sync.admin.actions.preview import Preview
    from sync.admin.actions.status import ConnectionStatus, Status
    from sync.admin.doctor import Check
    from sync.store.sql.connections import PauseRow
    from sync.store.sql.overview import Totals

commands = CommandLine()

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@commands.command("status")
def status_command(ctx: typer.Context, *, json: JsonOption = False) -> None:
    """Connections, streams, what waits, who works. Asks no CRM. Exit code 3 when somebody must act."""
    with opened_app(ctx) as app:
        from sync.admin.actions.status import status

        found = status(app)
        if json:
            print_json(asdict(found) | {"needs_attention": found.needs_attention})
        else:
            _print_status(found)
        raise typer.Exit(ExitCode.NEEDS_ATTENTION if found.needs_attention else ExitCode.DONE)


@commands.command("doctor")
def doctor_command(
    ctx: typer.Context,
    connection: Annotated[
        str | None, typer.Argument(metavar="[CONNECTION]", help="Only this connection.", show_default=False)
    ] = None,
    *,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="First bring the tables of an older release to this one.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Check settings, store, model, and each CRM's credentials, fields, rights, clock and quota. Exit code 3 for a problem."""
    if upgrade:
        _upgrade(ctx)
    with opened_app(ctx) as app:
        from sync.admin.doctor import doctor, needs_attention

        checks = doctor(app, connection)
        if json:
            print_json([asdict(check) for check in checks])
        else:
            _print_checks(checks)
        raise typer.Exit(ExitCode.NEEDS_ATTENTION if needs_attention(checks) else ExitCode.DONE)


@commands.command("preview")
def preview_command(
    ctx: typer.Context,
    *,
    people: Annotated[int, typer.Option("--people", min=0, help="How many people to take apart.")] = 20,
    show_emails: Annotated[
        bool, typer.Option("--show-emails", help="Show e-mail addresses, not only record ids.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """The scores as they stand, and what the next delivery would write. Writes nothing."""
    with opened_app(ctx) as app:
        from sync.admin.actions.preview import preview

        found = preview(app, examples=people, show_emails=show_emails)
        if json:
            print_json(asdict(found))
        else:
            _print_preview(found, show_emails=show_emails)


def _upgrade(ctx: typer.Context) -> None:
    from sync.admin.actions.backups import upgrade

    made = upgrade(opened_settings(ctx))
    if made is not None:
        print(f"backup before the upgrade: {made.file}", file=sys.stderr)


# ---------------------------------------------------------------- status


def _print_status(found: Status) -> None:
    totals = found.totals
    print_facts(
        {
            "store": found.store,
            "working": found.lease.who if found.lease else "nobody",
            "people": f"{totals.people:,} ({totals.scored:,} scored, {totals.dirty:,} to be scored)",
            "contacts": totals.contacts,
            "companies": _companies(totals),
            "activities": totals.activities,
            "model": _model(found),
            "retention": _retention(found),
        }
    )
    print()
    print_table(
        (
            *("connection", "kind", "org", "writes", "last run", "contacts", "written", "due", "refused"),
            *("quarantine", "unmapped", "calls today"),
        ),
        [
            (
                each.name,
                each.kind,
                _org(each),
                each.writes,
                f"{each.last_run.run_no} {each.last_run.status.value}" if each.last_run else "never",
                each.contacts,
                each.written,
                each.due,
                each.refused,
                each.quarantined,
                each.unmapped,
                each.calls_today,
            )
            for each in found.connections
        ],
    )
    print()
    print_table(
        ("connection", "stream", "first load", "rows", "cursor moved", "also"),
        [
            (
                each.name,
                stream.stream,
                "complete" if stream.baseline_at else _share(stream.rows, stream.expected),
                stream.rows,
                f"{_age(stream.age_s)} ago" if stream.age_s is not None else "never",
                ", ".join(stream.also),
            )
            for each in found.connections
            for stream in each.streams
        ],
    )
    _print_waiting(found)


def _print_waiting(found: Status) -> None:
    for each in found.connections:
        for pause in each.pauses:
            _print_pause(each.name, pause)
    for run in found.held:
        print(f"run {run.run_no} is held: {run.message}")
        print(f"  next: {run.next_step or f'leadgrade runs release {run.run_no}'}")
    for run in found.waiting:
        print(f"run {run.run_no} ({run.kind.value}) is {run.status.value}{f': {run.message}' if run.message else ''}")
        if found.lease is None:
            print("  next: leadgrade sync, or leadgrade daemon")
        elif run.resume_at is not None:
            print(f"  goes on by itself at {run.resume_at:%Y-%m-%d %H:%M} UTC; at once with: leadgrade sync")
    if found.model_problem:
        print(found.model_problem)
        print("  next: leadgrade model check")
    for each in found.connections:
        if each.refused:
            print(f"{each.name}: {each.refused:,} records were refused")
            print("  next: leadgrade deadletters")


def _print_pause(name: str, pause: PauseRow) -> None:
    print(f"{name}: paused ({pause.access.value}) since {pause.since:%Y-%m-%d %H:%M} UTC: {pause.reason}")
    if pause.next_step:
        print(f"  next: {pause.next_step}")


def _retention(found: Status) -> str:
    last = found.retention
    if last is None:
        return "nothing old was looked for yet"
    gone = ", ".join(f"{many:,} {what.replace('_', ' ')}" for what, many in last.deleted.items())
    return f"{last.at:%Y-%m-%d %H:%M}: {gone or 'nothing was old'}"


def _model(found: Status) -> str:
    if found.model_problem:
        return "cannot be loaded"
    if found.live_version is None:
        return f"{found.model} (not used yet)"
    if found.configured_version != found.live_version:
        return f"{found.model}: the file has changed, the next sync rescores everybody"
    return f"{found.model} {found.live_version[:12]}"


def _companies(totals: Totals) -> str:
    scored = f" ({totals.companies_scored:,} scored, {totals.companies_stale:,} to be scored)"
    return f"{totals.companies:,}{scored if totals.companies_scored else ''}"


def _org(each: ConnectionStatus) -> str:
    if each.org_id is None:
        return "not pinned yet"
    return f"{each.org_name} ({each.org_id}{', sandbox' if each.sandbox else ''})"


def _share(rows: int, expected: int | None) -> str:
    return f"{100 * rows // expected} %" if expected else "under way" if rows else "not begun"


def _age(seconds: int) -> str:
    for size, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{seconds // size} {word}"
    return f"{max(0, seconds)} s"


# ---------------------------------------------------------------- doctor


def _print_checks(checks: list[Check]) -> None:
    for check in checks:
        print(f"{check.level.value.ljust(7)}  {check.place}: {check.message}")
        if check.next_step and check.level.value != "ok":
            print(f"         next: {check.next_step}")
    counted = {level: sum(check.level.value == level for check in checks) for level in ("problem", "warning", "ok")}
    print(f"{counted['problem']} problems, {counted['warning']} warnings, {counted['ok']} in order")


# ---------------------------------------------------------------- preview


def _print_preview(found: Preview, *, show_emails: bool) -> None:
    print_facts(
        {
            "people": found.people,
            "out of scope": found.out_of_scope,
            "qualified": found.qualified,
            "disqualified": found.disqualified,
            **({"companies": found.companies} if found.companies else {}),
        }
    )
    if not found.people:
        print("nobody is scored yet; next: leadgrade sync")
        return
    most = max((band.people for band in found.bands), default=1)
    print_table(
        ("total", "people", ""),
        [
            (f"{band.low} to {band.high}", band.people, "#" * round(40 * band.people / most) if most else "")
            for band in found.bands
        ],
        title="Distribution",
    )
    print_table(("grade", *"1234"), _matrix(found), title="Grades: letter is fit, number is engagement")
    models = found.models if len(found.models) > 1 else ()
    for title, cells in (("Ratings", found.ratings), ("Disqualified", found.disqualify_codes), ("Models", models)):
        if cells:
            print_table((title.lower(), "people"), [(each.value, each.people) for each in cells], title=title)
    print_table(
        ("connection", "writes", "due", "new", "changes", "blanks", "written", "refused"),
        [
            (each.connection, each.writes, each.due, each.new, each.changes, each.blanks, each.written, each.refused)
            for each in found.connections
        ],
        title="What would be written",
    )
    for each in found.connections:
        if each.held:
            print(f"{each.connection}: the guard would hold this: the run {each.held}")
    _print_examples(found, show_emails=show_emails)


def _matrix(found: Preview) -> list[tuple[object, ...]]:
    cells = {each.value: each.people for each in found.grades}
    return [(letter, *(cells.get(f"{letter}{number}", 0) for number in "1234")) for letter in "ABCD"]


def _print_examples(found: Preview, *, show_emails: bool) -> None:
    columns = ["total", "fit", "engagement", "grade", "rating", "records", "main reasons"]
    rows: list[list[Any]] = [
        [
            each.total,
            each.fit,
            each.engagement,
            each.grade,
            each.rating,
            ", ".join(each.records),
            f"{each.disqualified}: {each.reasons}" if each.disqualified else each.reasons,
        ]
        for each in found.examples
    ]
    if show_emails:
        columns.insert(6, "e-mail")
        for row, each in zip(rows, found.examples, strict=True):
            row.insert(6, ", ".join(each.emails))
    if rows:
        print_table(columns, rows, title=f"{len(rows)} people, spread over the distribution")
