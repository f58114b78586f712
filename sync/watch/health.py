"""Is all well? A pure function of what the store says and of the time: one finding per cause, with the next step.

Silence is a finding: what should have happened and did not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Nothing accepted for so long although something is due.
SILENT: Final = timedelta(hours=1)
#: A first load whose cursor stands still for so long; a loaded stream may be quiet for longer.
STUCK: Final = timedelta(hours=1)
QUIET: Final = timedelta(days=3)
#: Rows of one day from which on none at all on the next are worth a look.
MANY: Final = 100
#: Part of the daily share from which on it is told.
NEARLY: Final = 0.9
#: Room on the store's disk below which somebody must act.
ROOM: Final = 300_000_000
#: Runs of the schedule that failed in a row.
FAILING: Final = 3


class Severity(StrEnum):
    """Whether somebody must act."""

    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    #: Short stable word for programs.
    code: str
    #: The connection, or: daemon, runs, scores, model, store.
    place: str
    severity: Severity
    message: str
    next_step: str
    #: What of the place is meant, when several findings may have the same code there.
    subject: str = ""

    @property
    def key(self) -> str:
        """The same for the same cause, however often it is found."""
        return f"{self.place}|{self.code}|{self.subject}"


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamFacts:
    """How far a stream has been read."""

    name: str
    loaded: bool
    moved_at: datetime
    #: Rows of the last 24 hours, and of the 24 before.
    today: int = 0
    yesterday: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Paused:
    """A scope that waits for a human."""

    code: str
    access: str
    subject: str
    reason: str
    next_step: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionFacts:
    """What the store says about one connection."""

    name: str
    writes: str = "off"
    loaded: bool = True
    streams: tuple[StreamFacts, ...] = ()
    pauses: tuple[Paused, ...] = ()
    due: int = 0
    #: Since when something is due that nobody has accepted.
    due_since: datetime | None = None
    accepted_at: datetime | None = None
    refused: int = 0
    quarantined: int = 0
    #: When the last round came to its end.
    round_at: datetime | None = None
    #: From when on the next ones are missing, by the schedule; None: none is expected.
    late_from: datetime | None = None
    #: Rounds that failed in a row, and the number of the newest.
    failures: int = 0
    last_run: int | None = None
    #: Calls of the last day, and what of the CRM's allowance is ours.
    calls: int = 0
    share: int | None = None
    epoch: int | None = None
    worked_on: bool = False
    #: Nothing is written by itself in these hours, or was not a short while ago.
    quiet: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRun:
    """A run that waits for the admin."""

    run_no: int
    message: str
    next_step: str | None = None
    #: None: all connections.
    connection: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the store says about the installation."""

    now: datetime
    connections: tuple[ConnectionFacts, ...] = ()
    held: tuple[HeldRun, ...] = ()
    #: Whether a process holds any lease.
    anybody: bool = True
    epoch: int | None = None
    dirty: int = 0
    #: Runs that are not at their end, by status.
    open_runs: dict[str, int] = field(default_factory=dict)
    #: The day of everybody's scores, and the one that should be there by now.
    scored_for: date | None = None
    expected_day: date | None = None
    model_problem: str | None = None
    #: Bytes that are free on the store's disk, where that can be known.
    room: int | None = None


def findings(facts: Facts) -> list[Finding]:
    """Everything that is not as it should be; what somebody must act on first."""
    found = [*_installation(facts)]
    for connection in facts.connections:
        found += _connection(connection, facts)
    return sorted(found, key=lambda each: each.severity is not Severity.PROBLEM)


def is_well(found: list[Finding]) -> bool:
    """Whether nobody must act."""
    return not any(each.severity is Severity.PROBLEM for each in found)


def _installation(facts: Facts) -> Iterator[Finding]:
    if facts.model_problem is not None:
        yield _problem("model", "model", facts.model_problem, "leadgrade model check")
    if facts.room is not None and facts.room < ROOM:
        message = f"only {facts.room / 1e6:.0f} MB are free on the store's disk"
        yield _problem("disk", "store", message, "free some space, or move the store to a larger disk")
    late = [each.late_from for each in facts.connections if each.late_from is not None and each.late_from <= facts.now]
    if late and not facts.anybody:
        message = f"nobody works: no process holds a lease, and rounds are missing since {_instant(min(late))}"
        yield _problem("daemon_gone", "daemon", message, "start it: leadgrade daemon (or the service that runs it)")
    for run in facts.held:
        yield Finding(
            code="held",
            place="runs",
            severity=Severity.PROBLEM,
            message=f"run {run.run_no} is held: {run.message}",
            next_step=run.next_step or f"leadgrade runs release {run.run_no}",
            subject=str(run.run_no),
        )
    if facts.scored_for is not None and facts.expected_day is not None and facts.scored_for < facts.expected_day:
        message = f"the scores are of {facts.scored_for}: everybody should have been rescored for {facts.expected_day}"
        yield _problem("rescore_missing", "scores", message, "leadgrade sync --kind rescore")


