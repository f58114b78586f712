"""The columns of the sheet by name, and named steps of the evaluation put into as few passes as they allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

    #: A column of the sheet, and how it follows from others.
    Step = tuple[str, pl.Expr]

#: Prefixes of columns: on the day, on the day of the trend, of recent activities alone.
NOW: Final = "now"
THEN: Final = "then"
RECENT: Final = "recent"
#: What is known of a bucket: points with decay; positive points without, of all rules and of active ones; kept activities
#: and the age of the newest.
AMOUNT: Final = "amount"
UNDECAYED: Final = "undecayed"
ACTIVE: Final = "active"
KEPT: Final = "kept"
NEWEST: Final = "newest"


def bucket_column(view: str, number: int, what: str = AMOUNT) -> str:
    """Column of a bucket's sum."""
    return f"{view}.bucket.{number}.{what}"


def all_buckets_column(view: str, what: str) -> str:
    """Column of the sum of all buckets."""
    return f"{view}.bucket.{what}"


def inbound_column(view: str) -> str:
    """Column of the age of the newest inbound activity."""
    return f"{view}.inbound_age"


def passes(steps: Iterable[Step]) -> list[list[pl.Expr]]:
    """Put steps that do not build on each other into one pass; what is no step is there before the first."""
    depth: dict[str, int] = {}
    found: list[list[pl.Expr]] = []
    for name, expression in steps:
        own = max((depth[root] + 1 for root in expression.meta.root_names() if root in depth), default=0)
        depth[name] = own
        if own == len(found):
            found.append([])
        found[own].append(expression.alias(name))
    return found


def dense(height: int, rows: pl.Series, values: pl.Series, *, empty: int | None = 0) -> pl.Series:
    """Put values at their rows of the sheet, something else everywhere else."""
    column = pl.Series([empty], dtype=pl.Int64).new_from_index(0, height)
    return column.scatter(rows, values.cast(pl.Int64)) if len(rows) else column
