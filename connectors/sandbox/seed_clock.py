"""The clock of a seeded account: the host's when the population ends today, else one that starts at noon of its day."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from datetime import time as moment

from connectors.sandbox.clock import OrgClock
from connectors.sandbox.population import Population


def clock_of(population: Population) -> OrgClock:
    """A running clock that lies after everything in the population."""
    today = datetime.fromtimestamp(time.time(), UTC).date()
    if population.day == today:
        return OrgClock()
    return OrgClock(start=datetime.combine(population.day, moment(12), UTC))
