"""Rescoring: dirty people, or everybody, in batches of shards. Reads, scores, and stores score, history, wanted values and the
sequence numbers that were read, in one transaction per batch. Killed between two batches, it has lost nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from scoring.engine import score
from scoring.explain import explain
from scoring.explain_text import breakdown, main_reasons
from sync.rescore.changes import cause_of, changed_people, score_rows
from sync.rescore.frames import activities_frame, oldest_instant, people_frame, was_qualified
from sync.rescore.prefilter import worth_a_look
from sync.rescore.wanted import Wanted
from sync.store.sql.scoring_inputs import Who

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from scoring.compile import CompiledModel
    from sync.clock import Clock
    from sync.store.unit import Store, Unit

#: People in one batch: enough to be fast, few enough for bounded memory. The dirty are a few here and there, found by joins.
BATCH, LARGE_BATCH = 5_000, 25_000
#: People that one transaction stores: it stays under a second.
PART = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What a rescore follows; pinned for a whole run."""

    model: CompiledModel
    day: date
    deadband: int
    #: Kind of CRM -> activity kinds its maps can bring.
    brings: Mapping[str, Iterable[str]]
    believed: Mapping[str, str]
    #: connection_no -> object -> outputs that are configured there.
    outputs: Mapping[int, Mapping[str, frozenset[str]]]
    #: Write whatever differs at all, from the store's point of view (rewrite).
    force: bool = False
    #: Look at everybody's records, because other outputs are configured than before.
    every_record: bool = False

    @property
    def version(self) -> str:
        """The model's version."""
        return self.model.model.version


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """One batch as it was read: what the engine takes and what was stored before."""

    #: `shard, person_no, profile, dirty_seq, scored_seq, dirty_cause, scored`.
    stored: pl.DataFrame
    people: pl.DataFrame
    activities: pl.DataFrame
    #: None when the model looks at no asset.
    assets: pl.DataFrame | None
    before: pl.DataFrame


