"""Runs of all connections together: each connection does its part, and when all parts have ended the run has ended, too."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sync.store.run_rows import OPEN, RunKind, RunStatus
from sync.store.sql.connections import WriteMode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.store.run_rows import Run
    from sync.store.unit import Unit

#: Kinds whose parts are the same for each connection.
SPLIT = frozenset({RunKind.INCREMENTAL, RunKind.FULL, RunKind.SWEEP, RunKind.DELIVER})


def split(unit: Unit, run: Run, connection_nos: Iterable[int]) -> None:
    """Queue the parts of a claimed run of all connections; parts that it has already stay."""
    known = {part.connection_no for part in unit.runs.parts(run.run_no)}
    for number in connection_nos:
        if number not in known:
            _part(unit, run, run.kind, number, options=run.options)


def deliveries(unit: Unit, run: Run, connection_nos: Iterable[int]) -> None:
    """Queue the writing behind a rescore of everybody."""
    waiting = {
        part.connection_no
        for part in unit.runs.parts(run.run_no)
        if part.status in OPEN and part.status is not RunStatus.HELD
    }
    for number in connection_nos:
        if number not in waiting and unit.connections.writes(number) is not WriteMode.OFF:
            _part(unit, run, RunKind.DELIVER, number, options={})


def gather(unit: Unit, run: Run) -> bool:
    """End a run whose parts have all ended; False while some have not."""
    parts = unit.runs.parts(run.run_no)
    waiting = [part for part in parts if part.status in OPEN and part.status is not RunStatus.HELD]
    if waiting:
        return False
    worse = [part for part in parts if part.status is not RunStatus.SUCCEEDED]
    failed = parts and all(part.status is RunStatus.FAILED for part in parts)
    status = RunStatus.FAILED if failed else RunStatus.PARTIAL if worse else RunStatus.SUCCEEDED
    if run.cancel_asked:
        status = RunStatus.CANCELLED
    counts = sum((Counter(part.counts) for part in parts), Counter(run.counts))
    unit.runs.heartbeat(run.run_no, counts=counts - Counter(run.counts))
    first = worse[0] if worse else None
    message = (
        f"run {first.run_no} ({first.kind.value}) is {first.status.value}: {first.message or ''}" if first else None
    )
    unit.runs.finish(run.run_no, status, message=message, next_step=first.next_step if first else None)
    return True


def _part(unit: Unit, run: Run, kind: RunKind, connection_no: int, *, options: dict[str, object]) -> None:
    unit.runs.ask(
        run.workspace_no,
        kind,
        connection_no=connection_no,
        requested_by=run.requested_by,
        options=options,
        parent_no=run.run_no,
        released_by=run.released_by,
    )
