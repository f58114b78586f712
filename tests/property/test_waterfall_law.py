"""The steps of a waterfall follow one another without a gap and end at the total."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scoring.compile import compile_model
from scoring.explain import score_and_explain
from scoring.explain_waterfall import waterfall
from tests.engine_builders import DAY, a_model, activity_frame
from tests.engine_population import population_frame
from tests.engine_strategies import activity_rows, models, persons


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(models(), st.lists(persons(), min_size=1, max_size=4), activity_rows(4))
def test_every_waterfall_runs_from_nothing_to_the_total(sections, people, rows):
    model, frame, activities = compile_model(a_model(**sections)), population_frame(people), activity_frame(rows)

    scores, lines = score_and_explain(model, frame, activities, day=DAY)

    for row in scores.filter("in_scope").iter_rows(named=True):
        mine = lines.filter(pl.col("person_id") == row["person_id"])
        steps = waterfall(mine)
        starts = [Decimal(0), *(each.running for each in steps)]

        assert [each.running - start for each, start in zip(steps, starts, strict=False)] == [
            each.points for each in steps
        ]
        assert starts[-1] == row["total"]
        assert [each.label for each in steps] == mine.filter(pl.col("points") != 0)["label"].to_list()
