"""A worker's lease: taken when it is free, held on to, given back at the end; and the runs that a killed holder left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from sync.jobs.slices import LEASE, Hold

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.app import App
    from sync.store.unit import Unit

log = structlog.get_logger(__name__)

#: Seconds between two signs of life of a worker that has nothing to do.
RENEW: Final = 30.0


@dataclass(kw_only=True)
class Tenure:
    """One lease of one worker."""

    name: str
    #: Done in the transaction that takes the lease: nobody else works on this now.
    at_beginning: Callable[[App, Unit], None] = field(default=lambda _app, _unit: None)
    hold: Hold | None = None
    _renewed: float = 0.0
    _waits_for: str | None = None
    _unclean: bool = False

    def held(self, app: App) -> Hold | None:
        """The lease, taken or renewed if need be; None while somebody else has it."""
        now = app.clock.monotonic()
        if self.hold is not None and self._renew(app, self.hold, now):
            return self.hold
        with app.store.write() as unit:
            epoch = unit.leases.acquire(self.name, app.holder, LEASE)
            if epoch is None:
                other = unit.leases.of(self.name)
                who = other.who if other is not None else "another process"
            else:
                self.hold, self._renewed, self._unclean = Hold(name=self.name, epoch=epoch), now, False
                self.at_beginning(app, unit)
        if epoch is None:
            if who != self._waits_for:
                log.warning("lease_waits", lease=self.name, holder=who)
            self._waits_for, self.hold = who, None
            return None
        log.info("lease_taken", lease=self.name, epoch=epoch, after=self._waits_for)
        self._waits_for = None
        return self.hold

    @property
    def waits_for(self) -> str | None:
        """Who has the lease, while it is somebody else."""
        return self._waits_for

    def lost(self) -> None:
        """Somebody has taken over."""
        self.hold = None

    def upset(self) -> None:
        """Something went wrong outside of any run: a run may have been left behind."""
        self._unclean = True

    def release(self, app: App) -> None:
        """Give the lease back; runs that are still RUNNING wait for the next one who takes it."""
        hold, self.hold = self.hold, None
        if hold is None:
            return
        with app.store.write() as unit:
            self.at_beginning(app, unit)
            unit.leases.release(self.name, hold.epoch)

    def _renew(self, app: App, hold: Hold, now: float) -> bool:
        if not self._unclean and now - self._renewed < RENEW:
            return True
        with app.store.write() as unit:
            kept = unit.leases.renew(hold.name, hold.epoch, LEASE)
            if kept and self._unclean:
                self.at_beginning(app, unit)
        if kept:
            self._renewed, self._unclean = now, False
        return kept
