"""The activities as they are on a day: the rows of a source that exist then, seen from that day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from scoring.activities_classes import CLASS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring.activities_classes import Classes


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Activities that exist on one of the days that are looked at.

    `rows` has `person` (row of the frame of people), `age` on the day that is scored, `class`; `count` where some count is not
    1; `keep` (thousandths) where somebody was recycled; `off_now` and `off_then` where a machine was found. Rows of a person
    stand together, newest first, those of one instant by count.
    """

    rows: pl.DataFrame
    classes: Classes


@dataclass(frozen=True, slots=True)
class View:
    source: Source
    #: The day on which the activities are taken.
    day: date
    #: How long before the day that is scored that is.
    days_earlier: int
    #: Activities of that age or more do not exist.
    horizon_days: int
    #: Column that tells which rows are a machine's on the day.
    off: str

    def younger_than(self, days: int) -> View:
        """The view without activities of that age or more."""
        return replace(self, horizon_days=min(days, self.horizon_days))

    def exists(self, columns: Sequence[str]) -> pl.Expr:
        """Which rows (of the source, or made of them, with these columns) exist on the day of the view."""
        exists = pl.col("age").is_between(self.days_earlier, self.horizon_days + self.days_earlier - 1)
        return exists & ~pl.col(self.off) if self.off in columns else exists


def of_classes(by_class: Sequence[bool]) -> pl.Expr:
    """Rows of the classes for which it is true."""
    return pl.lit(pl.Series(by_class, dtype=pl.Boolean)).gather(pl.col(CLASS))
