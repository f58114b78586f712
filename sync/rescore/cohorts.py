"""The people of a batch divided by the model that scores them. Pure: frames in, frames out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from scoring.engine import score
from scoring.explain import explain
from sync.rescore.frames import people_frame

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from scoring.compile import CompiledModel
    from scoring.model import Model
    from scoring.segments import Segments


@dataclass(frozen=True, kw_only=True, slots=True)
class Cohort:
    """People of one batch who are scored by the same model, with their activities."""

    #: The entry of the segments that they belong to; behind the last one for those of nobody.
    place: int
    model: CompiledModel
    people: pl.DataFrame
    activities: pl.DataFrame

    def scores(self, *, day: date, assets: pl.DataFrame | None) -> pl.DataFrame:
        """Their scores."""
        return score(self.model, self.people, self.activities, day=day, assets=assets)

    def lines(self, only: Collection[int] | None = None, *, day: date, assets: pl.DataFrame | None) -> pl.DataFrame:
        """The lines of some of them, or of all."""
        people, activities = self.people, self.activities
        if only is not None:
            chosen = pl.col("person_id").is_in(sorted(only))
            people, activities = people.filter(chosen), activities.filter(chosen)
        return explain(self.model, people, activities, day=day, assets=assets)


def divide(
    segments: Segments,
    live: pl.DataFrame,
    activities: pl.DataFrame,
    was_qualified: pl.DataFrame,
    *,
    day: date,
    assets: pl.DataFrame | None,
) -> tuple[Cohort, ...]:
    """Divide people by the first entry that holds for them; cohorts without anybody are left out, unless all are.

    Args:
        segments: The models with their conditions.
        live: `person_no, profile` of the people who are scored.
        activities: Of these people, as the engine takes them.
        was_qualified: `person_no, qualified`: who was over the line at the last scoring.
        day: The day.
        assets: What the activities refer to.
    """

    def people_of(model: Model, columns: frozenset[str], stored: pl.DataFrame = live) -> pl.DataFrame:
        return people_frame(stored, model, columns, was_qualified)

    if (only := segments.for_everybody) is not None:
        people = people_of(only.model, only.person_columns)
        return (Cohort(place=0, model=only, people=people, activities=activities),)
    places = segments.places(people_of, activities, day=day, assets=assets)
    found = []
    for place, model in enumerate(segments.models):
        mine = places.filter(pl.col("place") == place).select("person_id")
        if mine.height or (place == 0 and not live.height):
            stored = live.join(mine, left_on="person_no", right_on="person_id", how="semi", maintain_order="left")
            people = people_of(model.model, model.person_columns, stored)
            theirs = activities.join(mine, on="person_id", how="semi", maintain_order="left")
            found.append(Cohort(place=place, model=model, people=people, activities=theirs))
    return tuple(found)
