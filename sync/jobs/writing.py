"""The writing part of a run for one connection: mode, guard, batches, errors by the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.errors import ConnectorError, NeedsAttention
from sync.deliver.approval import approval_in_force, end_approval
from sync.deliver.guard import Verdict, judge
from sync.jobs.issues import Issue, issue_of, note_pause
from sync.jobs.patience import patiently
from sync.recovery import Access
from sync.store.run_rows import RunStatus
from sync.store.sql.connections import WriteMode

if TYPE_CHECKING:
    from config.settings import Guard
    from sync.clock import Clock
    from sync.deliver.send import Delivery
    from sync.jobs.progress import Progress
    from sync.jobs.slices import Shift
    from sync.store.unit import Store, Unit


@dataclass(kw_only=True)
class Writing:
    """Delivers one connection."""

    store: Store
    clock: Clock
    delivery: Delivery
    shift: Shift
    progress: Progress
    guard: Guard
    #: The admin released this run: the guard has been answered.
    released: bool
    #: Only named records are written: no guard is asked, and nothing that waits for its answer has it now.
    named: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    issues: list[Issue] = field(default_factory=list)
    #: Why nothing was written: the guard's words.
    held: str | None = None
    #: A run that waits already for the same answer.
    waits_for: int | None = None

    def write(self) -> None:
        """Write what is due, if the mode and the guard let us."""
        number = self.delivery.connection_no
        with self.store.read() as unit:
            if unit.connections.writes(number) is WriteMode.OFF:
                return
            verdict = None if self.named else judge(unit, number, self.guard, approval_in_force(unit, number))
        if verdict is not None and verdict.held and not self.released:
            self._hold(verdict)
            return
        with self.store.write() as unit:
            if not self.named:
                self._answer_held(unit)
            # What was paused is tried again; it pauses again if its cause is still there.
            unit.connections.resume(number, access=Access.WRITE)
        self._batches()
        if not self.named and not self.issues:
            with self.store.write() as unit:
                if approval_in_force(unit, number) is not None and not unit.outbox.waiting(number):
                    end_approval(unit, number)

    def _hold(self, verdict: Verdict) -> None:
        self.held = f"this run {verdict.reason}; nothing was written"
        with self.store.read() as unit:
            others = [run for run in unit.runs.open() if run.status is RunStatus.HELD and self._ours(run.connection_no)]
        self.waits_for = others[0].run_no if others else None

    def _answer_held(self, unit: Unit) -> None:
        """Held runs whose cause is gone, or whose changes go out with this run, have nothing left to wait for."""
        for run in unit.runs.open():
            if run.status is RunStatus.HELD and self._ours(run.connection_no) and run.run_no != self.shift.run_no:
                message = f"no longer needed: run {self.shift.run_no} passed the guard"
                unit.runs.finish(run.run_no, RunStatus.CANCELLED, message=message)

    def _left(self) -> int:
        """How many records wait behind the first batch; asked for only when there is one."""
        if self.named:
            return len(self.delivery.only or ())
        with self.store.read() as unit:
            return unit.outbox.waiting(self.delivery.connection_no)

    def _ours(self, connection_no: int | None) -> bool:
        return connection_no in {None, self.delivery.connection_no}

    def _batches(self) -> None:
        done = 0
        due: int | None = None

        def step() -> Counter[str] | None:
            nonlocal done, due
            counts = patiently(self.delivery.batch, Access.WRITE, self.clock)
            if counts is not None:
                done += counts.total()
                due = done + self._left() if due is None else due
                self.progress.step("write", self.delivery.connection, done, max(due, done))
            return counts

        try:
            for counts in self.shift.steps("write", self.delivery.connection_no, step):
                self.counts += counts
        except ConnectorError as error:
            self.issues.append(issue_of(error, self.delivery.connection, Access.WRITE))
            if isinstance(error, NeedsAttention):
                with self.store.write() as unit:
                    note_pause(unit, self.delivery.connection_no, error, Access.WRITE, now=self.clock.now())
