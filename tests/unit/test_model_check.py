"""The checker finds what a model does not do although it says so, each finding with its place."""

from __future__ import annotations

import pytest

from scoring.model import Model
from scoring.model_check import Finding, Severity, check_model
from scoring.model_file import load_model

KINDS = ["page_view", "search"]


def load(text: str) -> Model:
    return load_model(text, name="m.yaml", read_list={"none.txt": "# nothing yet\n"}.__getitem__)


def places(findings: list[Finding]) -> list[str]:
    return [f"{each.line}:{each.column}" for each in findings]


def rule(when: str) -> str:
    return f"fit: {{rules: [{{id: r, label: R, when: {when}, points: 1}}]}}"


def group(*conditions: str) -> str:
    rules = "".join(
        f"      - {{id: r{place}, label: R, when: {when}, points: 1}}\n" for place, when in enumerate(conditions)
    )
    return f"fit:\n  groups:\n    g:\n{rules}"


VALUES = [
    (rule("{seniority: [manger]}"), "2:51", "seniority is never 'manger'; did you mean 'manager'?"),
    (rule("{country: [US, Germany]}"), "2:49", "'Germany' is none; write DE"),
    (rule("{country_code: UK}"), "2:54", "'UK' is none; write GB"),
    (rule("{country: Atlantis}"), "2:49", "write a code such as US"),
    (rule("{state: California}"), "2:47", "'California' is none; write US-CA"),
    (rule("{phone: '01 42 68 53 00'}"), "2:47", "compared in their international form"),
    (rule("{email_domain: '@rival.example'}"), "2:54", "'@rival.example' is none"),
    (rule("{company: {matches: acme}}"), "2:59", "write `contains` instead of `matches`"),
    (rule("{company: {matches: '.*acme?'}}"), "2:59", "begins or ends with `.*`"),
    (rule("{company: {matches: '[a-z]{20}[0-9]{1,20}'}}"), "2:59", "up to 400 times"),
    (rule(f"{{company: {{matches: '{'|'.join(['a'] * 51)}'}}}}"), "2:59", "has 51 alternatives"),
    (rule("{company: {matches: 'a*'}}"), "2:59", "matches any text, so it holds for everybody who has a value"),
    (rule("{company: {matches: 'acme|'}}"), "2:59", "matches any text"),
    (rule("{Leadgrade_Score__c: {present: true}}"), "2:40", "is read from a field that Leadgrade writes"),
    ("attributes: {seats: number}", "2:14", "the attribute 'seats' is used nowhere"),
    (rule("{contry: US}"), "2:40", "'contry' is no attribute that Leadgrade knows; did you mean 'country'?"),
    (rule("{enriched_sise: US}"), "2:40", "'sise' is no attribute"),
    ("lists: {l: {file: none.txt}}\n" + rule("{company: {in_list: l}}"), "2:9", "is empty, so nothing is ever in it"),
    ("lists: {l: [a]}", "2:9", "the list 'l' is used nowhere"),
]
RULES = [
    (rule("{employees: {gt: 5, lt: 5}}"), "2:40", "this condition can never hold"),
    (rule("{company: {missing: true, contains: a}}"), "2:40", "this condition can never hold"),
    (rule("{all: [{employees: {lt: 5}}, {employees: {gte: 5}}]}"), "2:40", "this condition can never hold"),
    (rule("{all: [{city: [a, b]}, {city: c}]}"), "2:40", "this condition can never hold"),
    (rule("{city: a, not: {city: [a, b]}}"), "2:39", "this condition can never hold"),
    (rule("{company: {in: [abc], starts_with: b}}"), "2:40", "this condition can never hold"),
    (rule("{all: [{city: {contains: x}}, {all: [{city: abc}]}]}"), "2:40", "this condition can never hold"),
    (rule("{all: [{city: a}, {any: [{city: b}, {city: c}]}]}"), "2:40", "this condition can never hold"),
    (rule("{created_at: {before: 90 days, after: 30 days}}"), "2:40", "this condition can never hold"),
    (rule("{employees: {in: [1, 2], gt: 5}}"), "2:40", "this condition can never hold"),
    (rule("{company: {present: true}, not: {company: {present: true}}}"), "2:39", "this condition can never hold"),
    (
        "engagement: {rules: [{id: a, label: A, on: chat, where: {url: {in: [x], contains: b}}, points: 1}]}",
        "2:58",
        "this condition can never hold",
    ),
    (
        group("{city: [a, b]}", "{city: [c]}", "{city: [c, a]}"),
        "7:9",
        "because 'r1' and 'r0' above it in the group hold",
    ),
    (
        group("{employees: {lt: 10}}", "{employees: {gte: 10, lt: 90}}", "{employees: {between: [5, 50]}}"),
        "7:9",
        "'r2' never counts, because 'r0' and 'r1'",
    ),
    (
        group("{employees: {between: [1, 10]}}", "{employees: {between: [10, 20]}}"),
        "6:9",
        "'r0' and 'r1' overlap at 10",
    ),
    (
        group("{employees: {lt: 15}}", "{employees: {gt: 10.5}}"),
        "6:9",
        "overlap above 10.5 below 15, where 'r0' counts",
    ),
    (
        group("{created_at: {after: 2026-01-01}}", "{created_at: {before: 2026-03-31}}"),
        "6:9",
        "overlap above 2026-01-01 below 2026-03-31",
    ),
    (group("{created_at: {after: 30 days}}", "{created_at: {before: 40 days}}"), "4:5", "holds for 30 days ago"),
    (group("{employees: {lt: 10}}", "{employees: {missing: true}}", "{employees: {gt: 10}}"), "4:5", "holds for 10,"),
    (
        (
            "fit: {rules: [{id: a, label: A, when: {employees: {gt: 9}}, points: 1},"
            " {id: b, label: B, when: {employees: {gt: 99}}, points: 1}]}"
        ),
        "2:73",
        "'a' and 'b' both count above 99",
    ),
    (
        "fit: {rules: [{id: a, label: A, when: {city: x}, points: 1}, {id: b, label: B, when: {city: x}, points: 1}]}",
        "2:62",
        "'a' and 'b' look for the same, and both count",
    ),
    (
        "engagement: {rules: [{id: a, label: A, on: chat, points: 1}, {id: b, label: B, on: [chat], points: 2}]}",
        "2:62",
        "'a' and 'b' look for the same, and both count",
    ),
    ("horizon: 90 days\nscope: {happened: {on: chat, within: 91 days}}", "3:19", "do not exist under the horizon"),
    (
        "horizon: 90 days\nengagement: {inactivity: {after: 90 days, points: -1}, rules: [{id: a, label: A, on: chat, points: 1}]}",
        "3:26",
        "inactivity begins for nobody without `last_activity_on`",
    ),
    (group("{seniority: [vp, director]}", "{seniority: VP}"), "6:9", "'r1' never counts, because 'r0'"),
    (group("{employees: {gte: 10}}", "{employees: {gt: 20, lt: 50}}"), "6:9", "'r1' never counts, because 'r0'"),
    (group("{company: {present: true}}", "{company: acme, city: a}"), "6:9", "'r1' never counts, because 'r0'"),
    (group("{any: [{city: a}, {city: b}]}", "{all: [{city: a}, {company: c}]}"), "6:9", "'r1' never counts"),
    (group("{employees: {lt: 10}}", "{employees: {gt: 10}}"), "4:5", "no rule of the group 'g' holds for 10"),
    (group("{employees: {between: [1, 10]}}", "{employees: {between: [20, 30]}}"), "4:5", "holds for 11"),
    ("fit: {}", "2:6", "the dimension 'fit' has no rules"),
    ("products: {suite: {}}", "2:12", "no rule of engagement is tagged with the product 'suite'"),
    (
        "attention: [{code: a, reason: A, when: {city: [x, y]}}, {code: b, reason: B, when: {city: x}}]",
        "2:57",
        "'b' is never shown, because 'a'",
    ),
]
ACTS = "engagement: {cap: 30, rules: [{id: a, label: A, on: search, points: 10}]}\n"
BOUNDS = [
    (ACTS + "qualified: {total: 65}", "3:12", "it takes 65 points, and at most 30 can be had"),
    (ACTS + "rating: {by: total, hot: 40, warm: 20}", "3:9", "nobody can be hot"),
    (ACTS + "rating: {by: total, hot: 20, warm: 0}", "3:9", "everybody is warm or hot"),
    (ACTS + "qualified: {total: 0}", "3:12", "everybody is qualified by total, because nobody has fewer than 0 points"),
    (
        (
            "engagement: {rules: [{id: a, label: A, on: chat, points: 8, limit: {count: 2, per: 30 days}, decay: {expiry: 30 days}}]}"
            "\nqualified: {total: 33}"
        ),
        "3:12",
        "it takes 33 points, and at most 32 can be had",
    ),
    (
        ACTS + "fit: {floor: 2, rules: [{id: r, label: R, when: {city: a}, points: 9}]}\n"
        "grade: {letter: {from: fit, A: 6, B: 4, C: 2}, number: {from: engagement, 1: 3, 2: 2, 3: 1}}",
        "4:44",
        "everybody gets at least C in fit, because nobody has fewer than 2 points",
    ),
    (ACTS + "gates: [{id: g, label: G, cap: 30, unless: {city: a}}]", "3:9", "no effect, because no total is above 30"),
    (
        ACTS + "grade: {letter: {from: engagement, A: 31, B: 30, C: 1}, number: {from: engagement, 1: 3, 2: 2, 3: 1}}",
        "3:39",
        "nobody can get A in engagement: it takes 31 points, and at most 30",
    ),
    (
        ACTS + "fit: {rules: [{id: r, label: R, when: {city: a}, points: 13}]}\nqualified: {total: 25}",
        "3:6",
        "fit alone can give 13 of the 25 points of a ready person, more than half",
    ),
]


