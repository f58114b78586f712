"""When something is done again and again: `5 minutes`, a cron expression, or `never`; and hours in which nothing begins.

Values and their texts alone; what is due when is decided by sync.jobs.schedule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UNITS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_INTERVAL: Final = re.compile(r"(\d+) (second|minute|hour|day)s?")
_WEEKDAY: Final = re.compile(r"[0-7]([,/-]|$)|[,-][0-7]")
_LEAST: Final = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """An interval, a cron expression, or neither: never."""

    every: timedelta | None = None
    cron: str | None = None

    @property
    def never(self) -> bool:
        """Whether it is not done by itself."""
        return self.every is None and self.cron is None

    def __str__(self) -> str:
        if self.every is not None:
            return f"{int(self.every.total_seconds())} seconds"
        return self.cron or "never"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """A part of the day, from one time to another, over midnight when the second is the earlier one."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        """Whether a time of the day lies in it."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def parse_timing(text: object) -> Timing:
    """A timing from the settings. Raises ValueError that says what may stand there."""
    if isinstance(text, Timing):
        return text
    words = " ".join(str(text).split()).removeprefix("every ")
    if words == "never":
        return Timing()
    if found := _INTERVAL.fullmatch(words):
        every = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
        if every < _LEAST:
            raise ValueError("at least 10 seconds")
        return Timing(every=every)
    fields = words.split(" ")
    if len(fields) != 5:
        raise ValueError('give an interval ("5 minutes"), a cron expression ("30 2 * * *") or "never"')
    if _WEEKDAY.search(fields[4]):
        # Programs disagree about which day is 0.
        raise ValueError("name the days of the week: mon, tue, wed, thu, fri, sat, sun")
    from apscheduler.triggers.cron import CronTrigger

    try:
        CronTrigger.from_crontab(words, timezone="UTC")
    except ValueError as error:
        raise ValueError(f"not a cron expression: {error}") from None
    return Timing(cron=words)


def parse_time(text: object) -> time:
    """A time of the day, HH:MM. YAML 1.1 habits make 00:05 a number in some editors: quote it."""
    if isinstance(text, time):
        return text
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(text).strip())
    if not found:
        raise ValueError('give a time of the day in quotes, such as "00:05"')
    return time(int(found[1]), int(found[2]))


def parse_hours(text: object) -> Hours:
    """A part of the day, HH:MM-HH:MM."""
    if isinstance(text, Hours):
        return text
    start, dash, end = str(text).partition("-")
    if not dash:
        raise ValueError('give a part of the day in quotes, such as "22:00-06:00"')
    hours = Hours(start=parse_time(start), end=parse_time(end))
    if hours.start == hours.end:
        raise ValueError("the two times are the same")
    return hours


def parse_zone(text: str) -> str:
    """The name of a time zone."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {text!r}; give one such as Europe/Paris") from None
