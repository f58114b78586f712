"""Which lines a score can have, in the order of evaluation: for whom each stands, and how much it says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from scoring.attribute_values import value
from scoring.dimensions import capped, fired, group_column, stage, total
from scoring.explain_evidence import (
    Evidence,
    activity_evidence,
    attribute_evidence,
    conflict_evidence,
    fixed,
    newest_date,
    said_with_date,
)
from scoring.explain_words import Words, words
from scoring.grades import DISQUALIFIED, FINAL, OVERRIDDEN, step
from scoring.model_dimensions import AttributeDimension
from scoring.quality import FILLED, enrichment_penalties, quality_penalties, summed
from scoring.steps import KEPT, NOW, bucket_column, inbound_column
from scoring.vocabulary import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoring.model_dimensions import ActivityDimension, Dimension
    from scoring.plan import Plan
    from scoring.quality import Penalty


@dataclass(frozen=True, slots=True)
class Line:
    part: str
    rule_id: str | None
    label: str
    #: For whom the line stands; None where it stands wherever it changes something.
    counts: pl.Expr | None
    points: pl.Expr
    evidence: Evidence
    last_on: pl.Expr | None = None


def lines(plan: Plan) -> Iterator[Line]:
    """Yield every line that the model can give, in the order of evaluation."""
    say = words(plan.compiled.model.language)
    for dimension in plan.compiled.model.dimensions:
        if isinstance(dimension, AttributeDimension):
            yield from _attribute_lines(plan, dimension)
        else:
            yield from _activity_lines(plan, dimension, say)
        yield from _closing_lines(dimension, say)
    yield from _quality_lines(plan, say)
    yield from _enrichment_lines(plan, say)
    yield from _total_lines(plan, say)
    yield from _final_lines(plan, say)


def _attribute_lines(plan: Plan, dimension: AttributeDimension) -> Iterator[Line]:
    for each in fired(plan.compiled, dimension, NOW, plan.columns):
        evidence = attribute_evidence(plan, each.rule.when)
        yield Line(dimension.name, each.rule.id, each.rule.label, each.counts, each.amount, evidence)


def _activity_lines(plan: Plan, dimension: ActivityDimension, say: Words) -> Iterator[Line]:
    own = [part for part in plan.buckets if part.first.dimension is dimension]
    for part in own:
        rule = part.first.rule
        amount = pl.col(bucket_column(NOW, part.number))
        newest = newest_date(plan, part)
        counted = pl.col(bucket_column(NOW, part.number, KEPT)) > 0
        yield Line(dimension.name, rule.id, rule.label, counted, amount, activity_evidence(plan, part), newest)
        if rule.cap is not None:
            bound = say.at_least if rule.points < 0 else say.at_most
            label, evidence = say.rule_cap.format(label=rule.label), bound.format(points=say.amount(rule.cap))
            yield Line(dimension.name, rule.id, label, None, capped(part, NOW) - amount, fixed(evidence))
    for cap in dimension.group_caps:
        members = [capped(part, NOW) for part in own if part.first.rule.group == cap.name]
        points = pl.col(group_column(NOW, dimension, cap.name)) - total(members)
        evidence = say.at_most.format(points=say.amount(cap.cap))
        yield Line(dimension.name, cap.name, say.group_cap.format(name=cap.name), None, points, fixed(evidence))
    if dimension.inactivity is not None:
        since = _last_sign(plan)
        points = pl.col(stage(NOW, dimension, "inactivity"))
        yield Line(
            dimension.name, None, say.inactivity, None, points, said_with_date(say.inactive_since, since, say), since
        )


def _last_sign(plan: Plan) -> pl.Expr:
    inbound = pl.lit(plan.day) - pl.duration(days=pl.col(inbound_column(NOW)))
    return pl.max_horizontal(inbound, pl.col(value("last_activity_on")))


def _closing_lines(dimension: Dimension, say: Words) -> Iterator[Line]:
    """The dimension's floor or cap, and its weight."""
    before, within = pl.col(stage(NOW, dimension, "rules")), pl.col(stage(NOW, dimension, "bounded"))
    if getattr(dimension, "inactivity", None) is not None:
        before = before + pl.col(stage(NOW, dimension, "inactivity"))
    yield from _bound_lines(
        dimension.name, say.part(dimension.name), (dimension.floor, dimension.cap), (before, within), say
    )
    if dimension.weight != SCALE:
        label, evidence = (
            say.weight_label.format(name=say.part(dimension.name)),
            say.weight.format(weight=say.amount(dimension.weight)),
        )
        points = pl.col(stage(NOW, dimension, "weighted")) - within
        yield Line(dimension.name, None, label, None, points, fixed(evidence))


