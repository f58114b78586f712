"""How runs end: what their issues mean for their status, when they go on by themselves, and who goes on in their place."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sync.jobs.issues import Issue
from sync.recovery import Access, Act
from sync.store.run_rows import OPEN, RunStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sync.jobs.report import RunReport
    from sync.jobs.writing import Writing
    from sync.store.run_rows import Run
    from sync.store.unit import Unit

#: Seconds before a run that an outage suspended goes on: doubled each time, with jitter, never beyond the last.
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 1800.0


def close_predecessors(unit: Unit, run: Run) -> None:
    """Suspended runs of the same work have nothing left to do: this run goes on at their checkpoints."""
    for other in unit.runs.open():
        same_work = _work(other) == _work(run)
        if other.status is RunStatus.SUSPENDED and same_work and other.run_no < run.run_no:
            unit.runs.finish(other.run_no, RunStatus.CANCELLED, message=f"run {run.run_no} went on where it stopped")


def _work(run: Run) -> tuple[object, ...]:
    """What is the same for runs of the same work. Named records have no checkpoint: only a run for the same ones takes over."""
    return run.kind, run.connection_no, *(run.options.get(name) for name in ("record", "records", "since", "rest"))


def open_parts(unit: Unit, run: Run) -> bool:
    """Whether parts of a run still have something to do."""
    return any(part.status in OPEN and part.status is not RunStatus.HELD for part in unit.runs.parts(run.run_no))


def resumes_at(report: RunReport, now: datetime, chance: Random | None = None) -> datetime:
    """When a run that met a limit or an outage goes on by itself: when the CRM said, else after a growing pause."""
    told = [issue.until for issue in report.issues if issue.until is not None]
    if told:
        return max(*told, now)
    grown = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(report.run.suspensions, 10))
    return now + timedelta(seconds=grown * (chance or Random()).uniform(0.75, 1.0))  # noqa: S311 - no secret


def held_issue(name: str, writing: Writing, run_no: int) -> Issue:
    waits = writing.waits_for or run_no
    return Issue(
        connection=name,
        access=Access.WRITE,
        act=Act.PAUSE,
        code="held",
        message=writing.held or "",
        next_step=f"look at it with: leadgrade preview; then: leadgrade runs release {waits} (or correct the cause and sync again)",
    )


def ending(report: RunReport) -> tuple[RunStatus, str | None, str | None]:
    """How a run ends, by what its connections met."""
    held = [issue for issue in report.issues if issue.code == "held"]
    if held and not any(f"release {report.run.run_no} " not in (issue.next_step or "") for issue in held):
        return RunStatus.HELD, "; ".join(f"{issue.connection}: {issue.message}" for issue in held), held[0].next_step
    if not report.issues:
        return RunStatus.SUCCEEDED, None, None
    first = report.issues[0]
    message = f"{first.connection}: {first.message}"
    if len(report.issues) > 1:
        message += f" (and {len(report.issues) - 1} more)"
    used = Counter(issue.act for issue in report.issues)
    if used[Act.SUSPEND] or used[Act.BACK_OFF] or used[Act.WAIT]:
        return RunStatus.SUSPENDED, message, first.next_step
    worked = any(part.reached for part in report.connections.values())
    return (RunStatus.PARTIAL if worked else RunStatus.FAILED), message, first.next_step


def public(error: Exception) -> str:
    """An error's words if they are ours; foreign ones may quote values."""
    return (
        str(error)
        if type(error).__module__.split(".")[0] in {"sync", "scoring", "connectors", "config"}
        else "see the log"
    )
