"""What is due now: a pure function of the schedule, of what was done last, and of the time. Nothing here ticks or sleeps.

Everything that was missed is done once. A clock that was set back neither repeats a night's work nor stops the rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from sync.store.run_rows import RunKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time

    from apscheduler.triggers.cron import CronTrigger

    from config.schedule import Schedule
    from config.timing import Hours, Timing

#: A round that failed is repeated ever more slowly, up to this.
SLOWEST: Final = timedelta(hours=1)
#: What was done further in the future than this was done by a clock that was wrong.
WRONG: Final = timedelta(days=1)
#: The kinds of runs that a connection's schedule knows, the most urgent first.
KINDS: Final = (RunKind.INCREMENTAL, RunKind.FULL, RunKind.SWEEP)


@dataclass(frozen=True, kw_only=True, slots=True)
class Last:
    """The newest run of a kind."""

    asked_at: datetime
    #: It is not at its end: nothing new is asked for.
    open: bool = False
    #: How many of this kind failed in a row.
    failures: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the store knows about one connection."""

    #: First contact: what was to be done since then, and was not, is due.
    since: datetime | None = None
    last: Mapping[RunKind, Last] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The schedule of one connection."""

    name: str
    timings: Mapping[RunKind, Timing]
    zone: ZoneInfo
    jitter: int = 0
    #: Whether nothing begins by itself at a time of the day.
    quiet_hours: Hours | None = None

    def quiet(self, now: datetime) -> bool:
        """Whether nothing begins by itself now."""
        return self.quiet_hours is not None and self.quiet_hours.holds(now.astimezone(self.zone).time())


def plan_of(name: str, schedule: Schedule, model_zone: str) -> Plan:
    """The settings of one connection as a plan."""
    return Plan(
        name=name,
        timings={
            RunKind.INCREMENTAL: schedule.incremental,
            RunKind.FULL: schedule.full,
            RunKind.SWEEP: schedule.sweep,
        },
        zone=ZoneInfo(schedule.time_zone or model_zone),
        jitter=schedule.jitter_seconds,
        quiet_hours=schedule.quiet_hours,
    )


def due(plan: Plan, facts: Facts, now: datetime) -> list[RunKind]:
    """The kinds of runs to ask for now."""
    if plan.quiet(now):
        return []
    times = ((kind, next_time(plan, kind, facts, now)) for kind in KINDS)
    return [kind for kind, at in times if at is not None and at <= now]


def next_time(plan: Plan, kind: RunKind, facts: Facts, now: datetime) -> datetime | None:
    """When a kind is due, which may be past; None: not by itself, or it is under way."""
    timing, last = plan.timings[kind], facts.last.get(kind)
    if timing.never or (last is not None and last.open):
        return None
    if timing.every is not None:
        if last is None or last.asked_at > now:
            return now
        every = slowed(timing.every, last.failures)
        return last.asked_at + every + _jitter(plan, kind, last.asked_at, every / 10)
    since = last.asked_at if last is not None else facts.since
    if since is None:
        return None
    if since > now + WRONG:
        since = now
    at = _after(timing.cron or "", plan.zone, since)
    return None if at is None else at + _jitter(plan, kind, at, SLOWEST)


def day_due(*, scored_for: date | None, now: datetime, zone: ZoneInfo, at: time) -> date | None:
    """The new day for which everybody must be rescored; None before its time, or when it is done.

    A day that the clock went back to is no new one.
    """
    here = now.astimezone(zone)
    today = here.date()
    if scored_for is None or today <= scored_for:
        return None
    missed = today - scored_for > timedelta(days=1)
    return today if missed or here.time() >= at else None


def slowed(every: timedelta, failures: int) -> timedelta:
    """An interval after some failures in a row."""
    return max(every, min(SLOWEST, every * (1 << min(failures, 10))))


def _jitter(plan: Plan, kind: RunKind, base: datetime, most: timedelta) -> timedelta:
    """The same for the same round, whoever asks: two daemons agree."""
    seconds = min(plan.jitter, most.total_seconds())
    chance = Random(f"{plan.name} {kind.value} {base.isoformat()}")  # noqa: S311 - no secret
    return timedelta(seconds=round(chance.uniform(0, seconds), 3))


def _after(cron: str, zone: ZoneInfo, since: datetime) -> datetime | None:
    """The first time of a cron expression after an instant.

    When the clocks change, a time that is skipped is made up for after it; one that comes twice is meant once, unless every
    hour is meant.
    """
    every_hour = cron.split(" ")[1].startswith("*")
    found: datetime | None = since.astimezone(zone)
    while found is not None:
        found = _trigger(cron, zone).get_next_fire_time(
            None, (found.astimezone(UTC) + timedelta(microseconds=1)).astimezone(zone)
        )
        if found is not None and (every_hour or not found.fold):
            return found.astimezone(UTC)
    return None


@lru_cache(maxsize=64)
def _trigger(cron: str, zone: ZoneInfo) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger

    return CronTrigger.from_crontab(cron, timezone=zone)
