"""What the daemon asks for by itself: rounds of the schedule, loads that wait to be gone on with, deliveries that are due.

Each decision is made and noted in one transaction under the lease, so that two daemons ask once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from connectors.records import Stream
from sync.jobs.schedule import KINDS, Facts, Last, due, slowed
from sync.jobs.urgency import SCHEDULE
from sync.recovery import Access
from sync.store.run_rows import OPEN, RunKind, RunStatus
from sync.store.sql.checkpoints import Track
from sync.store.sql.connections import WriteMode

if TYPE_CHECKING:
    from datetime import datetime

    from sync.jobs.schedule import Plan
    from sync.store.run_rows import Run
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Unit

#: Between two attempts to go on with a load that did not come to its end.
AGAIN: Final = timedelta(minutes=10)
#: Options that make a run something else than a round.
_ASIDE: Final = frozenset({"record", "records", "since", "rest", "quarantine", "dry_run"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A run that is to be asked for."""

    kind: RunKind
    options: dict[str, bool]


def is_loaded(unit: Unit, connection_no: int) -> bool:
    """Whether the first load of a connection is complete."""
    known = {each.stream: each.baseline_at for each in unit.checkpoints.all(connection_no) if each.track is Track.MAIN}
    return all(known.get(stream) is not None for stream in Stream)


def wanted_now(unit: Unit, row: ConnectionRow, plan: Plan, now: datetime) -> list[Asked]:
    """What the schedule of a connection asks for now."""
    found = [Asked(kind=kind, options={}) for kind in due(plan, facts_of(unit, row), now)]
    if not plan.quiet(now) and _rest_due(unit, row, now):
        found.append(Asked(kind=RunKind.FULL, options={"rest": True}))
    return found


def delivery_wanted(unit: Unit, row: ConnectionRow, plan: Plan, now: datetime) -> Asked | None:
    """Whether something is due to be written that no round of this connection brought about."""
    if row.writes is not WriteMode.ON or plan.quiet(now):
        return None
    number = row.connection_no
    if any(pause.access is Access.WRITE for pause in unit.connections.pauses(number)):
        return None
    for run in unit.runs.open():
        if run.connection_no in {None, number} and (run.status is RunStatus.HELD or run.kind is RunKind.DELIVER):
            return None
    entries = unit.outbox.due(number, now=now, limit=1)
    return Asked(kind=RunKind.DELIVER, options={"urgent": True} if entries[0].urgent else {}) if entries else None


def ask_for(unit: Unit, row: ConnectionRow, asked: Asked) -> int:
    """Queue it; the number of the run."""
    return unit.runs.ask(
        row.workspace_no,
        asked.kind,
        connection_no=row.connection_no,
        requested_by=SCHEDULE,
        options=asked.options,
    )


def facts_of(unit: Unit, row: ConnectionRow) -> Facts:
    """What the schedule must know about a connection."""
    last = {}
    for kind in KINDS:
        runs = unit.runs.last_of(kind, workspace_no=row.workspace_no, connection_no=row.connection_no)
        rounds = [run for run in runs if _ASIDE.isdisjoint(run.options)]
        if rounds:
            last[kind] = last_of(rounds, row.connection_no)
    return Facts(since=row.pinned_at, last=last)


def last_of(runs: list[Run], connection_no: int | None) -> Last:
    """The newest of some runs of one kind, newest first, and how it went lately."""
    failures = 0
    ended = [run for run in runs if run.status not in OPEN]
    while failures < len(ended) and ended[failures].status is RunStatus.FAILED:
        failures += 1
    # A run that the guard holds waits for a human: the rounds go on. Those of all connections go on in their parts.
    working = [run for run in runs if run.status in OPEN and run.status is not RunStatus.HELD]
    return Last(
        asked_at=runs[0].requested_at,
        open=any(run.connection_no == connection_no for run in working),
        failures=failures,
    )


def _rest_due(unit: Unit, row: ConnectionRow, now: datetime) -> bool:
    """Whether a load that was begun beside the rounds (a backfill, a full one) waits to be gone on with."""
    number = row.connection_no
    tracks = unit.checkpoints.all(number)
    if not is_loaded(unit, number) or all(each.track is Track.MAIN for each in tracks):
        return False
    runs = unit.runs.last_of(RunKind.FULL, workspace_no=row.workspace_no, connection_no=number)
    since = unit.runs.last_of(RunKind.INCREMENTAL, workspace_no=row.workspace_no, connection_no=number)
    loads = [run for run in (*runs, *since) if run.kind is RunKind.FULL or run.options.get("since")]
    if any(run.status in OPEN and run.connection_no == number for run in loads):
        return False
    rest = [run for run in runs if run.options.get("rest")]
    if not rest:
        return True
    last = last_of(rest, number)
    return last.asked_at > now or now >= last.asked_at + slowed(AGAIN, last.failures)