@pytest.mark.parametrize(("text", "place", "words"), [*VALUES, *RULES, *BOUNDS])
def test_findings_name_place_and_advice(text: str, place: str, words: str) -> None:
    (only,) = check_model(load(f"model: m\n{text}\n"))

    assert str(only).startswith(f"m.yaml:{place}: {only.severity}: ")
    assert words in str(only)
    assert only.advice


@pytest.mark.parametrize(
    "text",
    [
        group("{seniority: VP}", "{seniority: [vp, director]}"),
        group("{seniority: {in: [vp], case: true}}", "{seniority: VP}"),
        group("{employees: {gte: 500}}", "{employees: {gte: 100}}", "{employees: {lt: 100}}"),
        group("{employees: {between: [1, 10]}}", "{employees: {between: [11, 20]}}"),
        group("{revenue: {lt: 10}}", "{revenue: {gte: 10}}"),
        group("{created_at: {after: 30 days}}", "{created_at: {before: 30 days}}"),
        group("{created_at: {after: 30 days}}", "{created_at: {before: 2020-01-01}}"),
        group("{city: [a, b]}", "{city: [b, c]}"),
        group("{employees: {lt: 10}}", "{employees: {gt: 50}, city: a}"),
        rule("{all: [{email: {contains: a}}, {not: {email: {contains: b}}}]}"),
        rule("{company: {matches: '^a*$'}}"),
        rule("{company: {in: [abc, b], starts_with: b}}"),
        "attributes: {plan: list}\n" + rule("{plan: a, not: {plan: b}}"),
        rule("{employees: {gte: 5, lte: 5}}"),
        rule("{all: [{email: {contains: a}}, {email: {contains: b}}]}"),
        "attributes: {plan: list}\n" + rule("{all: [{plan: a}, {plan: b}]}"),
        rule("{country: [us, GB]}"),
        rule("{enriched_employees: {gt: 5}}"),
        rule("{enriched_at: {before: 365 days}}"),
        "engagement: {rules: [{id: a, label: A, on: search, points: 10}]}\nqualified: {total: 100}",
    ],
)
def test_sound_models_have_no_findings(text: str) -> None:
    assert check_model(load(f"model: m\n{text}\n")) == []


