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


def bucket_sums(view: View, parts: Sequence[Bucket], people: int, *, share: bool, details: bool) -> dict[str, pl.Series]:
    """Sum each bucket for each of the people, in their order: columns by `bucket_column` without the view.

    AMOUNT; with `share` UNDECAYED and ACTIVE; with `details` KEPT and NEWEST (null where nothing was kept).
    """
    if not parts:
        return {}
    plan = _Plan(view, parts)
    rows = _limited(plan.matching_rows(), plan)
    columns = {AMOUNT: _counted(plan.amounts(rows), rows)}
    if share:
        columns |= {UNDECAYED: _counted(plan.points(rows, tuple(Intent)), rows)}
        columns |= {ACTIVE: _counted(plan.points(rows, (Intent.ACTIVE,)), rows)}
    sums = [pl.col(name).sum() for name in columns]
    if details:
        columns |= {KEPT: rows["count"] if "count" in rows.columns else pl.repeat(1, rows.height, eager=True)}
        columns |= {NEWEST: rows["age"]}
        sums += [pl.col(KEPT).sum(), pl.col(NEWEST).min()]
    # NOTE: the sums are of integers, so the order in which the streaming engine adds them does not show.
    frame = pl.DataFrame({"cell": plan.cells(rows, people), **columns}).lazy().group_by("cell").agg(sums)
    found = frame.collect(engine="streaming" if rows.height > _FEW else "in-memory")
    return {
        f"{part.number}.{name}": column.slice(place * people, people)
        for name in columns
        for column in [_dense(found, name, people * len(parts))]
        for place, part in enumerate(parts)
    }


def happened(view: View, happening: Happened) -> pl.Series:
    """Numbers of the people of the view for whom it happened."""
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
    """Age of the newest inbound activity: `person` (number in the view), `age`."""
    inbound = pl.Series(view.classes.inbound, dtype=pl.Boolean)
    rows = view.rows.filter(inbound.gather(view.rows[CLASS])).select("person", "age")
    return rows.lazy().group_by("person").agg(pl.col("age").min()).collect(engine="streaming")


class _Plan:
    """Tables for one view and its buckets: which rules of which bucket match each class, and what they give."""

    def __init__(self, view: View, parts: Sequence[Bucket]) -> None:
        self.view = view
        self.parts = parts
        #: Rules that match together in a bucket: the place of the bucket and the rules.
        self.subsets: list[tuple[int, tuple[CompiledRule, ...]]] = []
        #: By place of the bucket: by class the number of the subset, or None.
        self.by_class: list[list[int | None]] = []
        for place, part in enumerate(parts):
            self.by_class.append(self._subsets_of(place, part))

    def matching_rows(self) -> pl.DataFrame:
        """Rows with the column `subset`, once for each bucket that they match; by bucket, then as the view has them."""
        found: dict[int, pl.DataFrame] = {}
        for layer in self._layers():
            numbers: list[int | None] = [None] * len(self.view.classes.inbound)
            places: list[int | None] = numbers.copy()
            for place in layer:
                for index, subset in enumerate(self.by_class[place]):
                    if subset is not None:
                        numbers[index], places[index] = subset, place
            classes = self.view.rows[CLASS]
            rows = self.view.rows.drop(CLASS).with_columns(
                pl.Series("subset", numbers, dtype=pl.UInt32).gather(classes),
                pl.Series("place", places, dtype=pl.UInt32).gather(classes),
            )
            rows = rows.filter(pl.col("place").is_not_null())
            parted = rows.partition_by("place", maintain_order=True, include_key=False, as_dict=True)
            found |= {int(key[0]): frame for key, frame in parted.items()}
        none = self.view.rows.clear().drop(CLASS).with_columns(pl.lit(0, dtype=pl.UInt32).alias("subset"))
        return pl.concat([none, *(found[place] for place in sorted(found))], rechunk=True)

    def places(self, rows: pl.DataFrame) -> pl.Series:
        """Place of the bucket of each row."""
        return pl.Series([place for place, _ in self.subsets], dtype=pl.UInt32).gather(rows["subset"])

    def cells(self, rows: pl.DataFrame, people: int) -> pl.Series:
        """Bucket and person of each row as one number."""
        return self.places(rows).cast(pl.UInt64) * people + self.view.people.gather(rows["person"])

    def amounts(self, rows: pl.DataFrame) -> pl.Series:
        """Points of each row at its age."""
        size = len(self.parts[0].first.amounts)
        tables = [_sum([rule.amounts for rule in rules]) for _, rules in self.subsets]
        table = pl.concat(tables, rechunk=True) if tables else pl.Series([], dtype=pl.Int64)
        return table.gather(rows["subset"] * size + rows["age"].cast(pl.UInt32))

    def points(self, rows: pl.DataFrame, intents: tuple[Intent, ...]) -> pl.Series:
        """Positive points of engagement of each row, at any age."""
        return pl.Series([_positive(rules, intents) for _, rules in self.subsets], dtype=pl.Int64).gather(rows["subset"])

    def _subsets_of(self, place: int, part: Bucket) -> list[int | None]:
        matching = [(rule, self.view.classes.matching[rule.rule.activities]) for rule in part.rules]
        known: dict[tuple[CompiledRule, ...], int] = {}
        numbers: list[int | None] = []
        for index in range(len(self.view.classes.inbound)):
            rules = tuple(rule for rule, holds in matching if holds[index])
            if rules and rules not in known:
                known[rules] = len(self.subsets)
                self.subsets.append((place, rules))
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

    Rows of one instant stand by count, so of these the larger ones are taken first, in whatever order they came.
    """
    limits = [rules[0].rule.limit for _, rules in plan.subsets]
    if rows.is_empty() or not any(limits):
        return rows
    counted = "count" in rows.columns
    newest_first = rows.reverse().with_columns(
        place=plan.places(rows.reverse()),
        most=pl.Series([limit.count if limit else _NO_LIMIT for limit in limits], dtype=pl.Int64).gather(subset := rows["subset"].reverse()),
        per=pl.Series([limit.per_days if limit else None for limit in limits], dtype=pl.Int32).gather(subset),
    )
    block = (day_number(plan.view.day) - pl.col("age")) // pl.col("per")
    count = pl.col("count") if counted else pl.lit(1, dtype=pl.Int64)
    through = count.cum_sum() if counted else pl.int_range(1, pl.len() + 1)
    marked = newest_first.with_columns(
        _new_run(pl.col("place"), pl.col("person"), block).alias("new"), (through - count).alias("before")
    )
    used = pl.col("before") - pl.when("new").then("before").forward_fill()
    marked = marked.with_columns(left=pl.col("most") - used).filter(pl.col("left") > 0)
    if counted:
        marked = marked.with_columns(count=pl.min_horizontal("count", "left"))
    return marked.select(rows.columns)


def _new_run(*keys: pl.Expr) -> pl.Expr:
    return pl.any_horizontal([key.ne_missing(key.shift()) for key in keys])


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