@dataclass(kw_only=True)
class Rescore:
    """One rescore of the dirty or of everybody."""

    store: Store
    clock: Clock
    rules: Rules
    run_no: int | None = None
    fence: Callable[[Unit], None] = field(default=lambda _unit: None)
    #: Mark the companies of those who are dirty or changed; after a rescore of everybody they are found at once.
    marks_companies: bool = False
    _assets: pl.DataFrame | None = None

    def counts(self, *, everybody: bool) -> dict[int, int]:
        """People to rescore by shard."""
        with self.store.read() as unit:
            return unit.scoring_inputs.counts(Who(dirty=not everybody))

    def batches(self, counts: Mapping[int, int], everybody: bool, size: int = LARGE_BATCH) -> list[Who]:
        """Ranges of shards of about BATCH people each, of about `size` where everybody is rescored."""
        return list(_ranges(counts, dirty=not everybody, size=size if everybody else BATCH))

    def inputs(self, who: Who, *, as_of: date | None = None) -> Inputs:
        """Read one batch from one snapshot; `as_of` leaves out activities that were recorded after that day."""
        model = self.rules.model.model
        with self.store.read() as unit:
            reads = unit.scoring_inputs
            stored = reads.people(who)
            since = oldest_instant(self.rules.day, model)
            columns = self.rules.model.activity_columns | ({"recorded_at"} if as_of is not None else set())
            rows = reads.activities(who, since=since, columns=columns)
            crms = reads.crm_kinds()
            contact_crms = reads.contact_crms(who) if len(set(crms.values())) > 1 else _NO_CRMS
            before = unit.scores.frame(who)
            observed = reads.observed_of_unscored(who) if before.height < stored.height else _NOT_OBSERVED
            assets = None
            if "asset_no" in columns:
                assets = self._known_assets(unit) if who.person_no is None else self._assets_of(unit, rows)
        live = stored.filter(pl.col("scored") == 1)
        people = people_frame(live, model, self.rules.model.person_columns, was_qualified(before, observed))
        if as_of is not None:
            rows = rows.filter(pl.col("recorded_at").dt.convert_time_zone(model.time_zone).dt.date() <= as_of)
        activities = activities_frame(
            rows, crm_kinds=crms, brings=self.rules.brings, contact_crms=contact_crms, believed=self.rules.believed
        )
        return Inputs(stored=stored, people=people, activities=activities, assets=assets, before=before)

    def batch(self, who: Who, *, also: Callable[[Unit], None] = lambda _unit: None) -> Counter[str]:
        """Rescore one batch; counts of people scored, changed, wanted.

        What it changed is stored in parts, each a transaction of its own: score, history, wanted values and sequence
        numbers of its people. `also` joins the last one, so a batch that is killed before is done once more, to the same end.
        """
        inputs = self.inputs(who)
        scores = score(self.rules.model, inputs.people, inputs.activities, day=self.rules.day, assets=inputs.assets)
        changed = changed_people(scores, inputs.before)
        looked_at = self._looked_at(scores, inputs, changed)
        touched = (
            changed | looked_at | set(inputs.before["person_no"].to_list()).difference(scores["person_id"].to_list())
        )
        stored = inputs.stored.filter(_is_dirty() | pl.col("person_no").is_in(sorted(touched)))
        counts = Counter(scored=inputs.people.height, changed=len(changed), wanted=0)
        for start in range(0, max(stored.height, 1), PART):
            part = stored.slice(start, PART)
            last = start + PART >= stored.height
            counts["wanted"] += self._part(
                inputs, scores, part, changed=changed, looked_at=looked_at, also=also if last else None
            )
        return counts

    def _part(
        self,
        inputs: Inputs,
        scores: pl.DataFrame,
        part: pl.DataFrame,
        *,
        changed: set[int],
        looked_at: set[int],
        also: Callable[[Unit], None] | None,
    ) -> int:
        """Store what a batch changed for some of its people; how many records are due now that were not before."""
        numbers = part["person_no"]
        changed, looked_at = changed.intersection(numbers), looked_at.intersection(numbers)
        causes = self._causes(inputs.before, part, changed)
        now = self.clock.now()
        mine = scores.filter(pl.col("person_id").is_in(numbers.implode()))
        rows = {row["person_no"]: row for row in score_rows(mine, part, causes, now=now)}
        wanted = Wanted(rules=self.rules, rows=rows, run_no=self.run_no, now=now)
        with self.store.read() as unit:
            candidates = wanted.due_people(unit, looked_at)
        texts = self._texts(inputs, candidates)
        with self.store.write() as unit:
            self.fence(unit)
            self._store(unit, part, inputs.before, rows, changed)
            if self.marks_companies:
                unit.companies.mark_stale_of(changed | set(part.filter(_is_dirty())["person_no"].to_list()))
            written = wanted.store(unit, looked_at, texts)
            if also is not None:
                also(unit)
        return written

    def _assets_of(self, unit: Unit, rows: pl.DataFrame) -> pl.DataFrame:
        """What one person's activities refer to."""
        return unit.scoring_inputs.assets(only=rows["asset_no"].drop_nulls().unique().to_list())

    def _known_assets(self, unit: Unit) -> pl.DataFrame:
        """Assets never change, so only new ones are read."""
        newest = self._assets["asset_no"].max() if self._assets is not None else None
        new = unit.scoring_inputs.assets(after=newest if isinstance(newest, int) else 0)
        self._assets = new if self._assets is None else pl.concat([self._assets, new])
        return self._assets

    def _causes(self, before: pl.DataFrame, part: pl.DataFrame, changed: set[int]) -> dict[int, str]:
        """Why each score is what it is: of those that did not move now, what moved them last."""
        known = before.filter(pl.col("person_no").is_in(part["person_no"].implode()))
        versions = dict(known.select("person_no", "version").iter_rows())
        last = dict(known.select("person_no", "changed_by").iter_rows())
        return last | {
            number: cause_of(
                dirty=dirty > scored, dirty_cause=cause, before=versions.get(number), version=self.rules.version
            )
            for number, dirty, scored, cause in part.select(
                "person_no", "dirty_seq", "scored_seq", "dirty_cause"
            ).iter_rows()
            if number in changed
        }

    def _looked_at(self, scores: pl.DataFrame, inputs: Inputs, changed: set[int]) -> set[int]:
        """Whose wanted values may differ: changed scores, and the dirty (a contact may be new, gone or unwritable).

        Most scores move by less than the deadband from one day to the next; what was sent to those is not looked at one
        by one.
        """
        if self.rules.force or self.rules.every_record:
            return set(inputs.stored["person_no"].to_list())
        dirty = set(inputs.stored.filter(_is_dirty())["person_no"].to_list())
        aged = set(inputs.before.filter(pl.col("version") == self.rules.version)["person_no"].to_list())
        aged = (aged & changed) - dirty
        if self.rules.deadband == 0 or not aged:
            return changed | dirty
        moved = scores.filter(pl.col("person_id").is_in(sorted(aged)))
        with self.store.read() as unit:
            entries = unit.outbox.sent_to(aged)
        return (changed - aged) | dirty | worth_a_look(moved, entries, self.rules)

    def _texts(self, inputs: Inputs, numbers: set[int]) -> dict[int, tuple[str, str]]:
        """person_no -> (main reasons, breakdown), for those who will be written."""
        if not numbers:
            return {}
        chosen = pl.col("person_id").is_in(sorted(numbers))
        language = self.rules.model.model.language
        lines = explain(
            self.rules.model,
            inputs.people.filter(chosen),
            inputs.activities.filter(chosen),
            day=self.rules.day,
            assets=inputs.assets,
        )
        reasons = dict(main_reasons(lines, language=language).iter_rows())
        details = dict(breakdown(lines, language=language).iter_rows())
        return {number: (reasons.get(number) or "", details.get(number) or "") for number in numbers}

    def _store(
        self, unit: Unit, part: pl.DataFrame, before: pl.DataFrame, rows: dict[int, dict[str, Any]], changed: set[int]
    ) -> None:
        unit.scores.store([rows[number] for number in sorted(changed) if number in rows])
        unit.scores.remember([self._remembered(rows[number]) for number in sorted(changed) if number in rows])
        unscored = part.filter(pl.col("scored") == 0).join(before, on="person_no", how="semi")
        unit.scores.drop(unscored.select("shard", "person_no").iter_rows())
        unit.scores.settle(part.filter(_is_dirty()).select("shard", "person_no", "dirty_seq").rows())

    def _remembered(self, row: Mapping[str, Any]) -> dict[str, Any]:
        kept = (
            "shard",
            "person_no",
            "day",
            "total",
            "grade",
            "rating",
            "qualified",
            "disqualify_code",
            "version",
            "changed_by",
        )
        return {name: row[name] for name in kept} | {"at": row["scored_at"], "run_no": self.run_no, "lines": None}


_NOT_OBSERVED = pl.DataFrame(schema={"person_no": pl.Int64, "observed": pl.String})
_NO_CRMS = pl.DataFrame(schema={"person_no": pl.Int64, "connection_no": pl.Int64})


def _is_dirty() -> pl.Expr:
    return pl.col("dirty_seq") > pl.col("scored_seq")


def _ranges(counts: Mapping[int, int], *, dirty: bool, size: int) -> Iterator[Who]:
    first: int | None = None
    people = last = 0
    for shard in sorted(counts):
        if first is not None and people + counts[shard] > size:
            yield Who(first_shard=first, last_shard=last, dirty=dirty)
            first, people = None, 0
        first = shard if first is None else first
        last = shard
        people += counts[shard]
    if first is not None:
        yield Who(first_shard=first, last_shard=last, dirty=dirty)
