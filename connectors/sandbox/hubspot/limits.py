"""Allowances: the ten-second window and the day with headers, searches per second without."""

from __future__ import annotations

from connectors.sandbox.hubspot.errors import rate_limited
from connectors.sandbox.org import Org


def take(org: Org, *, search: bool) -> None:
    """Counts one call.

    Raises:
        Refusal: 429, with the policy that was met.
    """
    now = org.clock.now()
    daily = org.quotas.get("daily")
    if daily is not None and not daily.take(now):
        raise rate_limited("DAILY")
    window = org.quotas.get("search" if search else "burst")
    if window is not None and not window.take(now):
        raise rate_limited("SECONDLY" if search else "TEN_SECONDLY_ROLLING")


def headers(org: Org, *, search: bool) -> dict[str, str]:
    """The rate-limit headers of an answer; searches have none."""
    if search:
        return {}
    now = org.clock.now()
    found: dict[str, str] = {}
    burst = org.quotas.get("burst")
    if burst is not None:
        found["X-HubSpot-RateLimit-Max"] = str(burst.limit)
        found["X-HubSpot-RateLimit-Remaining"] = str(burst.remaining(now))
        found["X-HubSpot-RateLimit-Interval-Milliseconds"] = str(burst.length)
    daily = org.quotas.get("daily")
    if daily is not None:
        found["X-HubSpot-RateLimit-Daily"] = str(daily.limit)
        found["X-HubSpot-RateLimit-Daily-Remaining"] = str(daily.remaining(now))
    return found
