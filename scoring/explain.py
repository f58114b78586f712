"""`explain`: the same plan as `score` with its lines kept. The lines of a person add up exactly to the total."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.compile import CompiledModel, compile_model
from scoring.engine import scores_of
from scoring.explain_lines import Line, lines
from scoring.frames import LINE_TYPES
from scoring.sheet import IN_SCOPE, fill_sheet

if TYPE_CHECKING:
    from datetime import date

    from scoring.model import Model
    from scoring.sheet import Sheet

_THOUSANDTH: Final = Decimal("0.001")


def explain(
    model: Model | CompiledModel,
    people: pl.DataFrame | pl.LazyFrame,
    activities: pl.DataFrame | pl.LazyFrame,
    *,
    day: date,
    assets: pl.DataFrame | pl.LazyFrame | None = None,
) -> pl.DataFrame:
    """Take the scores of people apart.

    Returns:
        Lines with `person_id` and the columns of `LINE_TYPES`, in the order of the people and of the evaluation; people
        out of scope have none.

    Raises:
        FrameError: as for `score`.
    """
    compiled = model if isinstance(model, CompiledModel) else compile_model(model)
    return _lines_of(fill_sheet(compiled, people, activities, day=day, assets=assets, details=True))


def score_and_explain(
    model: Model | CompiledModel,
    people: pl.DataFrame | pl.LazyFrame,
    activities: pl.DataFrame | pl.LazyFrame,
    *,
    day: date,
    assets: pl.DataFrame | pl.LazyFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give what `score` and `explain` give, for the price of one; meant for few people."""
    compiled = model if isinstance(model, CompiledModel) else compile_model(model)
    sheet = fill_sheet(compiled, people, activities, day=day, assets=assets, scores=True, details=True)
    return scores_of(sheet), _lines_of(sheet)


def _lines_of(sheet: Sheet) -> pl.DataFrame:
    inside = sheet.frame.filter(IN_SCOPE)
    possible = list(lines(sheet))
    # One look tells which lines stand at all: for one person most do not.
    counts = inside.select(_counts(line).alias(str(number)) for number, line in enumerate(possible))
    found = [
        _written(number, line, inside if counts[str(number)].all() else inside.filter(counts[str(number)]))
        for number, line in enumerate(possible)
        if counts[str(number)].any()
    ]
    columns = ["person_id", *LINE_TYPES]
    if not found:
        return pl.DataFrame(schema={"person_id": sheet.frame.schema["person_id"], **LINE_TYPES})
    return pl.concat(found).sort("row", "number").select(columns)


def _counts(line: Line) -> pl.Expr:
    return line.points != 0 if line.counts is None else line.counts


def _written(number: int, line: Line, rows: pl.DataFrame) -> pl.DataFrame:
    last_on = pl.lit(None, dtype=pl.Date) if line.last_on is None else line.last_on
    return rows.select(
        "row",
        pl.lit(number, dtype=pl.Int32).alias("number"),
        "person_id",
        pl.lit(line.part).alias("part"),
        pl.lit(line.rule_id, dtype=pl.String).alias("rule_id"),
        pl.lit(line.label).alias("label"),
        (line.points.cast(pl.Decimal(38, 3)) * pl.lit(_THOUSANDTH)).cast(LINE_TYPES["points"]).alias("points"),
        line.evidence(rows).alias("evidence"),
        last_on.cast(pl.Date).alias("last_on"),
    )