def test_attributes_that_nothing_provides_are_found_against_the_field_map() -> None:
    model = load(
        "model: m\nscope: {country: US, seniority: vp, city: {contains: a}, employees: {gt: 5}, was_qualified: true}\n"
    )

    findings = check_model(model, mapped_attributes=["country", "title", "enriched_employees"])

    assert places(findings) == ["2:37"]
    assert "nothing provides 'city'" in findings[0].message
    assert findings[0].severity is Severity.WARNING


def test_custom_attributes_need_no_declaration_when_they_are_mapped() -> None:
    model = load("model: m\nscope: {favourite_colour: red}\n")

    assert check_model(model, mapped_attributes=["favourite_colour"]) == []


def test_fields_of_completeness_are_checked_too() -> None:
    model = load("model: m\nquality: {completeness: {fields: [email, phone]}}\n")

    (only,) = check_model(model, mapped_attributes=["email"])

    assert (only.line, only.column) == (2, 42)
    assert "'phone'" in only.message


def test_fields_of_conflicts_are_checked_too() -> None:
    model = load("model: m\nenrichment: {conflicts: {fields: [email, sise], points: -1}}\n")

    (only,) = check_model(model)

    assert (only.line, only.column) == (2, 42)
    assert "'sise'" in only.message


def test_kinds_that_nothing_provides_are_found_against_the_activity_map() -> None:
    rules = "[{id: a, label: A, on: [search, chat], points: 1}, {id: b, label: B, on: [chat, note], points: 1}]"
    model = load(f"model: m\nengagement: {{rules: {rules}}}\nscope: {{happened: {{on: webinar_attended}}}}\n")

    assert places(check_model(model, mapped_kinds=KINDS)) == ["2:94", "3:24"]


