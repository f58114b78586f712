"""One run from beginning to end: prepare, read, rescore, write, under one lease. Killed anywhere, the next run goes on."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from config.errors import SettingsError
from connectors.errors import ConnectorError, NeedsAttention
from connectors.records import Ref
from sync.api_calls import remember_calls
from sync.deliver.send import Delivery
from sync.errors import LeaseHeld, RunCancelled
from sync.jobs.issues import Issue, issue_of, lift_read_pauses, note_pause
from sync.jobs.patience import patiently
from sync.jobs.prepare import missing_writes, prepare
from sync.jobs.reading import Reading
from sync.jobs.renewing import renew
from sync.jobs.report import ConnectionReport, RunReport
from sync.jobs.rescoring import rescore
from sync.jobs.schema_watch import watch_schema
from sync.jobs.slices import LEASE, Shift
from sync.jobs.writing import Writing
from sync.pull.cycle import Puller
from sync.recovery import Access, Act
from sync.rules import lease_name, people_rules, scoring_day
from sync.store.run_rows import RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.port import FieldCheck
    from connectors.records import Stream
    from sync.app import App
    from sync.jobs.progress import Progress
    from sync.store.run_rows import Run
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Unit

log = structlog.get_logger(__name__)

#: Kinds of runs that read from the CRMs.
_READS = frozenset({RunKind.INCREMENTAL, RunKind.FULL, RunKind.RECORD, RunKind.SWEEP})


@dataclass(kw_only=True)
class Runner:
    """Executes runs of one app."""

    app: App
    progress: Progress
    #: Asked between two steps: a signal came.
    stop: Callable[[], bool] = field(default=lambda: False)

    def execute(self, run_no: int) -> RunReport:
        """Do a queued, suspended or released run.

        Raises:
            LeaseHeld: another process is working on this store.
        """
        app = self.app
        lease = lease_name(app)
        with app.store.write() as unit:
            epoch = unit.leases.acquire(lease, app.holder, LEASE)
            if epoch is None:
                held = unit.leases.of(lease)
                raise LeaseHeld(
                    f"{held.who if held else 'another process'} is working on {app.store.place}",
                    next_step="wait for it (leadgrade status), or let it do this: the run is queued",
                )
            unit.runs.suspend_left()
            claimed = unit.runs.claim(run_no, app.holder)
            run = unit.runs.get(run_no)
            if claimed:
                _close_predecessors(unit, run)
        shift = Shift(
            store=app.store,
            clock=app.clock,
            lease=lease,
            holder=app.holder,
            epoch=epoch,
            run_no=run_no,
            stop=self.stop,
            at_end=partial(remember_calls, app),
        )
        try:
            return self._do(run, shift) if claimed else RunReport(run=run)
        finally:
            with app.store.write() as unit:
                unit.leases.release(lease, epoch)

    def _do(self, run: Run, shift: Shift) -> RunReport:
        report = RunReport(run=run)
        try:
            self._stages(run, shift, report)
            status, message, step = _ending(report)
        except RunCancelled as cancelled:
            status, message, step = RunStatus.CANCELLED, cancelled.message, None
        except Exception as error:
            # A bug ends the run, not the daemon; the traceback holds places, never values.
            places = "".join(traceback.format_tb(error.__traceback__))
            log.error("run_failed", run=run.run_no, error=type(error).__name__, traceback=places)  # noqa: TRY400
            with self.app.store.write() as unit:
                unit.runs.finish(run.run_no, RunStatus.FAILED, message=f"{type(error).__name__}: {_public(error)}")
            raise
        with self.app.store.write() as unit:
            unit.runs.finish(run.run_no, status, message=message, next_step=step)
            report.run = unit.runs.get(run.run_no)
        log.info("run_ended", run=run.run_no, status=status.value, counts=dict(report.rescored))
        return report

    def _stages(self, run: Run, shift: Shift, report: RunReport) -> None:
        app = self.app
        model = app.model
        day = run.day or scoring_day(app)
        with app.store.write() as unit:
            unit.runs.pin(run.run_no, day=day, version=model.version)
        renew(app, shift, self.progress, day=day)
        rows = self._rows(run)
        try:
            self._work(rows, run, shift, report, day=day)
        except RunCancelled:
            # Calls were made and records stored, whoever stopped it.
            self._close_accounts(rows, report)
            raise
        self._close_accounts(rows, report)

    def _work(self, rows: list[ConnectionRow], run: Run, shift: Shift, report: RunReport, *, day: date) -> None:
        ready: list[ConnectionRow] = []
        for row in rows:
            report.connections[row.name] = ConnectionReport(name=row.name, writes=row.writes.value)
            paused = self._prepare(row, report)
            if paused is None:
                continue
            report.connections[row.name].reached = True
            ready.append(row)
            if run.kind in _READS:
                self._read(row, run, shift, report, paused)
        report.rescored += rescore(self.app, run, shift, self.progress, day=day, model=self.app.model)
        for row in ready:
            if not run.options.get("dry_run"):
                self._write(row, run, shift, report)

    def _rows(self, run: Run) -> list[ConnectionRow]:
        rows = [self.app.connection(name) for name in self.app.names()]
        return [row for row in rows if run.connection_no in {None, row.connection_no}]

    def _prepare(self, row: ConnectionRow, report: RunReport) -> frozenset[Stream] | None:
        """Streams that must not be read now; None when the connection cannot be used at all."""
        app = self.app
        try:
            checks = patiently(lambda: self._checks(row), Access.READ, app.clock)
        except ConnectorError as error:
            report.issues.append(issue_of(error, row.name, Access.READ))
            if isinstance(error, NeedsAttention):
                with app.store.write() as unit:
                    note_pause(unit, row.connection_no, error, Access.READ, now=app.clock.now())
            return None
        watched = watch_schema(app, row, checks)
        report.issues += [issue_of(error, row.name, Access.READ) for error in watched.lost]
        for each in watched.unknown:
            self.progress.note(f"{row.name}: {each.message}; it is read as empty. Next: {each.next_step}")
        if row.writes.value != "off":
            report.issues += [issue_of(each, row.name, Access.WRITE) for each in missing_writes(checks, row.name)]
        return watched.paused

    def _checks(self, row: ConnectionRow) -> list[FieldCheck]:
        """A secret that cannot be read stops its connection, not the run."""
        try:
            return prepare(self.app.store, row, self.app.connector(row.name))
        except SettingsError as error:
            raise NeedsAttention(error.message, code="configuration", next_step=error.next_step) from None

    def _read(self, row: ConnectionRow, run: Run, shift: Shift, report: RunReport, paused: frozenset[Stream]) -> None:
        app = self.app
        with app.store.write() as unit:
            lift_read_pauses(unit, row.connection_no, run.kind)
        puller = Puller(
            store=app.store,
            clock=app.clock,
            connector=app.connector(row.name),
            connection=row,
            rules=people_rules(app),
            fence=shift.fence,
        )
        reading = Reading(
            store=app.store, clock=app.clock, puller=puller, shift=shift, progress=self.progress, paused=paused
        )
        record, since = run.options.get("record"), run.options.get("since")
        try:
            reading.read(
                run.kind,
                record=Ref(object=record[0], id=record[1]) if record else None,
                quarantined=bool(run.options.get("quarantine")),
                since=datetime.fromisoformat(since) if since else None,
            )
        finally:
            report.connections[row.name].pulled += reading.counts
            report.issues += reading.issues

    def _write(self, row: ConnectionRow, run: Run, shift: Shift, report: RunReport) -> None:
        app = self.app
        delivery = Delivery(
            store=app.store,
            clock=app.clock,
            connector=app.connector(row.name),
            connection=row.name,
            connection_no=row.connection_no,
            deadband=app.settings.deadband,
            sample=app.settings.connections[row.name].sample,
            run_no=run.run_no,
            claim=f"{shift.holder}:{shift.epoch}",
            fence=shift.fence,
        )
        writing = Writing(
            store=app.store,
            clock=app.clock,
            delivery=delivery,
            shift=shift,
            progress=self.progress,
            guard=app.settings.guard,
            released=run.released_by is not None,
        )
        writing.write()
        mine = report.connections[row.name]
        mine.delivered += writing.counts
        mine.held = writing.held
        report.issues += writing.issues
        if writing.held:
            report.issues.append(_held_issue(row.name, writing, run.run_no))

    def _close_accounts(self, rows: list[ConnectionRow], report: RunReport) -> None:
        app = self.app
        today: date = app.clock.now().date()
        with app.store.write() as unit:
            for row in (each for each in rows if each.name in report.connections):
                usage = app.connector(row.name).usage() if row.name in app.connectors_in_use() else None
                mine = report.connections[row.name]
                mine.due = unit.outbox.counts(row.connection_no)["due"]
                mine.writes = unit.connections.writes(row.connection_no).value
                if usage is not None:
                    fresh = app.fresh_calls(row.name, usage)
                    mine.calls, mine.calls_by_kind = fresh.total(), dict(fresh)
                    unit.connections.count_calls(row.connection_no, today, fresh.total())
            remember_calls(app, unit)


def _close_predecessors(unit: Unit, run: Run) -> None:
    """Suspended runs of the same work have nothing left to do: this run goes on at their checkpoints."""
    for other in unit.runs.open():
        same_work = (other.kind, other.connection_no) == (run.kind, run.connection_no)
        if other.status is RunStatus.SUSPENDED and same_work and other.run_no < run.run_no:
            unit.runs.finish(other.run_no, RunStatus.CANCELLED, message=f"run {run.run_no} went on where it stopped")


def _held_issue(name: str, writing: Writing, run_no: int) -> Issue:
    waits = writing.waits_for or run_no
    return Issue(
        connection=name,
        access=Access.WRITE,
        act=Act.PAUSE,
        code="held",
        message=writing.held or "",
        next_step=f"look at it with: leadgrade preview; then: leadgrade runs release {waits} (or correct the cause and sync again)",
    )


def _ending(report: RunReport) -> tuple[RunStatus, str | None, str | None]:
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


def _public(error: Exception) -> str:
    """An error's words if they are ours; foreign ones may quote values."""
    return (
        str(error)
        if type(error).__module__.split(".")[0] in {"sync", "scoring", "connectors", "config"}
        else "see the log"
    )
