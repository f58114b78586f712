"""Points off for poor records and doubtful enrichment, and the completeness of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.arithmetic import divided
from scoring.attribute_values import declared, enriched, value
from scoring.dimensions import CONFIDENCE, total, truth_column
from scoring.vocabulary import NORMALISED_AS, SCALE, AttributeType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from scoring.compile import CompiledModel
    from scoring.model import Completeness
    from scoring.steps import Step

#: Number of the fields that are filled.
FILLED: Final = "filled"


@dataclass(frozen=True, slots=True)
class Penalty:
    """One possible line: for whom it counts, and its amount."""

    name: str
    rule_id: str | None
    counts: pl.Expr
    amount: pl.Expr


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


def enrichment_penalties(compiled: CompiledModel, columns: Collection[str], day: date) -> Iterator[Penalty]:
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
            differ = _conflict(name, compiled.model.attribute_type(name), columns)
            if differ is not None:
                yield _penalty(f"conflict.{name}", differ, enrichment.conflicts.points)


def conflict_texts(compiled: CompiledModel, columns: Collection[str]) -> dict[str, str]:
    """Texts that are compared for conflicts: for each column that of its folded text."""
    enrichment = compiled.model.enrichment
    if enrichment is None or enrichment.conflicts is None:
        return {}
    texts = [name for name in enrichment.conflicts.fields if compiled.model.attribute_type(name) is AttributeType.TEXT]
    texts += [NORMALISED_AS[name] for name in texts if name == "country"]
    both = [column for name in texts if enriched(name) in columns for column in (declared(name), enriched(name))]
    return {column: f"conflict.{column}" for column in both}


def penalty_steps(compiled: CompiledModel, columns: Collection[str], day: date, views: Sequence[str]) -> Iterator[Step]:
    """Quality and enrichment of step 7, on each of the days that are looked at."""
    quality, enrichment = compiled.model.quality, compiled.model.enrichment
    if quality is not None and quality.completeness is not None:
        fields = quality.completeness.fields
        yield FILLED, pl.sum_horizontal([pl.col(declared(name)).is_not_null().cast(pl.Int64) for name in fields])
    off = list(enrichment_penalties(compiled, columns, day))
    for view in views:
        found = list(quality_penalties(compiled, view))
        yield f"{view}.quality", summed(found, quality.cap if quality is not None else None)[1]
        yield f"{view}.enrichment", summed(off, enrichment.cap if enrichment is not None else None)[1]


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


def _conflict(name: str, kind: AttributeType, columns: Collection[str]) -> pl.Expr | None:
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
