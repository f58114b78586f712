"""What health and metrics rest on, read from the store in one snapshot. No CRM is asked, no big table is counted."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from config.errors import SettingsError
from scoring.errors import ModelError
from sync.api_calls import calls_of_the_day
from sync.jobs.asking import facts_of, is_loaded
from sync.jobs.rescoring import basis_of_scores
from sync.jobs.schedule import Facts as Done
from sync.jobs.schedule import Last, Plan, day_due, next_time, plan_of
from sync.rules import connection_lease, lease_name
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.checkpoints import Track
from sync.store.sql.scoring_inputs import Who
from sync.watch.health import SILENT, ConnectionFacts, Facts, HeldRun, Paused, StreamFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sync.app import App
    from sync.store.run_rows import Run
    from sync.store.sql.connections import ConnectionRow
    from sync.store.sql.leases import Lease
    from sync.store.sql.signs import Stretch
    from sync.store.unit import Unit

#: Rounds that may be missing before it is told, and how late each may be.
MISSED: Final = 3
LATE: Final = timedelta(minutes=15)
#: How long after its time the rescore of a new day may come.
_RESCORE: Final = timedelta(hours=6)
_DAY: Final = timedelta(days=1)
#: What a connector counts that is an attempt to write.
_ATTEMPTS: Final = frozenset({"accepted", "rejected", "deferred", "gone"})


def facts_now(app: App) -> Facts:
    """How things stand, as the store knows it. Raises SettingsError when no connection is configured."""
    rows = [app.connection(name) for name in app.names()]
    zone, problem = _model(app)
    with app.store.read() as unit:
        leases = {each.name: each for each in unit.leases.all()}
        names = {row.connection_no: row.name for row in rows}
        going = [run for run in unit.runs.open() if run.workspace_no == app.workspace_no]
        scored = basis_of_scores(unit)
        connections = tuple(_connection(app, unit, row, leases=leases, zone=zone or "UTC", going=going) for row in rows)
        ours = {lease_name(app), *(connection_lease(row.connection_no) for row in rows)}
        return Facts(
            now=app.clock.now(),
            connections=connections,
            held=tuple(_held(run, names) for run in going if run.status is RunStatus.HELD),
            anybody=not ours.isdisjoint(leases),
            epoch=leases[lease_name(app)].epoch if lease_name(app) in leases else None,
            dirty=sum(unit.scoring_inputs.counts(Who(dirty=True)).values()),
            open_runs=dict(Counter(run.status.value for run in going)),
            scored_for=scored[1] if scored is not None else None,
            expected_day=_expected_day(app, scored[1], zone) if scored is not None and zone is not None else None,
            model_problem=problem,
            room=_room(app),
        )


def _model(app: App) -> tuple[str | None, str | None]:
    """(time zone, why the model cannot be used)."""
    try:
        return app.model.time_zone, None
    except (ModelError, SettingsError) as error:
        return None, f"the scoring model cannot be used: {str(error).splitlines()[0]}"


def _connection(
    app: App, unit: Unit, row: ConnectionRow, *, leases: dict[str, Lease], zone: str, going: list[Run]
) -> ConnectionFacts:
    now, number = app.clock.now(), row.connection_no
    waiting = unit.signs.waiting(number)
    stretches = unit.signs.stretches(number, now - 2 * _DAY)
    accepted = [each.ended_at for each in stretches if each.counts.get("accepted") and each.ended_at is not None]
    accepted_at = max(accepted, default=None)
    tried = [
        each.started_at
        for each in stretches
        if not _ATTEMPTS.isdisjoint(each.counts) and (accepted_at is None or each.started_at > accepted_at)
    ]
    plan = plan_of(row.name, app.settings.schedule_of(row.name), zone)
    rounds = facts_of(unit, row).last.get(RunKind.INCREMENTAL)
    newest = unit.runs.last_of(RunKind.INCREMENTAL, workspace_no=row.workspace_no, connection_no=number, limit=1)
    last_round = unit.signs.last_round(row.workspace_no, number)
    cost = calls_of_the_day(unit, number, now)
    lease = leases.get(connection_lease(number))
    waits = any(run.status is RunStatus.SUSPENDED and run.connection_no in {None, number} for run in going)
    begun = last_round[0] if last_round is not None else row.pinned_at
    share = _share(app, row, cost.limit)
    late = _late(plan, begun, now)
    if late is not None and stretches and stretches[-1].ended_at is not None:
        late = max(late, stretches[-1].ended_at + LATE)
    return ConnectionFacts(
        name=row.name,
        writes=row.writes.value,
        loaded=is_loaded(unit, number),
        streams=tuple(_streams(unit, number, stretches, now)),
        pauses=tuple(
            Paused(
                code=each.code,
                access=each.access.value,
                subject=each.subject,
                reason=each.reason,
                next_step=each.next_step,
            )
            for each in unit.connections.pauses(number)
        ),
        due=waiting.due,
        due_since=min([*([waiting.since] if waiting.since else []), *tried], default=None),
        accepted_at=accepted_at,
        refused=waiting.refused,
        quarantined=waiting.quarantined,
        round_at=last_round[1] if last_round is not None else None,
        # One that waits for its quota says so, and goes on by itself.
        late_from=None if waits and share is not None and cost.ours >= share else late,
        failures=rounds.failures if rounds is not None else 0,
        last_run=newest[0].run_no if newest else None,
        calls=cost.ours,
        share=share,
        epoch=lease.epoch if lease is not None else None,
        worked_on=lease is not None,
        quiet=plan.quiet(now) or plan.quiet(now - SILENT),
    )


def _share(app: App, row: ConnectionRow, limit: int | None) -> int | None:
    return None if limit is None else int(limit * app.settings.connections[row.name].daily_share / 100)


def _streams(unit: Unit, connection_no: int, stretches: Sequence[Stretch], now: datetime) -> Iterable[StreamFacts]:
    for each in unit.checkpoints.all(connection_no):
        if each.track is not Track.MAIN:
            continue
        mine = [one for one in stretches if one.stage == f"pull {each.stream.value}" and one.ended_at is not None]
        recent = [one for one in mine if one.ended_at is not None and one.ended_at > now - _DAY]
        pulled = sum(one.counts.get("pulled", 0) for one in mine)
        today = sum(one.counts.get("pulled", 0) for one in recent)
        yield StreamFacts(
            name=each.stream.value,
            loaded=each.baseline_at is not None,
            moved_at=each.moved_at,
            today=today,
            # A first load is no measure of a day.
            yesterday=pulled - today if each.baseline_at is not None and each.baseline_at < now - 2 * _DAY else 0,
        )


def _late(plan: Plan, since: datetime | None, now: datetime) -> datetime | None:
    """From when on rounds are missing; None while none is expected."""
    if since is None or plan.quiet(now) or plan.quiet(now - LATE):
        return None
    at: datetime | None = since
    for _ in range(MISSED):
        asked = {RunKind.INCREMENTAL: Last(asked_at=at)} if at is not None else {}
        at = next_time(plan, RunKind.INCREMENTAL, Done(since=since, last=asked), max(now, at or now))
        if at is None:
            return None
    return at + LATE if at is not None else None


def _held(run: Run, names: dict[int, str]) -> HeldRun:
    connection = names.get(run.connection_no) if run.connection_no is not None else None
    return HeldRun(run_no=run.run_no, message=run.message or "", next_step=run.next_step, connection=connection)


def _expected_day(app: App, scored_for: date, zone: str) -> date:
    """The day of which everybody's scores should be by now."""
    late = day_due(
        scored_for=scored_for, now=app.clock.now() - _RESCORE, zone=ZoneInfo(zone), at=app.settings.rescore_at
    )
    return late or scored_for


def _room(app: App) -> int | None:
    if app.store.backend != "sqlite":
        return None
    try:
        return shutil.disk_usage(Path(app.store.place.removeprefix("sqlite:///")).parent).free
    except OSError:
        return None
