"""Single steps of the order of evaluation, and the fine print."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest

from scoring.arithmetic import scaled
from scoring.compile import compile_model
from scoring.engine import score
from scoring.errors import FrameError
from scoring.frames import oldest_activity_date, score_schema
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

_TITLE = {"title": {"present": True}}


def test_out_of_scope_everything_is_null_but_five_columns():
    model = a_model(scope={"not": {"relation": "customer"}}, fit={"rules": [a_fit_rule("a", 5, _TITLE)]})

    found = scored(model, {"title": "CEO", "relation": "Customer"})

    assert {name for name, cell in found.items() if cell is not None} == {
        "person_id",
        "in_scope",
        "day",
        "model",
        "version",
    }
    assert explained(model, {"title": "CEO", "relation": "Customer"}) == []


def test_columns_have_their_documented_types_whatever_the_input():
    model = a_model(
        products={"suite": {}}, dimensions={"need": {"kind": "attributes", "rules": [a_fit_rule("a", 5, _TITLE)]}}
    )
    nobody = pl.DataFrame(schema={"person_id": pl.String})

    found = score(model, nobody, activity_frame([]), day=DAY)

    assert dict(found.schema) == {
        n: t() if isinstance(t, type) else t for n, t in score_schema(model, pl.String()).items()
    }


@pytest.mark.parametrize("ids", [[7, 3], ["seven", "three"]])
def test_people_come_back_in_their_order_with_their_own_ids(ids):
    model = a_model(engagement={"rules": [a_rule("page", 5)]})
    people = pl.DataFrame({"person_id": ids})
    rows = pl.DataFrame({"person_id": [ids[1]], "kind": ["page_view"], "at": [datetime(2025, 11, 8, tzinfo=UTC)]})

    found = score(model, people, rows, day=DAY)

    assert found.select("person_id", "total").rows() == [(ids[0], 0), (ids[1], 5)]


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical, pl.Enum(["note", "page_view"])])
def test_kinds_may_be_text_categories_or_a_closed_set(dtype):
    model = a_model(engagement={"rules": [a_rule("page", 5)]})
    rows = activity_frame([aged("page_view", 0), aged("note", 0)]).with_columns(pl.col("kind").cast(dtype))

    assert score(model, people_frame({}), rows, day=DAY)["total"].to_list() == [5]


def test_assets_are_looked_at_once_and_mean_the_same():
    rules = [
        a_rule("pricing", 5, where={"url": {"contains": "/PRICING"}}),
        a_rule("none", 1, where={"url": {"missing": True}}),
    ]
    model = a_model(engagement={"rules": rules})
    direct = activity_frame(
        [aged("page_view", 0, url="/pricing"), aged("page_view", 0), aged("page_view", 0, url="/x")]
    )
    numbered = direct.drop("url").with_columns(asset_no=pl.Series([4_000_000_000, None, 1]))
    assets = pl.DataFrame({"asset_no": [1, 4_000_000_000, 9], "url": ["/x", "/pricing", "/pricing"]})

    found = score(model, people_frame({}), numbered, day=DAY, assets=assets)

    assert found.equals(score(model, people_frame({}), direct, day=DAY))
    assert found["total"].to_list() == [6]


def test_lazy_frames_are_read_no_further_than_needed():
    model = a_model(engagement={"rules": [a_rule("page", 5)]})
    people = people_frame({"notes": "long"}).lazy()
    rows = activity_frame([aged("page_view", 0, url="/x")]).lazy()

    assert score(compile_model(model), people, rows, day=DAY)["total"].to_list() == [5]


def test_the_day_is_a_day_of_the_models_time_zone():
    model = a_model(time_zone="America/New_York", engagement={"rules": [a_rule("page", 5)]})
    evening = aged("page_view", -1, at=time(4, 59))
    later = aged("page_view", -1, at=time(5, 0))

    assert [scored(model, {}, each)["total"] for each in (evening, later)] == [5, 0]


def test_days_are_whole_over_a_change_of_clocks():
    model = a_model(time_zone="Europe/Paris", engagement={"decay": {"expiry": "13 days"}, "rules": [a_rule("page", 5)]})
    before_midnight = {"person_id": 1, "kind": "page_view", "at": datetime(2025, 10, 25, 21, 59, tzinfo=UTC)}
    after_midnight = {**before_midnight, "at": datetime(2025, 10, 25, 22, 0, tzinfo=UTC)}
    day = date(2025, 11, 7)

    assert [scored(model, {}, each, day=day)["total"] for each in (before_midnight, after_midnight)] == [0, 5]


def test_discounted_points_are_rounded_once():
    rule = a_fit_rule("a", 5, {"employees": {"gt": 3}})
    model = a_model(fit={"rules": [rule]}, enrichment={"discount": True})

    lines = explained(model, {"employees": None, "enriched_employees": 10, "enrichment_confidence": 0.3335})

    assert points_of(lines)[0] == ("fit", "a", 1.67)


def test_an_uninformative_derived_value_gives_way_to_enrichment():
    model = a_model(
        fit={"rules": [a_fit_rule("a", 5, {"seniority": "vp"}), a_fit_rule("b", 1, {"seniority": "unknown"})]}
    )
    people = people_frame(
        {"seniority": "unknown", "enriched_seniority": "vp"},
        {"seniority": "unknown", "enriched_seniority": None},
        {"seniority": "director", "enriched_seniority": "vp"},
    )

    assert score(model, people, activity_frame([]), day=DAY)["fit"].to_list() == [5, 1, 0]


def test_a_recycled_person_keeps_a_share_of_what_was_before():
    model = a_model(engagement={"rules": [a_rule("page", 5.005)]})
    rows = [aged("page_view", 10), aged("page_view", 10), aged("page_view", 1)]
    person = {"recycled_at": DAY - timedelta(days=5), "recycle_keep": 0.3}

    assert points_of(explained(model, person, *rows))[0] == ("engagement", "page", 1.502 + 1.502 + 5.005)
    assert scored(model, {"recycled_at": DAY - timedelta(days=5)}, *rows)["total"] == 5


def test_counts_are_kept_in_part():
    model = a_model(engagement={"decay": {"half_life": "30 days"}, "rules": [a_rule("page", 4, limit={"count": 6})]})
    rows = [aged("page_view", 0, count=5), aged("page_view", 30, count=5), aged("page_view", 60, count=5)]

    lines = explained(model, {}, *rows)

    assert points_of(lines)[0] == ("engagement", "page", 22)
    assert lines[0]["evidence"] == "6 visits, last on 8 November 2025, halved every 30 days"


def test_a_percentage_is_taken_off_a_positive_sum_for_each_period():
    inactivity = {"after": "30 days", "percent": 20, "every": "30 days", "cap": -40}
    model = a_model(
        engagement={"rules": [a_rule("page", 100)], "inactivity": inactivity}, total={"floor": 0, "cap": 1000}
    )

    assert [scored(model, {}, aged("page_view", age))["total"] for age in (29, 30, 60, 90, 300)] == [
        100,
        80,
        64,
        60,
        60,
    ]


def test_activity_elsewhere_ends_inactivity_and_outbound_activities_do_not():
    model = a_model(engagement={"rules": [a_rule("page", 50)], "inactivity": {"after": "30 days", "points": -5}})
    old = aged("page_view", 40)

    assert scored(model, {}, old, aged("email_sent", 1))["total"] == 45
    assert scored(model, {"last_activity_on": DAY - timedelta(days=3)}, old)["total"] == 50
    assert scored(model, {"last_activity_on": DAY - timedelta(days=35)})["engagement"] == -5
    assert scored(model, {})["engagement"] == 0


def test_clicks_of_link_scanners_are_dropped_everywhere_and_counted():
    burst = {"links": 3, "within": "2 seconds"}
    model = a_model(
        engagement={"rules": [a_rule("click", 5, "email_clicked")]},
        machines={"click_after_send": "2 seconds", "burst": burst},
    )
    sent = aged("email_sent", 3, at=time(9), message_id="m")
    scanner = aged("email_clicked", 3, at=time(9, 0, 2), message_id="m", link="a")
    human = aged("email_clicked", 3, at=time(9, 0, 3), message_id="m", link="a")
    many = [
        aged("email_clicked", 2, at=time(9, 0, second), message_id="n", link=str(second), count=2)
        for second in (0, 1, 2)
    ]
    declared = aged("page_view", 1, machine=True)

    found = scored(model, {}, sent, scanner, human, *many, declared)

    assert (found["engagement"], found["machines_dropped"]) == (5, 8)


def test_trend_compares_with_the_earlier_day():
    model = a_model(
        fit={"rules": [a_fit_rule("happened", 3, {"happened": {"on": "page_view"}})]},
        engagement={"rules": [a_rule("page", 5)]},
        trend={"days": 30},
    )
    rows = [aged("page_view", 10), aged("page_view", 40), aged("page_view", 50)]

    assert scored(model, {}, *rows)["trend"] == 5
    assert scored(model, {}, rows[0])["trend"] == 8
    assert scored(model, {"created_at": DAY - timedelta(days=29)}, *rows)["trend"] is None


def test_an_override_holds_until_its_end_and_never_for_the_disqualified():
    rules = {"rules": [a_fit_rule("a", 5, _TITLE)]}
    model = a_model(fit=rules, disqualify=[{"code": "out", "reason": "Out", "when": {"status": "out"}}])
    person = {"title": "CEO", "score_override": 70.5}

    assert scored(model, person)["total"] == 71
    assert scored(model, {**person, "score_override_until": DAY})["overridden"] is True
    assert scored(model, {**person, "score_override_until": DAY - timedelta(days=1)})["total"] == 5
    found = scored(model, {**person, "status": "out"})
    assert (found["total"], found["rating"], found["stars"], found["disqualify_codes"]) == (
        0,
        "disqualified",
        0,
        ["out"],
    )


def test_whoever_was_qualified_stays_so_down_to_the_lower_line():
    model = a_model(fit={"rules": [a_fit_rule("a", 62, _TITLE)]}, qualified={"total": 65, "keep_until": 60})

    assert [scored(model, {"title": "x", "was_qualified": was})["qualified"] for was in (True, False)] == [True, False]


@pytest.mark.parametrize(("total", "stars"), [(0, 1), (19, 1), (20, 2), (99, 5), (100, 5)])
def test_stars_divide_the_range_of_the_total(total, stars):
    model = a_model(fit={"rules": [a_fit_rule("a", total, _TITLE)]})

    assert scored(model, {"title": "x"})["stars"] == stars


def test_products_restrict_engagement_to_their_rules():
    rules = [a_rule("a", 10, products=["suite"], cap=15), a_rule("b", 7, "download", products=["suite", "app"])]
    model = a_model(
        fit={"rules": [a_fit_rule("fit", 4, _TITLE)]},
        engagement={"rules": rules},
        products={"suite": {"include_fit": True, "cap": 25}, "app": {}},
    )

    found = scored(model, {"title": "x"}, aged("page_view", 1), aged("page_view", 2), aged("download", 3))

    assert (found["product_suite"], found["product_app"]) == (25, 7)


def test_conflicts_cost_points_field_by_field():
    conflicts = {"fields": ["employees", "title", "created_at"], "points": -3}
    model = a_model(enrichment={"conflicts": conflicts, "cap": -5})
    person = {"employees": 100, "enriched_employees": 201, "title": "Straße", "enriched_title": "STRASSE "}
    other = {"employees": 0, "enriched_employees": 1, "title": "a", "enriched_title": "b"}

    assert scored(model, person)["enrichment"] == -3
    assert scored(model, other)["enrichment"] == -5


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pl.Series([0.0005, 0.2875, -0.0005, None, 1.0]), [1, 288, -1, None, 1000]),
        (pl.Series([1, -2]), [1000, -2000]),
        (pl.Series(["0.0015"]).cast(pl.Decimal(10, 4)), [2]),
    ],
)
def test_cells_are_rounded_by_their_decimal_notation(cells, expected):
    assert scaled(cells, 1000).to_list() == expected


@pytest.mark.parametrize(
    ("people", "activities", "message"),
    [
        (pl.DataFrame({"id": [1]}), activity_frame([]), "people have no column person_id"),
        (pl.DataFrame({"person_id": [1, 1]}), activity_frame([]), "some people stand twice"),
        (pl.DataFrame({"person_id": [1], "title": [5]}), activity_frame([]), "column title is Int64"),
        (pl.DataFrame({"person_id": [1]}), pl.DataFrame({"person_id": [1]}), "activities have no column kind"),
    ],
)
def test_a_frame_that_breaks_the_contract_is_refused_by_name(people, activities, message):
    model = a_model(fit={"rules": [a_fit_rule("a", 5, {"title": "x"})]})

    with pytest.raises(FrameError, match=message):
        score(model, people, activities, day=DAY)


def test_nothing_older_than_the_oldest_date_matters():
    model = a_model(engagement={"rules": [a_rule("page", 5)]}, horizon="100 days", trend={"days": 10})
    oldest = (DAY - oldest_activity_date(model, DAY)).days

    assert oldest == 109
    assert scored(model, {}, aged("page_view", oldest))["trend"] == -5
    assert scored(model, {}, aged("page_view", oldest + 1))["trend"] == 0
