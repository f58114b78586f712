"""Slices: a run works in pieces of at most 30 seconds, so that stops, leases and more urgent work get their turn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from sync.errors import RunCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync.clock import Clock
    from sync.store.unit import Store, Unit

log = structlog.get_logger(__name__)

#: Seconds of one slice, of a lease, and between two looks at whether the run was cancelled.
SLICE, LEASE = 30.0, 120
_CANCELLED = "an operator cancelled the run; what was done stays done"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """A lease that is held."""

    name: str
    epoch: int


@dataclass(kw_only=True)
class Shift:
    """One run's hold on the lease; every commit goes through its fence."""

    store: Store
    clock: Clock
    lease: str
    holder: str
    epoch: int
    run_no: int
    #: Further leases that the work needs.
    also: tuple[Hold, ...] = ()
    #: Asked between two steps; True ends the run at the next checkpoint.
    stop: Callable[[], bool] = field(default=lambda: False)
    #: Called between two steps: more urgent work may take its turn here, or the run may be put aside by raising RunSuspended.
    between: Callable[[], None] = field(default=lambda: None)
    #: Done with the end of each slice, in its transaction.
    at_end: Callable[[Unit], None] = field(default=lambda _unit: None)
    _slice_no: int | None = None
    _about: tuple[str, int | None] = ("", None)
    _since: float = 0.0
    _counts: Counter[str] = field(default_factory=Counter)

    def fence(self, unit: Unit) -> None:
        """Raise LeaseLost when somebody else holds the lease by now."""
        for hold in self._holds():
            unit.leases.check(hold.name, hold.epoch)

    def _holds(self) -> tuple[Hold, ...]:
        return (Hold(name=self.lease, epoch=self.epoch), *self.also)

    def pause(self) -> None:
        """The moment between two steps: whoever wants the run to end, or to wait, is heard here.

        Raises:
            RunCancelled: an operator cancelled the run, or the process is to stop.
            RunSuspended: the run is put aside.
        """
        if self.stop():
            raise RunCancelled("the run was stopped; what was done stays done, the next run goes on from there")
        with self.store.read() as unit:
            cancelled = unit.runs.cancel_asked(self.run_no)
        if cancelled:
            raise RunCancelled(_CANCELLED)
        self.between()

    def steps(
        self, stage: str, connection_no: int | None, step: Callable[[], Counter[str] | None]
    ) -> Iterator[Counter[str]]:
        """Call `step` until it returns None, slice by slice; yields what each step counted.

        Raises RunCancelled between two steps when the run was cancelled or the process is to stop.
        """
        self._open(stage, connection_no)
        try:
            while True:
                if self.clock.monotonic() - self._since >= SLICE:
                    self._close()
                    self._open(stage, connection_no)
                self.pause()
                counts = step()
                if counts is None:
                    return
                self._counts += counts
                yield counts
        finally:
            self._close()

    def _open(self, stage: str, connection_no: int | None) -> None:
        with self.store.write() as unit:
            self.fence(unit)
            for hold in self._holds():
                unit.leases.renew(hold.name, hold.epoch, LEASE)
            if unit.runs.heartbeat(self.run_no):
                raise RunCancelled(_CANCELLED)
            self._slice_no = unit.runs.begin_slice(self.run_no, stage, connection_no)
        self._about = stage, connection_no
        self._since = self.clock.monotonic()
        self._counts = Counter()

    def _close(self) -> None:
        if self._slice_no is None:
            return
        with self.store.write() as unit:
            unit.runs.end_slice(self._slice_no, dict(self._counts))
            self.at_end(unit)
        # An idle daemon says little: slices that found nothing to do are for those who look closely.
        say = log.info if self._counts else log.debug
        stage, connection_no = self._about
        say(
            "slice_ended",
            run=self.run_no,
            slice=self._slice_no,
            stage=stage,
            connection_no=connection_no,
            seconds=round(self.clock.monotonic() - self._since, 2),
            counts=dict(self._counts),
        )
        self._slice_no = None
