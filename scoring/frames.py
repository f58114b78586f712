"""The frames that the engine takes and gives: names, types, and the errors about a frame that breaks the contract.

people      `person_id` (integer or text, unique) and attributes by canonical name: text String, numbers integer, float
            or Decimal, booleans Boolean, dates Date or Datetime (UTC when it has no zone), list attributes List(String);
            `enriched_<name>` with the type of `<name>`. Derived attributes are columns like the others, computed by the
            caller (`country_code` for conditions on `country`, `enriched_country_code` beside `enriched_country`).
activities  `person_id, kind, at` (Datetime) and the attributes of activities; `asset_no` when assets are given.
assets      `asset_no` (unique) and any of `url, asset, campaign, product`.

Columns that are lacking are absent for everybody; columns that no rule reads are never touched.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.vocabulary import ENGAGEMENT, FIT, SCORE_COLUMNS

if TYPE_CHECKING:
    from datetime import date

    from scoring.model import Model

#: Attributes of an activity that stand in the asset table when there is one.
ASSET_ATTRIBUTES: Final = ("url", "asset", "campaign", "product")

_TYPES: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "in_scope": pl.Boolean,
    "grade": pl.String,
    "rating": pl.String,
    "qualified": pl.Boolean,
    "disqualified": pl.Boolean,
    "disqualify_code": pl.String,
    "disqualify_codes": pl.List(pl.String),
    "overridden": pl.Boolean,
    "attention_code": pl.String,
    "day": pl.Date,
    "model": pl.String,
    "version": pl.String,
}

#: Columns and types of explanations, after `person_id`; points are exact, with three decimals.
LINE_TYPES: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "part": pl.String,
    "rule_id": pl.String,
    "label": pl.String,
    "points": pl.Decimal(18, 3),
    "evidence": pl.String,
    "last_on": pl.Date,
}


def score_columns(model: Model) -> tuple[str, ...]:
    """Columns of the scores, in order: those of every model, then its other dimensions, then its products."""
    others = (f"dimension_{each.name}" for each in model.dimensions if each.name not in (FIT, ENGAGEMENT))
    return (*SCORE_COLUMNS, *others, *(f"product_{each.name}" for each in model.products))


def score_schema(model: Model, person_id: pl.DataType) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Columns of the scores with their types; whatever is not listed apart is a whole number."""
    return {name: person_id if name == "person_id" else _TYPES.get(name, pl.Int64()) for name in score_columns(model)}


def oldest_activity_date(model: Model, day: date) -> date:
    """The local date before which no activity changes a score of that day, its trend included."""
    return day - timedelta(days=model.horizon_days - 1 + model.trend_days)


def taken(frame: pl.DataFrame | pl.LazyFrame, wanted: set[str]) -> pl.DataFrame:
    """Read the wanted columns that the frame has."""
    if isinstance(frame, pl.DataFrame):
        return frame.select([name for name in frame.columns if name in wanted])
    return frame.select([name for name in frame.collect_schema().names() if name in wanted]).collect()
