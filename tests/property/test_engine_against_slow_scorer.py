from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scoring.engine import score
from tests.engine_builders import DAY, a_model, activity_frame
from tests.engine_population import population_frame
from tests.engine_strategies import activity_rows, models, persons
from tests.slow_scorer import Slow


@settings(max_examples=200, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(models(), st.lists(persons(), min_size=1, max_size=3), activity_rows(3))
def test_the_engine_agrees_with_an_evaluator_that_shares_no_code(sections, people, rows):
    slow = Slow(sections, DAY)
    frame = population_frame(people)

    found = score(a_model(**sections), frame, activity_frame(rows), day=DAY)

    for person, cells, row in zip(people, frame.rows(named=True), found.rows(named=True), strict=True):
        codes = {name: cells.get(name) for name in ("country_code", "enriched_country_code")}
        own = [each for each in rows if each["person_id"] == cells["person_id"]]
        expected = slow.score({**person, **codes}, own)
        actual = {name: row[name] for name in expected}
        assert actual == expected
