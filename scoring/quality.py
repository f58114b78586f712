"""Points off for poor records and doubtful enrichment, and the completeness of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.arithmetic import divided
from scoring.attribute_values import declared, enriched, value
from scoring.dimensions import CONFIDENCE, total, truth_column
from scoring.texts import folded
from scoring.vocabulary import NORMALISED_AS, SCALE, AttributeType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from scoring.compile import CompiledModel
    from scoring.model import Completeness

#: Number of the fields that are filled.
FILLED: Final = "filled"


@dataclass(frozen=True, slots=True)
class Penalty:
    """One possible line: for whom it counts, and its amount."""

    name: str
    rule_id: str | None
    counts: pl.Expr
    amount: pl.Expr


def filled(completeness: Completeness) -> pl.Expr:
    """Number of the fields with a declared value."""
    return pl.sum_horizontal([pl.col(declared(name)).is_not_null().cast(pl.Int64) for name in completeness.fields])


def completeness_percent(completeness: Completeness) -> pl.Expr:
    """Share of the fields that are filled, as a whole percentage."""
    return divided(pl.col(FILLED) * 100, len(completeness.fields))


def quality_penalties(compiled: CompiledModel, view: str) -> Iterator[Penalty]:
    """Yield the penalties of the part `quality`, in the order of evaluation."""
    quality = compiled.model.quality
    if quality is None:
        return
    if quality.completeness is not None:
        yield from _incomplete(quality.completeness)
    for rule in quality.rules:
        holds = pl.col(truth_column(compiled, rule.when, view))
        yield Penalty(rule.label, rule.id, holds, pl.lit(rule.points, dtype=pl.Int64))


def enrichment_penalties(compiled: CompiledModel, sheet: pl.DataFrame, day: date) -> Iterator[Penalty]:
    """Yield the penalties of the part `enrichment`, in the order of evaluation."""
    enrichment = compiled.model.enrichment
    if enrichment is None:
        return
    if enrichment.unmatched is not None:
        holds = pl.col(value("enrichment_status")).str.to_lowercase() == "unmatched"
        yield _penalty("unmatched", holds, enrichment.unmatched)
    if enrichment.stale is not None:
        age = pl.max_horizontal((pl.lit(day) - pl.col(value("enriched_at"))).dt.total_days(), pl.lit(0))
        holds = pl.col(value("enriched_at")).is_not_null() & (age >= enrichment.stale.after_days)
        yield _penalty("stale", holds, enrichment.stale.points)
    if enrichment.low_confidence is not None:
        given = pl.col(value("enrichment_confidence")).is_not_null()
        holds = given & (pl.col(CONFIDENCE) < enrichment.low_confidence.below)
        yield _penalty("low_confidence", holds, enrichment.low_confidence.points)
    if enrichment.conflicts is not None:
        for name in enrichment.conflicts.fields:
            differ = _conflict(name, compiled.model.attribute_type(name), sheet.columns)
            if differ is not None:
                yield _penalty(f"conflict.{name}", differ, enrichment.conflicts.points)


def with_conflict_texts(compiled: CompiledModel, sheet: pl.DataFrame) -> pl.DataFrame:
    """Add folded texts of the fields that are compared for conflicts."""
    enrichment = compiled.model.enrichment
    if enrichment is None or enrichment.conflicts is None:
        return sheet
    texts = [name for name in enrichment.conflicts.fields if compiled.model.attribute_type(name) is AttributeType.TEXT]
    texts += [NORMALISED_AS[name] for name in texts if name == "country"]
    columns = [
        column for name in texts for column in (declared(name), enriched(name)) if enriched(name) in sheet.columns
    ]
    return sheet.with_columns([folded(sheet[column]).alias(f"conflict.{column}") for column in columns])


def summed(penalties: Sequence[Penalty], cap: int | None) -> tuple[pl.Expr, pl.Expr]:
    """Sum of the penalties, and the same within the cap of their part."""
    amount = total([pl.when(each.counts).then(each.amount).otherwise(0) for each in penalties])
    return amount, amount if cap is None else amount.clip(lower_bound=cap)


def _incomplete(completeness: Completeness) -> Iterator[Penalty]:
    fields = len(completeness.fields)
    if completeness.below_percent is not None and completeness.below_points is not None:
        below = pl.col(FILLED) * (100 * SCALE) < completeness.below_percent * fields
        yield Penalty("completeness", None, below, pl.lit(completeness.below_points, dtype=pl.Int64))
    elif completeness.linear_points is not None:
        amount = divided((fields - pl.col(FILLED)) * completeness.linear_points, fields)
        yield Penalty("completeness", None, amount != 0, amount)


def _penalty(name: str, holds: pl.Expr, points: int) -> Penalty:
    return Penalty(name, None, holds.fill_null(value=False), pl.lit(points, dtype=pl.Int64))


def _conflict(name: str, kind: AttributeType, columns: Sequence[str]) -> pl.Expr | None:
    """Whether the declared and the enriched value both exist and differ; None where nothing is enriched."""
    if enriched(name) not in columns:
        return None
    own, other = pl.col(declared(name)), pl.col(enriched(name))
    if name == "country":
        code = NORMALISED_AS[name]
        if enriched(code) not in columns:
            return None
        raw = own.is_not_null() & other.is_not_null()
        return raw & (pl.col(f"conflict.{declared(code)}") != pl.col(f"conflict.{enriched(code)}"))
    if kind is AttributeType.TEXT:
        return pl.col(f"conflict.{declared(name)}") != pl.col(f"conflict.{enriched(name)}")
    if kind is AttributeType.NUMBER:
        small, large = pl.min_horizontal(own.abs(), other.abs()), pl.max_horizontal(own.abs(), other.abs())
        return pl.when(own.is_not_null() & other.is_not_null()).then((own.sign() != other.sign()) | (large > small * 2))
    if kind is AttributeType.LIST:
        texts = [cell.list.eval(pl.element().struct.field("folded")).list.unique().list.sort() for cell in (own, other)]
        return texts[0] != texts[1]
    return own != other
