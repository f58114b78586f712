from __future__ import annotations

from datetime import timedelta

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scoring.compile import compile_model
from scoring.engine import score
from scoring.explain import explain
from tests.engine_builders import DAY, a_model, activity_frame
from tests.engine_population import population_frame
from tests.engine_strategies import activity_rows, models, persons

_PEOPLE = st.lists(persons(), min_size=1, max_size=4)
# Shrinking a whole model takes minutes; the example as it was found says enough.
_LAW = settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@_LAW
@given(models(), _PEOPLE, activity_rows(4))
def test_lines_add_up_to_the_total_of_everybody_in_scope(sections, people, rows):
    model, frame, activities = compile_model(a_model(**sections)), population_frame(people), activity_frame(rows)

    scores = score(model, frame, activities, day=DAY)
    lines = explain(model, frame, activities, day=DAY)

    sums = lines.group_by("person_id").agg(pl.col("points").sum().cast(pl.Float64))
    inside = (
        scores.filter("in_scope").join(sums, on="person_id", how="left").with_columns(pl.col("points").fill_null(0))
    )
    assert inside["points"].to_list() == inside["total"].to_list()
    assert set(lines["person_id"]) <= set(inside["person_id"])


@_LAW
@given(models(), _PEOPLE, activity_rows(4), st.randoms(use_true_random=False))
def test_rows_in_another_order_and_people_in_shards_give_the_same_scores_and_lines(sections, people, rows, chance):
    model, frame, activities = compile_model(a_model(**sections)), population_frame(people), activity_frame(rows)
    shuffled = rows.copy()
    chance.shuffle(shuffled)
    shards = [frame.filter(pl.col("person_id") % 2 == rest) for rest in (0, 1)]

    whole = score(model, frame, activities, day=DAY)
    parts = pl.concat([score(model, shard, activity_frame(shuffled), day=DAY) for shard in shards])
    lines = explain(model, frame, activities, day=DAY)
    line_parts = pl.concat([explain(model, shard, activity_frame(shuffled), day=DAY) for shard in shards])

    assert parts.sort("person_id").equals(whole)
    assert line_parts.sort("person_id", maintain_order=True).equals(lines)


@_LAW
@given(models(), _PEOPLE, activity_rows(4), st.integers(0, 40), st.integers(1, 500))
def test_activities_to_come_or_beyond_the_horizon_change_nothing(sections, people, rows, ahead, beyond):
    model, frame = a_model(**sections), population_frame(people)
    noon = max((row["at"] for row in rows), default=None)
    strangers = []
    if noon is not None:
        later = {**rows[0], "at": noon.replace(year=DAY.year, month=DAY.month, day=DAY.day) + timedelta(days=ahead + 2)}
        age = model.horizon_days + model.trend_days + beyond + 1
        strangers = [
            later,
            {**rows[-1], "at": noon.replace(year=DAY.year, month=DAY.month, day=DAY.day) - timedelta(days=age)},
        ]

    assert score(model, frame, activity_frame(rows + strangers), day=DAY).equals(
        score(model, frame, activity_frame(rows), day=DAY)
    )


_COMPARISONS = [
    {"employees": {"gt": 3}},
    {"employees": {"lte": 3}},
    {"not": {"employees": {"gt": 3}}},
    {"not": {"title": "ceo"}},
    {"title": ["ceo", "vp"]},
    {"not": {"any": [{"employees": 3}, {"title": {"contains": "x"}}]}},
    {"created_at": {"before": "30 days"}},
    {"not": {"created_at": {"after": "30 days"}}},
    {"interests": "a"},
    {"not": {"interests": {"contains": "a"}}},
]


@_LAW
@given(persons(), st.sampled_from(["employees", "title", "created_at", "interests"]))
def test_taking_an_attribute_away_never_makes_a_comparison_fire(person, name):
    rules = [{"id": str(n), "label": "x", "points": 1, "when": when} for n, when in enumerate(_COMPARISONS)]
    model = a_model(attributes={"interests": "list"}, fit={"rules": rules})
    without = {key: None if key in (name, f"enriched_{name}") else cell for key, cell in person.items()}

    fired = [
        set(explain(model, population_frame([each]), activity_frame([]), day=DAY)["rule_id"])
        for each in (person, without)
    ]

    assert fired[1] <= fired[0]


@_LAW
@given(activity_rows(1), st.integers(0, 60), st.data())
def test_engagement_never_rises_by_waiting(rows, wait, data):
    from tests.engine_strategies import activity_dimension

    engagement = data.draw(activity_dimension("engagement", positive=True))
    for rule in engagement["rules"]:
        rule.pop("where", None)
    model = a_model(engagement=engagement, products={"suite": {}, "app": {}}, horizon="5000 days")
    past = [row for row in rows if row["at"].date() < DAY]
    frame, activities = population_frame([{}]), activity_frame(past)

    days = [score(model, frame, activities, day=DAY + timedelta(days=n))["engagement"][0] for n in (wait, wait + 1)]

    assert days[1] <= days[0]


@_LAW
@given(models(), _PEOPLE, activity_rows(4), st.integers(1, 20_000), st.data())
def test_more_points_for_a_positive_rule_never_lower_the_total(sections, people, rows, more, data):
    sections = {key: each for key, each in sections.items() if key != "disqualify"}
    richer = {**sections, "fit": {**sections["fit"]}, "engagement": {**sections["engagement"]}}
    name = data.draw(st.sampled_from(["fit", "engagement"]))
    rules = [dict(rule) for rule in sections[name]["rules"]]
    rule = data.draw(st.sampled_from(rules))
    if rule["points"] > 0:
        rule["points"] = round(rule["points"] + more / 1000, 3)
    richer[name] = {**sections[name], "rules": rules}
    plain = [{**person, "score_override": None} for person in people]
    frame, activities = population_frame(plain), activity_frame(rows)

    before = score(a_model(**sections), frame, activities, day=DAY)["total"].to_list()
    after = score(a_model(**richer), frame, activities, day=DAY)["total"].to_list()

    assert all(low is None or low <= high for low, high in zip(before, after, strict=True))
