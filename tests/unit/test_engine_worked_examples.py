from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from scoring.engine import score
from scoring.model_file import load_model
from tests.engine_builders import (
    DAY,
    a_fit_rule,
    a_model,
    a_rule,
    activity_frame,
    aged,
    explained,
    people_frame,
    points_of,
    scored,
)

_WIDE = {"floor": 0, "cap": 1000}


def test_an_active_buyer_has_40_points_and_85_percent_of_active_intent():
    model = a_model(
        engagement={
            "rules": [
                a_rule("webinar", 2, "webinar_registered"),
                a_rule("sample", 12, "download", intent="active"),
                a_rule("demo", 12, "demo_attended", intent="active"),
                a_rule("pricing", 10, "page_view", intent="active"),
                a_rule("booth", 4, "booth_visit"),
            ]
        }
    )

    found = scored(
        model,
        {},
        aged("webinar_registered", 0),
        aged("download", 0),
        aged("demo_attended", 1),
        aged("page_view", 5),
        aged("booth_visit", 10),
    )

    assert (found["total"], found["engagement"], found["recent"], found["active_share"]) == (40, 40, 40, 85)


def test_a_passive_buyer_has_34_points_of_which_8_are_recent():
    model = a_model(
        engagement={
            "rules": [
                a_rule("paper", 3, "download"),
                a_rule("click", 2, "email_clicked"),
                a_rule("pages", 5, "page_view", where={"url": "/a"}),
                a_rule("registered", 2, "webinar_registered"),
                a_rule("more-pages", 4, "page_view", where={"url": "/b"}),
                a_rule("webinar", 8, "webinar_attended"),
            ]
        }
    )

    found = scored(
        model,
        {},
        aged("download", 7),
        aged("download", 30),
        aged("email_clicked", 60),
        aged("email_clicked", 90),
        aged("email_clicked", 90),
        aged("page_view", 90, url="/a"),
        aged("download", 120),
        aged("webinar_registered", 120),
        aged("page_view", 120, url="/b"),
        aged("webinar_attended", 150),
    )

    assert (found["total"], found["recent"], found["active_share"]) == (34, 8, 0)


