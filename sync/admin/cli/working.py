"""Doing runs here and now, or watching somebody else do them; Ctrl-C and SIGTERM stop at the next step."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync.admin.actions import runs
from sync.admin.cli.failures import ExitCode
from sync.errors import LeaseHeld
from sync.jobs.report import RunReport
from sync.jobs.runner import Runner
from sync.store.run_rows import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from sync.app import App
    from sync.jobs.progress import Progress
    from sync.store.run_rows import Run

#: Seconds between two looks at a run that somebody else does.
_LOOK = 1.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(kw_only=True)
class Worker:
    """Brings runs to their end, by doing them or by waiting for whoever holds the lease."""

    app: App
    progress: Progress
    stop: Callable[[], bool] = field(default=lambda: False)

    def work(self, run_no: int, *, wait: bool = False) -> RunReport | None:
        """Do a run, and whatever was queued meanwhile.

        None: another process is working, so the run stays queued (or, with `wait`, the wait was stopped).
        """
        while True:
            try:
                report = Runner(app=self.app, progress=self.progress, stop=self.stop).execute(run_no)
            except LeaseHeld:
                if not wait or not (run := self._watched(run_no)):
                    return None
                if run.status in _UNDONE:
                    continue  # whoever held the lease is gone
                return RunReport(run=run)
            self._others(run_no)
            return report

    def _watched(self, run_no: int) -> Run | None:
        """The run when it is at its end, or when nobody is working any more; None when we are to stop."""
        told: str | None = None
        while not self.stop():
            run, _ = runs.show(self.app, run_no)
            for each in (run, *runs.parts(self.app, run_no)):
                self._show(each)
            waits = f"run {run_no} waits: {run.message}" if run.status is RunStatus.SUSPENDED else None
            if waits is not None and waits != told:
                told = waits
                self.progress.note(waits)
            # A suspended run goes on by itself, maybe tomorrow: nobody waits for that.
            if run.status not in {RunStatus.QUEUED, RunStatus.RUNNING}:
                return run
            if runs.working(self.app) is None:
                return run
            self.app.clock.sleep(_LOOK)
        return None

    def _show(self, run: Run) -> None:
        """What a run of another process has noted about its progress."""
        shown = run.progress
        if run.status is RunStatus.RUNNING and shown is not None and "done" in shown:
            self.progress.step(shown["stage"], shown["connection"], shown["done"], shown["expected"])

    def _others(self, done: int) -> None:
        """Runs that were queued while this process held the lease: nobody else would do them."""
        seen = {done}
        while not self.stop() and (run_no := runs.next_queued(self.app, besides=seen)) is not None:
            seen.add(run_no)
            self.progress.note(f"run {run_no} was queued meanwhile: it is done now")
            try:
                Runner(app=self.app, progress=self.progress, stop=self.stop).execute(run_no)
            except LeaseHeld:
                return


_UNDONE = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], bool]]:
    """Ask the work to stop at its next step on the first Ctrl-C or SIGTERM; the second one stops at once."""
    asked = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code(report: RunReport) -> ExitCode:
    """What a run's end means for scripts."""
    attention = any(issue.needs_attention for issue in report.issues)
    match report.run.status:
        case RunStatus.SUCCEEDED:
            return ExitCode.DONE
        case RunStatus.HELD | RunStatus.SUSPENDED:
            return ExitCode.NEEDS_ATTENTION
        case RunStatus.PARTIAL:
            # A run that somebody else did has no issues here, but says what is to be done.
            return ExitCode.NEEDS_ATTENTION if attention or not report.issues else ExitCode.DONE
        case _:
            return ExitCode.NEEDS_ATTENTION if attention else ExitCode.FAILED
