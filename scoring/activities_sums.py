"""Sums per person of what the activity rules give: limits, decay, recycling; the inner loop of the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.activities_classes import CLASS
from scoring.arithmetic import divided
from scoring.local_days import day_number
from scoring.steps import ACTIVE, AMOUNT, KEPT, NEWEST, RECENT, UNDECAYED, all_buckets_column, bucket_column, dense
from scoring.vocabulary import ENGAGEMENT, SCALE, Intent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring.activities_views import Source, View
    from scoring.compile import CompiledModel, CompiledRule

#: Below so many rows starting the streaming engine costs more than it saves.
_FEW: Final = 20_000
_NO_LIMIT: Final = 1 << 62
#: More than the calendar has days, before or after 1970.
_MOST_BLOCKS: Final = 1 << 23


@dataclass(frozen=True, slots=True)
class Bucket:
    """Rules whose amounts are summed together, since nothing bounds or shows them apart.

    A rule with a limit or a cap has a bucket of its own; for explanations every rule has.
    """

    number: int
    rules: tuple[CompiledRule, ...]

    @property
    def first(self) -> CompiledRule:
        return self.rules[0]


def buckets(compiled: CompiledModel, *, apart: bool) -> tuple[Bucket, ...]:
    """Put the rules into buckets, in the order of evaluation; `apart` gives one to each."""
    together: dict[object, list[CompiledRule]] = {}
    capped = {(each.name, group.name) for each in compiled.activity_dimensions for group in each.group_caps}
    for number, compiled_rule in enumerate(compiled.rules):
        rule, dimension = compiled_rule.rule, compiled_rule.dimension.name
        group = rule.group if (dimension, rule.group) in capped else None
        own = apart or rule.limit is not None or rule.cap is not None
        key: object = number if own else (dimension, group, frozenset(rule.products))
        together.setdefault(key, []).append(compiled_rule)
    return tuple(Bucket(number, tuple(rules)) for number, rules in enumerate(together.values()))


class MatchedRows:
    """The rows of a source once for each bucket that they match, with tables of what the rules give.

    A subset are the rules of one bucket that match together. Each has a stretch of the table of amounts, as long as the
    horizon; the place of a row is that of its amount on the day that is scored.
    """

    def __init__(self, source: Source, parts: Sequence[Bucket], people: int, *, day: date) -> None:
        self._classes = len(source.classes.inbound)
        self._people = people
        self._parts = parts
        self._size = len(parts[0].first.amounts) if parts else 1
        self._subsets: list[tuple[CompiledRule, ...]] = []
        #: For each bucket, by class: the number of the subset, or None.
        self._by_class = [self._subsets_of(part, source) for part in parts]
        #: Numbers of the buckets that some row matches.
        self._live = [n for n, numbers in enumerate(self._by_class) if any(each is not None for each in numbers)]
        self._amounts = _table([_sum([rule.amounts for rule in rules]) for rules in self._subsets])
        self._limits = [rules[0].rule.limit for rules in self._subsets]
        self._rows = self._matching(source, day)

    def sums(
        self, name: str, view: View, *, recent: int | None = None, share: bool = False, details: bool = False
    ) -> dict[str, pl.Series]:
        """Sum each bucket for each of the people, in their order: columns of the sheet for the view of that name.

        With `recent` also the amounts of activities younger than so many days; with `share` UNDECAYED and ACTIVE of all
        buckets together; with `details` KEPT and NEWEST (null where nothing was kept) of each bucket.
        """
        rows = self._limited(self._rows.filter(view.exists(self._rows.columns)))
        age = pl.col("age") - view.days_earlier
        columns = {AMOUNT: _counted(self._amounts, pl.col("place") - view.days_earlier, rows.columns)}
        if share:
            columns |= {UNDECAYED: _counted(self._points(tuple(Intent)), pl.col("subset"), rows.columns)}
            columns |= {ACTIVE: _counted(self._points((Intent.ACTIVE,)), pl.col("subset"), rows.columns)}
        if details:
            columns |= {KEPT: pl.col("count") if "count" in rows.columns else pl.lit(1, dtype=pl.Int64), NEWEST: age}
        if recent is not None:
            # The newest are kept first, so that the limits keep of the recent ones what they keep of all.
            columns[RECENT] = pl.when(age < recent).then(columns[AMOUNT]).otherwise(0)
        cells = _by_cell(rows.select("cell", **columns))
        found = self._by_bucket(cells, AMOUNT, name, AMOUNT)
        if recent is not None:
            found |= self._by_bucket(cells, RECENT, RECENT, AMOUNT)
        if details:
            found |= self._by_bucket(cells, KEPT, name, KEPT) | self._by_bucket(cells, NEWEST, name, NEWEST, empty=None)
        return found | (self._of_all_buckets(cells, name) if share else {})

    def _by_bucket(
        self, cells: pl.DataFrame, column: str, view: str, what: str, *, empty: int | None = 0
    ) -> dict[str, pl.Series]:
        nothing = pl.Series([empty], dtype=pl.Int64).new_from_index(0, self._people)
        found = {bucket_column(view, part.number, what): nothing for part in self._parts}
        together = dense(self._people * len(self._live), cells["cell"], cells[column], empty=empty)
        for stretch, number in enumerate(self._live):
            own = together.slice(stretch * self._people, self._people)
            found[bucket_column(view, self._parts[number].number, what)] = own
        return found

    def _of_all_buckets(self, cells: pl.DataFrame, view: str) -> dict[str, pl.Series]:
        person = (pl.col("cell") % max(1, self._people)).alias("person")
        sums = cells.lazy().select(person, UNDECAYED, ACTIVE).group_by("person").sum()
        found = sums.collect(engine="streaming" if cells.height > _FEW else "in-memory")
        return {
            all_buckets_column(view, what): dense(self._people, found["person"], found[what])
            for what in (UNDECAYED, ACTIVE)
        }

    def _matching(self, source: Source, day: date) -> pl.DataFrame:
        """`cell` (live bucket and person), `subset`, `place`, and what the source has; `run` and `most` where a rule has a limit.

        Rows of one cell stand together, the newest first, as they stood.
        """
        bucket_of = {subset: n for n, number in enumerate(self._live) for subset in set(self._by_class[number])}
        buckets_of_subsets = [bucket_of[subset] for subset in range(len(self._subsets))]
        cells = pl.Series([bucket * self._people for bucket in buckets_of_subsets], dtype=pl.Int64)
        bucket = pl.lit(pl.Series(buckets_of_subsets, dtype=pl.UInt16)).gather(pl.col("subset")).alias("bucket")
        found: dict[int, pl.DataFrame] = {}
        for layer in self._layers():
            numbers: list[int | None] = [None] * self._classes
            for part in layer:
                numbers = [old if new is None else new for old, new in zip(numbers, self._by_class[part], strict=True)]
            subset = pl.lit(pl.Series(numbers, dtype=pl.UInt32)).gather(pl.col(CLASS)).alias("subset")
            rows = source.rows.select(pl.exclude(CLASS), subset).filter(pl.col("subset").is_not_null())
            rows = rows.with_columns(bucket)
            parted = rows.partition_by("bucket", maintain_order=True, include_key=False, as_dict=True)
            found |= {int(key[0]): frame for key, frame in parted.items()}
        none = source.rows.clear().select(pl.exclude(CLASS), pl.lit(None, dtype=pl.UInt32).alias("subset"))
        rows = pl.concat([none, *(found[number] for number in sorted(found))], rechunk=True)
        place = pl.col("subset") * self._size + pl.col("age")
        cell = pl.lit(cells).gather(pl.col("subset")) + pl.col("person")
        rows = rows.select(cell.alias("cell"), place.cast(pl.Int32).alias("place"), pl.exclude("person"))
        return self._with_limits(rows, day) if any(self._limits) else rows

    def _with_limits(self, rows: pl.DataFrame, day: date) -> pl.DataFrame:
        """Add how many are kept of each block of the calendar, and `run`: one number for all rows of a cell in one block."""
        most = pl.Series([_NO_LIMIT if each is None else each.count for each in self._limits], dtype=pl.Int64)
        # What is divided by null is null: where the limit knows no blocks, all rows are in one.
        per = pl.Series([None if each is None else each.per_days for each in self._limits], dtype=pl.Int32)
        block = ((day_number(day) - pl.col("age")) // pl.lit(per).gather(pl.col("subset"))).fill_null(0)
        run = pl.col("cell") * _MOST_BLOCKS + block
        return rows.with_columns(run.alias("run"), pl.lit(most).gather(pl.col("subset")).alias("most"))

    def _limited(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Keep the newest activities of each block, the oldest of them in part where counts do not come out even.

        Rows of one instant stand by count, the larger first: so the order in which they came does not matter.
        """
        if rows.is_empty() or "run" not in rows.columns:
            return rows
        counted = "count" in rows.columns
        before = pl.col("count").cum_sum() - pl.col("count") if counted else pl.int_range(pl.len(), dtype=pl.Int64)
        used = before - pl.when(_starts("run")).then(before).forward_fill()
        if not counted:
            return rows.filter(used < pl.col("most"))
        marked = rows.with_columns(left=pl.col("most") - used).filter(pl.col("left") > 0)
        return marked.with_columns(count=pl.min_horizontal("count", "left"))

    def _points(self, intents: tuple[Intent, ...]) -> pl.Series:
        """Positive points of engagement of each subset, at any age."""
        return pl.Series([_positive(rules, intents) for rules in self._subsets], dtype=pl.Int64)

    def _subsets_of(self, part: Bucket, source: Source) -> list[int | None]:
        matching = [(rule, source.classes.matching[rule.rule.activities]) for rule in part.rules]
        known: dict[tuple[CompiledRule, ...], int] = {}
        numbers: list[int | None] = []
        for index in range(self._classes):
            rules = tuple(rule for rule, holds in matching if holds[index])
            if rules and rules not in known:
                known[rules] = len(self._subsets)
                self._subsets.append(rules)
            numbers.append(known[rules] if rules else None)
        return numbers

    def _layers(self) -> list[list[int]]:
        """Buckets that share no class, and so can be told apart in one pass over the rows."""
        layers: list[tuple[list[int], set[int]]] = []
        for place, numbers in enumerate(self._by_class):
            classes = {index for index, subset in enumerate(numbers) if subset is not None}
            if not classes:
                continue
            home = next((layer for layer in layers if not layer[1] & classes), None)
            if home is None:
                layers.append(([place], classes))
            else:
                home[0].append(place)
                home[1].update(classes)
        return [places for places, _ in layers]


