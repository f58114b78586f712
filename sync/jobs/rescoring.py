"""The rescoring part of a run: everybody when the day, the model or the normalisers changed, else the dirty ones."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from scoring.attributes import DERIVED_VERSION
from sync.clock import SystemClock
from sync.jobs.company_rescoring import rescore_companies
from sync.rescore.children import Children, SentEntry, Work, forget_progress, note_done, shards_done
from sync.rescore.company_run import CompanyRescore
from sync.rescore.scoring_run import LARGE_BATCH, Rescore
from sync.rules import scoring_rules
from sync.store.run_rows import RunKind
from sync.store.types import canonical_json

if TYPE_CHECKING:
    from datetime import date

    from sync.app import App, ModelInForce
    from sync.jobs.progress import Progress
    from sync.jobs.slices import Shift
    from sync.rescore.scoring_run import Rules
    from sync.store.run_rows import Run
    from sync.store.unit import Unit

#: What everybody was last scored with.
_DONE = "rescored"


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
) -> Counter[str]:
    """Bring all scores up to date; counts of people scored, changed and wanted."""
    rules = scoring_rules(app, day=day, model=model, force=run.kind is RunKind.REWRITE)
    basis, asked = _basis(rules), run.kind in {RunKind.RESCORE, RunKind.REWRITE}
    # What an operator asked for begins anew with each run; a new day or model is finished by whoever comes next.
    key = [basis, run.run_no if asked else 0]
    with app.store.write() as unit:
        shift.fence(unit)
        publish(unit, app.workspace_no, model)
        before = unit.markers.get(_DONE) or {}
        everybody = asked or before != basis
        done = shards_done(unit, key) if everybody else frozenset[int]()
    rules = replace(rules, every_record=before.get("outputs") != basis["outputs"])
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
    large = everybody and sum(counted.values()) >= sizes.children_from and type(app.clock) is SystemClock
    total: Counter[str] = Counter()
    with ExitStack() as stack:
        one = alone
        if large and waiting:
            children = Children(work=_work(app, rules, shift, key, model), many=min(sizes.children, expected))
            one = partial(stack.enter_context(children).next, waiting)
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
    return total + rescore_companies(companies, shift, progress)


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
        unit.models.publish(workspace_no, version=model.version, model=model.name, source=model.source, lists={})


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
