"""Rescoring: dirty people, or everybody, in batches of shards. Reads, scores, and stores score, history, wanted values and the
sequence numbers that were read, in one transaction per batch. Killed between two batches, it has lost nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from scoring.explain_text import breakdown, main_reasons
from sync.rescore.changes import STANDING, cause_of, changed_people, compact_lines, remembered_row, score_rows
from sync.rescore.cohorts import Cohort, divide
from sync.rescore.frames import activities_frame, oldest_instant, was_qualified
from sync.rescore.prefilter import worth_a_look
from sync.rescore.wanted import Wanted
from sync.store.sql.scoring_inputs import Who, activity_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from scoring.segments import Segments
    from sync.clock import Clock
    from sync.store.sql.activity_blocks import Block
    from sync.store.unit import Store, Unit

#: People in one batch: enough to be fast, few enough for bounded memory. The dirty are a few here and there, found by joins.
BATCH, LARGE_BATCH = 5_000, 25_000
#: Days in which everybody settles once.
WEEK = 7
#: People that one transaction stores: it stays under a second.
PART = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What a rescore follows; pinned for a whole run."""

    #: The models, and who is scored by which.
    segments: Segments
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
    #: Which sevenths of the shards settle: there whatever differs at all is written. Set for the days that are new.
    settling: frozenset[int] = frozenset()

    def deadband_of(self, shard: int) -> int:
        """How far a number may be off in the CRM."""
        return 0 if self.force or self.settles(shard) else self.deadband

    def settles(self, shard: int) -> bool:
        """Whether whatever differs at all is written."""
        return shard % WEEK in self.settling

    @property
    def version(self) -> str:
        """The version of the models and their conditions together; each score carries its own model's."""
        return self.segments.version


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """One batch as it was read: what the engine takes and what was stored before."""

    #: `shard, person_no, profile, dirty_seq, scored_seq, dirty_cause, scored`.
    stored: pl.DataFrame
    #: The people who are scored, by model.
    cohorts: tuple[Cohort, ...]
    #: None when no model looks at an asset.
    assets: pl.DataFrame | None
    before: pl.DataFrame
    #: Shards whose activities are to be packed anew.
    blocks: Sequence[Block]


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

    def inputs(self, who: Who) -> Inputs:
        """Read one batch from one snapshot."""
        segments = self.rules.segments
        with self.store.read() as unit:
            reads = unit.scoring_inputs
            stored = reads.people(who)
            since = min(oldest_instant(self.rules.day, each.model) for each in segments.models)
            columns = segments.activity_columns
            rows, blocks = _activities(unit, who, since, columns)
            crms = reads.crm_kinds()
            contact_crms = reads.contact_crms(who) if len(set(crms.values())) > 1 else _NO_CRMS
            before = unit.scores.frame(who)
            observed = reads.observed_of_unscored(who) if before.height < stored.height else _NOT_OBSERVED
            assets = None
            if "asset_no" in columns:
                assets = self._known_assets(unit) if who.person_no is None else self._assets_of(unit, rows)
        live = stored.filter(pl.col("scored") == 1)
        activities = activities_frame(
            rows, crm_kinds=crms, brings=self.rules.brings, contact_crms=contact_crms, believed=self.rules.believed
        )
        qualified = was_qualified(before, observed)
        cohorts = divide(segments, live, activities, qualified, day=self.rules.day, assets=assets)
        return Inputs(stored=stored, cohorts=cohorts, assets=assets, before=before, blocks=blocks)

    def batch(self, who: Who, *, also: Callable[[Unit], None] = lambda _unit: None) -> Counter[str]:
        """Rescore one batch; counts of people scored, changed, wanted.

        What it changed is stored in parts, each a transaction of its own: score, history, wanted values and sequence
        numbers of its people. `also` joins the last one, so a batch that is killed before is done once more, to the same end.
        """
        inputs = self.inputs(who)
        self._keep(inputs.blocks)
        scores = [each.scores(day=self.rules.day, assets=inputs.assets) for each in inputs.cohorts]
        own = pl.concat([each.select("person_id", "model", "version") for each in scores])
        changed = self._moved(own, inputs.before).union(*(changed_people(each, inputs.before) for each in scores))
        looked_at = self._looked_at(scores, own, inputs, changed)
        touched = changed | looked_at | set(inputs.before["person_no"].to_list()).difference(own["person_id"].to_list())
        stored = inputs.stored.filter(_is_dirty() | pl.col("person_no").is_in(sorted(touched)))
        counts = Counter(scored=own.height, changed=len(changed), wanted=0)
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
        scores: Sequence[pl.DataFrame],
        part: pl.DataFrame,
        *,
        changed: set[int],
        looked_at: set[int],
        also: Callable[[Unit], None] | None,
    ) -> int:
        """Store what a batch changed for some of its people; how many records are due now that were not before."""
        numbers = part["person_no"]
        changed, looked_at = changed.intersection(numbers), looked_at.intersection(numbers)
        mine = [each.filter(pl.col("person_id").is_in(numbers.implode())) for each in scores]
        causes = self._causes(inputs.before, part, mine, changed)
        now = self.clock.now()
        rows = {row["person_no"]: row for each in mine for row in score_rows(each, part, causes, now=now)}
        wanted = Wanted(rules=self.rules, rows=rows, run_no=self.run_no, now=now)
        with self.store.read() as unit:
            candidates = wanted.due_people(unit, looked_at)
        remembered = self._worth_remembering(inputs.before, rows, changed, candidates)
        apart = self._taken_apart(inputs, candidates | remembered)
        texts = {number: apart[number][:2] for number in candidates}
        with self.store.write() as unit:
            self.fence(unit)
            self._store(unit, part, inputs.before, rows, changed)
            unit.scores.remember(
                [remembered_row(rows[number], apart[number][2], self.run_no) for number in sorted(remembered)]
            )
            if self.marks_companies:
                unit.companies.mark_stale_of(changed | set(part.filter(_is_dirty())["person_no"].to_list()))
            written = wanted.store(unit, looked_at, texts)
            if also is not None:
                also(unit)
        return written

    def _keep(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            packed = block.packed()
            with self.store.write() as unit:
                self.fence(unit)
                unit.activity_blocks.store(block, packed)

    def _assets_of(self, unit: Unit, rows: pl.DataFrame) -> pl.DataFrame:
        """What one person's activities refer to."""
        return unit.scoring_inputs.assets(only=set(rows["asset_no"].to_list()) - {None})

    def _known_assets(self, unit: Unit) -> pl.DataFrame:
        """Assets never change, so only new ones are read."""
        newest = self._assets["asset_no"].max() if self._assets is not None else None
        new = unit.scoring_inputs.assets(after=newest if isinstance(newest, int) else 0)
        self._assets = new if self._assets is None else pl.concat([self._assets, new])
        return self._assets

    def _moved(self, own: pl.DataFrame, before: pl.DataFrame) -> set[int]:
        """Who went from one model to another, whatever that did to their values."""
        old = before.select(pl.col("person_no").alias("person_id"), "model", "version")
        both = own.join(old, on="person_id", how="inner", suffix=".old")
        # A new version of the same model is not a move: what it does not change keeps the version that gave it.
        here = pl.col("version.old").is_in(list(self.rules.segments.by_version))
        moved = (pl.col("model") != pl.col("model.old")) | ((pl.col("version") != pl.col("version.old")) & here)
        return set(both.filter(moved)["person_id"].to_list())

    def _causes(
        self, before: pl.DataFrame, part: pl.DataFrame, scores: Sequence[pl.DataFrame], changed: set[int]
    ) -> dict[int, str]:
        """Why each score is what it is: of those that did not move now, what moved them last."""
        known = before.filter(pl.col("person_no").is_in(part["person_no"].implode()))
        versions = dict(known.select("person_no", "version").iter_rows())
        last = dict(known.select("person_no", "changed_by").iter_rows())
        own = {
            number: version for each in scores for number, version in each.select("person_id", "version").iter_rows()
        }
        return last | {
            number: cause_of(
                dirty=dirty > scored,
                dirty_cause=cause,
                before=versions.get(number),
                version=own.get(number, self.rules.version),
            )
            for number, dirty, scored, cause in part.select(
                "person_no", "dirty_seq", "scored_seq", "dirty_cause"
            ).iter_rows()
            if number in changed
        }

    def _looked_at(
        self, scores: Sequence[pl.DataFrame], own: pl.DataFrame, inputs: Inputs, changed: set[int]
    ) -> set[int]:
        """Whose wanted values may differ: changed scores, and the dirty (a contact may be new, gone or unwritable).

        Most scores move by less than the deadband from one day to the next; what was sent to those is not looked at one
        by one.
        """
        if self.rules.force or self.rules.every_record:
            return set(inputs.stored["person_no"].to_list())
        dirty = set(inputs.stored.filter(_is_dirty())["person_no"].to_list())
        same = inputs.before.join(own, left_on=["person_no", "version"], right_on=["person_id", "version"], how="semi")
        aged = (set(same["person_no"].to_list()) & changed) - dirty
        settling = self._settling(inputs.stored) - dirty
        if self.rules.deadband == 0 or not (aged or settling):
            return changed | dirty
        with self.store.read() as unit:
            entries = unit.outbox.sent_to(aged | settling)
        found = (changed - aged) | dirty
        exact = replace(self.rules, deadband=0)
        for cohort, each in zip(inputs.cohorts, scores, strict=True):
            moved = each.filter(pl.col("person_id").is_in(sorted(aged)))
            found |= worth_a_look(moved, entries, self.rules, cohort.model.model) if moved.height else set()
            mine = each.filter(pl.col("person_id").is_in(sorted(settling)))
            found |= worth_a_look(mine, entries, exact, cohort.model.model) if mine.height else set()
        return found

    def _settling(self, stored: pl.DataFrame) -> set[int]:
        """People whose records may not be off at all today."""
        due = (pl.col("shard") % WEEK).is_in(sorted(self.rules.settling))
        return set(stored.filter(due)["person_no"].to_list()) if self.rules.settling else set()

    def _worth_remembering(
        self, before: pl.DataFrame, rows: Mapping[int, Mapping[str, Any]], changed: set[int], written: set[int]
    ) -> set[int]:
        """Of those who changed: whose standing is another, and whose total will be written or came from another model."""
        own = before.filter(pl.col("person_no").is_in(sorted(changed)))
        known = {row["person_no"]: row for row in own.select("person_no", *STANDING, "total", "model").to_dicts()}
        return {
            number
            for number in changed
            if (row := rows.get(number)) is not None
            and (
                (old := known.get(number)) is None
                or any(row[name] != old[name] for name in (*STANDING, "model"))
                or (number in written and row["total"] != old["total"])
            )
        }

    def _taken_apart(self, inputs: Inputs, numbers: set[int]) -> dict[int, tuple[str, str, str]]:
        """person_no -> (main reasons, breakdown, compact lines), for those who will be written or remembered."""
        if not numbers:
            return {}
        reasons, details, compact = dict[int, str](), dict[int, str](), dict[int, str]()
        for cohort in inputs.cohorts:
            mine = numbers.intersection(cohort.people["person_id"])
            if not mine:
                continue
            lines = cohort.lines(mine, day=self.rules.day, assets=inputs.assets)
            language = cohort.model.model.language
            reasons |= dict(main_reasons(lines, language=language).iter_rows())
            details |= dict(breakdown(lines, language=language).iter_rows())
            compact |= compact_lines(lines)
        return {
            number: (reasons.get(number) or "", details.get(number) or "", compact.get(number) or "[]")
            for number in numbers
        }

    def _store(
        self, unit: Unit, part: pl.DataFrame, before: pl.DataFrame, rows: dict[int, dict[str, Any]], changed: set[int]
    ) -> None:
        unit.scores.store([rows[number] for number in sorted(changed) if number in rows])
        unscored = part.filter(pl.col("scored") == 0).join(before, on="person_no", how="semi")
        unit.scores.drop(unscored.select("shard", "person_no").iter_rows())
        unit.scores.settle(part.filter(_is_dirty()).select("shard", "person_no", "dirty_seq").rows())


_NOT_OBSERVED = pl.DataFrame(schema={"person_no": pl.Int64, "observed": pl.String})
_NO_CRMS = pl.DataFrame(schema={"person_no": pl.Int64, "connection_no": pl.Int64})


def _activities(
    unit: Unit, who: Who, since: datetime, columns: Collection[str]
) -> tuple[pl.DataFrame, Sequence[Block]]:
    """Rows of activities; of everybody from packed blocks as far as there are any, and the blocks to be made."""
    if not who.everybody:
        return unit.scoring_inputs.activities(who, since=since, columns=columns), ()
    shards = (who.first_shard, who.last_shard)
    return unit.activity_blocks.read(*shards, since=since, columns=activity_columns(columns))


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