def _bound_lines(
    part: str, name: str, bounds: tuple[int | None, int | None], amounts: tuple[pl.Expr, pl.Expr], say: Words
) -> Iterator[Line]:
    floor, cap = bounds
    change = amounts[1] - amounts[0]
    if floor is not None:
        evidence = say.at_least.format(points=say.amount(floor))
        yield Line(part, None, say.floor_label.format(name=name), change > 0, change, fixed(evidence))
    if cap is not None:
        evidence = say.at_most.format(points=say.amount(cap))
        yield Line(part, None, say.cap_label.format(name=name), change < 0, change, fixed(evidence))


def _quality_lines(plan: Plan, say: Words) -> Iterator[Line]:
    quality = plan.compiled.model.quality
    if quality is None:
        return
    conditions = {rule.id: rule.when for rule in quality.rules}
    penalties = list(quality_penalties(plan.compiled, NOW))
    for each in penalties:
        if each.rule_id is None:
            fields = len(quality.completeness.fields) if quality.completeness is not None else 0
            evidence = Evidence((pl.col(FILLED),), partial(_fields_filled, say, fields))
            yield Line("quality", None, say.completeness, each.counts, each.amount, evidence)
        else:
            evidence = attribute_evidence(plan, conditions[each.rule_id])
            yield Line("quality", each.rule_id, each.name, each.counts, each.amount, evidence)
    yield from _part_cap("quality", penalties, quality.cap, say)


def _enrichment_lines(plan: Plan, say: Words) -> Iterator[Line]:
    enrichment = plan.compiled.model.enrichment
    penalties = list(enrichment_penalties(plan.compiled, plan.columns, plan.day))
    for each in penalties:
        name = each.name.removeprefix("conflict.")
        if name != each.name:
            label = say.conflict.format(name=say.attribute(name))
            yield Line("enrichment", None, label, each.counts, each.amount, conflict_evidence(plan, name))
        else:
            yield Line("enrichment", None, say.enrichment[name], each.counts, each.amount, fixed(None))
    yield from _part_cap("enrichment", penalties, enrichment.cap if enrichment is not None else None, say)


def _part_cap(part: str, penalties: list[Penalty], cap: int | None, say: Words) -> Iterator[Line]:
    if cap is not None:
        amount, within = summed(penalties, cap)
        evidence = say.at_least.format(points=say.amount(cap))
        yield Line(part, None, say.floor_label.format(name=say.part(part)), None, within - amount, fixed(evidence))


def _total_lines(plan: Plan, say: Words) -> Iterator[Line]:
    model = plan.compiled.model
    last = pl.col(step(NOW, "bounded"))
    bounds = (model.total.floor, model.total.cap)
    yield from _bound_lines("total", say.part("total"), bounds, (pl.col(step(NOW, "raw")), last), say)
    for number, gate in enumerate(model.gates):
        after = pl.col(step(NOW, f"gate.{number}"))
        evidence = say.at_most.format(points=say.amount(gate.cap))
        yield Line("gate", gate.id, gate.label, None, after - last, fixed(evidence))
        last = after
    rounded = pl.col(step(NOW, "total")) * SCALE
    yield Line("rounding", None, say.rounding, None, rounded - last, fixed(say.rounded))


def _final_lines(plan: Plan, say: Words) -> Iterator[Line]:
    change = (pl.col(FINAL) - pl.col(step(NOW, "total"))) * SCALE
    yield from _disqualification_lines(plan, change, say)
    until = pl.col(value("score_override_until"))
    evidence = said_with_date(say.override_until, until, say, without=say.override_open)
    yield Line("override", None, say.override, pl.col(OVERRIDDEN) & (change != 0), change, evidence)


def _disqualification_lines(plan: Plan, change: pl.Expr, say: Words) -> Iterator[Line]:
    """One line with the primary reason; the others stand in its evidence."""
    reasons = plan.compiled.model.disqualify
    holding = [pl.col(f"{NOW}.when.{plan.compiled.conditions[reason.when]}") for reason in reasons]
    for number, reason in enumerate(reasons):
        first = holding[number] if number == 0 else holding[number] & ~pl.any_horizontal(holding[:number])
        others = [other.reason for other in reasons[number + 1 :]]
        evidence = Evidence(tuple(holding[number + 1 :]), partial(_also, say, others))
        counts = pl.col(DISQUALIFIED) & first & (change != 0)
        label = say.disqualification.format(reason=reason.reason)
        yield Line("disqualification", reason.code, label, counts, change, evidence)


def _fields_filled(say: Words, fields: int, filled: int) -> str:
    return say.fields_filled.format(filled=filled, fields=fields)


def _also(say: Words, reasons: Sequence[str], *holds: bool) -> str | None:
    also = [reason for reason, too in zip(reasons, holds, strict=True) if too]
    return say.also.format(reasons=", ".join(also)) if also else None
