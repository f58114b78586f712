"""Our own brakes: four searches a second, HubSpot's ten-second window, our share of the day. Clock and sleep are given.

HubSpot counts bursts per app, searches and days per account. Searches bring no headers, the rest tells what is left, so
other clients' calls are felt. Calls that other processes made for the same connection are told to it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.budget import RecentCalls
from connectors.errors import QuotaSpent
from connectors.port import Usage

#: The smallest window that HubSpot gives (Free and Starter); the headers tell the true one.
_SMALLEST_BURST = 100
#: Part of the window that we use, and what we leave to others when headers say that it runs out.
_BURST_SHARE = 0.9
_BURST_RESERVE = 5
_SECOND = timedelta(seconds=1)
#: Part of the account's day that nobody of us touches: people's own integrations live of it.
_DAY_RESERVE = 0.01


class Budget:
    """Counts calls and waits before HubSpot has to refuse one."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        search_per_second: int = 4,
        daily_share: float = 0.5,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._search = Pace(search_per_second, _SECOND)
        self._burst = Pace(int(_SMALLEST_BURST * _BURST_SHARE), timedelta(seconds=10))
        self._daily_share = daily_share
        self._zone: tzinfo | None = None
        self._left: int | None = None
        self._left_at: datetime | None = None
        self._day_limit: int | None = None
        self._day_left: int | None = None
        self._day = clock().date()
        self._recent = RecentCalls(clock)
        self._calls: Counter[str] = Counter()

    def use_zone(self, name: str) -> None:
        """The account's time zone: its day ends at midnight there."""
        try:
            self._zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = None

    def spend(self, kind: str) -> None:
        """Wait until one more call of this kind fits, and count it.

        Raises:
            QuotaSpent: Our share of the day is used.
        """
        self._check_day()
        if kind == "search":
            self._search.wait(self._clock, self._sleep)
        else:
            self._leave_some()
            self._burst.wait(self._clock, self._sleep)
        self._calls[kind] += 1
        self._recent.note()

    def recall(self, others: Mapping[datetime, int]) -> None:
        """Calls by the hour that other processes made for this connection: the share is theirs, too."""
        self._recent.recall(others)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take in the rate-limit headers of an answer, if there are any."""
        held = {name.lower(): value for name, value in headers.items()}
        largest = _number(held.get("x-hubspot-ratelimit-max"))
        if largest:
            self._burst.limit = max(1, int(largest * _BURST_SHARE))
            length = _number(held.get("x-hubspot-ratelimit-interval-milliseconds"))
            self._burst.length = timedelta(milliseconds=length) if length else self._burst.length
        left = _number(held.get("x-hubspot-ratelimit-remaining"))
        if left is not None:
            self._left, self._left_at = left, self._clock()
        self._day_limit = _number(held.get("x-hubspot-ratelimit-daily")) or self._day_limit
        day_left = _number(held.get("x-hubspot-ratelimit-daily-remaining"))
        self._day_left = self._day_left if day_left is None else day_left

    def day_end(self) -> datetime:
        """Midnight in the account's time zone, when its day begins anew."""
        now = self._clock()
        local = now.astimezone(self._zone) if self._zone else now
        midnight = datetime.combine(local.date() + timedelta(days=1), time(0), tzinfo=local.tzinfo)
        return midnight.astimezone(now.tzinfo)

    def usage(self) -> Usage:
        """Calls so far, and the account's day as its headers last told."""
        used = None
        if self._day_limit is not None and self._day_left is not None:
            used = self._day_limit - self._day_left
        return Usage(
            calls=self._calls.total(),
            calls_by_kind=dict(self._calls),
            day_used=used,
            day_limit=self._day_limit,
            by_hour=self._recent.by_hour(),
        )

    @property
    def burst_limit(self) -> int:
        """Calls that we allow ourselves per ten seconds."""
        return self._burst.limit

    def _check_day(self) -> None:
        now = self._clock()
        today = (now.astimezone(self._zone) if self._zone else now).date()
        if today != self._day:
            self._day, self._day_left = today, None
        if self._day_limit is None:
            return
        share = int(self._day_limit * self._daily_share)
        if self._recent.since(self.day_end() - timedelta(days=1)) >= share:
            raise QuotaSpent(
                f"Our share of the day's HubSpot calls is used ({share} of {self._day_limit}).", until=self.day_end()
            )
        if self._day_left is not None and self._day_left <= self._day_limit * _DAY_RESERVE:
            raise QuotaSpent("The account's HubSpot calls of today are nearly used up.", until=self.day_end())

    def _leave_some(self) -> None:
        if self._left is None or self._left_at is None:
            return
        if self._left > _BURST_RESERVE or self._clock() - self._left_at >= self._burst.length:
            self._left -= 1
            return
        # Others fill the window: one call a second tells how it stands, until there is room again.
        self._sleep(_SECOND.total_seconds())
        self._left = None


class Pace:
    """At most `limit` calls in any stretch of `length`."""

    def __init__(self, limit: int, length: timedelta) -> None:
        self.limit = limit
        self.length = length
        self._calls: deque[datetime] = deque()

    def wait(self, clock: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        """Wait until a call fits, and note it."""
        now = clock()
        self._forget(now)
        while len(self._calls) >= self.limit:
            sleep(max(0.001, (self._calls[0] + self.length - now).total_seconds()))
            now = clock()
            self._forget(now)
        self._calls.append(now)

    def _forget(self, now: datetime) -> None:
        # A clock set back would make us wait for ever: calls from the future count as forgotten.
        while self._calls and not (now - self.length < self._calls[0] <= now):
            self._calls.popleft()


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None
