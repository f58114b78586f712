"""What must be done to all people before a rescore although no record changed: better normalisers, other settings, another
reference table, e-mail joins that have run out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scoring.attributes import DERIVED_VERSION, derive
from sync.people.encoding import encode_all
from sync.people.enrich import drop_reference, load_reference
from sync.people.profiles import refresh_shard
from sync.people.reference import reference_digest, reference_rows
from sync.people.resolve import settle_links
from sync.rules import people_rules
from sync.store.sql.scoring_inputs import Who

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sync.app import App
    from sync.jobs.progress import Progress
    from sync.jobs.slices import Shift
    from sync.people.profiles import Rules

_MARKER, _LINKS = "profiles", "links_settled"
_REFERENCE = "reference table"


def renew(app: App, shift: Shift, progress: Progress, *, day: date) -> None:
    """Bring profiles in line with what they are made by; marks exactly those people dirty whose profile changed."""
    rules = people_rules(app)
    with app.store.write() as unit:
        shift.fence(unit)
        if unit.markers.get(_LINKS) != day.isoformat():
            settle_links(unit, now=app.clock.now(), rules=rules)
            unit.markers.put(_LINKS, day.isoformat())
        done = unit.markers.get(_MARKER)
    table = _table(app)
    basis = _basis(rules, table)
    if done == basis:
        return
    if table is not None and (done or {}).get("reference") != basis["reference"]:
        _load(app, shift, table)
    _derive_again(app, shift)
    _refresh(app, shift, progress, rules)
    with app.store.write() as unit:
        shift.fence(unit)
        unit.markers.put(_MARKER, basis)


def _table(app: App) -> Path | None:
    table = app.settings.reference_table
    return None if table is None else app.settings.folder / table


def _basis(rules: Rules, table: Path | None) -> dict[str, Any]:
    return {
        "derived": DERIVED_VERSION,
        "believed": dict(rules.believed_attributes),
        "reference": reference_digest(table) if table is not None else None,
    }


def _load(app: App, shift: Shift, table: Path) -> None:
    kept: set[str] = set()
    for rows in reference_rows(table):
        with app.store.write() as unit:
            shift.fence(unit)
            domains, _ = load_reference(unit, app.workspace_no, rows, source=_REFERENCE, at=app.clock.now())
        kept |= domains
    with app.store.write() as unit:
        shift.fence(unit)
        drop_reference(unit, app.workspace_no, source=_REFERENCE, keep=kept)


def _derive_again(app: App, shift: Shift) -> None:
    """Derived attributes beside the records, without a pull."""
    while True:
        with app.store.write() as unit:
            shift.fence(unit)
            old = unit.contacts.derived_before(DERIVED_VERSION)
            unit.contacts.set_derived(
                {row.contact_no: encode_all(derive(row.attributes)) for row in old}, DERIVED_VERSION, {}
            )
        if not old:
            return


def _refresh(app: App, shift: Shift, progress: Progress, rules: Rules) -> None:
    with app.store.read() as unit:
        waiting = sorted(unit.scoring_inputs.counts(Who()))
    expected = len(waiting)

    def step() -> Counter[str] | None:
        if not waiting:
            return None
        with app.store.write() as unit:
            shift.fence(unit)
            causes = refresh_shard(unit, waiting.pop(), now=app.clock.now(), rules=rules)
        progress.step("profiles", None, expected - len(waiting), expected)
        return Counter(dirty=len(causes))

    for _ in shift.steps("profiles", None, step):
        pass
