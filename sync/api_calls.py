"""Counting API calls: those outside of runs use the customer's quota, too, and no restart forgets what the day has cost.

The calls of the last day are kept by the hour, one marker a connection, so that every process knows what the others made.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.budget import KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.port import Connector
    from sync.app import App
    from sync.store.unit import Unit

_DAY = timedelta(days=1)


@contextmanager
def counted(app: App, connection: str) -> Iterator[None]:
    """Add the API calls of the block to the connection's calls of the day, however it ends."""
    try:
        yield
    finally:
        if connection in app.connectors_in_use():
            fresh = app.fresh_calls(connection, app.connector(connection).usage())
            number = app.connection(connection).connection_no
            with app.store.write() as unit:
                unit.connections.count_calls(number, app.clock.now().date(), fresh.total())
                remember_calls(app, unit)


def remember_calls(app: App, unit: Unit) -> None:
    """Keep what each connector has called since this was done last, and tell it what other processes have."""
    for name in sorted(app.connectors_in_use()):
        row = unit.connections.by_name(app.workspace_no, name)
        if row is None:
            continue
        connector = app.connector(name)
        usage = connector.usage()
        if usage.day_limit is not None:
            unit.markers.put(_limit_marker(row.connection_no), {"limit": usage.day_limit, "used": usage.day_used})
        ours = Counter(usage.by_hour)
        fresh = app.fresh_hours(name, ours)
        known = _known(unit, row.connection_no)
        if fresh:
            oldest = app.clock.now() - KEPT
            known = Counter({hour: calls for hour, calls in known.items() if hour >= oldest}) + fresh
            kept = {hour.isoformat(): calls for hour, calls in sorted(known.items())}
            unit.markers.put(_marker(row.connection_no), kept)
        connector.recall_calls(known - ours)


def recall_calls(app: App, name: str, connector: Connector) -> None:
    """Tell a new connector what the day has cost so far."""
    with app.store.read() as unit:
        row = unit.connections.by_name(app.workspace_no, name)
        known = _known(unit, row.connection_no) if row is not None else Counter()
    connector.recall_calls(known)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallsOfTheDay:
    """What the last day has cost one connection, as the store knows it."""

    ours: int
    #: The CRM's allowance of a day; None until it has told.
    limit: int | None = None
    #: How much of it everybody has used, by the CRM's own count.
    used: int | None = None


def calls_of_the_day(unit: Unit, connection_no: int, now: datetime) -> CallsOfTheDay:
    """Calls of the last 24 hours, the hour in which they began counted whole."""
    told = unit.markers.get(_limit_marker(connection_no)) or {}
    recent = {hour: calls for hour, calls in _known(unit, connection_no).items() if hour > now - _DAY}
    return CallsOfTheDay(ours=sum(recent.values()), limit=told.get("limit"), used=told.get("used"))


def _known(unit: Unit, connection_no: int) -> Counter[datetime]:
    kept = unit.markers.get(_marker(connection_no)) or {}
    return Counter({datetime.fromisoformat(hour): calls for hour, calls in kept.items()})


def _marker(connection_no: int) -> str:
    return f"api_calls.{connection_no}"


def _limit_marker(connection_no: int) -> str:
    return f"api_limit.{connection_no}"
