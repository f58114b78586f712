"""The org's own clock: running, frozen or moved by tests. Stamps are whole milliseconds since 1970, UTC."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import formatdate
from threading import Lock

#: Milliseconds since 1970, UTC.
Stamp = int

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamp_of(instant: datetime | date) -> Stamp:
    """The stamp of an aware instant, or of midnight UTC of a date."""
    if not isinstance(instant, datetime):
        instant = datetime(instant.year, instant.month, instant.day, tzinfo=UTC)
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def instant_of(stamp: Stamp) -> datetime:
    """The aware UTC instant of a stamp."""
    return _EPOCH + timedelta(milliseconds=stamp)


def iso(stamp: Stamp, zone: str = "Z") -> str:
    """`2026-11-20T08:30:00.000Z`; Salesforce's REST wants the zone `+0000`. Such texts sort like their instants."""
    return f"{instant_of(stamp):%Y-%m-%dT%H:%M:%S}.{stamp % 1000:03d}{zone}"


def day_of(stamp: Stamp) -> str:
    """`2026-11-20`, in UTC."""
    return f"{instant_of(stamp):%Y-%m-%d}"


class OrgClock:
    """A clock that runs with the host's unless it is frozen; both can be moved."""

    def __init__(
        self, *, start: datetime | None = None, frozen: bool = False, host: Callable[[], float] = time.time
    ) -> None:
        self._host = host
        self._lock = Lock()
        now = int(host() * 1000)
        self._offset = 0 if start is None else stamp_of(start) - now
        self._frozen: Stamp | None = now + self._offset if frozen else None

    @classmethod
    def frozen_at(cls, instant: datetime) -> OrgClock:
        """A clock that stands still until it is advanced."""
        return cls(start=instant, frozen=True)

    def now(self) -> Stamp:
        """The org's current stamp."""
        with self._lock:
            return self._frozen if self._frozen is not None else int(self._host() * 1000) + self._offset

    def freeze(self, instant: datetime | None = None) -> None:
        """Stops the clock, at `instant` when given."""
        stamp = self.now() if instant is None else stamp_of(instant)
        with self._lock:
            self._frozen = stamp

    def resume(self) -> None:
        """Lets a frozen clock run on from where it stands."""
        with self._lock:
            if self._frozen is not None:
                self._offset = self._frozen - int(self._host() * 1000)
                self._frozen = None

    def advance(self, seconds: float) -> None:
        """Moves the clock; negative values move it back."""
        with self._lock:
            if self._frozen is not None:
                self._frozen += round(seconds * 1000)
            else:
                self._offset += round(seconds * 1000)

    def http_date(self) -> str:
        """The clock as an HTTP `Date` header."""
        return formatdate(self.now() / 1000, usegmt=True)
