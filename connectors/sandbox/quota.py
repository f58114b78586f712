"""API allowances counted on the org's clock: a day's pool, a burst window, a search window."""

from __future__ import annotations

from collections import deque

from connectors.sandbox.clock import Stamp

DAY = 86_400_000


class Window:
    """At most `limit` calls in any `length` milliseconds (rolling), or per calendar day when the length is a day."""

    __slots__ = ("_calls", "_day", "_used", "length", "limit")

    def __init__(self, limit: int, length: int = DAY) -> None:
        self.limit = limit
        self.length = length
        self._calls: deque[Stamp] = deque()
        self._day = -1
        self._used = 0

    def used(self, now: Stamp) -> int:
        """Calls that count at this stamp."""
        if self.length >= DAY:
            if now // DAY != self._day:
                self._day, self._used = now // DAY, 0
            return self._used
        while self._calls and self._calls[0] <= now - self.length:
            self._calls.popleft()
        return len(self._calls)

    def remaining(self, now: Stamp) -> int:
        """Calls that are left at this stamp."""
        return max(0, self.limit - self.used(now))

    def take(self, now: Stamp, calls: int = 1) -> bool:
        """Counts calls if they fit; False when the allowance is spent."""
        if self.used(now) + calls > self.limit:
            return False
        self.spend(now, calls)
        return True

    def spend(self, now: Stamp, calls: int) -> None:
        """Counts calls whether they fit or not: another client's traffic, or a scripted exhaustion."""
        self.used(now)
        if self.length >= DAY:
            self._used += calls
        else:
            self._calls.extend([now] * calls)

    def exhaust(self, now: Stamp) -> None:
        """Uses up what is left."""
        self.spend(now, self.remaining(now))