@pytest.fixture(scope="module")
def b2b():
    presets = Path(__file__).parents[2] / "config" / "presets"
    text = (presets / "b2b.yaml").read_text(encoding="utf-8")
    return load_model(text, name="b2b.yaml", read_list=lambda name: (presets / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("person", "points"),
    [
        (
            {
                "seniority": "director",
                "industry": "Financial services",
                "purchasing_authority": "decision_maker",
                "revenue": 700_000_000,
                "timeline_months": 2,
                "country_code": "US",
            },
            12 + 10 + 15 + 10 + 12 + 8,
        ),
        ({"seniority": "student", "industry": "E-commerce", "country_code": "FR"}, -15 - 10 - 10),
    ],
)
def test_the_published_fit_table_comes_out(b2b, person, points):
    published = a_fit_dimension_of(b2b, person)

    assert published == points


def a_fit_dimension_of(model, person):
    from scoring.explain import explain

    lines = explain(model, people_frame(person), activity_frame([]), day=DAY)
    return float(lines.filter(pl.col("part") == "fit", pl.col("rule_id").is_not_null())["points"].sum())


@pytest.mark.parametrize(("age", "points"), [(0, 12.0), (30, 6.0), (45, 4.243)])
def test_a_half_life_of_30_days_leaves(age, points):
    model = a_model(engagement={"decay": {"half_life": "30 days"}, "rules": [a_rule("page", 12)]})

    lines = explained(model, {}, aged("page_view", age))

    assert points_of(lines)[0] == ("engagement", "page", points)


def test_three_per_thirty_days_count_in_blocks_of_the_calendar():
    rule = a_rule("page", 12, limit={"count": 3, "per": "30 days"}, cap=30)
    model = a_model(engagement={"rules": [rule]}, total=_WIDE)

    lines = explained(model, {}, *(aged("page_view", age) for age in (1, 2, 3, 40, 41)))

    assert points_of(lines) == [("engagement", "page", 60), ("engagement", "page", -30)]


def test_visits_of_one_block_count_three_times_that_day_and_later():
    rule = a_rule("page", 12, limit={"count": 3, "per": "30 days"})
    model = a_model(engagement={"rules": [rule]}, total=_WIDE)
    people = people_frame({})
    visits = activity_frame([aged("page_view", age) for age in (-1, -2, -3, -4, -5)])

    totals = [score(model, people, visits, day=_later(days))["total"][0] for days in (5, 6, 29, 30, 100)]

    assert totals == [36, 36, 36, 36, 36]


def _later(days):
    from datetime import timedelta

    return DAY + timedelta(days=days)


@pytest.mark.parametrize(("age", "points"), [(29, 0), (30, -5), (59, -5), (60, -10), (400, -15)])
def test_inactivity_after_30_every_30_days(age, points):
    inactivity = {"after": "30 days", "points": -5, "every": "30 days", "cap": -15}
    model = a_model(
        engagement={"rules": [a_rule("page", 50)], "inactivity": inactivity},
    )

    assert scored(model, {}, aged("page_view", age))["total"] == 50 + points


def test_a_gate_bounds_the_total_until_a_demo():
    model = a_model(
        fit={"rules": [a_fit_rule("all", 80, {"title": {"present": True}})]},
        gates=[{"id": "no-demo", "label": "No demo", "cap": 64, "unless": {"happened": {"on": "demo_attended"}}}],
    )

    without = explained(model, {"title": "CEO"})
    with_demo = scored(model, {"title": "CEO"}, aged("demo_attended", 100))

    assert points_of(without) == [("fit", "all", 80), ("gate", "no-demo", -16)]
    assert with_demo["total"] == 80


def test_unknown_never_scores():
    model = a_model(
        fit={
            "rules": [
                a_fit_rule("small", 5, {"not": {"employees": {"gt": 100}}}),
                a_fit_rule("missing", 7, {"employees": {"missing": True}}),
            ]
        }
    )

    assert points_of(explained(model, {})) == [("fit", "missing", 7)]
    assert points_of(explained(model, {"employees": 50})) == [("fit", "small", 5)]


@pytest.mark.parametrize(
    ("fit", "engagement", "grade"), [(51, 0, "A4"), (26, 26, "B2"), (0, 51, "D1"), (25.9, 50.9, "C2")]
)
def test_the_matrix_of_51_26_and_1(fit, engagement, grade):
    steps = {"1": 51, "2": 26, "3": 1}
    model = a_model(
        fit={"rules": [a_fit_rule("all", fit, {"title": {"present": True}})]},
        engagement={"rules": [a_rule("page", engagement)]},
        grade={"letter": {"from": "fit", "A": 51, "B": 26, "C": 1}, "number": {"from": "engagement", **steps}},
    )

    assert scored(model, {"title": "CEO"}, aged("page_view", 0))["grade"] == grade


def test_profile_by_three_fields_of_which_two_match():
    when = {"present": True}
    rules = [
        a_fit_rule("one", 3.333, {"title": when}),
        a_fit_rule("two", 3.333, {"industry": when}),
        a_fit_rule("three", 3.334, {"budget": when}),
    ]
    model = a_model(fit={"rules": rules})

    found = scored(model, {"title": "CEO", "industry": "Steel"})

    assert (found["fit"], found["total"]) == (7, 7)
    assert (
        sum(points for _, rule, points in points_of(explained(model, {"title": "CEO", "industry": "Steel"})) if rule)
        == 6.666
    )


def test_norway_is_a_country():
    model = a_model(fit={"rules": [a_fit_rule("nordic", 5, {"country_code": ["NO", "SE"]})]})

    assert scored(model, {"country_code": "no"})["fit"] == 5
