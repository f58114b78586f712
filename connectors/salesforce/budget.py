"""How many calls are ours, how many the org has left, and when to stop before Salesforce does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from connectors.budget import RecentCalls
from connectors.errors import QuotaSpent
from connectors.port import Usage

# The header carries more than one pair in some orgs ("; api-bursts=1/750", "; per-app-api-usage=17/250(appName=x)"), in any
# order: an anchored pattern would match nothing there and switch the guard off.
_API_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")
#: The allowance is a rolling day; a spent one frees up gradually.
PAUSE = timedelta(hours=1)
_DAY = timedelta(days=1)


def parse_limit_info(header: str) -> tuple[int, int] | None:
    """(used, limit) of the org's day from a `Sforce-Limit-Info` header, None when it does not say."""
    found = _API_USAGE.search(header)
    return (int(found[1]), int(found[2])) if found else None


class Budget:
    """Counts calls by kind and refuses to go beyond the configured share of the day."""

    def __init__(self, *, daily_share: float, org_ceiling: float, clock: Callable[[], datetime]) -> None:
        self._daily_share = daily_share
        self._org_ceiling = org_ceiling
        self._clock = clock
        self._calls: Counter[str] = Counter()
        self._recent = RecentCalls(clock)
        self._used: int | None = None
        self._limit: int | None = None
        self._heard_at: datetime | None = None

    def check(self) -> None:
        """Raise QuotaSpent when the next call would go beyond the share."""
        if self._used is None or not self._limit or self._heard_at is None:
            return
        now = self._clock()
        if now - self._heard_at > PAUSE:
            return  # what we know is old: one call tells how things stand
        own = self._recent.since(now - _DAY)
        if own >= self._daily_share * self._limit:
            raise QuotaSpent(
                f"{own} of the org's {self._limit} calls a day are used by this connection, its share is {self._daily_share:.0%}.",
                until=now + PAUSE,
            )
        if self._used >= self._org_ceiling * self._limit:
            raise QuotaSpent(
                f"The org has used {self._used} of its {self._limit} calls of the day; the rest is left to others.",
                until=now + PAUSE,
            )

    def note(self, kind: str, limit_info: str | None) -> None:
        """Count one call and what its answer said about the day."""
        self._calls[kind] += 1
        self._recent.note()
        if limit_info and (parsed := parse_limit_info(limit_info)):
            self._used, self._limit = parsed
            self._heard_at = self._clock()

    def recall(self, others: Mapping[datetime, int]) -> None:
        """Calls by the hour that other processes made for this connection: the share is theirs, too."""
        self._recent.recall(others)

    def usage(self) -> Usage:
        """Calls so far."""
        return Usage(
            calls=sum(self._calls.values()),
            calls_by_kind=dict(self._calls),
            day_used=self._used,
            day_limit=self._limit,
            by_hour=self._recent.by_hour(),
        )
