"""ACTIVITIES: a row per activity. Every row is checked, also those of people who are not in PEOPLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.model_file_reading import suggestion
from scoring.vocabulary import ACTIVITY_ATTRIBUTES, ACTIVITY_KINDS, AttributeType
from sync.admin.actions.scoring_files.cells import UnusableType, filled, typed
from sync.admin.actions.scoring_files.columns import complain, read_column, read_ids
from sync.admin.actions.scoring_files.problems import Problem, quoted

if TYPE_CHECKING:
    from sync.admin.actions.scoring_files.problems import Problems
    from sync.admin.actions.scoring_files.tables import Table

_REQUIRED: Final = ("person_id", "kind", "at")
_KINDS: Final = pl.Enum(ACTIVITY_KINDS)
_NOTHING: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "person_id": pl.String,
    "kind": _KINDS,
    "at": pl.Datetime("us", "UTC"),
}


def no_activities() -> pl.DataFrame:
    """The frame of a run without ACTIVITIES."""
    return pl.DataFrame(schema=_NOTHING)


def activities_frame(table: Table, problems: Problems, *, time_zone: str) -> pl.DataFrame:
    """The activities with typed columns; `person_id` is text."""
    known = ("person_id", "kind", *ACTIVITY_ATTRIBUTES)
    for at, name in enumerate(table.frame.columns):
        if name not in known:
            hint = suggestion(name, known) or f"; they have {', '.join(known)}"
            message = f"activities have no such column{hint}"
            row = 1 if table.first_row > 1 else None
            problems.add(Problem(file=table.name, row=row, at=at, column=name, message=message))
    if table.missing(_REQUIRED, problems):
        return no_activities()
    columns = [read_ids(table, problems), _kinds(table, problems)]
    for name, kind in ACTIVITY_ATTRIBUTES.items():
        if name in table.frame.columns:
            values = read_column(table, name, kind, problems, time_zone=time_zone)
            if values is not None:
                columns.append(values.cast(pl.Int64, strict=False) if name == "count" else values)
                if name == "at":
                    empty = ~filled(table.frame[name])
                    complain(table, name, empty, lambda _: "the cell is empty", problems)
    return pl.DataFrame(columns)


def _kinds(table: Table, problems: Problems) -> pl.Series:
    try:
        texts = typed(table.frame["kind"], AttributeType.TEXT, "UTC")
    except UnusableType:
        message = f"a kind of activity is expected, the column holds {table.frame['kind'].dtype}"
        problems.add(Problem(file=table.name, column="kind", message=message))
        return pl.Series("kind", [None] * table.frame.height, dtype=_KINDS)
    kinds = texts.cast(_KINDS, strict=False)
    complain(table, "kind", kinds.is_null(), _unknown_kind, problems)
    return kinds


def _unknown_kind(cell: object) -> str:
    text = "" if cell is None else str(cell).strip()
    if not text:
        return "the cell is empty"
    return f"{quoted(text)} is not a kind of activity{suggestion(text, ACTIVITY_KINDS)}"
