"""How long work shows that it is alive: bars on a terminal, otherwise a plain line per stage every few seconds. On stderr."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from sync.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from sync.clock import Clock
    from sync.jobs.progress import Progress

#: Seconds between two plain lines of one stage.
_PAUSE = 5.0


@contextmanager
def shown_progress(*, file: TextIO | None = None, clock: Clock | None = None) -> Iterator[Progress]:
    """Show the steps of a run while the block lasts."""
    file = file or sys.stderr
    if file.isatty():
        with _rich_progress(file) as rich:
            yield Bars(rich=rich)
        return
    lines = Lines(file=file, clock=clock or SystemClock())
    try:
        yield lines
    finally:
        lines.finish()


@dataclass(kw_only=True)
class Bars:
    """A bar per stage and connection."""

    rich: RichProgress
    _tasks: dict[tuple[str, str | None], TaskID] = field(default_factory=dict)

    def step(self, stage: str, connection: str | None, done: int, expected: int | None) -> None:
        key = (stage, connection)
        if key not in self._tasks:
            self._tasks[key] = self.rich.add_task(_name(stage, connection), total=expected, pace="")
        task = next(each for each in self.rich.tasks if each.id == self._tasks[key])
        pace = f"{task.speed:,.0f}/s" if task.speed else ""
        self.rich.update(self._tasks[key], completed=done, total=expected, pace=pace)

    def note(self, message: str) -> None:
        self.rich.console.print(message, markup=False, highlight=False)


@dataclass(kw_only=True)
class Lines:
    """A line when a stage begins, then at most one every few seconds, and one with its last count."""

    file: TextIO
    clock: Clock
    _printed: dict[tuple[str, str | None], tuple[float, str]] = field(default_factory=dict)
    _began: dict[tuple[str, str | None], tuple[float, int]] = field(default_factory=dict)
    _last: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def step(self, stage: str, connection: str | None, done: int, expected: int | None) -> None:
        key = (stage, connection)
        text = f"{_name(stage, connection)}: {done:,}" + (f" of {expected:,}" if expected is not None else "")
        text += self._pace(key, done, expected)
        self._last[key] = text
        before = self._printed.get(key)
        complete = expected is not None and done >= expected
        if before is None or complete or self.clock.monotonic() - before[0] >= _PAUSE:
            self._print(key)

    def _pace(self, key: tuple[str, str | None], done: int, expected: int | None) -> str:
        """How many a second, and how long it will take."""
        at, before = self._began.setdefault(key, (self.clock.monotonic(), done))
        seconds = self.clock.monotonic() - at
        if seconds < _PAUSE or done <= before:
            return ""
        rate = (done - before) / seconds
        left = f", {_span((expected - done) / rate)} left" if expected is not None and expected > done else ""
        return f" ({rate:,.1f} a second{left})"

    def note(self, message: str) -> None:
        print(message, file=self.file, flush=True)

    def finish(self) -> None:
        """Print the last count of every stage that moved since its last line."""
        for key in self._last:
            self._print(key)

    def _print(self, key: tuple[str, str | None]) -> None:
        text = self._last[key]
        if key in self._printed and self._printed[key][1] == text:
            return
        self._printed[key] = (self.clock.monotonic(), text)
        print(text, file=self.file, flush=True)


def _span(seconds: float) -> str:
    if seconds >= 5400:
        return f"{seconds / 3600:,.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _name(stage: str, connection: str | None) -> str:
    return f"{connection}: {stage}" if connection else stage


def _rich_progress(file: TextIO) -> RichProgress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
        TimeRemainingColumn(),
        console=Console(file=file, highlight=False),
    )
