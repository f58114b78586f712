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

    from scoring.activities_views import Source, View
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


def happened(view: View, happening: Happened) -> pl.Series:
    """The people (rows of the frame of people) for whom it happened."""
    if happening.within_days is not None:
        view = view.younger_than(happening.within_days)
    rows = view.matching(view.source.classes.matching[happening.activities])
    if happening.at_least == 1:
        return rows["person"].unique()
    number = pl.col("count").sum() if "count" in rows.columns else pl.len()
    return rows.group_by("person").agg(number.alias("n")).filter(pl.col("n") >= happening.at_least)["person"]


def newest_inbound(view: View) -> pl.DataFrame:
    """Age of the newest inbound activity: `person` (row of the frame of people), `age`."""
    return view.matching(view.source.classes.inbound).select("person", "age").filter(_new_run("person"))


class MatchedRows:
    """The rows of a source once for each bucket that they match, with tables of what the rules give.

    A subset are the rules of one bucket that match together. Each has a stretch of every table, as long as the horizon.
    """

    def __init__(self, source: Source, parts: Sequence[Bucket], people: int) -> None:
        self._classes = len(source.classes.inbound)
        self._people = people
        self._parts = parts
        self._size = len(parts[0].first.amounts) if parts else 1
        self._subsets: list[tuple[CompiledRule, ...]] = []
        #: For each subset the place of its bucket.
        self._places: list[int] = []
        #: For each bucket, by class: the number of the subset, or None.
        self._by_class = [self._subsets_of(place, part, source) for place, part in enumerate(parts)]
        self._rows = self._matching(source)

    def sums(self, view: View, *, share: bool = False, details: bool = False) -> dict[str, pl.Series]:
        """Sum each bucket for each of the people, in their order.

        `<bucket>.amount`; with `details` also KEPT and NEWEST (null where nothing was kept) of each bucket; with `share`
        UNDECAYED and ACTIVE of all buckets together.
        """
        place = (pl.col("subset") * self._size + pl.col("age")).cast(pl.UInt32).alias("place")
        rows = self._limited(view.seen(self._rows).with_columns(place), view)
        columns = {AMOUNT: _counted(self._amounts().gather(rows["place"]), rows)}
        if share:
            columns |= {UNDECAYED: _counted(self._points(tuple(Intent)).gather(rows["subset"]), rows)}
            columns |= {ACTIVE: _counted(self._points((Intent.ACTIVE,)).gather(rows["subset"]), rows)}
        if details:
            columns |= {KEPT: rows["count"] if "count" in rows.columns else pl.repeat(1, rows.height, eager=True)}
        sums = _by_cell(pl.DataFrame({"cell": rows["cell"], **columns}), list(columns))
        if details:
            sums = sums.with_columns(rows.filter(_new_run("cell"))["age"].alias(NEWEST))
        together: list[str] = [name for name in (UNDECAYED, ACTIVE) if name in columns]
        found: dict[str, pl.Series] = dict(zip(together, self._by_person(sums, together), strict=True))
        for name in (AMOUNT, KEPT, NEWEST):
            if name in sums.columns:
                column = _dense(
                    sums["cell"], sums[name], self._people * len(self._parts), empty=None if name == NEWEST else 0
                )
                parts = enumerate(self._parts)
                found |= {f"{part.number}.{name}": column.slice(n * self._people, self._people) for n, part in parts}
        return found

    def _by_person(self, sums: pl.DataFrame, names: list[str]) -> list[pl.Series]:
        people = (
            sums.select((pl.col("cell") % max(1, self._people)).alias("person"), *names).lazy().group_by("person").sum()
        )
        found = people.collect(engine="streaming" if sums.height > _FEW else "in-memory")
        return [_dense(found["person"], found[name], self._people) for name in names]

    def _matching(self, source: Source) -> pl.DataFrame:
        """`cell` (bucket and person), `subset`, and what the source has; rows of one cell stand together, as they stood."""
        cells = pl.Series([place * self._people for place in self._places], dtype=pl.Int64)
        places = pl.Series(self._places, dtype=pl.UInt16)
        rest = [name for name in source.rows.columns if name not in ("person", CLASS)]
        found: dict[int, pl.DataFrame] = {}
        for layer in self._layers():
            numbers: list[int | None] = [None] * self._classes
            for place in layer:
                numbers = [old if new is None else new for old, new in zip(numbers, self._by_class[place], strict=True)]
            subset = pl.Series(numbers, dtype=pl.UInt32).gather(source.rows[CLASS])
            rows = source.rows.with_columns(subset.alias("subset")).filter(pl.col("subset").is_not_null())
            rows = rows.select(
                (pl.lit(cells).gather(pl.col("subset")) + pl.col("person")).alias("cell"),
                "subset",
                *rest,
                pl.lit(places).gather(pl.col("subset")).alias("bucket"),
            )
            parted = rows.partition_by("bucket", maintain_order=True, include_key=False, as_dict=True)
            found |= {int(key[0]): frame for key, frame in parted.items()}
        if not found:
            none = {"cell": pl.Int64, "subset": pl.UInt32} | {name: source.rows.schema[name] for name in rest}
            return pl.DataFrame(schema=none)
        return pl.concat([found[place] for place in sorted(found)], rechunk=True)

    def _limited(self, rows: pl.DataFrame, view: View) -> pl.DataFrame:
        """Keep the newest activities of each block, the oldest of them in part where counts do not come out even.

        Rows of one instant stand by count, the larger first: so the order in which they came does not matter.
        """
        limits = [rules[0].rule.limit for rules in self._subsets]
        if rows.is_empty() or not any(limits):
            return rows
        counted = "count" in rows.columns
        count = pl.col("count") if counted else pl.lit(1, dtype=pl.Int64)
        before = count.cum_sum() - count if counted else pl.int_range(pl.len(), dtype=pl.Int64)
        most = pl.Series([_NO_LIMIT if limit is None else limit.count for limit in limits], dtype=pl.Int64)
        marked = rows.with_columns(
            pl.lit(self._blocks(view)).gather(pl.col("place")).alias("block"),
            pl.lit(most).gather(pl.col("subset")).alias("most"),
            before.alias("before"),
        )
        used = pl.col("before") - pl.when(_new_run("cell", "block")).then("before").forward_fill()
        marked = marked.with_columns(left=pl.col("most") - used).filter(pl.col("left") > 0)
        if counted:
            marked = marked.with_columns(count=pl.min_horizontal("count", "left"))
        return marked.select(rows.columns)

    def _blocks(self, view: View) -> pl.Series:
        """Block of the calendar of each place; one for all where the limit knows no blocks."""
        days = day_number(view.day) - pl.int_range(self._size, dtype=pl.Int64, eager=True)
        limits = [rules[0].rule.limit for rules in self._subsets]
        blocks = {
            per: days // per if per else days * 0 for per in {limit.per_days if limit else None for limit in limits}
        }
        return _table([blocks[limit.per_days if limit else None] for limit in limits])

    def _amounts(self) -> pl.Series:
        """Points of each place."""
        return _table([_sum([rule.amounts for rule in rules]) for rules in self._subsets])

    def _points(self, intents: tuple[Intent, ...]) -> pl.Series:
        """Positive points of engagement of each subset, at any age."""
        return pl.Series([_positive(rules, intents) for rules in self._subsets], dtype=pl.Int64)

    def _subsets_of(self, place: int, part: Bucket, source: Source) -> list[int | None]:
        matching = [(rule, source.classes.matching[rule.rule.activities]) for rule in part.rules]
        known: dict[tuple[CompiledRule, ...], int] = {}
        numbers: list[int | None] = []
        for index in range(self._classes):
            rules = tuple(rule for rule, holds in matching if holds[index])
            if rules and rules not in known:
                known[rules] = len(self._subsets)
                self._subsets.append(rules)
                self._places.append(place)
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


def _dense(places: pl.Series, values: pl.Series, size: int, *, empty: int | None = 0) -> pl.Series:
    column = pl.repeat(empty, size, dtype=pl.Int64, eager=True)
    return column.scatter(places, values.cast(pl.Int64)) if len(places) else column