def _starts(key: str) -> pl.Expr:
    """Whether the row is the first of those with its key, which stand together."""
    return pl.col(key).ne_missing(pl.col(key).shift())


def _by_cell(rows: pl.DataFrame) -> pl.DataFrame:
    """Sum rows of one cell, which stand together: the running total at its end, less that at the end of the one before.

    NEWEST is taken of the first row.
    """
    names = [name for name in rows.columns if name not in ("cell", NEWEST)]
    last = pl.col("cell").ne_missing(pl.col("cell").shift(-1))
    ends = rows.select("cell", pl.col(names).cum_sum(), last.alias("last")).filter("last")
    sums = ends.select("cell", *(pl.col(name) - pl.col(name).shift(1, fill_value=0) for name in names))
    return sums.hstack(rows.filter(_starts("cell")).select(NEWEST)) if NEWEST in rows.columns else sums


def _counted(table: pl.Series, place: pl.Expr, columns: Sequence[str]) -> pl.Expr:
    """An amount out of a table, times the count; and, before the person was recycled, times the share that is kept."""
    amount = pl.lit(table).gather(place)
    if "count" in columns:
        amount = amount * pl.col("count")
    if "keep" not in columns:
        return amount
    kept = divided(amount * pl.col("keep"), SCALE)
    return pl.when(pl.col("keep") == SCALE).then(amount).otherwise(kept)


def _table(stretches: list[pl.Series]) -> pl.Series:
    return pl.concat(stretches, rechunk=True) if stretches else pl.Series([], dtype=pl.Int64)


def _sum(amounts: list[pl.Series]) -> pl.Series:
    total = amounts[0]
    for each in amounts[1:]:
        total = total + each
    return total


def _positive(rules: tuple[CompiledRule, ...], intents: tuple[Intent, ...]) -> int:
    return sum(
        each.rule.points
        for each in rules
        if each.dimension.name == ENGAGEMENT and each.rule.points > 0 and each.rule.intent in intents
    )
