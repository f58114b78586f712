"""Typed columns of a table, with a problem for every cell that does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.vocabulary import AttributeType
from sync.admin.actions.scoring_files.cells import EXPECTED, UnusableType, filled, typed
from sync.admin.actions.scoring_files.problems import SHOWN, Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.admin.actions.scoring_files.problems import Problems
    from sync.admin.actions.scoring_files.tables import Table

#: Bounds of numbers: least, most, whether they must be whole. Counts are multiplied by milli-points in 64 bits.
_BOUNDS: Final[dict[str, tuple[float, float, bool, str]]] = {
    "recycle_keep": (0, 1, False, "a number from 0 to 1 is expected"),
    "enrichment_confidence": (0, 1, False, "a number from 0 to 1 is expected"),
    "count": (1, 1_000_000_000, True, "a whole number from 1 to 1,000,000,000 is expected"),
}


def read_column(
    table: Table, name: str, kind: AttributeType, problems: Problems, *, time_zone: str
) -> pl.Series | None:
    """Type one column; None when it cannot be typed at all."""
    column = table.frame[name]
    try:
        values = typed(column, kind, time_zone)
    except UnusableType:
        message = f"{EXPECTED[kind]} is expected, the column holds {column.dtype}"
        problems.add(Problem(file=table.name, at=_place(table, name), column=name, message=message))
        return None
    misfits = filled(column) & values.is_null()
    complain(table, name, misfits, lambda cell: f"{quoted(cell)} is not {EXPECTED[kind]}", problems)
    if kind is AttributeType.NUMBER and name in _BOUNDS:
        least, most, whole, expected = _BOUNDS[name]
        outside = (values < least) | (values > most)
        if whole:
            outside |= values != values.floor()
        complain(table, name, outside.fill_null(value=False), lambda cell: f"{quoted(cell)}: {expected}", problems)
    return values


def read_ids(table: Table, problems: Problems) -> pl.Series:
    """The trimmed `person_id` as text; an empty one is a problem."""
    column = table.frame["person_id"]
    try:
        ids = typed(column, AttributeType.TEXT, "UTC")
    except UnusableType:
        message = f"a text or a whole number is expected, the column holds {column.dtype}"
        problems.add(Problem(file=table.name, at=_place(table, "person_id"), column="person_id", message=message))
        return pl.Series("person_id", [None] * len(column), dtype=pl.String)
    complain(table, "person_id", ids.is_null(), lambda _: "the cell is empty", problems)
    return ids


def complain(table: Table, name: str, misfits: pl.Series, message: Callable[[object], str], problems: Problems) -> None:
    """Note a problem for the first cells that are marked, and count the others."""
    records = misfits.arg_true()
    for record in records.head(SHOWN):
        problems.add(
            Problem(
                file=table.name,
                row=table.row(record),
                at=_place(table, name),
                column=name,
                message=message(table.frame[name][record]),
            )
        )
    problems.uncounted += max(0, len(records) - SHOWN)


def _place(table: Table, name: str) -> int:
    return table.frame.columns.index(name)
