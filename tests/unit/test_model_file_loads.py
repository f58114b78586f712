"""A well-formed model file becomes exactly the typed model that it describes."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from scoring.errors import ModelError, Problem
from scoring.model import Model, OnDisqualify, RatingByTotal, RoleWeight, Total
from scoring.model_conditions import All, AnyOf, AttributeTest, DaysBefore, Happened, Not, Operator
from scoring.model_dimensions import ActivityDimension, AttributeDimension, Decay, DecayKind, Limit
from scoring.model_file import load_model
from scoring.vocabulary import AttributeType, Intent, Language, RollUp, Tier

#: The example of the format's description.
EXAMPLE = (Path(__file__).parent / "model_example.yaml").read_text(encoding="utf-8")
PRESETS = Path(__file__).parents[2] / "config" / "presets"


def load(text: str, **lists: str) -> Model:
    files = {f"{name}.txt": content for name, content in lists.items()}
    return load_model(text, name="m.yaml", read_list=files.__getitem__)


def example() -> Model:
    return load_model(EXAMPLE, name="m.yaml", read_list={"staff-domains.txt": "# ours\n\nus.example\n"}.__getitem__)


def condition(when: str, declared: str = "{plan_interest: list, seats: number, signed: date}"):
    rule = f"fit: {{rules: [{{id: r, label: R, when: {when}, points: 1}}]}}"
    text = f"model: m\nattributes: {declared}\nlists: {{sizes: [1, 2.50], big: [a, b]}}\n{rule}\n"
    fit = load(text).fit
    assert fit is not None
    return fit.rules[0].when


def test_the_example_of_the_format_loads() -> None:
    model = example()

    assert (model.name, model.title, model.language) == ("b2b", "B2B, general purpose", Language.ENGLISH)
    assert (model.time_zone, model.currency, model.horizon_days) == ("UTC", "EUR", 730)
    assert [(each.name, each.values) for each in model.lists] == [
        ("competitors", ("rival.example", "other.example")),
        ("staff", ("us.example",)),
    ]
    assert isinstance(model.scope, Not)
    assert (model.machines.click_after_send_us, model.machines.burst.within_us) == (2_000_000, 2_000_000)
    assert (model.total.floor, model.total.cap) == (0, 100_000)
    assert model.gates[0].cap == 64_000
    assert model.grade.letter.thresholds == (40_000, 25_000, 1_000)
    assert (model.qualified.total, model.qualified.keep_until) == (65_000, 60_000)
    assert [each.code for each in model.disqualify] == ["competitor", "hard-bounce"]
    assert (model.companies.roll_up, model.companies.n) == (RollUp.TOP, 3)
    assert model.companies.weights.weights[0] == RoleWeight(value="c_level", weight=1_500)
    assert (model.trend_days, model.recent_days) == (30, 90)


def test_dimensions_keep_rules_groups_bounds_and_inherit_decay() -> None:
    fit, engagement = example().dimensions

    assert isinstance(fit, AttributeDimension)
    assert (fit.name, fit.floor, fit.cap) == ("fit", -50_000, 50_000)
    assert [rule.id for rule in fit.all_rules()] == [
        "title-director",
        "title-manager",
        "title-student",
        "competing-product",
    ]
    assert (fit.groups[0].rules[0].tier, fit.groups[0].rules[2].points) == (Tier.CRITICAL, -15_000)
    assert isinstance(engagement, ActivityDimension)
    pricing, careers = engagement.rules
    assert pricing.decay == careers.decay == Decay(kind=DecayKind.HALF_LIFE, days=30)
    assert (pricing.limit, pricing.cap, pricing.group) == (Limit(count=3, per_days=30), 30_000, "web")
    assert (pricing.intent, pricing.products, careers.intent) == (Intent.ACTIVE, ("suite",), Intent.NONE)
    assert (engagement.inactivity.after_days, engagement.inactivity.points, engagement.inactivity.cap) == (
        30,
        -5_000,
        -15_000,
    )


def test_a_model_of_one_line_has_the_defaults() -> None:
    model = load("model: m")

    assert (model.title, model.time_zone, model.horizon_days, model.trend_days, model.recent_days) == (
        "m",
        "UTC",
        730,
        30,
        90,
    )
    assert (model.total, model.on_disqualify) == (Total(floor=0, cap=100_000), OnDisqualify(total=0, grade="D4"))
    assert (model.scope, model.dimensions, model.quality, model.grade, model.rating) == (None, (), None, None, None)


def test_other_dimensions_follow_in_the_order_of_the_file_with_their_names() -> None:
    text = "model: m\ndimensions:\n  b: {kind: activities, weight: 0.5}\n  a: {kind: attributes}\nfit: {}\n"

    assert [(each.name, each.weight) for each in load(text).dimensions] == [("fit", 1_000), ("b", 500), ("a", 1_000)]


def test_points_are_rounded_to_the_milli_point_half_away_from_zero() -> None:
    text = "model: m\nrating: {by: total, hot: 2.0005, warm: -2.0005}\n"

    rating = load(text).rating

    assert isinstance(rating, RatingByTotal)
    assert (rating.hot, rating.warm) == (2_001, -2_001)


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        ("none", Decay()),
        ("{half_life: 1 week}", Decay(kind=DecayKind.HALF_LIFE, days=7)),
        ("{linear: 48 hours}", Decay(kind=DecayKind.LINEAR, days=2)),
        ("{expiry: 1 day}", Decay(kind=DecayKind.EXPIRY, days=1)),
    ],
)
def test_a_rule_may_have_its_own_decay(decay: str, expected: Decay) -> None:
    rule = f"{{id: r, label: R, on: other, points: 1, decay: {decay}}}"
    model = load(f"model: m\nengagement: {{decay: {{half_life: 30 days}}, rules: [{rule}]}}")

    assert model.engagement.rules[0].decay == expected


@pytest.mark.parametrize(
    ("written", "operator", "values"),
    [
        ("{seniority: manager}", Operator.IN, ("manager",)),
        ("{seniority: [manager, vp]}", Operator.IN, ("manager", "vp")),
        ("{seniority: {in: [' vp ']}}", Operator.IN, ("vp",)),
        ("{country: NO}", Operator.IN, ("NO",)),
        ("{postcode: '75001'}", Operator.IN, ("75001",)),
        ("{employees: '50'}", Operator.IN, (Decimal(50),)),
        ("{employees: {gte: +50.50}}", Operator.GTE, (Decimal("50.50"),)),
        ("{employees: {in_list: sizes}}", Operator.IN_LIST, (Decimal(1), Decimal("2.5"))),
        ("{company: {in_list: big}}", Operator.IN_LIST, ("a", "b")),
        ("{seats: {between: [1, 5]}}", Operator.BETWEEN, (Decimal(1), Decimal(5))),
        ("{created_at: 2026-03-31}", Operator.IN, (date(2026, 3, 31),)),
        ("{signed: {before: 90 days}}", Operator.BEFORE, (DaysBefore(days=90),)),
        ("{signed: {after: '2026-03-31'}}", Operator.AFTER, (date(2026, 3, 31),)),
        ("{email_opt_out: true}", Operator.IN, (True,)),
        ("{company: {missing: true}}", Operator.PRESENT, (False,)),
        ("{company: {present: false}}", Operator.PRESENT, (False,)),
        ("{company: {missing: false}}", Operator.PRESENT, (True,)),
        ("{company: {matches: ' ^a'}}", Operator.MATCHES, (" ^a",)),
    ],
)
def test_comparisons_are_typed_by_the_attribute(written: str, operator: Operator, values: tuple) -> None:
    test = condition(written)

    assert isinstance(test, AttributeTest)
    assert [(each.operator, each.values) for each in test.comparisons] == [(operator, values)]


def test_types_come_from_the_attribute_and_normalised_names_replace_written_ones() -> None:
    assert condition("{plan_interest: suite}").type is AttributeType.LIST
    assert condition("{enriched_seats: 5}").type is AttributeType.NUMBER
    assert condition("{anything_else: x}").type is AttributeType.TEXT
    country, state, phone = condition("{country: US, state: US-CA, phone: {missing: true}}").parts
    assert [each.attribute for each in (country, state, phone)] == ["country_code", "region_code", "phone_e164"]
    assert country.written == "country"


def test_several_operators_on_one_attribute_stay_together() -> None:
    test = condition("{plan_interest: {starts_with: a, ends_with: z, case: true}}")

    assert [each.operator for each in test.comparisons] == [Operator.STARTS_WITH, Operator.ENDS_WITH]
    assert test.case


def test_entries_of_one_mapping_mix_attributes_words_and_happened() -> None:
    whole = condition(
        "{a: b, any: [{c: d}, {e: f}], not: {g: h}, happened: {on: search, within: 2 weeks, at_least: 3}}"
    )

    assert isinstance(whole, All)
    assert [type(part) for part in whole.parts] == [AttributeTest, AnyOf, Not, Happened]
    assert (whole.parts[3].within_days, whole.parts[3].at_least, whole.parts[3].activities.kinds) == (
        14,
        3,
        ("search",),
    )


def test_a_where_knows_the_attributes_of_activities() -> None:
    happened = condition(
        "{happened: {on: [chat, search], where: {count: {gt: 2}, machine: false, at: {after: 3 days}}}}"
    )

    assert [(each.attribute, each.type) for each in happened.activities.where.parts] == [
        ("count", AttributeType.NUMBER),
        ("machine", AttributeType.BOOLEAN),
        ("at", AttributeType.DATE),
    ]


def test_an_emptied_list_file_still_loads() -> None:
    model = load("model: m\nlists: {staff: {file: staff.txt}}\n", staff="# nobody\n")

    assert model.lists[0].values == ()


def test_list_files_hold_one_value_a_line() -> None:
    model = load("model: m\nlists: {staff: {file: staff.txt}}\n", staff="\ufeffa.example\r\n\r\n  # no\r\n b c \n75001")

    assert model.lists[0].values == ("a.example", "b c", "75001")


def test_positions_point_at_rules() -> None:
    model = load("model: m\nfit:\n  rules:\n    - {id: r, label: R, when: {a: b}, points: 1}\n")

    rule = model.fit.rules[0]
    assert (rule.position.line, rule.position.column) == (4, 7)
    assert (rule.when.position.line, rule.when.position.column) == (4, 32)


def test_the_b2b_preset_loads_with_at_least_forty_rules() -> None:
    text = (PRESETS / "b2b.yaml").read_text(encoding="utf-8")

    model = load_model(text, name="b2b.yaml", read_list=lambda path: (PRESETS / path).read_text(encoding="utf-8"))

    assert sum(len(each.all_rules()) for each in model.dimensions) >= 40


def test_models_and_their_errors_travel_between_processes() -> None:
    model = example()
    error = ModelError([Problem(file="m.yaml", line=1, column=2, message="wrong")])

    assert pickle.loads(pickle.dumps(model)) == model
    assert pickle.loads(pickle.dumps(model)).version == model.version
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