def _connection(one: ConnectionFacts, facts: Facts) -> Iterator[Finding]:
    for pause in one.pauses:
        yield Finding(
            code=pause.code,
            place=one.name,
            severity=Severity.PROBLEM,
            message=f"paused ({pause.access}): {pause.reason}",
            next_step=pause.next_step or f"leadgrade doctor {one.name}",
            subject=f"{pause.access}:{pause.subject}",
        )
    if not any(pause.access == "read" and not pause.subject for pause in one.pauses):
        yield from _reading(one, facts)
    yield from _writing(one, facts)
    if one.share and one.calls >= NEARLY * one.share:
        yield Finding(
            code="quota",
            place=one.name,
            severity=Severity.WARNING,
            message=f"{one.calls:,} calls in the last day, {100 * one.calls // one.share} % of its share of {one.share:,}",
            next_step="nothing: it waits and goes on by itself; a larger daily_share in the settings gives it more",
        )
    if one.refused:
        message = f"{one.refused:,} records were refused"
        yield _warning("refused", one.name, message, f"leadgrade deadletters {one.name}")
    if one.quarantined:
        message = f"{one.quarantined:,} records could not be mapped"
        yield _warning("quarantine", one.name, message, "leadgrade quarantine")


def _reading(one: ConnectionFacts, facts: Facts) -> Iterator[Finding]:
    now = facts.now
    if one.failures >= FAILING:
        message = f"its last {one.failures} rounds failed"
        yield _problem("failing", one.name, message, f"leadgrade runs show {one.last_run}")
    elif facts.anybody and one.loaded and one.late_from is not None and one.late_from <= now:
        last = f"the last one ended {_instant(one.round_at)}" if one.round_at else "there was none yet"
        message = f"no round came to its end for several intervals; {last}"
        yield _problem("no_round", one.name, message, "leadgrade runs")
    for stream in one.streams:
        still = now - stream.moved_at
        if not stream.loaded and still >= STUCK and facts.anybody:
            message = f"the first load of {stream.name} stands still since {_instant(stream.moved_at)}"
            yield _problem("load_stuck", one.name, message, "leadgrade runs", subject=stream.name)
        elif stream.loaded and still >= QUIET and stream.yesterday + stream.today == 0 and stream.name == "contacts":
            message = f"the cursor of {stream.name} has not moved since {_instant(stream.moved_at)}"
            step = f"if things do change there: leadgrade doctor {one.name}"
            yield _warning("cursor_still", one.name, message, step, subject=stream.name)
        if stream.loaded and stream.yesterday >= MANY and stream.today == 0:
            message = f"no rows of {stream.name} in the last 24 hours, {stream.yesterday:,} in those before"
            step = f"leadgrade doctor {one.name} (rights and filters in the CRM may have changed)"
            yield _problem("rows_fell", one.name, message, step, subject=stream.name)


def _writing(one: ConnectionFacts, facts: Facts) -> Iterator[Finding]:
    """Something is due and nothing was accepted; what is held or paused has said so already."""
    waits = any(run.connection in {None, one.name} for run in facts.held) or any(
        pause.access == "write" for pause in one.pauses
    )
    if one.writes != "on" or not one.due or waits or one.quiet or one.due_since is None:
        return
    if not all(each.loaded for each in facts.connections):
        return
    silent_since = max(one.due_since, one.accepted_at or one.due_since)
    if facts.now - silent_since >= SILENT:
        last = (
            f"the last one was accepted {_instant(one.accepted_at)}" if one.accepted_at else "none was accepted lately"
        )
        message = f"{one.due:,} records are due since {_instant(one.due_since)}; {last}"
        yield _problem("nothing_accepted", one.name, message, f"leadgrade runs, then leadgrade doctor {one.name}")


def _problem(code: str, place: str, message: str, next_step: str, *, subject: str = "") -> Finding:
    return Finding(
        code=code, place=place, severity=Severity.PROBLEM, message=message, next_step=next_step, subject=subject
    )


def _warning(code: str, place: str, message: str, next_step: str, *, subject: str = "") -> Finding:
    return Finding(
        code=code, place=place, severity=Severity.WARNING, message=message, next_step=next_step, subject=subject
    )


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at is not None else "never"
