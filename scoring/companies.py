"""`score_companies`: the scores of people rolled up to their companies. A pure function over scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from scoring.errors import FrameError
from scoring.texts import folded, operand, trimmed
from scoring.vocabulary import SCALE, RollUp

if TYPE_CHECKING:
    from scoring.model import Companies, Model, RoleWeights


def score_companies(model: Model, people_scores: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Score companies by the scores of their people.

    Args:
        model: with the section `companies`.
        people_scores: output of `score` with a column `company_no` (or any integer or text; people without one are left
            out) and, where the model weighs by an attribute, a text column of that name.

    Returns:
        One row per company with people in scope, sorted by `company_no`: `total` (whole points), `people` (in scope and
        not disqualified), `qualified` (how many of them), `roles` (the values of the weights that somebody covers, in the
        order of the model), `rise` (of the total over the days of the trend; who did not exist then is left out there).

    Raises:
        FrameError: a column is lacking.
    """
    rules = model.companies
    if rules is None:
        raise FrameError(f"the model {model.name} has no section companies")
    people = people_scores.lazy().collect()
    needed = {"company_no", "in_scope", "disqualified", "total", "trend", "qualified"}
    needed |= {rules.weights.attribute} if rules.weights is not None else set()
    if lacking := sorted(needed - set(people.columns)):
        raise FrameError(f"people's scores have no column {lacking[0]}")
    people = people.filter(pl.col("company_no").is_not_null() & pl.col("in_scope"))
    people = with_roles(people, rules.weights)
    counted = people.filter(~pl.col("disqualified"))
    earlier = counted.filter(pl.col("trend").is_not_null()).group_by("company_no")
    before = earlier.agg(_rolled_up(rules, pl.col("total") - pl.col("trend")).alias("before"))
    scored = counted.group_by("company_no").agg(
        _rolled_up(rules, pl.col("total")).alias("total"),
        pl.len().cast(pl.Int64).alias("people"),
        pl.col("qualified").sum().cast(pl.Int64).alias("qualified"),
        pl.col("role").drop_nulls().unique().sort().alias("roles"),
    )
    everybody = people.select("company_no").unique().join(scored, on="company_no", how="left")
    everybody = everybody.join(before, on="company_no", how="left").sort("company_no")
    names = [each.value for each in rules.weights.weights] if rules.weights is not None else []
    return everybody.select(
        "company_no",
        pl.col("total").fill_null(0),
        pl.col("people").fill_null(0),
        pl.col("qualified").fill_null(0),
        pl.col("roles").list.eval(pl.element().replace_strict(dict(enumerate(names)), return_dtype=pl.String))
        if names
        else pl.lit([], dtype=pl.List(pl.String)).alias("roles"),
        (pl.col("total").fill_null(0) - pl.col("before").fill_null(0)).alias("rise"),
    ).with_columns(pl.col("roles").fill_null(pl.lit([], dtype=pl.List(pl.String))))


def with_roles(people: pl.DataFrame, weights: RoleWeights | None) -> pl.DataFrame:
    """Add `role` and `weight`: the place of the person's role among the weights, and its weight in thousandths."""
    if weights is None:
        return people.with_columns(pl.lit(None, dtype=pl.Int64).alias("role"), pl.lit(SCALE).alias("weight"))
    texts = people.select(trimmed(pl.col(weights.attribute).cast(pl.String)))[weights.attribute]
    places = {operand(each.value, case=False): place for place, each in enumerate(weights.weights)}
    values = {operand(each.value, case=False): each.weight for each in weights.weights}
    keys = folded(texts)
    return people.with_columns(
        keys.replace_strict(places, default=None, return_dtype=pl.Int64).alias("role"),
        keys.replace_strict(values, default=SCALE, return_dtype=pl.Int64).alias("weight"),
    )


def _rolled_up(rules: Companies, points: pl.Expr) -> pl.Expr:
    weight = pl.col("weight").cast(pl.Int64)
    match rules.roll_up:
        case RollUp.SUM:
            amount = points.sum()
        case RollUp.MAX:
            amount = points.max()
        case RollUp.MEAN:
            amount = _ratio(points.sum(), pl.len().cast(pl.Int64))
        case RollUp.TOP:
            n = rules.n or 1
            amount = _ratio(points.sort(descending=True).head(n).sum(), pl.lit(n, dtype=pl.Int64))
        case _:
            amount = _ratio((points * weight).sum(), weight.sum())
    amount = amount.clip(lower_bound=0)
    return amount if rules.cap is None else amount.clip(upper_bound=rules.cap // SCALE)


def _ratio(dividend: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    """Divide integers, rounded half away from zero; nothing by nothing is 0."""
    quotient = dividend.sign() * ((dividend.abs() * 2 + divisor) // (divisor * 2))
    return pl.when(divisor > 0).then(quotient).otherwise(0)
