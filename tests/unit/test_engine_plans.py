"""Plans: named steps in few passes, made once per model, day and columns, and never mixed up between days or columns."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

import scoring.plan
from scoring.compile import compile_model
from scoring.engine import score
from scoring.explain import explain, score_and_explain
from scoring.steps import passes
from tests.engine_builders import DAY, a_fit_rule, a_model, a_rule, activity_frame, aged, people_frame


def a_whole_model():
    return a_model(
        fit={"rules": [a_fit_rule("big", 7, {"employees": {"gt": 100}}), a_fit_rule("titled", 3, {"title": "CEO"})]},
        engagement={
            "decay": {"half_life": "30 days"},
            "rules": [a_rule("page", 8, limit={"count": 2, "per": "30 days"}), a_rule("form", 4, on="form_submitted")],
            "inactivity": {"after": "30 days", "percent": 20, "every": "10 days"},
        },
        gates=[
            {"id": "no-form", "label": "No form", "cap": 9, "unless": {"happened": {"on": "form_submitted"}}},
        ],
        disqualify=[{"code": "many", "reason": "Too many", "when": {"happened": {"on": "search", "at_least": 3}}}],
    )


def test_steps_share_a_pass_unless_they_build_on_each_other():
    steps = [
        ("a", pl.col("there") + 1),
        ("b", pl.col("there") * 2),
        ("c", pl.col("a") + pl.col("b")),
        ("d", pl.lit(1)),
        ("e", pl.col("c") + pl.col("d")),
    ]

    found = passes(steps)

    assert [[each.meta.output_name() for each in together] for together in found] == [["a", "b", "d"], ["c"], ["e"]]


def test_another_person_is_explained_by_the_plan_of_the_first(monkeypatch):
    model = compile_model(a_whole_model())
    rows = activity_frame([aged("page_view", 3), aged("form_submitted", 40, person=2)])
    people = people_frame({"title": "CEO", "employees": 500}, {"title": "clerk", "employees": 5})
    both = explain(model, people, rows, day=DAY)

    def refuse(_steps):
        raise AssertionError("planned again")

    monkeypatch.setattr(scoring.plan, "passes", refuse)
    one_by_one = [explain(model, people.slice(at, 1), rows, day=DAY) for at in range(2)]

    assert pl.concat(one_by_one).equals(both)


def test_plans_of_other_days_columns_and_types_are_plans_of_their_own():
    fresh = a_whole_model()
    model = compile_model(fresh)
    rows = activity_frame([aged("page_view", age) for age in (1, 2, 3, 50)] + [aged("form_submitted", 12)])
    frames = [
        people_frame({"title": "CEO", "employees": 500}),
        people_frame({"title": "CEO"}),
        people_frame({"title": "CEO", "employees": 500}).with_columns(pl.col("employees").cast(pl.Float64)),
        people_frame({"title": "CEO"}).with_columns(enriched_employees=pl.lit(800)),
    ]

    for day in (DAY, DAY - timedelta(days=2), DAY):
        for people in frames:
            scores, lines = score_and_explain(model, people, rows, day=day)

            assert scores.equals(score(fresh, people, rows, day=day))
            assert lines.equals(explain(fresh, people, rows, day=day))


def test_what_a_model_is_asked_for_is_made_once_and_kept_in_bounds():
    model, made = compile_model(a_whole_model()), []

    def doubled(_model, number):
        made.append(number)
        return 2 * number

    assert [model.once(doubled, 4), model.once(doubled, 4), model.once(doubled, 5)] == [8, 8, 10]
    assert made == [4, 5]

    for number in range(10, 1000):
        model.once(doubled, number)

    assert model.once(doubled, 4) == 8
    assert made[-1] == 4


def test_what_happened_is_counted_by_the_count_and_seen_from_each_day():
    model = compile_model(a_whole_model())
    people = people_frame({}, {}, {})
    rows = activity_frame(
        [
            aged("search", 1, person=1, count=2),
            aged("search", 5, person=1, count=1),
            aged("search", 40, person=2, count=3),
            aged("search", 2, person=3, count=2),
        ]
    )

    assert score(model, people, rows, day=DAY)["disqualified"].to_list() == [True, True, False]
    assert score(model, people, rows, day=DAY - timedelta(days=4))["disqualified"].to_list() == [False, True, False]
