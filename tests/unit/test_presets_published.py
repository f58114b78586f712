"""The shipped models: no findings, the published tables figure by figure, and what each preset promises."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from scoring.explain import explain
from scoring.model_check import check_model
from scoring.model_dimensions import DecayKind
from scoring.model_file import load_model
from tests.engine_builders import DAY, activity_frame, aged, explained, people_frame, scored

if TYPE_CHECKING:
    from scoring.model import Model

PRESETS = Path(__file__).parents[2] / "config" / "presets"
NAMES = sorted(path.stem for path in PRESETS.glob("*.yaml"))


@cache
def preset(name: str) -> Model:
    text = (PRESETS / f"{name}.yaml").read_text(encoding="utf-8")
    return load_model(text, name=name, read_list=lambda path: (PRESETS / path).read_text(encoding="utf-8"))


def points_by_rule(model: Model) -> dict[str, float]:
    rules = (rule for dimension in model.dimensions for rule in dimension.all_rules())
    return {rule.id: rule.points / 1_000 for rule in rules}


def test_the_three_presets_are_shipped() -> None:
    assert NAMES == ["b2b", "industrial", "profile-interest"]


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_has_no_findings(name: str) -> None:
    assert check_model(preset(name)) == []


#: Published figure -> rule of the preset b2b and its points.
PUBLISHED_FIT = {
    "director/deputy": ("title-director", 12),
    "health/finance/high-tech": ("industry-target", 10),
    "decision maker": ("decision-maker", 15),
    "revenue > 500 M": ("revenue-large", 10),
    "uses a competing product": ("competing-product", 15),
    "timeline < 3 months": ("timeline-soon", 12),
    "USA": ("territory-home", 8),
    "revenue 100-499 M": ("revenue-medium", 8),
    "manager": ("title-manager", 7),
    "timeline 3-8 months": ("timeline-year", 5),
    "English-speaking non-US": ("territory-english", 4),
    "timeline > 8 months": ("timeline-later", 3),
    "analyst/coordinator/specialist": ("title-specialist", 4),
    "revenue < 100 M": ("revenue-small", 1),
    "student": ("title-student", -15),
    "consultant": ("title-consultant", -5),
    "services": ("industry-services", -6),
    "e-commerce": ("industry-commerce", -10),
    "non-English country": ("territory-other", -10),
}
PUBLISHED_BEHAVIOUR = {
    "pricing page": ("pricing-page", 12),
    "product review download": ("product-review", 10),
    "general demo": ("demo-viewed", 5),
    "detailed demo": ("demo-attended", 10),
    "buyer guide": ("buyer-guide", 8),
    "data sheet": ("data-sheet", 8),
    "brand search": ("brand-search", 8),
    "heavy web activity": ("heavy-web", 5),
    "webinar": ("webinar-attended", 4),
    "white paper": ("white-paper", 2),
    "video": ("video", 2),
    "any page": ("any-page", 1),
    "unsubscribe": ("unsubscribed", -10),
    "do-not-call": ("do-not-call", -5),
    "negative social comment": ("social-negative", -4),
    "careers page": ("careers-page", -2),
    "investor page": ("investor-page", -2),
}
#: The figures of the same tables that no rule of the preset carries, and why.
WITHOUT_RULE = {
    "a month without web activity -5": "it is `inactivity`, which any sign of interest ends",
    "timeline < 3 months +15 (behaviour)": "the same fact scores 12 in fit; counted in both it would be worth 27 points",
}


@pytest.mark.parametrize("figure", [*PUBLISHED_FIT, *PUBLISHED_BEHAVIOUR])
def test_b2b_gives_the_published_points(figure: str) -> None:
    rule, points = {**PUBLISHED_FIT, **PUBLISHED_BEHAVIOUR}[figure]

    assert points_by_rule(preset("b2b"))[rule] == points


def test_b2b_takes_five_points_for_a_month_of_silence_as_published() -> None:
    model = preset("b2b")
    inactivity = model.engagement.inactivity if model.engagement else None

    assert inactivity is not None
    assert (inactivity.after_days, inactivity.every_days, inactivity.points) == (30, 30, -5_000)
    assert "a month without web activity -5" in WITHOUT_RULE


#: People and activities of each published figure, taken one by one, and the rule that speaks.
FIT_CASES = [
    ({"title": "Deputy director", "seniority": "director"}, "title-director"),
    ({"title": "Manager", "seniority": "manager"}, "title-manager"),
    ({"title": "Analyst", "seniority": "individual"}, "title-specialist"),
    ({"title": "Student", "seniority": "student"}, "title-student"),
    ({"title": "Independent consultant"}, "title-consultant"),
    ({"industry": "Healthcare"}, "industry-target"),
    ({"industry": "Financial Services"}, "industry-target"),
    ({"industry": "Information technology"}, "industry-target"),
    ({"industry": "Business services"}, "industry-services"),
    ({"industry": "E-commerce"}, "industry-commerce"),
    ({"revenue": 700_000_000}, "revenue-large"),
    ({"revenue": 100_000_000}, "revenue-medium"),
    ({"revenue": 99_000_000}, "revenue-small"),
    ({"timeline_months": 2}, "timeline-soon"),
    ({"timeline_months": 3}, "timeline-year"),
    ({"timeline_months": 9}, "timeline-later"),
    ({"country_code": "US"}, "territory-home"),
    ({"country_code": "AU"}, "territory-english"),
    ({"country_code": "FR"}, "territory-other"),
    ({"purchasing_authority": "Decision maker"}, "decision-maker"),
    ({"competing_product": "Rival Suite"}, "competing-product"),
]


@pytest.mark.parametrize(("person", "rule"), FIT_CASES)
def test_b2b_recognises_each_published_trait(person: dict[str, object], rule: str) -> None:
    lines = explain(preset("b2b"), people_frame(person), activity_frame([]), day=DAY)

    found = lines.filter(pl.col("part") == "fit", pl.col("rule_id").is_not_null())["rule_id"].to_list()
    assert found == [rule]


@pytest.mark.parametrize(
    ("activity", "rule"),
    [
        (aged("page_view", 0, url="https://www.our.example/pricing"), "pricing-page"),
        (aged("page_view", 0, url="https://www.our.example/de/preise"), "pricing-page"),
        (aged("page_view", 0, url="https://www.our.example/fr/tarifs?x=1"), "pricing-page"),
        (aged("page_view", 0, url="https://www.our.example/"), "any-page"),
        (aged("page_view", 0, url="https://www.our.example/careers/"), "careers-page"),
        (aged("page_view", 0, url="https://www.our.example/investors"), "investor-page"),
        (aged("download", 0, asset="Product comparison 2026"), "product-review"),
        (aged("download", 0, asset="Buyer's guide"), "buyer-guide"),
        (aged("download", 0, asset="Data_Sheet.pdf"), "data-sheet"),
        (aged("download", 0, asset="White paper: scoring"), "white-paper"),
        (aged("search", 0), "brand-search"),
        (aged("demo_viewed", 0), "demo-viewed"),
        (aged("demo_attended", 0), "demo-attended"),
        (aged("webinar_attended", 0), "webinar-attended"),
        (aged("video_viewed", 0), "video"),
        (aged("unsubscribed", 0), "unsubscribed"),
        (aged("do_not_call_added", 0), "do-not-call"),
        (aged("social_negative", 0), "social-negative"),
    ],
)
def test_b2b_recognises_each_published_behaviour(activity: dict[str, object], rule: str) -> None:
    model = preset("b2b")

    by_rule = {line["rule_id"]: float(line["points"]) for line in explained(model, {}, activity) if line["rule_id"]}

    assert by_rule[rule] == points_by_rule(model)[rule]


def test_b2b_gives_five_points_for_heavy_web_activity() -> None:
    model = preset("b2b")
    visits = [aged("page_view", age, url="/a") for age in range(10)]

    assert scored(model, {}, *visits)["dimension_intensity"] == 5
    assert scored(model, {}, *visits[1:])["dimension_intensity"] == 0


def test_b2b_hands_over_at_65_with_fit_worth_at_most_half() -> None:
    model = preset("b2b")

    assert model.qualified is not None
    assert model.fit is not None
    assert model.qualified.total == 65_000
    assert (model.fit.cap or 0) * model.fit.weight / 1_000 <= 32_500


#: The table behind the active and the passive buyer of the worked example.
INDUSTRIAL = {
    "webinar-registered": 2,
    "rfp-sample": 12,
    "demo": 12,
    "pricing-page": 10,
    "fair-booth": 4,
    "white-paper": 3,
    "mail-clicked": 2,
    "any-page": 1,
    "webinar-attended": 8,
}


@pytest.mark.parametrize("rule", INDUSTRIAL)
def test_industrial_gives_the_points_of_the_active_and_the_passive_buyer(rule: str) -> None:
    assert points_by_rule(preset("industrial"))[rule] == INDUSTRIAL[rule]


def test_industrial_halves_every_amount_in_90_days() -> None:
    engagement = preset("industrial").engagement

    assert engagement is not None
    assert {(rule.decay.kind, rule.decay.days) for rule in engagement.rules} == {(DecayKind.HALF_LIFE, 90)}


@pytest.mark.parametrize(
    ("activity", "rule"),
    [
        (aged("form_submitted", 0, asset="Request for quotation"), "quotation"),
        (aged("form_submitted", 0, asset="Angebot anfordern"), "quotation"),
        (aged("form_submitted", 0, asset="Demande de devis"), "quotation"),
        (aged("download", 0, asset="RFP template"), "rfp-sample"),
        (aged("form_submitted", 0, asset="Free sample"), "sample-part"),
        (aged("download", 0, asset="pump-200.STEP"), "cad-download"),
        (aged("download", 0, url="https://www.our.example/files/p200.dwg?v=2"), "cad-download"),
        (aged("page_view", 0, url="https://www.our.example/de/konfigurator"), "configurator"),
        (aged("page_view", 0, url="https://www.our.example/dealers/lyon"), "dealer-page"),
        (aged("page_view", 0, url="https://www.our.example/suppliers"), "supplier-page"),
        (aged("booth_visit", 0), "fair-booth"),
        (aged("timeline_slipped", 0), "slipped"),
    ],
)
def test_industrial_recognises_what_industrial_buyers_do(activity: dict[str, object], rule: str) -> None:
    model = preset("industrial")

    by_rule = {line["rule_id"]: float(line["points"]) for line in explained(model, {}, activity) if line["rule_id"]}

    assert by_rule[rule] == points_by_rule(model)[rule]


def test_industrial_scores_product_lines_apart() -> None:
    acts = [aged("page_view", 0, url="https://www.our.example/pumps/p200")]

    found = scored(preset("industrial"), {"country_code": "DE", "function": "engineering"}, *acts)

    assert (found["product_pumps"], found["product_valves"], found["product_controls"]) == (12, 9, 9)


@pytest.mark.parametrize(
    ("person", "code"),
    [({"country_code": "JP"}, "out-of-territory"), ({"country_code": "ES"}, None), ({}, None)],
)
def test_industrial_disqualifies_outside_every_territory_but_not_the_unknown(person, code) -> None:
    assert scored(preset("industrial"), person)["disqualify_code"] == code


def test_industrial_does_not_score_dealers() -> None:
    assert scored(preset("industrial"), {"relation": "Distributor"})["in_scope"] is False


WANTED = {"seniority": "vp", "function": "sales", "industry": "Software", "employees": 500, "country_code": "US"}


def test_each_of_the_five_profile_fields_is_worth_a_fifth_of_ten() -> None:
    model = preset("profile-interest")

    assert {name: scored(model, {name: value})["fit"] for name, value in WANTED.items()} == dict.fromkeys(WANTED, 2)
    assert scored(model, WANTED)["fit"] == 10


@pytest.mark.parametrize(("fields", "grade"), [(5, "A4"), (4, "A4"), (3, "B4"), (2, "C4"), (1, "C4"), (0, "D4")])
def test_profile_near_ten_is_a_and_near_zero_is_d(fields: int, grade: str) -> None:
    person = dict(list(WANTED.items())[:fields])

    assert scored(preset("profile-interest"), person)["grade"] == grade


def test_profile_fields_of_a_third_of_ten_come_out_as_published() -> None:
    text = (PRESETS / "profile-interest.yaml").read_text(encoding="utf-8")
    for wanted, third in (("seniority-wanted", 3.333), ("function-wanted", 3.333), ("industry-wanted", 3.334)):
        before, rule, after = text.partition(f"id: {wanted},")
        text = before + rule + after.replace("points: 2", f"points: {third}", 1)
    model = load_model(text, name="m", read_list=lambda path: (PRESETS / path).read_text(encoding="utf-8"))

    lines = explained(model, {"seniority": "vp", "function": "sales"})

    assert float(sum(line["points"] for line in lines if line["rule_id"])) == 6.666
    assert scored(model, {"seniority": "vp", "function": "sales"})["fit"] == 7


def test_d_people_are_kept_and_nurtured() -> None:
    visits = [aged("page_view", 0, url="/pricing"), aged("demo_attended", 0), aged("meeting_held", 0)]

    found = scored(preset("profile-interest"), {"industry": "Fishing", "employees": 2}, *visits)

    assert (found["grade"], found["disqualified"], found["total"] > 0) == ("D2", False, True)


def test_interest_has_no_upper_end() -> None:
    kinds = ("demo_attended", "demo_viewed", "meeting_held", "webinar_attended", "event_attended", "search")
    acts = [aged(kind, age) for kind in kinds for age in (0, 0, 0)]
    acts += [aged("download", 0, asset=asset) for asset in ("review", "review", "data sheet", "data sheet")]

    assert scored(preset("profile-interest"), {}, *acts)["engagement"] > 100
