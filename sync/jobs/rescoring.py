"""The rescoring part of a run: everybody when the day, the model or the normalisers changed, else the dirty ones."""

from __future__ import annotations

import hashlib
import os
import textwrap
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from scoring.attributes import DERIVED_VERSION
from sync.clock import SystemClock
from sync.jobs.company_rescoring import rescore_companies
from sync.jobs.monthly import keep_month
from sync.rescore.children import Children, SentEntry, Work, forget_progress, note_done, shards_done
from sync.rescore.company_run import CompanyRescore
from sync.rescore.scoring_run import LARGE_BATCH, WEEK, Rescore
from sync.rules import scoring_rules
from sync.store.run_rows import RunKind
from sync.store.sql.markers import RESCORED
from sync.store.sql.scoring_inputs import Who
from sync.store.types import canonical_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sync.app import App, ModelInForce
    from sync.jobs.progress import Progress
    from sync.jobs.slices import Shift
    from sync.rescore.scoring_run import Rules
    from sync.store.run_rows import Run
    from sync.store.unit import Unit

    Step = Callable[[], Counter[str] | None]

#: Characters that the store keeps of the names of models.
_LONGEST_NAME = 80
#: What everybody was last scored with.
_DONE = RESCORED


class Turn(Protocol):
    """Others rescore a few people, too: nobody does it at the same time."""

    def wanted(self) -> bool:
        """Whether somebody waits."""
        ...

    def give_way(self) -> None:
        """Let them."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """How a rescore of everybody is divided."""

    #: People from which on it is done by processes of its own; fewer are not worth their start.
    children_from: int = 20_000
    children: int = min(2, os.cpu_count() or 1)
    #: People in one batch.
    batch: int = LARGE_BATCH


def rescore(
    app: App,
    run: Run,
    shift: Shift,
    progress: Progress,
    *,
    day: date,
    model: ModelInForce,
    sizes: Sizes = Sizes(),
    turn: Turn | None = None,
) -> Counter[str]:
    """Bring all scores up to date; counts of people scored, changed and wanted. Between two batches others take their turn."""
    rules = scoring_rules(app, day=day, model=model, force=run.kind is RunKind.REWRITE)
    basis = _basis(rules)
    asked = run.kind in {RunKind.RESCORE, RunKind.REWRITE} and not run.options.get("if_needed")
    # What an operator asked for begins anew with each run; a new day or model is finished by whoever comes next.
    key = [basis, run.run_no if asked else 0]
    with app.store.write() as unit:
        shift.fence(unit)
        publish(unit, app.workspace_no, model)
        unit.scores.note_day(app.workspace_no, day, model.version)
        before = unit.markers.get(_DONE) or {}
        everybody = asked or before != basis
        done = shards_done(unit, key) if everybody else frozenset[int]()
    rules = replace(rules, every_record=before.get("outputs") != basis["outputs"], settling=_settling(before, day))
    work = Rescore(
        store=app.store,
        clock=app.clock,
        rules=rules,
        run_no=run.run_no,
        fence=shift.fence,
        marks_companies=not everybody and rules.segments.companies is not None,
    )
    counted = work.counts(everybody=everybody)
    waiting = work.batches(
        {shard: many for shard, many in counted.items() if shard not in done}, everybody, sizes.batch
    )
    expected = len(waiting)

    def alone() -> Counter[str] | None:
        if not waiting:
            return None
        who = waiting.pop(0)
        return work.batch(who, also=lambda unit: note_done(unit, key, who) if everybody else None)

    # NOTE: another process has no clock but the system's.
    large = everybody and sum(counted.values()) >= sizes.children_from and isinstance(app.clock, SystemClock)
    total: Counter[str] = Counter()
    with ExitStack() as stack:
        one: Step = alone
        children: Children | None = None
        if large and waiting:
            work_sent = _work(app, rules, shift, key, model)
            children = stack.enter_context(Children(work=work_sent, many=min(sizes.children, expected)))
            one = partial(children.next, waiting)
        if turn is not None:
            one = _polite(one, turn, children)
        for number, counts in enumerate(shift.steps("rescore", None, one), start=1):
            total += counts
            progress.step("rescore", None, number, expected)
    companies = CompanyRescore(
        store=app.store,
        clock=app.clock,
        rules=rules,
        workspace_no=app.workspace_no,
        run_no=run.run_no,
        fence=shift.fence,
    )
    if everybody:
        moved = companies.moved()
        with app.store.write() as unit:
            shift.fence(unit)
            companies.mark(unit, moved)
            unit.markers.put(_DONE, basis)
            forget_progress(unit)
        keep_month(app.store, app.workspace_no, day, shift)
    return total + rescore_companies(companies, shift, progress)


def rescore_dirty(
    app: App,
    run: Run,
    shift: Shift,
    progress: Progress,
    *,
    day: date,
    model: ModelInForce,
    people: Collection[int] | None = None,
) -> Counter[str]:
    """Rescore those whom something has happened to, or named people; never everybody, whatever day or model are new.

    The day is never before that of everybody else's scores: a run that began yesterday takes nobody back.
    """
    with app.store.write() as unit:
        shift.fence(unit)
        publish(unit, app.workspace_no, model)
        before = unit.markers.get(_DONE)
        if before is not None:
            day = max(day, date.fromisoformat(before["day"]))
        unit.scores.note_day(app.workspace_no, day, model.version)
    rules = scoring_rules(app, day=day, model=model)
    work = Rescore(
        store=app.store,
        clock=app.clock,
        rules=rules,
        run_no=run.run_no,
        fence=shift.fence,
        marks_companies=rules.segments.companies is not None,
    )
    if people is None:
        waiting = work.batches(work.counts(everybody=False), everybody=False)
    else:
        waiting = [Who(person_no=number) for number in sorted(people)]
    expected = len(waiting)

    def one() -> Counter[str] | None:
        return work.batch(waiting.pop(0)) if waiting else None

    total: Counter[str] = Counter()
    if waiting:
        for number, counts in enumerate(shift.steps("rescore", None, one), start=1):
            total += counts
            progress.step("rescore", None, number, expected)
    if people is not None:
        # Companies have time until the next round.
        return total
    companies = CompanyRescore(
        store=app.store,
        clock=app.clock,
        rules=rules,
        workspace_no=app.workspace_no,
        run_no=run.run_no,
        fence=shift.fence,
    )
    return total + rescore_companies(companies, shift, progress)


def basis_now(app: App) -> dict[str, Any]:
    """What everybody's scores should be based on now, the day apart; compare with `basis_of_scores`."""
    return _basis(scoring_rules(app, day=date.min, model=app.model)) | {"day": ""}


