"""The clock of a seeded account: the host's when the population ends today, else one that starts at noon of its day."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as moment

from connectors.sandbox.clock import OrgClock
from connectors.sandbox.population import Population


def clock_of(population: Population, host: Callable[[], float] = time.time) -> OrgClock:
    """A running clock that lies after everything in the population."""
    today = datetime.fromtimestamp(host(), UTC).date()
    start = None if population.day == today else datetime.combine(population.day, moment(12), UTC)
    return OrgClock(start=start, host=host)
