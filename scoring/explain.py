"""`explain`: the same plan as `score` with its lines kept. The lines of a person add up exactly to the total."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.compile import CompiledModel, compile_model
from scoring.explain_lines import Line, lines
from scoring.frames import LINE_TYPES
from scoring.sheet import IN_SCOPE, fill_sheet

if TYPE_CHECKING:
    from datetime import date

    from scoring.model import Model

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
    sheet = fill_sheet(compiled, people, activities, day=day, assets=assets, details=True)
    inside = sheet.frame.filter(IN_SCOPE)
    found = [frame for number, line in enumerate(lines(sheet)) if (frame := _written(number, line, inside)).height]
    columns = ["person_id", *LINE_TYPES]
    if not found:
        return pl.DataFrame(schema={"person_id": sheet.frame.schema["person_id"], **LINE_TYPES})
    return pl.concat(found).sort("row", "number").select(columns)


def _written(number: int, line: Line, inside: pl.DataFrame) -> pl.DataFrame:
    counts = line.points != 0 if line.counts is None else line.counts
    rows = inside.filter(counts)
    last_on = pl.lit(None, dtype=pl.Date) if line.last_on is None else line.last_on
    if rows.is_empty():
        return rows
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
