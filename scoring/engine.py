"""`score`: a model, people and their activities on a day in, one row of scores per person out. Pure and exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from scoring.arithmetic import divided
from scoring.attribute_values import value
from scoring.compile import CompiledModel, compile_model
from scoring.dimensions import bounded, capped, grouped, stage, total, weighted
from scoring.frames import score_columns, score_schema
from scoring.grades import (
    DISQUALIFIED,
    FINAL,
    GRADE,
    OVERRIDDEN,
    all_codes,
    attention_code,
    primary_code,
    qualified,
    rating,
    stars,
    step,
)
from scoring.plan import DROPPED, IN_SCOPE, Plan
from scoring.quality import completeness_percent
from scoring.sheet import Sheet, fill_sheet
from scoring.steps import ACTIVE, NOW, RECENT, THEN, UNDECAYED, all_buckets_column
from scoring.vocabulary import ENGAGEMENT, FIT, SCALE

if TYPE_CHECKING:
    from datetime import date

    from scoring.activities_sums import Bucket
    from scoring.model import Model, Product
    from scoring.model_dimensions import ActivityDimension

#: Columns that people out of scope have, too.
_ALWAYS = ("person_id", "in_scope", "day", "model", "version")
#: Column of the codes of all disqualifications that hold.
_CODES = "codes"


def score(
    model: Model | CompiledModel,
    people: pl.DataFrame | pl.LazyFrame,
    activities: pl.DataFrame | pl.LazyFrame,
    *,
    day: date,
    assets: pl.DataFrame | pl.LazyFrame | None = None,
) -> pl.DataFrame:
    """Score people on a day.

    The frames are described in scoring.frames. The result has the columns of `score_columns`, one row per person, in
    the order of the people; whatever is absent is null. Scores of disjoint people are independent of each other, so
    people may be scored in shards of any size.

    Raises:
        FrameError: a frame lacks a column, or a column has a type that does not suit its attribute.
    """
    compiled = model if isinstance(model, CompiledModel) else compile_model(model)
    sheet = fill_sheet(compiled, people, activities, day=day, assets=assets, scores=True)
    return scores_of(sheet)


def scores_of(sheet: Sheet) -> pl.DataFrame:
    """Read the scores off a sheet."""
    compiled = sheet.plan.compiled
    frame = sheet.frame.with_columns(all_codes(compiled, sheet.frame).alias(_CODES))
    return frame.select(compiled.once(_selected, sheet.plan))


def _selected(_: CompiledModel, plan: Plan) -> list[pl.Expr]:
    columns, model = _columns(plan), plan.compiled.model
    inside = pl.col(IN_SCOPE)
    # The identifier keeps its type.
    types = {name: dtype for name, dtype in score_schema(model, pl.Null()).items() if name != "person_id"}
    cells = {name: cell if name in _ALWAYS else pl.when(inside).then(cell) for name, cell in columns.items()}
    return [
        (cells[name].cast(types[name]) if name in types else cells[name]).alias(name) for name in score_columns(model)
    ]


def _columns(plan: Plan) -> dict[str, pl.Expr]:
    compiled, model = plan.compiled, plan.compiled.model
    completeness = model.quality.completeness if model.quality is not None else None
    columns = {
        "person_id": pl.col("person_id"),
        "in_scope": pl.col(IN_SCOPE),
        "total": pl.col(FINAL),
        "fit": _nothing(),
        "engagement": _nothing(),
        "quality": _whole(pl.col(f"{NOW}.quality")),
        "enrichment": _whole(pl.col(f"{NOW}.enrichment")),
        "completeness": _nothing() if completeness is None else completeness_percent(completeness),
        "grade": pl.col(GRADE),
        "rating": rating(model),
        "stars": stars(model),
        "qualified": qualified(model),
        "disqualified": pl.col(DISQUALIFIED),
        "disqualify_code": primary_code(compiled),
        "disqualify_codes": pl.col(_CODES),
        "recent": _recent(model),
        "active_share": _active_share(),
        "trend": _trend(plan),
        "machines_dropped": pl.col(DROPPED),
        "overridden": pl.col(OVERRIDDEN),
        "attention_code": attention_code(compiled),
        "day": pl.lit(plan.day),
        "model": pl.lit(model.name),
        "version": pl.lit(model.version),
    }
    for dimension in model.dimensions:
        name = dimension.name if dimension.name in (FIT, ENGAGEMENT) else f"dimension_{dimension.name}"
        columns[name] = _whole(pl.col(stage(NOW, dimension, "weighted")))
    return columns | {f"product_{each.name}": _product(plan, each) for each in model.products}


def _nothing() -> pl.Expr:
    return pl.lit(None, dtype=pl.Int64)


def _whole(amount: pl.Expr) -> pl.Expr:
    return divided(amount, SCALE)


def _recent(model: Model) -> pl.Expr:
    if model.engagement is None:
        return pl.lit(0, dtype=pl.Int64)
    return _whole(pl.col(stage(RECENT, model.engagement, "weighted")))


def _active_share() -> pl.Expr:
    """Percentage of the undecayed positive amounts of engagement that comes from rules with intent active."""
    everything, active = (pl.col(all_buckets_column(NOW, what)) for what in (UNDECAYED, ACTIVE))
    return pl.when(everything > 0).then((200 * active + everything) // (2 * everything))


def _trend(plan: Plan) -> pl.Expr:
    """What the total of step 8 gained; null for whoever did not exist then."""
    gained = pl.col(step(NOW, "total")) - pl.col(step(THEN, "total"))
    created_later = (pl.col(value("created_at")) > pl.lit(plan.day_of_trend)).fill_null(value=False)
    return pl.when(~created_later).then(gained)


def _product(plan: Plan, product: Product) -> pl.Expr:
    """Engagement by the rules of one product, and fit where the product includes it."""
    model = plan.compiled.model
    amounts = []
    if model.engagement is not None:
        own = [
            part
            for part in plan.buckets
            if part.first.dimension is model.engagement and product.name in part.first.rule.products
        ]
        amounts.append(_restricted(model.engagement, own))
    if product.include_fit and model.fit is not None:
        amounts.append(pl.col(stage(NOW, model.fit, "weighted")))
    points = _whole(bounded(total(amounts), 0, product.cap))
    return pl.when(DISQUALIFIED).then(model.on_disqualify.total // SCALE).otherwise(points)


def _restricted(dimension: ActivityDimension, own: list[Bucket]) -> pl.Expr:
    """A dimension from some of its buckets, without inactivity."""
    caps = {cap.name: cap.cap for cap in dimension.group_caps}
    free = [capped(part, NOW) for part in own if part.first.rule.group not in caps]
    groups = [
        grouped(members, cap, NOW)
        for name, cap in caps.items()
        if (members := [part for part in own if part.first.rule.group == name])
    ]
    return weighted(bounded(total([*free, *groups]), dimension.floor, dimension.cap), dimension.weight)
