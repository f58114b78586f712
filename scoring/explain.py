"""`explain`: the same plan as `score` with its lines kept. The lines of a person add up exactly to the total."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.compile import CompiledModel, compile_model
from scoring.engine import scores_of
from scoring.explain_lines import Line, lines
from scoring.frames import LINE_TYPES
from scoring.plan import IN_SCOPE
from scoring.sheet import fill_sheet

if TYPE_CHECKING:
    from datetime import date

    from scoring.model import Model
    from scoring.plan import Plan
    from scoring.sheet import Sheet

_THOUSANDTH: Final = Decimal("0.001")
#: What a line says whoever it is about.
_SAID_OF_ALL: Final = ("part", "rule_id", "label")


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
    plan = sheet.plan
    inside = sheet.frame.filter(IN_SCOPE)
    possible = plan.compiled.once(_possible, plan)
    # One look tells which lines stand at all: for one person most do not.
    stands = inside.select(line.stands for line in possible)
    many = [column.sum() for column in stands.iter_columns()]
    standing = [(number, line) for number, line in enumerate(possible) if many[number]]
    if not standing:
        return pl.DataFrame(schema={"person_id": inside.schema["person_id"], **LINE_TYPES})
    cells = inside.select(cell for _, line in standing for cell in line.cells)
    found = [
        _written(number, line, cells, None if many[number] == inside.height else stands[str(number)])
        for number, line in standing
    ]
    written = pl.DataFrame([pl.concat(column) for column in zip(*found, strict=True)]).sort("row", "number")
    person_id = pl.lit(inside["person_id"]).gather("row").alias("person_id")
    return written.select(person_id, *plan.compiled.once(_columns, plan))


@dataclass(frozen=True, slots=True)
class _Possible:
    """A line with its expressions under names of their own, so that those of all lines are computed together."""

    line: Line
    #: For whom it stands.
    stands: pl.Expr
    #: Points, date, and what its evidence speaks of.
    cells: tuple[pl.Expr, ...]


def _possible(_: CompiledModel, plan: Plan) -> list[_Possible]:
    return [_prepared(number, line) for number, line in enumerate(lines(plan))]


def _prepared(number: int, line: Line) -> _Possible:
    last_on = pl.lit(None, dtype=pl.Date) if line.last_on is None else line.last_on.cast(pl.Date)
    cells = (line.points, last_on, *line.evidence.cells)
    stands = line.points != 0 if line.counts is None else line.counts
    named = (cell.alias(_cell_name(number, place)) for place, cell in enumerate(cells))
    return _Possible(line, stands.alias(str(number)), tuple(named))


def _cell_name(number: int, place: int) -> str:
    return f"{number}.{place}"


def _written(number: int, possible: _Possible, cells: pl.DataFrame, stands: pl.Series | None) -> tuple[pl.Series, ...]:
    """The line for everybody who has it: `row` (of the people in scope), `number, points, last_on, evidence`."""
    columns = [cells[_cell_name(number, place)] for place in range(len(possible.cells))]
    rows = pl.Series("row", range(cells.height), dtype=pl.UInt32)
    if stands is not None:
        rows, columns = rows.filter(stands), [column.filter(stands) for column in columns]
    points, last_on, *facts = columns
    numbers = pl.Series("number", [number], dtype=pl.UInt32).new_from_index(0, len(rows))
    evidence = possible.line.evidence.sentences(facts, len(rows))
    return rows, numbers, points.alias("points"), last_on.alias("last_on"), evidence.alias("evidence")


def _columns(compiled: CompiledModel, plan: Plan) -> list[pl.Expr]:
    """The columns of `LINE_TYPES` from rows as they were written."""
    possible = [each.line for each in compiled.once(_possible, plan)]
    told = {name: pl.Series([getattr(line, name) for line in possible], dtype=pl.String) for name in _SAID_OF_ALL}
    columns = {name: pl.lit(texts).gather("number") for name, texts in told.items()}
    columns["points"] = pl.col("points").cast(pl.Decimal(38, 3)) * pl.lit(_THOUSANDTH)
    return [columns.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in LINE_TYPES.items()]
