"""The worker of one connection: always the most urgent run, one at a time, each step of it under the connection's lease.

A run that takes long is interrupted between two of its steps by more urgent ones, which are done to their end first: state
lives in checkpoints, outbox and dirty marks, never in a run.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from sync.api_calls import remember_calls
from sync.errors import LeaseLost, RunSuspended
from sync.jobs.asking import ask_for, delivery_wanted, is_loaded, wanted_now
from sync.jobs.ending import close_predecessors, open_parts
from sync.jobs.reading import named_records, people_behind
from sync.jobs.rescoring import rescore_dirty
from sync.jobs.runner import Runner
from sync.jobs.schedule import plan_of
from sync.jobs.slices import Hold, Shift
from sync.jobs.stored_progress import StoredProgress
from sync.jobs.tenure import Tenure
from sync.jobs.urgency import OF_CONNECTIONS, SCHEDULE, Urgency, urgency
from sync.recovery import Act
from sync.rules import connection_lease, scoring_day
from sync.store.run_rows import RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.records import Stream
    from sync.app import App
    from sync.jobs.report import RunReport
    from sync.jobs.schedule import Plan
    from sync.jobs.shared import Shared
    from sync.store.run_rows import Run
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Unit

#: Seconds between two looks at the schedule while a run is under way.
LOOK: Final = 3.0
#: Seconds between two looks at what is due to be written; longer after one that wrote nothing.
LOOK_DUE, LOOK_DUE_LATER = 60.0, 600.0
#: People that are rescored one by one; more are rescored with all others who are dirty.
_FEW: Final = 30


@dataclass(kw_only=True, eq=False)
class ConnectionWorker:
    """Does the runs of one connection."""

    shared: Shared
    name: str
    number: int
    bell: threading.Event = field(default_factory=threading.Event)
    #: The app of the run that is under way: the shared one may be newer.
    using: App | None = None
    retired: bool = False
    _tenure: Tenure = field(init=False)
    _checked: dict[str, tuple[float, frozenset[Stream]]] = field(default_factory=dict)
    _asked_at: float | None = None
    _look_due_at: float = 0.0

    def __post_init__(self) -> None:
        self._tenure = Tenure(name=connection_lease(self.number), at_beginning=self._put_aside)

    @property
    def title(self) -> str:
        """For logs."""
        return f"connection {self.name}"

    def turn(self) -> bool:
        """Do the most urgent run; False: there is none, or another process has this connection."""
        app = self.shared.app
        hold = self._tenure.held(app)
        if hold is None or self.shared.stopping.is_set():
            return False
        try:
            self._ask(app, hold)
            run = self._next(app, hold)
            if run is None:
                return False
            self._do(app, hold, run)
        except LeaseLost:
            self._tenure.lost()
        finally:
            self.using = None
        return True

    def look(self) -> None:
        """Others have rescored people: something may be due here."""
        self._look_due_at = 0.0

    def upset(self) -> None:
        """Something went wrong outside of any run."""
        self._tenure.upset()

    def leave(self) -> None:
        """Give the lease back."""
        self._tenure.release(self.shared.app)

    @property
    def waits_for(self) -> str | None:
        """Who works on this connection instead."""
        return self._tenure.waits_for

    # ------------------------------------------------------------ what is to be done

    def _ask(self, app: App, hold: Hold) -> None:
        """Queue what the schedule and the outbox ask for."""
        now, ticks = app.clock.now(), app.clock.monotonic()
        self._asked_at = ticks
        plan = plan_of(self.name, app.settings.schedule_of(self.name), app.model.time_zone)
        look = ticks >= self._look_due_at
        with app.store.read() as unit:
            row = unit.connections.get(self.number)
            anything = wanted_now(unit, row, plan, now) or (look and delivery_wanted(unit, row, plan, now))
        if look:
            self._look_due_at = ticks + LOOK_DUE
        if not anything:
            return
        with app.store.write() as unit:
            unit.leases.check(hold.name, hold.epoch)
            for asked in wanted_now(unit, row, plan, now):
                ask_for(unit, row, asked)
            delivery = delivery_wanted(unit, row, plan, now) if look else None
            if delivery is not None:
                ask_for(unit, row, delivery)

    def _next(self, app: App, hold: Hold, *, before: Urgency | None = None) -> Run | None:
        """Claim the most urgent run that could begin now; only one that is more urgent than `before`."""
        now = app.clock.now()
        with app.store.read() as unit:
            mine = [
                run
                for run in unit.runs.ripe(app.workspace_no, now)
                if run.connection_no == self.number and run.kind in OF_CONNECTIONS
            ]
            if not mine:
                return None
            loaded = is_loaded(unit, self.number)
            row = unit.connections.get(self.number)
        if self._plan(app, row).quiet(now):
            mine = [run for run in mine if run.requested_by != SCHEDULE]
        ranked = sorted((urgency(run, loaded=loaded), run.run_no) for run in mine)
        if not ranked or (before is not None and ranked[0][0] >= before):
            return None
        with app.store.write() as unit:
            unit.leases.check(hold.name, hold.epoch)
            run_no = ranked[0][1]
            if not unit.runs.claim(run_no, app.holder):
                return None
            run = unit.runs.get(run_no)
            close_predecessors(unit, run)
        return run

    def _plan(self, app: App, row: ConnectionRow) -> Plan:
        return plan_of(row.name, app.settings.schedule_of(self.name), app.model.time_zone)

    # ------------------------------------------------------------ doing it

    def _do(self, app: App, hold: Hold, run: Run) -> None:
        self.using = app
        with app.store.read() as unit:
            loaded = is_loaded(unit, self.number)
        level = urgency(run, loaded=loaded)
        runner = Runner(
            app=app,
            progress=StoredProgress(app=app, run_no=run.run_no),
            rescoring=partial(self._rescore, app, level),
            leaves_loads=level is Urgency.INCREMENTAL,
            checked=self._checked,
        )
        shift = Shift(
            store=app.store,
            clock=app.clock,
            lease=hold.name,
            holder=app.holder,
            epoch=hold.epoch,
            run_no=run.run_no,
            between=partial(self._between, app, hold, run, level),
            at_end=partial(remember_calls, app),
        )
        report = runner.perform(run, shift)
        delivered = sum((part.delivered["accepted"] for part in report.connections.values()), 0)
        if run.kind is RunKind.DELIVER and not delivered:
            self._look_due_at = app.clock.monotonic() + LOOK_DUE_LATER

    def _between(self, app: App, hold: Hold, run: Run, level: Urgency) -> None:
        """Between two steps of a run: stops, quiet hours, and whatever is more urgent."""
        self.shared.stop_here()
        if self.retired:
            raise RunSuspended("the connection is not configured any more")
        ticks = app.clock.monotonic()
        if self._asked_at is None or ticks - self._asked_at >= LOOK:
            self._ask(app, hold)
        if level >= Urgency.LOAD and run.requested_by == SCHEDULE:
            with app.store.read() as unit:
                row = unit.connections.get(self.number)
            if self._plan(app, row).quiet(app.clock.now()):
                raise RunSuspended("quiet hours have begun; the run goes on from there after them")
        while (other := self._next(app, hold, before=level)) is not None:
            self._do(app, hold, other)
            self.using = app
            self.shared.stop_here()

    def _rescore(self, app: App, level: Urgency, run: Run, shift: Shift, report: RunReport) -> bool:
        """After reading, before writing: rescore those whom something happened to. False: the worker for everybody does it."""
        if run.kind is RunKind.DELIVER:
            return True
        if level is Urgency.LOAD:
            if not any(issue.act in _COMES_BACK for issue in report.issues):
                self._hand_over(app, run, shift)
            return False
        # The configuration of now: a run that began before a reload takes nobody back to the old model.
        newest = self.shared.app
        with self.shared.turns.short() as turn:
            if turn is None:
                return True
            people = self._people(newest, run)
            mine = replace_shift(shift, turn, self.shared)
            report.rescored += rescore_dirty(
                newest,
                run,
                mine,
                StoredProgress(app=app, run_no=run.run_no),
                day=scoring_day(newest),
                model=newest.model,
                people=people,
            )
        if report.rescored["wanted"]:
            self.shared.rescored()
        return True

    def _people(self, app: App, run: Run) -> set[int] | None:
        """Those whom a run is about; None: all who are dirty."""
        if run.kind is not RunKind.RECORD:
            return None
        records = named_records(run.options, app.field_map(self.name))
        with app.store.read() as unit:
            people = people_behind(unit, self.number, records)
            loaded = is_loaded(unit, self.number)
        return people if len(people) <= _FEW or not loaded else None

    def _hand_over(self, app: App, run: Run, shift: Shift) -> None:
        """Many are dirty: whoever rescores everybody does it, and everybody's deliveries follow."""
        options = {"if_needed": True} | ({"dry_run": True} if run.options.get("dry_run") else {})
        with app.store.write() as unit:
            shift.fence(unit)
            if not open_parts(unit, run):
                unit.runs.ask(
                    app.workspace_no,
                    RunKind.RESCORE,
                    requested_by=run.requested_by,
                    options=options,
                    parent_no=run.run_no,
                    released_by=run.released_by,
                )
        self.shared.ring()

    def _put_aside(self, app: App, unit: Unit) -> None:
        """Nobody is at work on this connection: what is RUNNING was left by somebody who is gone."""
        # What they claimed in the outbox is given back by the next check.
        self._checked.clear()
        put_aside(app, unit, lambda run: run.connection_no == self.number and run.kind in OF_CONNECTIONS)


def put_aside(app: App, unit: Unit, mine: Callable[[Run], bool]) -> None:
    """Suspend runs that nobody works on any more; those whose parts go on wait for them."""
    for run in unit.runs.open():
        left = run.status is RunStatus.RUNNING and run.workspace_no == app.workspace_no and mine(run)
        if left and not open_parts(unit, run):
            message = "its process ended or was stopped; it goes on from its checkpoint"
            unit.runs.finish(run.run_no, RunStatus.SUSPENDED, message=message)


def replace_shift(shift: Shift, turn: Hold, shared: Shared) -> Shift:
    """The same run under the lease for rescoring, too; nothing more urgent comes in between, because it would need the turn."""
    held = ((shift.lease, shift.epoch), *((each.name, each.epoch) for each in shift.also))
    return replace(
        shift,
        lease=turn.name,
        epoch=turn.epoch,
        also=tuple(Hold(name=name, epoch=epoch) for name, epoch in held),
        between=shared.stop_here,
    )


_COMES_BACK = frozenset({Act.SUSPEND, Act.BACK_OFF, Act.WAIT})
