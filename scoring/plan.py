"""The order of evaluation as named steps: everything about a sheet that depends on the model, the day and the columns alone.

A plan is made once and used for every sheet with the same columns: for a million people, or for one person after another.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.activities_sums import buckets
from scoring.conditions import Sight, happenings_of, truth
from scoring.dimensions import CONFIDENCE, GIVEN_CONFIDENCE, activity_steps, attribute_steps, truth_column
from scoring.grades import final_steps, total_steps
from scoring.model_dimensions import AttributeDimension
from scoring.quality import penalty_steps
from scoring.steps import NOW, RECENT, THEN, passes
from scoring.vocabulary import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from scoring.compile import CompiledModel
    from scoring.steps import Step

IN_SCOPE: Final = "in_scope"
DROPPED: Final = "dropped"


class Plan:
    """How a sheet is filled, once the values of attributes and the sums of activities stand on it."""

    def __init__(
        self, compiled: CompiledModel, day: date, schema: tuple[tuple[str, pl.DataType], ...], scores: bool, apart: bool
    ) -> None:
        """Plan for attribute values of that schema: `scores`, too, or lines alone; `apart`: a bucket for every rule."""
        self.compiled = compiled
        self.day = day
        #: The earlier day with which the trend compares.
        self.day_of_trend = day - timedelta(days=compiled.model.trend_days)
        #: Columns of attribute values.
        self.columns = frozenset(name for name, _ in schema)
        self.views = (NOW, THEN) if scores else (NOW,)
        self.buckets = buckets(compiled, apart=apart)
        #: Name of the column that tells whether something happened -> the view and what is asked.
        self.happenings = {
            _happened_column(view, number): (view, each)
            for view in self.views
            for each, number in compiled.happenings.items()
        }
        self._schema = dict(schema)
        self.passes = passes(self._steps())

    def _steps(self) -> Iterator[Step]:
        """Every step that is a column, in the order of evaluation."""
        compiled, model = self.compiled, self.compiled.model
        yield CONFIDENCE, pl.col(GIVEN_CONFIDENCE).clip(0, SCALE).fill_null(SCALE)
        yield from self._conditions()
        for view in self.views:
            day = self.day if view == NOW else self.day_of_trend
            for dimension in model.dimensions:
                if isinstance(dimension, AttributeDimension):
                    yield from attribute_steps(compiled, dimension, view, self.columns)
                else:
                    yield from activity_steps(dimension, self.buckets, view, day=day)
        yield from penalty_steps(compiled, self.columns, self.day, self.views)
        for view in self.views:
            yield from total_steps(compiled, view)
        yield from final_steps(compiled, self.day)
        if THEN in self.views and model.engagement is not None:
            yield from activity_steps(model.engagement, self.buckets, RECENT, day=self.day)

    def _conditions(self) -> Iterator[Step]:
        """Who is in scope, and a column per condition; those that ask what happened have one for each day."""
        compiled = self.compiled
        for view in self.views:
            names = {each: _happened_column(view, number) for each, number in compiled.happenings.items()}
            sight = Sight(self._schema, self.day, names)
            scope = compiled.model.scope
            if view == NOW:
                yield IN_SCOPE, pl.lit(value=True) if scope is None else truth(scope, sight).fill_null(value=True)
            for condition in compiled.conditions:
                if view == NOW or happenings_of(condition):
                    yield truth_column(compiled, condition, view), truth(condition, sight).fill_null(value=False)


def _happened_column(view: str, number: int) -> str:
    return f"{view}.happened.{number}"
