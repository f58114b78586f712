from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scoring.engine import score
from tests.engine_builders import DAY, a_model, activity_frame
from tests.engine_population import population_frame
from tests.engine_strategies import activity_rows, models, persons
from tests.model_keys import all_keys, used_keys
from tests.slow_scorer import Slow


def test_the_engine_agrees_with_an_evaluator_that_shares_no_code_on_models_that_use_every_key():
    """Random pairs, the same ones each time, so that it is certain what they cover; other laws draw new ones each time."""
    used = set()

    @settings(max_examples=250, deadline=None, derandomize=True, database=None, phases=(Phase.generate,))
    @given(models(), st.lists(persons(), min_size=1, max_size=3), activity_rows(3))
    def agrees(sections, people, rows):
        used.update(used_keys({"model": "test", **sections}))
        slow = Slow(sections, DAY)
        frame = population_frame(people)

        found = score(a_model(**sections), frame, activity_frame(rows), day=DAY)

        for person, cells, row in zip(people, frame.rows(named=True), found.rows(named=True), strict=True):
            codes = {name: cells.get(name) for name in ("country_code", "enriched_country_code")}
            own = [each for each in rows if each["person_id"] == cells["person_id"]]
            expected = slow.score({**person, **codes}, own)
            actual = {name: row[name] for name in expected}
            assert actual == expected

    agrees()

    assert all_keys() - used == set()
