"""The rescoring part of a run: everybody when the day, the model or the normalisers changed, else the dirty ones."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from scoring.attributes import DERIVED_VERSION
from sync.rescore.scoring_run import Rescore
from sync.rules import scoring_rules
from sync.store.run_rows import RunKind
from sync.store.types import canonical_json

if TYPE_CHECKING:
    from datetime import date

    from sync.app import App, LoadedModel
    from sync.jobs.progress import Progress
    from sync.jobs.slices import Shift
    from sync.rescore.scoring_run import Rules
    from sync.store.run_rows import Run
    from sync.store.unit import Unit

#: What everybody was last scored with, and how far a rescore of everybody has come.
_DONE, _UNDER_WAY = "rescored", "rescoring"


def rescore(app: App, run: Run, shift: Shift, progress: Progress, *, day: date, model: LoadedModel) -> Counter[str]:
    """Bring all scores up to date; counts of people scored, changed and wanted."""
    rules = scoring_rules(app, day=day, model=model, force=run.kind is RunKind.REWRITE)
    basis, asked = _basis(rules), run.kind in {RunKind.RESCORE, RunKind.REWRITE}
    with app.store.write() as unit:
        shift.fence(unit)
        unit.models.publish(
            app.workspace_no,
            version=model.model.version,
            model=model.model.name,
            source=model.source,
            lists=model.lists,
        )
        everybody = asked or unit.markers.get(_DONE) != basis
        under_way = unit.markers.get(_UNDER_WAY) or {}
    # What an operator asked for begins anew with each run; a new day or model is finished by whoever comes next.
    key = [basis, run.run_no if asked else 0]
    done = set(under_way.get("shards", ())) if everybody and under_way.get("basis") == key else set()
    work = Rescore(store=app.store, clock=app.clock, rules=rules, run_no=run.run_no, fence=shift.fence)
    waiting = work.batches(everybody=everybody, done=frozenset(done))
    people, expected = 0, len(waiting)

    def finish(unit: Unit, shards: range) -> None:
        """Joins the batch's transaction: a rescore of everybody that is killed goes on with the next batch."""
        if everybody:
            done.update(shards)
            unit.markers.put(_UNDER_WAY, {"basis": key, "shards": sorted(done)})

    def step() -> Counter[str] | None:
        nonlocal people
        if not waiting:
            return None
        who = waiting.pop(0)
        counts = work.batch(who, also=lambda unit: finish(unit, range(who.first_shard, who.last_shard + 1)))
        people += counts["scored"]
        progress.step("rescore", None, expected - len(waiting), expected)
        return counts

    total: Counter[str] = Counter()
    for counts in shift.steps("rescore", None, step):
        total += counts
    if everybody:
        with app.store.write() as unit:
            shift.fence(unit)
            unit.markers.put(_DONE, basis)
            unit.markers.drop(_UNDER_WAY)
    return total


def _basis(rules: Rules) -> dict[str, Any]:
    """Everything but the people's own changes that scores depend on."""
    settings = [
        {crm: sorted(kinds) for crm, kinds in rules.brings.items()},
        dict(rules.believed),
        {str(number): {name: sorted(each) for name, each in maps.items()} for number, maps in rules.outputs.items()},
    ]
    return {
        "day": rules.day.isoformat(),
        "version": rules.version,
        "derived": DERIVED_VERSION,
        "settings": hashlib.sha256(canonical_json(settings).encode()).hexdigest()[:16],
    }
