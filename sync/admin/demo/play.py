"""The demo, step by step. It ends well only if both CRMs hold exactly what was computed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from config.settings import load_settings
from sync.admin.actions.connections import apply_fields, plan_fields, set_writes
from sync.admin.actions.explain import explain
from sync.admin.actions.runs import ask
from sync.admin.demo.crm import change_some, outsiders
from sync.admin.demo.readback import compare, unexplained
from sync.admin.demo.show import distribution_table, explanation_table, matrix_table, run_table, summary
from sync.app import open_app
from sync.jobs.runner import Runner
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.connections import WriteMode

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sync.admin.demo.crm import Crm
    from sync.admin.demo.world import World
    from sync.app import App
    from sync.jobs.progress import Progress
    from sync.jobs.report import RunReport

#: How many records of each CRM the demo's users change: few enough for the guard, which looks at shares of all people.
_CHANGED, _SHARE = 5, 50
#: Longer than the stretches that both connectors read again behind their cursors.
_LATER = 1800


class Play:
    """One demo."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self._began = time.monotonic()
        self._problems: list[str] = []

    def run(self, world: World, folder: Path) -> bool:
        """Play all steps in a folder; whether the CRMs hold what was computed."""
        app = open_app(load_settings(world.settings(folder)))
        try:
            crms = outsiders(world.accounts)
            self._fields(app)
            self._first_load(app, crms)
            self._write_everything(app)
            self._changes(app, crms)
            self._nothing(app, world)
            self._explain(app)
            return self._read_back(app, crms)
        finally:
            app.close()

    def _fields(self, app: App) -> None:
        self._title("Fields: planned, then created in both CRMs")
        for name in app.names():
            planned = len(plan_fields(app, name))
            failed = [step for step in apply_fields(app, name) if step.error]
            self._say(
                f"{name}: {planned} steps planned, {planned - len(failed)} done, {len(plan_fields(app, name))} left"
            )
            self._problems += [f"{name}: {step.action} {step.field}: {step.error}" for step in failed]

    def _first_load(self, app: App, crms: dict[str, Crm]) -> None:
        self._title("First load and preview: writes are off")
        self._cycle(app)
        with app.store.read() as unit:
            scores, reasons = unit.scores.distribution(), unit.scores.reasons()
        self._console.print(distribution_table(scores))
        self._console.print(matrix_table(scores))
        self._say(summary(scores, reasons))
        for name, crm in crms.items():
            field_map = app.field_map(name)
            written = 0
            for object_name in field_map.contacts:
                score_field = field_map.outputs[object_name]["score"]
                written += sum(values[score_field] is not None for _, values in crm.records(object_name, [score_field]))
            self._say(f"{name}: {written} records hold a score so far")
            if written:
                self._problems.append(f"{name}: {written} records were written while writes were off")

    def _write_everything(self, app: App) -> None:
        self._title("Writes on: a full cycle for both")
        set_writes(app, WriteMode.ON, by="demo")
        self._cycle(app, RunKind.FULL)

    def _changes(self, app: App, crms: dict[str, Crm]) -> None:
        self._title("Users change some records in each CRM; an incremental cycle follows")
        for name, crm in crms.items():
            with app.store.read() as unit:
                entries = [each for block in unit.outbox.entries(app_no(app, name)) for each in block]
            many = max(1, min(_CHANGED, len(entries) // _SHARE))
            changed = change_some(crm, name, (entry.record_id for entry in entries), many)
            self._say(f"{name}: {len(changed)} people got a new title")
        report = self._cycle(app)
        self._say(f"rescored {report.rescored['scored']} people, {report.rescored['changed']} scores changed")

    def _nothing(self, app: App, world: World) -> None:
        self._title("Later, nothing has changed: our own writes have come back")
        world.advance(_LATER)
        self._cycle(app)
        report = self._cycle(app)
        written = sum(part.delivered.total() for part in report.connections.values())
        self._say(f"rescored {report.rescored['scored']} people, wrote {written} records")
        if written or report.rescored["scored"]:
            self._problems.append("a cycle without changes rescored or wrote something")

    def _explain(self, app: App) -> None:
        self._title("Why is the best score what it is?")
        with app.store.read() as unit:
            best = unit.scores.best(1)
        if best:
            explanation = explain(app, str(best[0]))
            self._console.print(explanation_table(explanation))
        people, wrong = unexplained(app)
        self._say(
            f"the lines of all {people:,} people in scope add up to their totals"
            if not wrong
            else f"{len(wrong)} do not add up"
        )
        self._problems += [f"the lines of person {number} do not add up" for number in wrong[:5]]

    def _read_back(self, app: App, crms: dict[str, Crm]) -> bool:
        self._title("Every record of both CRMs, read back over HTTP and compared with the store")
        for name, crm in crms.items():
            scored, differences = compare(app, name, crm)
            self._say(f"{name}: {scored:,} records hold a score, {len(differences)} differences")
            self._problems += [
                f"{name} {each.object} {each.record_id} {each.output}: computed {each.computed!r}, found {each.found!r}"
                for each in differences[:5]
            ]
            if not scored:
                self._problems.append(f"{name}: no record holds a score")
        for problem in self._problems:
            self._console.print(f"[red]problem[/red] {problem}", highlight=False)
        self._say(
            f"{'0 differences' if not self._problems else 'not as computed'}, {time.monotonic() - self._began:.0f} s"
        )
        return not self._problems

    def _cycle(self, app: App, kind: RunKind = RunKind.INCREMENTAL) -> RunReport:
        report = Runner(app=app, progress=self._progress).execute(ask(app, kind, by="demo"))
        self._console.print(run_table(report))
        self._problems += [f"{issue.connection}: {issue.message}" for issue in report.issues]
        if report.run.status is not RunStatus.SUCCEEDED:
            self._problems.append(f"run {report.run.run_no} ended {report.run.status.value}")
        return report

    def _title(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]", highlight=False)

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False)


def app_no(app: App, name: str) -> int:
    """The number of a configured connection."""
    return app.connection(name).connection_no
