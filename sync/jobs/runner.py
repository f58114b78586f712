"""One run from beginning to end: prepare, read, rescore, write, under one lease. Killed anywhere, the next run goes on."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from config.errors import SettingsError
from config.settings import HubSpotConnection
from connectors.errors import ConnectorError, NeedsAttention
from connectors.records import Stream
from sync.api_calls import remember_calls
from sync.deliver.send import Delivery
from sync.errors import LeaseHeld, LeaseLost, RunCancelled, RunSuspended
from sync.jobs.ending import close_predecessors, ending, held_issue, open_parts, public, resumes_at
from sync.jobs.issues import issue_of, lift_read_pauses, note_pause
from sync.jobs.patience import patiently
from sync.jobs.prepare import missing_writes, prepare
from sync.jobs.reading import Reading, named_records, records_to_write
from sync.jobs.renewing import renew
from sync.jobs.report import ConnectionReport, RunReport
from sync.jobs.rescoring import rescore
from sync.jobs.retaining import oldest_activity, retain
from sync.jobs.schema_watch import watch_schema
from sync.jobs.slices import LEASE, Hold, Shift
from sync.jobs.writing import Writing
from sync.pull.cycle import Puller
from sync.recovery import Access
from sync.rules import connection_lease, lease_name, people_rules, scoring_day
from sync.store.run_rows import RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.port import FieldCheck
    from sync.app import App
    from sync.jobs.progress import Progress
    from sync.store.run_rows import Run
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Unit

log = structlog.get_logger(__name__)

#: Kinds of runs that read from the CRMs.
_READS = frozenset({RunKind.INCREMENTAL, RunKind.FULL, RunKind.RECORD, RunKind.SWEEP})
#: Kinds of runs at whose end vanished contacts are forgotten.
_FORGETS = frozenset({RunKind.INCREMENTAL, RunKind.FULL, RunKind.SWEEP})
#: Kinds that may rely on a check of the connection that was made a short while ago, and for how many seconds.
_BRIEF, _CHECKED_FOR = frozenset({RunKind.RECORD, RunKind.DELIVER}), 300.0
#: Seconds for which a round relies on such a check as long as nothing comes; before anything is stored it looks anew.
_IDLE_FOR = 3600.0


@dataclass(kw_only=True)
class Runner:
    """Executes runs of one app."""

    app: App
    progress: Progress
    #: Asked between two steps: a signal came.
    stop: Callable[[], bool] = field(default=lambda: False)
    #: The daemon's way of rescoring between reading and writing; False: somebody else does it, and the writing behind it.
    #: Absent: here and now, everybody when the day or the model are new.
    rescoring: Callable[[Run, Shift, RunReport], bool] | None = None
    #: Loads of a day are left to runs of their own.
    leaves_loads: bool = False
    #: connection -> when it was checked last, and which of its streams must not be read.
    checked: dict[str, tuple[float, frozenset[Stream]]] = field(default_factory=dict)
    #: connection -> streams that must not be read, of those that were checked for this run.
    _looked: dict[str, frozenset[Stream]] = field(default_factory=dict)

    def execute(self, run_no: int) -> RunReport:
        """Do a queued, suspended or released run under leases of its own.

        Raises:
            LeaseHeld: another process is working on this store.
        """
        app = self.app
        with app.store.read() as unit:
            numbers = [row.connection_no for row in self._rows(unit.runs.get(run_no))]
        with app.store.write() as unit:
            first, *others = [self._taken(unit, name) for name in (lease_name(app), *map(connection_lease, numbers))]
            unit.runs.suspend_left(connections=[None, *numbers], workspace_no=app.workspace_no)
            claimed = unit.runs.claim(run_no, app.holder)
            run = unit.runs.get(run_no)
            if claimed:
                close_predecessors(unit, run)
        shift = Shift(
            store=app.store,
            clock=app.clock,
            lease=first.name,
            holder=app.holder,
            epoch=first.epoch,
            also=tuple(others),
            run_no=run_no,
            stop=self.stop,
            at_end=partial(remember_calls, app),
        )
        try:
            return self._do(run, shift, self._stages) if claimed else RunReport(run=run)
        finally:
            with app.store.write() as unit:
                for hold in (first, *others):
                    unit.leases.release(hold.name, hold.epoch)

    def perform(
        self, run: Run, shift: Shift, stages: Callable[[Run, Shift, RunReport], None] | None = None
    ) -> RunReport:
        """Do a run that was claimed, under leases that are held; a bug ends the run and nothing else.

        Raises:
            LeaseLost: somebody else has taken over; the run is theirs.
            StoreError: the store could not take the end of the run, which stands there as RUNNING.
        """
        try:
            return self._do(run, shift, stages or self._stages)
        except LeaseLost:
            raise
        except Exception:
            # It is in the log already, without values.
            with self.app.store.read() as unit:
                run = unit.runs.get(run.run_no)
            if run.status is RunStatus.RUNNING:
                # Not even its end could be noted: the worker puts it aside as soon as the store can be written again.
                raise
            return RunReport(run=run)

    def _taken(self, unit: Unit, lease: str) -> Hold:
        epoch = unit.leases.acquire(lease, self.app.holder, LEASE)
        if epoch is None:
            held = unit.leases.of(lease)
            raise LeaseHeld(
                f"{held.who if held else 'another process'} is working on {self.app.store.place}",
                next_step="wait for it (leadgrade status), or let it do this: the run is queued",
            )
        return Hold(name=lease, epoch=epoch)

    def _do(self, run: Run, shift: Shift, stages: Callable[[Run, Shift, RunReport], None]) -> RunReport:
        report = RunReport(run=run)
        resume_at: datetime | None = None
        try:
            stages(run, shift, report)
            self._tell(report)
            status, message, step = ending(report)
            if status is RunStatus.SUSPENDED:
                resume_at = resumes_at(report, self.app.clock.now())
        except RunCancelled as cancelled:
            status, message, step = RunStatus.CANCELLED, cancelled.message, None
        except RunSuspended as suspended:
            status, message, step = RunStatus.SUSPENDED, suspended.message, None
        except LeaseLost as lost:
            log.warning("lease_lost", run=run.run_no, lease=lost.name)
            raise
        except Exception as error:
            # A bug ends the run, not the daemon; the traceback holds places, never values.
            places = "".join(traceback.format_tb(error.__traceback__))
            log.error("run_failed", run=run.run_no, error=type(error).__name__, traceback=places)  # noqa: TRY400
            with self.app.store.write() as unit:
                unit.runs.finish(run.run_no, RunStatus.FAILED, message=f"{type(error).__name__}: {public(error)}")
            raise
        with self.app.store.write() as unit:
            shift.fence(unit)
            if status is RunStatus.SUCCEEDED and open_parts(unit, run):
                # Its parts go on; whoever hands them out notes its end.
                unit.runs.show_progress(run.run_no, {"stage": "parts"})
            else:
                unit.runs.finish(run.run_no, status, message=message, next_step=step, resume_at=resume_at)
            report.run = unit.runs.get(run.run_no)
        log.info(
            "run_ended" if report.run.status is not RunStatus.RUNNING else "run_waits_for_parts",
            run=run.run_no,
            kind=run.kind.value,
            status=report.run.status.value,
            counts=dict(report.rescored),
        )
        return report

    def _tell(self, report: RunReport) -> None:
        """What went wrong, in the log and for whoever counts errors."""
        for issue in report.issues:
            self.app.errors_met[issue.connection, issue.code] += 1
            say = log.warning if issue.needs_attention else log.info
            say(
                "run_met",
                run=report.run.run_no,
                connection=issue.connection,
                stream=issue.stream,
                access=issue.access.value,
                act=issue.act.value,
                code=issue.code,
            )

    def _stages(self, run: Run, shift: Shift, report: RunReport) -> None:
        app = self.app
        model = app.model
        day = run.day or scoring_day(app)
        with app.store.write() as unit:
            unit.runs.pin(run.run_no, day=day, version=model.version)
        if self.rescoring is None:
            renew(app, shift, self.progress, day=day)
        rows = self._rows(run)
        try:
            self._work(rows, run, shift, report, day=day)
            if self.rescoring is None and not run.options.get("dry_run"):
                retain(app, shift, self.progress)
        except (RunCancelled, RunSuspended):
            # Calls were made and records stored, whoever stopped it.
            self._close_accounts(rows, report)
            raise
        self._close_accounts(rows, report)

    def _work(self, rows: list[ConnectionRow], run: Run, shift: Shift, report: RunReport, *, day: date) -> None:
        ready: list[ConnectionRow] = []
        for row in rows:
            report.connections[row.name] = ConnectionReport(name=row.name, writes=row.writes.value)
            paused = self._ready(row, run, report)
            if paused is None:
                continue
            report.connections[row.name].reached = True
            ready.append(row)
            if run.kind in _READS:
                self._read(row, run, shift, report, paused)
        if self.rescoring is None:
            report.rescored += rescore(self.app, run, shift, self.progress, day=day, model=self.app.model)
        elif ready and not self.rescoring(run, shift, report):
            return
        for row in ready:
            if not run.options.get("dry_run"):
                self._write(row, run, shift, report)

    def _rows(self, run: Run) -> list[ConnectionRow]:
        rows = [self.app.connection(name) for name in self.app.names()]
        return [row for row in rows if run.connection_no in {None, row.connection_no}]

    def _ready(self, row: ConnectionRow, run: Run, report: RunReport) -> frozenset[Stream] | None:
        """As `_prepare`, unless the connection was checked a moment ago and little is to be done."""
        at, paused = self.checked.get(row.name, (None, frozenset[Stream]()))
        now = self.app.clock.monotonic()
        if run.kind in _BRIEF and at is not None and now - at < _CHECKED_FOR:
            return paused
        if self._waits_for_news(run) and at is not None and not paused and now - at < _IDLE_FOR:
            return paused
        return self._checked_now(row, report)

    def _checked_now(self, row: ConnectionRow, report: RunReport) -> frozenset[Stream] | None:
        self.checked.pop(row.name, None)
        found = self._prepare(row, report)
        self._looked[row.name] = frozenset(Stream) if found is None else found
        if found is not None:
            self.checked[row.name] = (self.app.clock.monotonic(), found)
        return found

    def _waits_for_news(self, run: Run) -> bool:
        """Whether the run is one of those that nearly always find nothing: the next round of a daemon."""
        return self.leaves_loads and run.kind is RunKind.INCREMENTAL

    def _still_as_checked(self, row: ConnectionRow, run: Run, report: RunReport) -> Callable[[Stream], bool]:
        """Asked before a page is stored: whether a round that relied on an earlier check may store this stream."""

        def may_store(stream: Stream) -> bool:
            if not self._waits_for_news(run):
                return True
            if row.name not in self._looked:
                self._checked_now(row, report)
            return stream not in self._looked[row.name]

        return may_store

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
            connector = self.app.connector(row.name)
            # Money arrives in one currency: models that name one agree.
            models = self.app.model.models
            connector.use_currency(next((each.model.currency for each in models if each.model.currency), None))
            return prepare(self.app.store, row, connector)
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
            oldest=oldest_activity(app),
            fence=shift.fence,
            may_store=self._still_as_checked(row, run, report),
        )
        reading = Reading(
            store=app.store, clock=app.clock, puller=puller, shift=shift, progress=self.progress, paused=paused
        )
        since = run.options.get("since")
        try:
            reading.read(
                run.kind,
                records=named_records(run.options, app.field_map(row.name)),
                quarantined=bool(run.options.get("quarantine")),
                since=datetime.fromisoformat(since) if since else None,
                loads=not self.leaves_loads,
                rest=bool(run.options.get("rest")),
            )
            if run.kind in _FORGETS and not reading.issues:
                configured = app.settings.connections[row.name]
                # In Salesforce a record may also vanish because the integration user may not see it any more.
                reading.forget_vanished(
                    configured.forget_after_days if isinstance(configured, HubSpotConnection) else None
                )
        finally:
            report.connections[row.name].pulled += reading.counts
            report.issues += reading.issues
            if reading.issues:
                self.checked.pop(row.name, None)

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
            # The daemon does what was named and nothing else.
            only=None if self.rescoring is None else records_to_write(app, row, run),
        )
        writing = Writing(
            store=app.store,
            clock=app.clock,
            delivery=delivery,
            shift=shift,
            progress=self.progress,
            guard=app.settings.guard,
            released=run.released_by is not None,
            named=delivery.only is not None,
        )
        writing.write()
        mine = report.connections[row.name]
        mine.delivered += writing.counts
        mine.held = writing.held
        report.issues += writing.issues
        if writing.held:
            report.issues.append(held_issue(row.name, writing, run.run_no))

    def _close_accounts(self, rows: list[ConnectionRow], report: RunReport) -> None:
        app = self.app
        today: date = app.clock.now().date()
        with app.store.write() as unit:
            for row in (each for each in rows if each.name in report.connections):
                usage = app.connector(row.name).usage() if row.name in app.connectors_in_use() else None
                mine = report.connections[row.name]
                if self.rescoring is None:
                    # Somebody reads it; nobody counts in each round of a daemon what may be a million.
                    mine.due = unit.outbox.waiting(row.connection_no)
                mine.writes = unit.connections.writes(row.connection_no).value
                if usage is not None:
                    fresh = app.fresh_calls(row.name, usage)
                    mine.calls, mine.calls_by_kind = fresh.total(), dict(fresh)
                    unit.connections.count_calls(row.connection_no, today, fresh.total())
            remember_calls(app, unit)
