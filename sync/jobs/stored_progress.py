"""The progress of a run where others can see it: in the store, every few seconds; what there is to note goes to the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from sync.app import App

log = structlog.get_logger(__name__)

#: Seconds between two notes in the store.
EVERY: Final = 2.0


@dataclass(kw_only=True)
class StoredProgress:
    """A Progress that whoever watches the run reads."""

    app: App
    run_no: int
    _noted: tuple[str, str | None, float] | None = None

    def step(self, stage: str, connection: str | None, done: int, expected: int | None) -> None:
        """Note how far the run is, unless that was done a moment ago."""
        now = self.app.clock.monotonic()
        last = self._noted
        finished = expected is not None and done >= expected
        if last is not None and last[:2] == (stage, connection) and now - last[2] < EVERY and not finished:
            return
        self._noted = (stage, connection, now)
        shown = {"stage": stage, "connection": connection, "done": done, "expected": expected}
        with self.app.store.write() as unit:
            unit.runs.show_progress(self.run_no, shown)

    def note(self, message: str) -> None:
        """One sentence, for the log."""
        log.info("run_note", run=self.run_no, note=message)
