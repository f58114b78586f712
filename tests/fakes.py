"""Fakes that tests of several packages share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._seconds = 0.0
        #: Every wait that was asked for, in seconds.
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += max(0.0, seconds)
        self._now += timedelta(seconds=seconds)

    def set(self, instant: datetime) -> None:
        """Set the calendar, as an operator may; the monotonic clock does not notice."""
        self._now = instant
