"""What conditions ask of the activities: whether something happened, and when the person last showed interest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from scoring.activities_views import of_classes
from scoring.steps import dense

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.activities_views import Source, View
    from scoring.model_conditions import Happened

_PERSON_CHANGES = pl.col("person").ne_missing(pl.col("person").shift())


def happened(asked: Mapping[str, tuple[View, Happened]], people: int) -> dict[str, pl.Series]:
    """For each name whether it happened, seen from the day of its view, to each of the people, in their order."""
    nobody = pl.Series([False]).new_from_index(0, people)
    found = dict.fromkeys(asked, nobody)
    by_source: dict[Source, dict[str, tuple[View, Happened]]] = {}
    for name, (view, happening) in asked.items():
        # What no class of activities matches happened to nobody.
        if any(view.source.classes.matching[happening.activities]):
            by_source.setdefault(view.source, {})[name] = (view, happening)
    for source, names in by_source.items():
        some = [any(each) for each in zip(*(_by_class(*each) for each in names.values()), strict=True)]
        rows = source.rows.filter(of_classes(some) & (pl.col("age") <= max(_oldest(*each) for each in names.values())))
        matching = rows.select(_matching(*each, rows.columns).implode().alias(name) for name, each in names.items())
        for name, (_, happening) in names.items():
            whom = matching[name][0].struct.unnest()
            if happening.at_least > 1:
                whom = whom.group_by("person").sum().filter(pl.col("times") >= happening.at_least)
            found[name] = nobody.clone().scatter(whom["person"], values=True)
    return found


def newest_inbound(view: View, people: int) -> pl.Series:
    """Age, on the day of the view, of each person's newest inbound activity."""
    rows = view.source.rows
    inbound = rows.filter(of_classes(view.source.classes.inbound) & view.exists(rows.columns))
    newest = inbound.select(pl.col(name).filter(_PERSON_CHANGES) for name in ("person", "age"))
    return dense(people, newest["person"], newest["age"] - view.days_earlier, empty=None)


def _by_class(view: View, happening: Happened) -> Sequence[bool]:
    return view.source.classes.matching[happening.activities]


def _oldest(view: View, happening: Happened) -> int:
    return _within(view, happening).horizon_days + view.days_earlier - 1


def _within(view: View, happening: Happened) -> View:
    return view if happening.within_days is None else view.younger_than(happening.within_days)


def _matching(view: View, happening: Happened, columns: Sequence[str]) -> pl.Expr:
    """Row of the person and number of times of each activity that matches."""
    times = pl.col("count") if "count" in columns else pl.lit(1, dtype=pl.Int64)
    matches = of_classes(_by_class(view, happening)) & _within(view, happening).exists(columns)
    return pl.struct("person", times.alias("times")).filter(matches)
