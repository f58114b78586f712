"""Sums per person of what the activity rules give: limits, decay, recycling; the inner loop of the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.activities_classes import CLASS
from scoring.arithmetic import divided
from scoring.local_days import day_number
from scoring.vocabulary import ENGAGEMENT, SCALE, Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.activities import View
    from scoring.compile import CompiledModel, CompiledRule
    from scoring.model_conditions import Happened

#: Columns of a bucket's sums: points with decay; positive points without, of all rules and of active ones; kept
#: activities and the age of the newest.
AMOUNT: Final = "amount"
UNDECAYED: Final = "undecayed"
ACTIVE: Final = "active"
KEPT: Final = "kept"
NEWEST: Final = "newest"
#: Below so many rows starting the streaming engine costs more than it saves.
_FEW: Final = 20_000
_NO_LIMIT: Final = 1 << 62


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


def bucket_sums(
    view: View, parts: Sequence[Bucket], people: int, *, share: bool, details: bool
) -> dict[str, pl.Series]:
    """Sum each bucket for each of the people, in their order: columns by `bucket_column` without the view.

    AMOUNT; with `share` UNDECAYED and ACTIVE; with `details` KEPT and NEWEST (null where nothing was kept).
    """
    if not parts:
        return {}
    plan = _Plan(view, parts, people)
    rows = _limited(plan.matching_rows(), plan)
    columns = {AMOUNT: _counted(plan.amounts(rows), rows)}
    if share:
        columns |= {UNDECAYED: _counted(plan.points(rows, tuple(Intent)), rows)}
        columns |= {ACTIVE: _counted(plan.points(rows, (Intent.ACTIVE,)), rows)}
    if details:
        columns |= {KEPT: rows["count"] if "count" in rows.columns else pl.repeat(1, rows.height, eager=True)}
    sums = _by_cell(pl.DataFrame({"cell": rows["cell"], **columns}), list(columns))
    if details:
        newest = rows.select("cell", (pl.col("place") % plan.size).alias(NEWEST)).filter(_new_run("cell"))
        sums = sums.with_columns(newest[NEWEST])
    return {
        f"{part.number}.{name}": column.slice(place * people, people)
        for name in sums.columns
        if name != "cell"
        for column in [_dense(sums, name, people * len(parts))]
        for place, part in enumerate(parts)
    }


def happened(view: View, happening: Happened) -> pl.Series:
    """The people (rows of the frame of people) for whom it happened."""
    matching = pl.Series(view.classes.matching[happening.activities], dtype=pl.Boolean)
    rows = view.rows
    if happening.within_days is not None:
        rows = rows.filter(pl.col("age") < happening.within_days)
    rows = rows.filter(matching.gather(rows[CLASS]))
    if happening.at_least == 1:
        return rows["person"].unique()
    number = pl.col("count").sum() if "count" in rows.columns else pl.len()
    return rows.group_by("person").agg(number.alias("n")).filter(pl.col("n") >= happening.at_least)["person"]


def newest_inbound(view: View) -> pl.DataFrame:
    """Age of the newest inbound activity: `person` (row of the frame of people), `age`."""
    inbound = pl.Series(view.classes.inbound, dtype=pl.Boolean)
    rows = view.rows.filter(inbound.gather(view.rows[CLASS])).select("person", "age")
    newest = rows.lazy().group_by("person").agg(pl.col("age").min())
    return newest.collect(engine="streaming" if rows.height > _FEW else "in-memory")


class _Plan:
    """Tables for one view and its buckets: which rules of which bucket match each class, and what they give.

    A subset are the rules of one bucket that match together. Each has a stretch of every table, as long as the horizon.
    """

    def __init__(self, view: View, parts: Sequence[Bucket], people: int) -> None:
        self.view = view
        self.people = people
        self.size = len(parts[0].first.amounts)
        self.subsets: list[tuple[CompiledRule, ...]] = []
        #: For each subset the place of its bucket.
        self.buckets: list[int] = []
        #: For each bucket, by class: the number of the subset, or None.
        self.by_class = [self._subsets_of(place, part) for place, part in enumerate(parts)]

    def matching_rows(self) -> pl.DataFrame:
        """Rows once for each bucket that they match: `cell` (bucket and person), `subset`, `place` (in the tables).

        Rows of one cell stand together, as the view has them.
        """
        cells = pl.Series([place * self.people for place in self.buckets], dtype=pl.Int64)
        buckets = pl.Series(self.buckets, dtype=pl.UInt16)
        subset = pl.col("subset")
        found: dict[int, pl.DataFrame] = {}
        for layer in self._layers():
            numbers: list[int | None] = [None] * len(self.view.classes.inbound)
            for place in layer:
                numbers = [old if new is None else new for old, new in zip(numbers, self.by_class[place], strict=True)]
            table = pl.Series("subset", numbers, dtype=pl.UInt32)
            rows = self.view.rows.with_columns(table.gather(self.view.rows[CLASS])).filter(subset.is_not_null())
            rows = rows.select(
                (pl.lit(cells).gather(subset) + pl.col("person")).alias("cell"),
                (subset * self.size + pl.col("age")).cast(pl.UInt32).alias("place"),
                *[name for name in ("subset", "count", "keep") if name in rows.columns],
                pl.lit(buckets).gather(subset).alias("bucket"),
            )
            parted = rows.partition_by("bucket", maintain_order=True, include_key=False, as_dict=True)
            found |= {int(key[0]): frame for key, frame in parted.items()}
        if not found:
            rows = self.view.rows.clear().with_columns(cell=pl.lit(0, pl.Int64), place=pl.lit(0, pl.UInt32))
            return rows.with_columns(subset="place").drop("person", "age", CLASS)
        return pl.concat([found[place] for place in sorted(found)], rechunk=True)

    def amounts(self, rows: pl.DataFrame) -> pl.Series:
        """Points of each row at its age."""
        tables = [_sum([rule.amounts for rule in rules]) for rules in self.subsets]
        return self._table(tables).gather(rows["place"])

    def points(self, rows: pl.DataFrame, intents: tuple[Intent, ...]) -> pl.Series:
        """Positive points of engagement of each row, at any age."""
        return pl.Series([_positive(rules, intents) for rules in self.subsets], dtype=pl.Int64).gather(rows["subset"])

    def blocks(self) -> pl.Series:
        """Block of the calendar of each place; nothing where the limit knows no blocks."""
        today = day_number(self.view.day)
        days = today - pl.int_range(self.size, dtype=pl.Int64, eager=True)
        limits = [rules[0].rule.limit for rules in self.subsets]
        return self._table([days // limit.per_days if limit and limit.per_days else days * 0 for limit in limits])

    def most(self) -> pl.Series:
        """How many activities the limit of each subset keeps."""
        limits = [rules[0].rule.limit for rules in self.subsets]
        return pl.Series([_NO_LIMIT if limit is None else limit.count for limit in limits], dtype=pl.Int64)

    def _table(self, stretches: list[pl.Series]) -> pl.Series:
        return pl.concat(stretches, rechunk=True) if stretches else pl.Series([], dtype=pl.Int64)

    def _subsets_of(self, place: int, part: Bucket) -> list[int | None]:
        matching = [(rule, self.view.classes.matching[rule.rule.activities]) for rule in part.rules]
        known: dict[tuple[CompiledRule, ...], int] = {}
        numbers: list[int | None] = []
        for index in range(len(self.view.classes.inbound)):
            rules = tuple(rule for rule, holds in matching if holds[index])
            if rules and rules not in known:
                known[rules] = len(self.subsets)
                self.subsets.append(rules)
                self.buckets.append(place)
            numbers.append(known[rules] if rules else None)
        return numbers

    def _layers(self) -> list[list[int]]:
        """Buckets that share no class, and so can be told apart in one pass over the rows."""
        layers: list[tuple[list[int], set[int]]] = []
        for place, numbers in enumerate(self.by_class):
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


def _limited(rows: pl.DataFrame, plan: _Plan) -> pl.DataFrame:
    """Keep the newest activities of each block, the oldest of them in part where counts do not come out even.

    Rows of one cell stand newest first, and those of one instant by count, the larger first: so the order in which they
    came does not matter.
    """
    if rows.is_empty() or not any(rules[0].rule.limit for rules in plan.subsets):
        return rows
    counted = "count" in rows.columns
    count = pl.col("count") if counted else pl.lit(1, dtype=pl.Int64)
    before = count.cum_sum() - count if counted else pl.int_range(pl.len(), dtype=pl.Int64)
    marked = rows.with_columns(
        pl.lit(plan.blocks()).gather(pl.col("place")).alias("block"),
        pl.lit(plan.most()).gather(pl.col("subset")).alias("most"),
        before.alias("before"),
    )
    used = pl.col("before") - pl.when(_new_run("cell", "block")).then("before").forward_fill()
    marked = marked.with_columns(left=pl.col("most") - used).filter(pl.col("left") > 0)
    if counted:
        marked = marked.with_columns(count=pl.min_horizontal("count", "left"))
    return marked.select(rows.columns)


def _new_run(*keys: str) -> pl.Expr:
    return pl.any_horizontal([pl.col(key).ne_missing(pl.col(key).shift()) for key in keys])


def _by_cell(rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Sum rows of one cell, which stand together: the running total at its end, less that at the end of the one before."""
    last = pl.col("cell").ne_missing(pl.col("cell").shift(-1))
    ends = rows.select(pl.col("cell").filter(last), *(pl.col(name).cum_sum().filter(last) for name in names))
    return ends.with_columns(pl.col(name) - pl.col(name).shift(1, fill_value=0) for name in names)


def _counted(amounts: pl.Series, rows: pl.DataFrame) -> pl.Series:
    """Times the count; and, before the person was recycled, times the share that is kept."""
    if "count" in rows.columns:
        amounts = amounts * rows["count"]
    if "keep" not in rows.columns:
        return amounts
    frame = pl.DataFrame({"amount": amounts, "keep": rows["keep"]})
    kept = divided(pl.col("amount") * pl.col("keep"), SCALE)
    return frame.select(pl.when(pl.col("keep") == SCALE).then("amount").otherwise(kept).alias("amount"))["amount"]


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


def _dense(found: pl.DataFrame, name: str, size: int) -> pl.Series:
    column = pl.repeat(None if name == NEWEST else 0, size, dtype=pl.Int64, eager=True)
    return column.scatter(found["cell"], found[name].cast(pl.Int64)) if found.height else column
