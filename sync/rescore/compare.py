"""What another model would change: everybody is scored with it, and nothing is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from sync.rescore.changes import changed_people, score_rows
from sync.rescore.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync.rescore.scoring_run import Rescore
    from sync.store.sql.scoring_inputs import Who
    from sync.values import Values

#: What is counted apart, by column of the score table.
_COUNTED: Final = ("total", "grade", "rating", "qualified", "disqualified", "in_scope")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One batch of people under the other model."""

    #: `people`, `changed`, and how many change in each of the counted columns.
    people: Counter[str]
    #: (connection, wanted numbers, what the record holds) of each record that would be written.
    records: tuple[tuple[int, Values, Values | None], ...]


def compare(rescore: Rescore, *, looked: Callable[[int, int], None]) -> Iterator[Compared]:
    """Score everybody, batch by batch; `looked` is told how many batches are done, and of how many."""
    batches = rescore.batches(rescore.counts(everybody=True), everybody=True)
    for number, who in enumerate(batches, start=1):
        yield _batch(rescore, who)
        looked(number, len(batches))


def _batch(rescore: Rescore, who: Who) -> Compared:
    inputs = rescore.inputs(who)
    scores = [each.scores(day=rescore.rules.day, assets=inputs.assets) for each in inputs.cohorts]
    people: Counter[str] = Counter(people=sum(each.height for each in scores))
    changed = set[int]().union(*(changed_people(each, inputs.before) for each in scores))
    people["changed"] = len(changed)
    before = inputs.before.select("person_no", *_COUNTED)
    for each in scores:
        both = each.select(pl.col("person_id").alias("person_no"), *_COUNTED).join(
            before, on="person_no", how="left", suffix=".old"
        )
        for name in _COUNTED:
            people[name] += both.filter(pl.col(name).ne_missing(pl.col(f"{name}.old"))).height
    now = rescore.clock.now()
    stored = inputs.stored
    mine = [each.filter(pl.col("person_id").is_in(sorted(changed))) for each in scores]
    rows = {row["person_no"]: row for each in mine for row in score_rows(each, stored, {}, now=now)}
    wanted = Wanted(rules=rescore.rules, rows=rows, run_no=None, now=now)
    with rescore.store.read() as unit:
        records = tuple(wanted.differences(unit, changed))
    return Compared(people=people, records=records)