def test_fields_that_leadgrade_writes_are_found_against_the_field_map() -> None:
    model = load(
        "model: m\nattributes: {points_so_far: number}\nfit: {rules: [{id: a, label: A, when: {points_so_far: {gt: 5}}, points: 1}]}\n"
    )

    found = check_model(model, mapped_attributes=["points_so_far"], written_attributes=["points_so_far"])

    assert places(found) == ["3:40"]
    assert "'points_so_far' is read from a field that Leadgrade writes" in found[0].message


def test_nobody_qualifies_by_grades_that_nobody_gets() -> None:
    model = load(
        f"model: m\n{ACTS}fit: {{rules: [{{id: r, label: R, when: {{city: a}}, points: 5}}]}}\n"
        "grade: {letter: {from: fit, A: 9, B: 4, C: 2}, number: {from: engagement, 1: 3, 2: 2, 3: 1}}\n"
        "rating: {by: grade, hot: [A1, A2]}\nqualified: {grades: [A1]}\n"
    )

    found = check_model(model)

    assert places(found) == ["4:32", "5:9", "6:12"]
    assert "nobody is hot, because nobody gets A1 or A2" in found[1].message
    assert "nobody is qualified, because nobody gets A1" in found[2].message


def test_very_many_rules_get_a_note() -> None:
    rules = ", ".join(f"{{id: r{n}, label: R, when: {{city: c{n}}}, points: 1}}" for n in range(101))

    (only,) = check_model(load(f"model: m\nfit: {{rules: [{rules}]}}\n"))

    assert only.severity is Severity.NOTE
    assert "101 rules" in only.message
