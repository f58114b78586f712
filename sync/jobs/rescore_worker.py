"""The worker that rescores everybody, hands runs of all connections out to their workers, and notes when those have ended."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sync.api_calls import remember_calls
from sync.errors import LeaseLost
from sync.jobs.asking import is_loaded
from sync.jobs.connection_worker import LOOK, put_aside
from sync.jobs.parts import SPLIT, deliveries, gather, split
from sync.jobs.renewing import renew
from sync.jobs.rescoring import basis_now, basis_of_scores, rescore, rescore_dirty
from sync.jobs.retaining import retain
from sync.jobs.runner import Runner
from sync.jobs.schedule import day_due, slowed
from sync.jobs.slices import Shift
from sync.jobs.stored_progress import StoredProgress
from sync.jobs.tenure import Tenure
from sync.jobs.urgency import RESCORES, SCHEDULE
from sync.rules import lease_name, scoring_day
from sync.store.run_rows import OPEN, RunKind, RunStatus
from sync.store.sql.scoring_inputs import Who

if TYPE_CHECKING:
    from sync.app import App
    from sync.jobs.report import RunReport
    from sync.jobs.shared import Shared
    from sync.jobs.slices import Hold
    from sync.store.run_rows import Run
    from sync.store.unit import Unit

#: Seconds between two looks for people who are dirty although no run is under way: linked, forgotten, imported.
LOOK_DIRTY: Final = 60.0
#: Between two attempts at a rescore that fails.
AGAIN: Final = timedelta(minutes=5)


@dataclass(kw_only=True, eq=False)
class RescoreWorker:
    """Does the runs that are about everybody."""

    shared: Shared
    bell: threading.Event = field(default_factory=threading.Event)
    title: str = "rescoring"
    #: The app of the run that is under way: the shared one may be newer.
    using: App | None = None
    _tenure: Tenure | None = None
    _asked_at: float | None = None
    _look_dirty_at: float = 0.0
    _basis: tuple[App, dict[str, Any]] | None = None

    def turn(self) -> bool:
        """Do the most urgent run; False: there is none, or another process rescores."""
        app = self.shared.app
        if self._tenure is None:
            self._tenure = Tenure(name=lease_name(app), at_beginning=_put_aside)
        hold = self._tenure.held(app)
        self.shared.turns.hold = hold
        if hold is None or self.shared.stopping.is_set():
            return False
        try:
            cleared = self._desk(app, hold)
            run = self._next(app, hold)
            if run is None:
                return cleared
            self._do(app, hold, run)
        except LeaseLost:
            self._tenure.lost()
            self.shared.turns.hold = None
        finally:
            self.using = None
        return True

    def look(self) -> None:
        """Nothing that others rescore concerns this worker."""

    def upset(self) -> None:
        """Something went wrong outside of any run."""
        if self._tenure is not None:
            self._tenure.upset()

    def leave(self) -> None:
        """Give the lease back."""
        self.shared.turns.hold = None
        if self._tenure is not None:
            self._tenure.release(self.shared.app)

    @property
    def waits_for(self) -> str | None:
        """Who rescores instead."""
        return self._tenure.waits_for if self._tenure is not None else None

    # ------------------------------------------------------------ what is to be done

    def _desk(self, app: App, hold: Hold) -> bool:
        """Hand out runs of all connections, note the end of those whose parts have ended, ask for what is due.

        Whether something was handed out or has ended: there may be more.
        """
        ticks = app.clock.monotonic()
        self._asked_at, look = ticks, ticks >= self._look_dirty_at
        with app.store.read() as unit:
            ripe = [run for run in unit.runs.ripe(app.workspace_no, app.clock.now()) if _to_split(run)]
            waiting = self._waiting_for_parts(app, unit)
            options = self._due(app, unit, look=look)
            rows = {row.name: row.connection_no for row in unit.connections.all(app.workspace_no)}
        if look:
            self._look_dirty_at = ticks + LOOK_DIRTY
        if not (ripe or waiting or options):
            return False
        with app.store.write() as unit:
            unit.leases.check(hold.name, hold.epoch)
            for run in ripe:
                if unit.runs.claim(run.run_no, app.holder):
                    split(
                        unit,
                        unit.runs.get(run.run_no),
                        [rows[name] for name in app.settings.connections if name in rows],
                    )
            ended = [gather(unit, run) for run in self._waiting_for_parts(app, unit)]
            options = self._due(app, unit, look=look)
            if options is not None:
                unit.runs.ask(app.workspace_no, RunKind.RESCORE, requested_by=SCHEDULE, options=options)
        moved = bool(ripe) or any(ended)
        if moved:
            self.shared.ring()
        return moved

    def _waiting_for_parts(self, app: App, unit: Unit) -> list[Run]:
        """Runs that have nothing to do themselves any more. One with parts that is being worked on says what it does."""
        running = [run for run in unit.runs.open() if run.status is RunStatus.RUNNING]
        mine = [run for run in running if run.workspace_no == app.workspace_no]
        return [run for run in mine if (run.progress or {}).get("stage") == "parts" or _to_split(run)]

    def _due(self, app: App, unit: Unit, *, look: bool) -> dict[str, bool] | None:
        """Options of the rescore that is to be asked for; None: none is due."""
        # One whose deliveries take their time is no reason to miss a day.
        if any(
            run.kind is RunKind.RESCORE and (run.progress or {}).get("stage") != "parts" for run in unit.runs.open()
        ):
            return None
        last = unit.runs.last_of(RunKind.RESCORE, workspace_no=app.workspace_no, connection_no=-1)
        failures = next((at for at, run in enumerate(last) if run.status is not RunStatus.FAILED), len(last))
        now = app.clock.now()
        if failures and last[0].requested_at <= now < last[0].requested_at + slowed(AGAIN, failures):
            return None
        scored = basis_of_scores(unit)
        if scored is None:
            return {"if_needed": True} if self._anybody_loaded(app, unit) else None
        basis, day = scored
        zone = ZoneInfo(app.model.time_zone)
        if day_due(scored_for=day, now=now, zone=zone, at=app.settings.rescore_at) or basis != self._basis_now(app):
            return {"if_needed": True}
        return {"dirty": True} if look and self._dirty_left(app, unit) else None

    def _basis_now(self, app: App) -> dict[str, Any]:
        if self._basis is None or self._basis[0] is not app:
            self._basis = app, basis_now(app)
        return self._basis[1]

    def _anybody_loaded(self, app: App, unit: Unit) -> bool:
        rows = [unit.connections.by_name(app.workspace_no, name) for name in app.settings.connections]
        return any(row is not None and is_loaded(unit, row.connection_no) for row in rows)

    def _dirty_left(self, app: App, unit: Unit) -> bool:
        """Whether people are dirty and no run is under way that will rescore them."""
        working = any(run.status in OPEN and run.status is not RunStatus.HELD for run in unit.runs.open())
        return not working and self._anybody_loaded(app, unit) and bool(unit.scoring_inputs.counts(Who(dirty=True)))

    def _next(self, app: App, hold: Hold) -> Run | None:
        with app.store.read() as unit:
            ripe = [run for run in unit.runs.ripe(app.workspace_no, app.clock.now()) if run.kind in RESCORES]
        if not ripe:
            return None
        # What an operator asked for goes first.
        run_no = min(ripe, key=lambda run: (run.requested_by == SCHEDULE, run.run_no)).run_no
        with app.store.write() as unit:
            unit.leases.check(hold.name, hold.epoch)
            return unit.runs.get(run_no) if unit.runs.claim(run_no, app.holder) else None

    # ------------------------------------------------------------ doing it

    def _do(self, app: App, hold: Hold, run: Run) -> None:
        self.using = app
        runner = Runner(app=app, progress=StoredProgress(app=app, run_no=run.run_no))
        shift = Shift(
            store=app.store,
            clock=app.clock,
            lease=hold.name,
            holder=app.holder,
            epoch=hold.epoch,
            run_no=run.run_no,
            between=partial(self._between, app, hold),
            at_end=partial(remember_calls, app),
        )
        runner.perform(run, shift, partial(self._stages, app))
        self.shared.rescored()

    def _between(self, app: App, hold: Hold) -> None:
        self.shared.stop_here()
        if self._asked_at is None or app.clock.monotonic() - self._asked_at >= LOOK:
            self._desk(app, hold)

    def _stages(self, app: App, run: Run, shift: Shift, report: RunReport) -> None:
        progress = StoredProgress(app=app, run_no=run.run_no)
        day = scoring_day(app)
        with app.store.write() as unit:
            scored = basis_of_scores(unit)
            # A clock that was set back takes nobody back.
            day = max(day, scored[1]) if scored is not None else day
            unit.runs.pin(run.run_no, day=day, version=app.model.version)
        with self.shared.turns.long():
            if run.options.get("dirty"):
                report.rescored += rescore_dirty(app, run, shift, progress, day=day, model=app.model)
                return
            renew(app, shift, progress, day=day)
            report.rescored += rescore(app, run, shift, progress, day=day, model=app.model, turn=self.shared.turns)
        if run.options.get("dry_run"):
            return
        with app.store.write() as unit:
            shift.fence(unit)
            rows = [unit.connections.by_name(app.workspace_no, name) for name in app.settings.connections]
            numbers = [row.connection_no for row in rows if row is not None]
            deliveries(unit, run, [number for number in numbers if run.connection_no in {None, number}])
        retain(app, shift, progress)


def _to_split(run: Run) -> bool:
    return run.connection_no is None and run.kind in SPLIT


def _put_aside(app: App, unit: Unit) -> None:
    """Nobody rescores: what is RUNNING was left by somebody who is gone."""
    put_aside(app, unit, lambda run: run.kind in RESCORES or run.connection_no is None)
