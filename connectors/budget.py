"""Calls of the last day by the hour: what a share of the day rests on, and what a restart must not forget.

A connector counts its own calls; those of other processes on the same connection are told to it. Nothing is stored here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

_HOUR = timedelta(hours=1)
#: Hours beyond a day are kept: no CRM's day is longer.
KEPT = timedelta(hours=25)


class RecentCalls:
    """Counts calls by the hour they were made in."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._ours: Counter[datetime] = Counter()
        self._others: Counter[datetime] = Counter()

    def note(self) -> None:
        """One call, now."""
        self._ours[_hour(self._clock())] += 1

    def recall(self, others: Mapping[datetime, int]) -> None:
        """What other processes have made, in place of what was told before."""
        self._others = Counter(others)

    def since(self, instant: datetime) -> int:
        """Everybody's calls since an instant; the hour that it falls into counts whole."""
        return sum(
            calls for each in (self._ours, self._others) for hour, calls in each.items() if hour + _HOUR > instant
        )

    def by_hour(self) -> dict[datetime, int]:
        """Our own calls of the last day."""
        oldest = self._clock() - KEPT
        self._ours = Counter({hour: calls for hour, calls in self._ours.items() if hour >= oldest})
        return dict(self._ours)


def _hour(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
