"""From dimensions to the written score: total, gates, disqualification, override, grade, rating, stars, qualified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.arithmetic import divided
from scoring.attribute_values import value
from scoring.dimensions import bounded, stage, total, truth_column
from scoring.model import RatingByGrade, RatingByTotal
from scoring.patterns import patterns_of
from scoring.steps import NOW
from scoring.vocabulary import LETTERS, NUMBERS, SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from scoring.compile import CompiledModel
    from scoring.model import Axis, Model
    from scoring.steps import Step

#: Columns of the sheet in whole points: the score that is written, and the override that a person has.
FINAL: Final = "final"
OVERRIDE: Final = "override"
DISQUALIFIED: Final = "disqualified"
OVERRIDDEN: Final = "overridden"
GRADE: Final = "grade"


def step(view: str, name: str) -> str:
    """Column of the total after a step: `raw`, `bounded`, `gate.<number>`, `total` (whole points)."""
    return f"{view}.total.{name}"


def total_steps(compiled: CompiledModel, view: str) -> Iterator[Step]:
    """From weighted dimensions, quality and enrichment to the whole points of step 8."""
    model = compiled.model
    parts = [pl.col(stage(view, dimension, "weighted")) for dimension in model.dimensions]
    yield step(view, "raw"), total([*parts, pl.col(f"{view}.quality"), pl.col(f"{view}.enrichment")])
    last = step(view, "bounded")
    yield last, bounded(pl.col(step(view, "raw")), model.total.floor, model.total.cap)
    for number, gate in enumerate(model.gates):
        open_gate = pl.col(truth_column(compiled, gate.unless, view))
        before, last = pl.col(last), step(view, f"gate.{number}")
        yield last, pl.when(open_gate).then(before).otherwise(before.clip(upper_bound=gate.cap))
    yield step(view, "total"), divided(pl.col(last), SCALE)


def final_steps(compiled: CompiledModel, day: date) -> Iterator[Step]:
    """Disqualification, override and the total that is written; OVERRIDE is in whole points already."""
    model = compiled.model
    reasons = [pl.col(truth_column(compiled, reason.when, NOW)) for reason in model.disqualify]
    yield DISQUALIFIED, pl.any_horizontal(reasons) if reasons else pl.lit(value=False)
    until = pl.col(value("score_override_until"))
    in_force = pl.col(OVERRIDE).is_not_null() & (until.is_null() | (until >= pl.lit(day)))
    yield OVERRIDDEN, in_force & ~pl.col(DISQUALIFIED)
    override = bounded(pl.col(OVERRIDE), model.total.floor // SCALE, model.total.cap // SCALE)
    yield (
        FINAL,
        pl.when(DISQUALIFIED)
        .then(pl.lit(model.on_disqualify.total // SCALE, dtype=pl.Int64))
        .when(OVERRIDDEN)
        .then(override)
        .otherwise(pl.col(step(NOW, "total"))),
    )
    yield GRADE, _grade(model)


def rating(model: Model) -> pl.Expr:
    """Hot, warm, cold or disqualified."""
    cold: pl.Expr = pl.lit("cold")
    if isinstance(model.rating, RatingByGrade):
        grade = pl.col(GRADE)
        warm = pl.when(grade.is_in(list(model.rating.warm))).then(pl.lit("warm")).otherwise(cold)
        cold = pl.when(grade.is_in(list(model.rating.hot))).then(pl.lit("hot")).otherwise(warm)
    elif isinstance(model.rating, RatingByTotal):
        final = pl.col(FINAL) * SCALE
        warm = pl.when(final >= model.rating.warm).then(pl.lit("warm")).otherwise(cold)
        cold = pl.when(final >= model.rating.hot).then(pl.lit("hot")).otherwise(warm)
    return pl.when(DISQUALIFIED).then(pl.lit("disqualified")).otherwise(cold)


def stars(model: Model) -> pl.Expr:
    """One to five by the place of the total between floor and cap; none for the disqualified."""
    floor, cap = model.total.floor // SCALE, model.total.cap // SCALE
    earned = (1 + (pl.col(FINAL) - floor) * 5 // (cap - floor)).clip(upper_bound=5)
    return pl.when(DISQUALIFIED).then(0).otherwise(earned)


def qualified(model: Model) -> pl.Expr:
    """Whether the person is to be handed over; who was, stays so down to a lower line."""
    rule = model.qualified
    if rule is None:
        return pl.lit(value=False)
    ways = [pl.lit(value=False)]
    final = pl.col(FINAL) * SCALE
    if rule.total is not None:
        ways.append(final >= rule.total)
    if rule.keep_until is not None:
        ways.append(pl.col(value("was_qualified")).fill_null(value=False) & (final >= rule.keep_until))
    if rule.grades:
        ways.append(pl.col(GRADE).is_in(list(rule.grades)).fill_null(value=False))
    return pl.any_horizontal(ways) & ~pl.col(DISQUALIFIED)


def primary_code(compiled: CompiledModel) -> pl.Expr:
    """Code of the first reason that holds."""
    return _first([(reason.code, truth_column(compiled, reason.when, NOW)) for reason in compiled.model.disqualify])


def all_codes(compiled: CompiledModel, frame: pl.DataFrame) -> pl.Series:
    """Codes of all reasons that hold, in the order of the file; each combination is written once."""
    reasons = compiled.model.disqualify
    if not frame[DISQUALIFIED].any():
        return pl.Series([[]], dtype=pl.List(pl.String)).new_from_index(0, frame.height)
    columns = (pl.col(truth_column(compiled, each.when, NOW)).alias(str(n)) for n, each in enumerate(reasons))
    patterns, numbers = patterns_of(frame.select(columns))
    codes = [[each.code for each, holds in zip(reasons, pattern, strict=True) if holds] for pattern in patterns]
    return pl.Series(codes, dtype=pl.List(pl.String)).gather(numbers)


def attention_code(compiled: CompiledModel) -> pl.Expr:
    """Code of the first entry of `attention` that holds."""
    return _first([(entry.code, truth_column(compiled, entry.when, NOW)) for entry in compiled.model.attention])


def _first(codes: list[tuple[str, str]]) -> pl.Expr:
    found = [pl.when(column).then(pl.lit(code)) for code, column in codes]
    return pl.coalesce(found) if found else pl.lit(None, dtype=pl.String)


def _grade(model: Model) -> pl.Expr:
    if model.grade is None:
        return pl.lit(None, dtype=pl.String)
    earned = _cell(model, model.grade.letter, LETTERS) + _cell(model, model.grade.number, NUMBERS)
    return pl.when(DISQUALIFIED).then(pl.lit(model.on_disqualify.grade)).otherwise(earned)


def _cell(model: Model, axis: Axis, names: tuple[str, ...]) -> pl.Expr:
    dimension = model.dimension(axis.dimension)
    amount = pl.lit(0, dtype=pl.Int64) if dimension is None else pl.col(stage(NOW, dimension, "weighted"))
    cell: pl.Expr = pl.lit(names[-1])
    for name, threshold in reversed(list(zip(names, axis.thresholds))):
        cell = pl.when(amount >= threshold).then(pl.lit(name)).otherwise(cell)
    return cell
