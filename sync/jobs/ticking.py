"""The tick: APScheduler rings the bells every few seconds, in memory, coalesced. It decides nothing and remembers nothing."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds between two ticks: what somebody queues is seen within so many.
TICK: Final = 3


class Ticker:
    """Calls one function every few seconds until it is stopped."""

    def __init__(self, ring: Callable[[], None], *, seconds: int = TICK) -> None:
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
            daemon=True,
        )
        self._scheduler.add_job(ring, "interval", seconds=seconds, id="ring")

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """No more ticks."""
        self._scheduler.shutdown(wait=False)
