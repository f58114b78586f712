from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from scoring.engine import score
from tests.engine_builders import DAY, a_fit_rule, a_model, a_rule, activity_frame, aged, people_frame, scored


def fires(when, cell, *, name="title", dtype=None):
    model = a_model(
        attributes={"interests": "list", "seats": "number"},
        lists={"known": ["ceo", " Élan "], "empty": []},
        fit={"rules": [a_fit_rule("a", 1, when)]},
    )
    people = people_frame({name: cell}, **({name: dtype} if dtype else {}))
    return score(model, people, activity_frame([]), day=DAY)["fit"][0] == 1


@pytest.mark.parametrize(
    ("test", "cell", "expected"),
    [
        ("ceo", "  CEO ", True),
        ("STRASSE", "Straße", True),
        ("élan", "elan", False),
        ("ς", "Σ", True),
        ({"in": ["CEO"], "case": True}, "ceo", False),
        ({"in": ["CEO"], "case": True}, " CEO ", True),
        ({"contains": "SS"}, "Maß", True),
        ({"starts_with": "Ch", "ends_with": "OFFICER"}, "chief officer", True),
        ({"matches": "^chief .*r$"}, " Chief Officer ", True),
        ({"matches": "^chief", "case": True}, "Chief", False),
        ({"in_list": "known"}, "ÉLAN", True),
        ({"in_list": "empty"}, "x", False),
        ({"present": True}, "  ", False),
        ({"missing": True}, " \t", True),
        ({"present": False}, None, True),
    ],
)
def test_text(test, cell, expected):
    assert fires({"title": test}, cell, dtype=pl.String) is expected


@pytest.mark.parametrize(
    ("test", "cell", "dtype", "expected"),
    [
        ({"gt": 99.5}, 100, pl.Int64, True),
        ({"gte": 99.5}, 99, pl.Int64, False),
        ({"lt": 99.5}, 99, pl.Int32, True),
        ({"lte": 99.5}, 100, pl.Int64, False),
        ({"gt": -1}, 0, pl.UInt8, True),
        (2.5, 2, pl.Int64, False),
        (2.5, 2.5, pl.Float64, True),
        ([3, 2.5], 3, pl.Int64, True),
        ({"between": [3, 100]}, 100, pl.Int64, True),
        ({"between": [3, 100]}, 2.999, pl.Float64, False),
        ({"gt": 0.1}, Decimal("0.1"), pl.Decimal(10, 2), False),
        ({"gte": 0.1}, Decimal("0.10"), pl.Decimal(10, 2), True),
        ({"gt": 100.5}, 2**53 + 1, pl.Int64, True),
        ({"gt": 1}, float("nan"), pl.Float64, False),
        ({"missing": True}, float("nan"), pl.Float64, True),
    ],
)
def test_numbers_of_every_type_compare_exactly(test, cell, dtype, expected):
    assert fires({"seats": test}, cell, name="seats", dtype=dtype) is expected


@pytest.mark.parametrize(
    ("test", "ago", "expected"),
    [
        ({"before": "90 days"}, 90, True),
        ({"before": "90 days"}, 89, False),
        ({"after": "90 days"}, 89, True),
        ({"after": "90 days"}, 90, False),
        ({"after": "90 days"}, -5, True),
        ({"before": str(DAY)}, 0, False),
        ({"before": str(DAY)}, 1, True),
        ({"after": str(DAY)}, 0, False),
    ],
)
def test_dates(test, ago, expected):
    assert fires({"created_at": test}, DAY - timedelta(days=ago), name="created_at") is expected


@pytest.mark.parametrize(
    ("test", "cell", "expected"),
    [
        ("crm", ["Mail", " CRM "], True),
        ({"starts_with": "a", "ends_with": "b"}, ["ax", "xb"], False),
        ({"starts_with": "a", "ends_with": "b"}, ["ax", "AxB"], True),
        ({"missing": True}, ["", " "], True),
        ({"matches": "^c.m$"}, ["CRM"], True),
    ],
)
def test_lists_match_by_one_and_the_same_value(test, cell, expected):
    assert fires({"interests": test}, cell, name="interests") is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"not": {"title": "x"}}, False),
        ({"any": [{"title": "x"}, {"industry": "steel"}]}, True),
        ({"all": [{"title": "x"}, {"industry": "steel"}]}, False),
        ({"not": {"all": [{"title": "x"}, {"industry": "coal"}]}}, True),
        ({"not": {"any": [{"title": "x"}, {"industry": "coal"}]}}, False),
        ({"not": {"not": {"industry": "steel"}}}, True),
    ],
)
def test_unknown_spreads_by_the_three_valued_tables(when, expected):
    model = a_model(fit={"rules": [a_fit_rule("a", 1, when)]})

    assert (scored(model, {"industry": "Steel"})["fit"] == 1) is expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"url": {"contains": "/PRICING"}}, 1),
        ({"url": {"contains": "/pricing"}, "duration_s": {"gte": 60}}, 0),
        ({"any": [{"url": {"contains": "/pricing"}}, {"duration_s": {"gte": 60}}]}, 1),
        ({"not": {"duration_s": {"gte": 61}}}, 0),
        ({"count": 1}, 1),
        ({"at": {"after": "2 days"}}, 1),
        ({"at": {"before": "2 days"}}, 0),
        ({"outcome": {"missing": True}}, 1),
    ],
)
def test_a_where_sees_the_activity_alone(where, expected):
    model = a_model(engagement={"rules": [a_rule("a", 1, where=where)]})

    assert (
        scored(model, {"title": "x"}, aged("page_view", 1, url="/Pricing", duration_s=None))["engagement"] == expected
    )


def test_happened_counts_and_looks_back_less_than_within():
    happened = {"on": "page_view", "within": "10 days", "at_least": 3}
    model = a_model(fit={"rules": [a_fit_rule("a", 1, {"happened": happened})]})

    assert scored(model, {}, aged("page_view", 9, count=2), aged("page_view", 0))["fit"] == 1
    assert scored(model, {}, aged("page_view", 10, count=2), aged("page_view", 0))["fit"] == 0
