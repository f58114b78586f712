from __future__ import annotations

import pytest

from scoring.engine import score
from scoring.explain import explain
from scoring.explain_kinds import KIND_NAMES
from scoring.explain_text import breakdown, main_reasons
from scoring.explain_words import words
from scoring.vocabulary import ACTIVITY_KINDS, Language
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
)

_TITLE = {"title": {"present": True}}


def a_full_model(language="en"):
    decay = {"half_life": "30 days"}
    web = a_rule("page", 12, limit={"count": 3, "per": "30 days"}, cap=30, group="web", decay=decay)
    return a_model(
        language=language,
        fit={
            "weight": 0.5,
            "cap": 20,
            "rules": [a_fit_rule("vp", 30, {"seniority": "vp"}), a_fit_rule("steel", 0, {"industry": "steel"})],
        },
        engagement={
            "rules": [web, a_rule("search", 8, "search", group="web")],
            "group_caps": {"web": 35},
            "inactivity": {"after": "1 days", "points": -2.5},
        },
        quality={
            "cap": -6,
            "completeness": {"fields": ["email", "title"], "below": {"percent": 60, "points": -4}},
            "rules": [a_fit_rule("no-mail", -5, {"email": {"missing": True}})],
        },
        enrichment={"conflicts": {"fields": ["employees"], "points": -1}},
        gates=[{"id": "no-demo", "label": "No demo", "cap": 30, "unless": {"happened": {"on": "demo_attended"}}}],
    )


_PERSON = {"seniority": "vp", "industry": "Steel", "title": "VP", "employees": 10, "enriched_employees": 100}
_ROWS = [*(aged("page_view", age) for age in (1, 2, 3)), aged("search", 5)]


def test_every_step_that_changes_something_has_its_line_in_the_order_of_evaluation():
    lines = explained(a_full_model(), _PERSON, *_ROWS)

    assert points_of(lines) == [
        ("fit", "vp", 30),
        ("fit", "steel", 0),
        ("fit", None, -10),
        ("fit", None, -10),
        ("engagement", "page", 34.38),
        ("engagement", "page", -4.38),
        ("engagement", "search", 8),
        ("engagement", "web", -3),
        ("engagement", None, -2.5),
        ("quality", None, -4),
        ("quality", "no-mail", -5),
        ("quality", None, 3),
        ("enrichment", None, -1),
        ("gate", "no-demo", -5.5),
    ]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            {
                "seniority: vp",
                "3 visits, last on 7 November 2025, halved every 30 days",
                "1 search on 3 November 2025",
                "at most 35 points",
                "last sign of interest on 7 November 2025",
                "1 of 2 fields filled",
                "email: missing",
                "declared 10, enriched 100",
                "weighs 0.5",
            },
        ),
        (
            "fr",
            {
                "3 visites, dernière activité le 7 novembre 2025, moitié tous les 30 jours",
                "champs remplis : 1 sur 2",
                "déclaré 10, enrichi 100",
                "coefficient 0,5",
            },
        ),
    ],
)
def test_evidence_speaks_the_language_of_the_model(language, sentences):
    said = {line["evidence"] for line in explained(a_full_model(language), _PERSON, *_ROWS)}

    assert sentences <= said


def test_lines_of_several_people_follow_their_order():
    model = a_model(fit={"rules": [a_fit_rule("a", 5, _TITLE), a_fit_rule("b", 1, {"title": "x"})]})
    people = people_frame({"title": "x"}, {"title": None}, {"title": "y"}).reverse()

    lines = explain(model, people, activity_frame([]), day=DAY)

    assert lines.select("person_id", "rule_id").rows() == [(3, "a"), (1, "a"), (1, "b")]


def test_a_disqualification_names_the_first_reason_and_tells_the_others():
    reasons = [
        {"code": c, "reason": f"Reason {c}", "when": {"title": t}} for c, t in (("a", "other"), ("b", "x"), ("c", "x"))
    ]
    model = a_model(fit={"rules": [a_fit_rule("a", 5, _TITLE)]}, disqualify=reasons)

    last = explained(model, {"title": "x"})[-1]

    assert (last["part"], last["rule_id"], last["label"], float(last["points"])) == (
        "disqualification",
        "b",
        "Disqualified: Reason b",
        -5,
    )
    assert last["evidence"] == "also: Reason c"


def test_main_reasons_name_rules_in_whole_points_with_their_caps_taken_off_and_fit_their_field():
    lines = explain(a_full_model(), people_frame(_PERSON), activity_frame(_ROWS), day=DAY)

    reasons = main_reasons(lines, most=3)["main_reasons"][0]
    short = main_reasons(lines, length=30)["main_reasons"][0]

    assert reasons == "+30 vp; +30 page; +8 search"
    assert len(short) <= 30
    assert short.endswith("…")


def test_the_breakdown_ends_with_the_total_and_fits_its_field():
    frames = people_frame(_PERSON), activity_frame(_ROWS)
    lines = explain(a_full_model(), *frames, day=DAY)

    text = breakdown(lines)["breakdown"][0]
    short = breakdown(lines, length=100)["breakdown"][0]

    assert text.splitlines()[0] == "+30 vp (seniority: vp)"
    assert text.splitlines()[-1] == f"= {score(a_full_model(), *frames, day=DAY)['total'][0]} points"
    assert len(short) <= 100
    assert short.endswith("= 30 points")


def test_every_kind_has_a_name_in_both_languages():
    assert set(KIND_NAMES) == set(ACTIVITY_KINDS)


@pytest.mark.parametrize(
    ("language", "amount", "shown"),
    [("en", 1500, "1.5"), ("fr", -1005, "-1,005"), ("en", 0, "0"), ("fr", -500, "-0,5")],
)
def test_amounts_have_as_many_decimals_as_they_need(language, amount, shown):
    assert words(Language(language)).amount(amount) == shown
