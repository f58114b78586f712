"""From rules to weighted dimensions, as expressions over the sheet (one row per person, amounts in milli-points)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.arithmetic import FACTOR_SCALE, divided, remaining_factor
from scoring.attribute_values import from_enrichment, value
from scoring.conditions import attributes_of, happenings_of
from scoring.steps import NOW, RECENT, THEN, bucket_column, inbound_column
from scoring.vocabulary import SCALE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from scoring.activities_sums import Bucket
    from scoring.compile import CompiledModel
    from scoring.model_conditions import Condition
    from scoring.model_dimensions import ActivityDimension, AttributeDimension, AttributeRule, Dimension, Inactivity
    from scoring.steps import Step

#: `enrichment_confidence` in thousandths, as it is given; and between 0 and 1, 1 when absent.
GIVEN_CONFIDENCE: Final = "confidence.given"
CONFIDENCE: Final = "confidence"


@dataclass(frozen=True, slots=True)
class Fired:
    """An attribute rule with the people for whom it counts and the amount that it then gives."""

    rule: AttributeRule
    counts: pl.Expr
    amount: pl.Expr
    rests_on_enrichment: pl.Expr | None


def truth_column(compiled: CompiledModel, condition: Condition, view: str) -> str:
    """Column that tells for whom the condition holds; conditions without `happened` are the same on both days."""
    other_day = view == THEN and bool(happenings_of(condition))
    return f"{THEN if other_day else NOW}.when.{compiled.conditions[condition]}"


def stage(view: str, dimension: Dimension, name: str) -> str:
    """Column of a dimension after a step: `rules`, `inactivity`, `bounded` or `weighted`."""
    return f"{view}.{dimension.name}.{name}"


def group_column(view: str, dimension: Dimension, group: str) -> str:
    """Column of what a group's rules give, within the group's cap."""
    return f"{view}.{dimension.name}.group.{group}"


def fired(
    compiled: CompiledModel, dimension: AttributeDimension, view: str, columns: Collection[str]
) -> Iterator[Fired]:
    """Yield the rules of a dimension in the order of evaluation; in a group the first true rule counts."""
    for group in dimension.groups:
        earlier: pl.Expr | None = None
        for rule in group.rules:
            holds = pl.col(truth_column(compiled, rule.when, view))
            counts = holds if earlier is None else holds & ~earlier
            earlier = holds if earlier is None else earlier | holds
            yield _fired(compiled, rule, counts, columns)
    for rule in dimension.rules:
        yield _fired(compiled, rule, pl.col(truth_column(compiled, rule.when, view)), columns)


def attribute_steps(
    compiled: CompiledModel, dimension: AttributeDimension, view: str, columns: Collection[str]
) -> Iterator[Step]:
    """The stages of a dimension of attribute rules."""
    amounts = [
        pl.when(each.counts).then(each.amount).otherwise(0) for each in fired(compiled, dimension, view, columns)
    ]
    rules = stage(view, dimension, "rules")
    yield rules, total(amounts)
    yield from _bounded(dimension, view, pl.col(rules))


def activity_steps(dimension: ActivityDimension, parts: Sequence[Bucket], view: str, *, day: date) -> Iterator[Step]:
    """The stages of a dimension of activity rules; recent activities know no inactivity."""
    own = [part for part in parts if part.first.dimension is dimension]
    caps = {cap.name: cap.cap for cap in dimension.group_caps}
    for name, cap in caps.items():
        members = [part for part in own if part.first.rule.group == name]
        yield group_column(view, dimension, name), grouped(members, cap, view)
    free = [capped(part, view) for part in own if part.first.rule.group not in caps]
    rules, after = stage(view, dimension, "rules"), pl.col(stage(view, dimension, "rules"))
    yield rules, total([*free, *(pl.col(group_column(view, dimension, name)) for name in caps)])
    if dimension.inactivity is not None and view != RECENT:
        yield stage(view, dimension, "inactivity"), _inactivity(dimension.inactivity, view, after, day)
        after = after + pl.col(stage(view, dimension, "inactivity"))
    yield from _bounded(dimension, view, after)


def capped(part: Bucket, view: str) -> pl.Expr:
    """What a bucket gives, within the cap of its rule."""
    amount, rule = pl.col(bucket_column(view, part.number)), part.first.rule
    if rule.cap is None:
        return amount
    return amount.clip(lower_bound=rule.cap) if rule.points < 0 else amount.clip(upper_bound=rule.cap)


def grouped(members: Sequence[Bucket], cap: int, view: str) -> pl.Expr:
    """What the buckets of a group give, bounded from above."""
    return total([capped(part, view) for part in members]).clip(upper_bound=cap)


def bounded(amount: pl.Expr, floor: int | None, cap: int | None) -> pl.Expr:
    """Clamp to a floor and a cap, either of which may be absent."""
    if floor is not None:
        amount = amount.clip(lower_bound=floor)
    return amount if cap is None else amount.clip(upper_bound=cap)


def weighted(amount: pl.Expr, weight: int) -> pl.Expr:
    """Times a weight in thousandths."""
    return amount if weight == SCALE else divided(amount * weight, SCALE)


def total(amounts: Sequence[pl.Expr]) -> pl.Expr:
    """Sum of any number of amounts."""
    return pl.sum_horizontal(amounts) if amounts else pl.lit(0, dtype=pl.Int64)


def _fired(compiled: CompiledModel, rule: AttributeRule, counts: pl.Expr, columns: Collection[str]) -> Fired:
    points = pl.lit(rule.points, dtype=pl.Int64)
    sources = [from_enrichment(each.name) for each in sorted(attributes_of(rule.when))]
    enriching = [pl.col(name) for name in sources if name in columns]
    if not enriching:
        return Fired(rule, counts, points, None)
    rests = pl.any_horizontal(enriching)
    if compiled.model.enrichment is None or not compiled.model.enrichment.discount:
        return Fired(rule, counts, points, rests)
    discounted = divided(points * pl.col(CONFIDENCE), SCALE)
    return Fired(rule, counts, pl.when(rests).then(discounted).otherwise(points), rests)


def _bounded(dimension: Dimension, view: str, amount: pl.Expr) -> Iterator[Step]:
    within = stage(view, dimension, "bounded")
    yield within, bounded(amount, dimension.floor, dimension.cap)
    yield stage(view, dimension, "weighted"), weighted(pl.col(within), dimension.weight)


def _inactivity(inactivity: Inactivity, view: str, so_far: pl.Expr, day: date) -> pl.Expr:
    """The amount of inactivity: a multiple of its points, or what a percentage takes off a positive sum."""
    last = pl.col(value("last_activity_on"))
    gap = pl.min_horizontal(pl.col(inbound_column(view)), (pl.lit(day) - last).dt.total_days())
    over = gap - inactivity.after_days
    one = pl.lit(1, dtype=pl.Int64)
    times = pl.when(over >= 0).then(one if inactivity.every_days is None else 1 + over // inactivity.every_days)
    if inactivity.percent is None:
        amount = times * (inactivity.points or 0)
    else:
        factor = times.map_batches(partial(_factors, inactivity.percent), return_dtype=pl.Int64)
        amount = pl.when(so_far > 0).then(divided(so_far * factor, FACTOR_SCALE) - so_far)
    return bounded(amount, inactivity.cap, None).fill_null(0)


def _factors(percent: int, times: pl.Series) -> pl.Series:
    """What so many times of a percentage leave: each number of times is computed once."""
    known = times.drop_nulls().unique()
    factors = pl.Series([remaining_factor(percent, n) for n in known.to_list()], dtype=pl.Int64)
    return times.replace_strict(known, factors, default=None, return_dtype=pl.Int64)