def basis_of_scores(unit: Unit) -> tuple[dict[str, Any], date] | None:
    """What everybody's scores are based on, the day apart, and their day; None before everybody was scored."""
    before = unit.markers.get(_DONE)
    return None if before is None else (before | {"day": ""}, date.fromisoformat(before["day"]))


def _settling(before: Mapping[str, Any], day: date) -> frozenset[int]:
    """The sevenths of the shards whose turn came since everybody was scored last: a week of days is everybody."""
    if "day" not in before:
        return frozenset()
    last = date.fromisoformat(before["day"]).toordinal()
    return frozenset(each % WEEK for each in range(max(last + 1, day.toordinal() - WEEK + 1), day.toordinal() + 1))


def _polite(one: Step, turn: Turn, children: Children | None) -> Step:
    """Before a step, whoever waits takes a turn; children finish what they are at first, because they hold people's scores."""

    def step() -> Counter[str] | None:
        if turn.wanted():
            if children is not None and (counts := children.next([])) is not None:
                return counts
            turn.give_way()
        return one()

    return step


def _work(app: App, rules: Rules, shift: Shift, key: list[Any], model: ModelInForce) -> Work:
    return Work(
        store_url=app.settings.store_url(),
        run_no=shift.run_no,
        lease=shift.lease,
        epoch=shift.epoch,
        basis=key,
        entries=tuple(
            SentEntry(source=each.loaded.source, lists=each.loaded.lists, when=each.when) for each in model.entries
        ),
        day=rules.day,
        deadband=rules.deadband,
        brings={crm: frozenset(kinds) for crm, kinds in rules.brings.items()},
        believed=dict(rules.believed),
        outputs={number: dict(objects) for number, objects in rules.outputs.items()},
        force=rules.force,
        every_record=rules.every_record,
        settling=rules.settling,
    )


def publish(unit: Unit, workspace_no: int, model: ModelInForce) -> None:
    """Keep the text of every model that scores, so that each score stays answerable; what the settings say is the live one."""
    live = unit.models.live(workspace_no)
    if live is not None and live.version == model.version:
        return
    for each in model.models:
        found = each.model
        unit.models.publish(workspace_no, version=found.version, model=found.name, source=each.source, lists=each.lists)
    if model.version not in {each.model.version for each in model.models}:
        name = textwrap.shorten(model.name, _LONGEST_NAME, placeholder=" and more")
        unit.models.publish(workspace_no, version=model.version, model=name, source=model.source, lists={})


def _basis(rules: Rules) -> dict[str, Any]:
    """Everything but the people's own changes that scores depend on."""
    settings = [
        {crm: sorted(kinds) for crm, kinds in rules.brings.items()},
        dict(rules.believed),
    ]
    outputs = {
        str(number): {name: sorted(each) for name, each in maps.items()} for number, maps in rules.outputs.items()
    }
    return {
        "day": rules.day.isoformat(),
        "version": rules.version,
        "derived": DERIVED_VERSION,
        "settings": _digest(settings),
        "outputs": _digest(outputs),
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:16]
