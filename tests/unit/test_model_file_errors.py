"""Every mistake outside conditions is reported with file, line and column, and a suggestion when there is one."""

from __future__ import annotations

import pytest

from scoring.errors import ModelError
from scoring.model_file import load_model

RULE = "{id: r, label: R, when: {a: b}, points: 1}"
ACTIVITY = "{id: r, label: R, on: other, points: 1}"


def problems(text: str) -> list[str]:
    with pytest.raises(ModelError) as caught:
        load_model(text, name="m.yaml", read_list={"bad.txt": "x"}.__getitem__)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "1:1", "the file is empty"),
        ("- a", "1:1", "expected a model as a mapping"),
        ("model: m\nmodel: n", "2:1", "'model' stands twice in this mapping; first on line 1"),
        ("model: m\nfit: {rules: [{id: a, id: b}]}", "2:23", "'id' stands twice"),
        ("model: m\nfit: [", "2:7", "this is not YAML"),
        ('model: "a\x07"', "1:10", "the character U+0007 is not allowed"),
        ("model: !x m", "1:8", "tags such as !name are not used"),
        ("--- {model: m}\n--- {model: n}", "2:1", "a model is one YAML document"),
        ("%YAML 1.1\n--- {model: m}", "2:1", "models are YAML 1.2"),
        ("model: *m", "1:8", "the alias *m refers to nothing"),
        ("{[a]: m}", "1:2", "a key must be a word"),
        ("#" * 2_000_001, "1:1", "the file is longer than 2,000,000 characters"),
        ('model: "\\UFFFFFFFF"', "1:1", "this is not YAML that can be read"),
        ('model: m\ntitle: "a\\0b"', "2:8", "a control character or half a character pair"),
    ],
)
def test_text_that_is_no_model_at_all(text: str, place: str, words: str) -> None:
    (only,) = problems(text)

    assert only.startswith(f"m.yaml:{place}: ")
    assert words in only


TOP = [
    ("model: m\nattributes: [a]", "2:13", "expected attributes with their types, not a list"),
    ("model: m\nlists: [a]", "2:8", "expected lists by name, not a list"),
    (f"model: m\ntitle: {'a' * 1001}", "2:8", "the text is longer than 1,000 characters"),
    ("model: m\ngates: 3", "2:8", "expected a list, not '3'"),
    ("model: m\nproducts: 3", "2:11", "expected a mapping by name, not '3'"),
    ("model: m\ncompanies: {roll_up: weighted, weights: 3}", "2:41", "expected `by`, an attribute, and a weight"),
    ("title: x", "1:1", "a model needs `model`"),
    ("model: 2024", "1:8", '2024 is a number here; to mean the text, write "2024" in quotes'),
    ("model: a b", "1:8", "'a b' cannot be a name here"),
    ("model: m\nengagment: {}", "2:1", "'engagment' is not a key of a model; did you mean 'engagement'?"),
    ("model: m\nlanguage: de", "2:11", "expected one of en, fr, not 'de'"),
    ("model: m\ntime_zone: Europe/Pariss", "2:12", "did you mean 'Europe/Paris'?"),
    ("model: m\ncurrency: Euro", "2:11", "'Euro' is not a currency code such as EUR"),
    ("model: m\nhorizon: 36 hours", "2:10", "36 hours is not a whole number of days"),
    ("model: m\nhorizon: 30", "2:10", "did you mean 30 days?"),
    ("model: m\nhorizon: 0 days", "2:10", "0 days is not between 1 day and 36,500 days"),
    ("model: m\nattributes: {plan: lst}", "2:20", "did you mean 'list'?"),
    ("model: m\nattributes: {employees: number}", "2:14", "'employees' has its type already"),
    ("model: m\nattributes: {any: number}", "2:14", "'any' is a word of conditions"),
    ("model: m\nattributes: {enriched_x: number}", "2:14", "has the type of 'x'"),
    (
        "model: m\nlists: {l: {file: none.txt}}",
        "2:19",
        "'none.txt' cannot be read: there is no such file; put it beside",
    ),
    ("model: m\nlists: {l: {file: ../a.txt}}", "2:19", "must be a path beside or below the model file"),
    ("model: m\nlists: {l: {file: /etc/passwd}}", "2:19", "must be a path beside or below the model file"),
    ("model: m\nlists: {l: {fil: a.txt}}", "2:12", "expected a list of values or {file: NAME}"),
    ("model: m\nlists: {l: [a, {b: c}]}", "2:16", "expected a value, not a mapping"),
    ("model: m\nmachines: {burst: {links: 1, within: 2 seconds}}", "2:27", "1 is not a whole number 2 or more"),
    ("model: m\nmachines: {click_after_send: 2}", "2:30", "such as `2 seconds`"),
    ("model: m\ntrend: {days: 30 days}", "2:15", "expected a number, not '30 days'"),
    ("model: m\nrecent: {days: 1.5}", "2:16", "1.5 is not a whole number"),
    ("model: m\ntotal: {floor: 0.5}", "2:16", "0.5 must be whole points"),
    ("model: m\ntotal: {floor: 5, cap: 5}", "2:8", "the total's floor 5 is not below its cap 5"),
    ("model: m\non_disqualify: {total: 1.5}", "2:24", "1.5 must be whole points"),
    ("model: m\non_disqualify: {grade: E1}", "2:24", "expected one of A1 to D4, not 'E1'"),
    ("model: m\ngates: [{id: g, label: G, cap: -1, unless: {a: b}}]", "2:9", "below the total's floor 0"),
    ("model: m\nrating: {by: grade, hot: [A1]}", "2:9", "a rating by grade needs `grade`"),
    ("model: m\nrating: {by: total, hot: 30, warm: 31}", "2:26", "`hot` must be above `warm`"),
    ("model: m\nrating: {hot: [A1]}", "2:9", "a rating needs `by`: grade or total"),
    ("model: m\nqualified: {total: 60, keep_until: 65}", "2:36", "`keep_until` needs a `total` that it is not above"),
    ("model: m\nqualified: {keep_until: 65}", "2:12", "`qualified` needs `total` or `grades`"),
    ("model: m\nqualified: {grades: [A1]}", "2:12", "needs `grade`"),
    ("model: m\ncompanies: {roll_up: top}", "2:12", "`roll_up: top` needs `n`"),
    ("model: m\ncompanies: {roll_up: sum, n: 3}", "2:30", "`n` belongs to `roll_up: top`"),
    ("model: m\ncompanies: {roll_up: weighted}", "2:12", "`roll_up: weighted` needs `weights`"),
    ("model: m\ncompanies: {roll_up: sum, weights: {by: employees, a: 1}}", "2:41", "'employees' is a number"),
    ("model: m\nproducts: {crm-suite: {}, CRM_suite: {}}", "2:27", "the column of 'CRM_suite' is taken by 'crm-suite'"),
    ("model: m\nproducts: {suite: }", "2:18", "expected a product as a mapping"),
    ("model: m\ndimensions: {fit: {kind: attributes}}", "2:14", "the name 'fit' is taken"),
    ("model: m\ndimensions: {quality: {kind: attributes}}", "2:14", "the name 'quality' is taken"),
    ("model: m\ndimensions: {d: {}}", "2:17", "a dimension needs `kind`: attributes or activities"),
    ("model: m\ndimensions: {d: {kind: activity}}", "2:24", "did you mean 'activities'?"),
    ("model: m\nquality: {cap: 20}", "2:16", "20 is not 0 or less"),
    ("model: m\nquality: {rules: [{id: r, label: R, when: {a: b}, points: 1}]}", "2:59", "1 is not 0 or less"),
    ("model: m\nquality: {completeness: {fields: []}}", "2:34", "this list is empty"),
    ("model: m\nquality: {completeness: {fields: [seniority]}}", "2:35", "'seniority' is derived"),
    ("model: m\nquality: {completeness: {fields: [a, a]}}", "2:38", "the field 'a' is used twice"),
    (
        "model: m\nquality: {completeness: {fields: [a], linear: -1, below: {percent: 5, points: -1}}}",
        "2:47",
        "`linear` and `below` exclude each other",
    ),
    ("model: m\nenrichment: {low_confidence: {below: 1.5, points: -1}}", "2:38", "1.5 is not between 0 and 1"),
    ("model: m\nenrichment: {discount: yes}", "2:24", "expected true or false, not 'yes'"),
    (
        "model: m\nattention: [{code: c, reason: r, when: {a: b}}, {code: c, reason: r, when: {a: b}}]",
        "2:49",
        "used twice",
    ),
    ("model: m\ndisqualify: [{code: c, when: {a: b}}]", "2:14", "a reason to disqualify needs `reason`"),
]


@pytest.mark.parametrize(("text", "place", "words"), TOP)
def test_mistakes_in_sections(text: str, place: str, words: str) -> None:
    (only,) = problems(text)

    assert only.startswith(f"m.yaml:{place}: ")
    assert words in only


GRADE = "grade: {letter: {from: fit, A: 3, B: 2, C: 1}, number: {from: fit, 1: 3, 2: 2, 3: 1}}"

DIMENSIONS = [
    (f"rating: {{by: grade, hot: [A1], warm: [A1]}}\nfit: {{}}\n{GRADE}", "2:38", "the grade 'A1' is used twice"),
    (f"qualified: {{grades: [A1, A1]}}\nfit: {{}}\n{GRADE}", "2:21", "the grade 'A1' is used twice"),
    ("fit: {weight: -1}", "2:15", "-1 is not between 0 and 1,000"),
    ("fit: {floor: 5, cap: 3}", "2:14", "the floor is above the cap"),
    ("fit: {decay: none}", "2:7", "`decay` belongs to dimensions of activity rules"),
    ("fit: {groups: {g: []}}", "2:19", "this list is empty"),
    ("fit: {rules: [{id: r, label: R, when: {a: b}, points: 1e3}]}", "2:55", "at most one decimal point"),
    ("fit: {rules: [{id: r, label: R, when: {a: b}, points: '1'}]}", "2:55", "remove the quotes"),
    ("fit: {rules: [{id: r, label: R, when: {a: b}, points: 2000000}]}", "2:55", "between -1,000,000 and 1,000,000"),
    (
        "fit: {rules: [{id: r, label: R, when: {a: b}, points: 1, cap: 3}]}",
        "2:58",
        "`cap` belongs to rules on activities",
    ),
    (
        "fit: {rules: [{id: r, label: R, when: {a: b}, points: 1, tier: vital}]}",
        "2:64",
        "critical, important, influential",
    ),
    ("fit: {rules: [{id: r, when: {a: b}}]}", "2:15", "needs `label` and `points`"),
    (f"fit: {{rules: [{RULE}, {RULE}]}}", "2:59", "the id 'r' is used twice; first on line 2"),
    (f"fit: {{rules: [{RULE}]}}\nengagement: {{rules: [{ACTIVITY}]}}", "3:22", "the id 'r' is used twice"),
    ("engagement: {groups: {}}", "2:14", "`groups` belongs to dimensions of attribute rules"),
    ("engagement: {decay: {halflife: 3 days}}", "2:22", "did you mean 'half_life'?"),
    ("engagement: {decay: {half_life: 3 days, linear: 3 days}}", "2:21", "expected none, or one of"),
    ("engagement: {inactivity: {after: 30 days}}", "2:26", "either `points` or `percent`"),
    ("engagement: {inactivity: {after: 30 days, points: 5}}", "2:51", "5 is not 0 or less"),
    ("engagement: {inactivity: {after: 30 days, percent: 101}}", "2:52", "101 is not between 0 and 100"),
    ("engagement: {group_caps: {web: 20}}", "2:27", "no rule of this dimension is in the group 'web'"),
    (
        "engagement: {rules: [{id: r, label: R, on: other, points: 1, group: web}]}",
        "2:69",
        "the group 'web' has no cap under `group_caps`",
    ),
    ("engagement: {rules: [{id: r, label: R, on: pageview, points: 1}]}", "2:44", "did you mean 'page_view'?"),
    ("engagement: {rules: [{id: r, label: R, on: [], points: 1}]}", "2:44", "this list is empty"),
    ("engagement: {rules: [{id: r, label: R, on: other, points: 1, cap: -1}]}", "2:67", "must be 0 or more"),
    ("engagement: {rules: [{id: r, label: R, on: other, points: -1, cap: 1}]}", "2:68", "must be 0 or less"),
    ("engagement: {rules: [{id: r, label: R, on: other, points: 1, limit: {per: 3 days}}]}", "2:69", "needs `count`"),
    (
        "engagement: {rules: [{id: r, label: R, on: other, points: 1, when: {a: b}}]}",
        "2:62",
        "belongs to rules on attributes",
    ),
    (
        "engagement: {rules: [{id: r, label: R, on: other, points: 1, products: [x]}]}",
        "2:73",
        "there is no product 'x'",
    ),
    (
        "grade: {letter: {from: fitt, A: 3, B: 2, C: 1}, number: {from: fit, 1: 3, 2: 2, 3: 1}}\nfit: {}",
        "2:24",
        "did you mean 'fit'?",
    ),
    (
        "grade: {letter: {from: fit, A: 2, B: 2, C: 1}, number: {from: fit, 1: 3, 2: 2, 3: 1}}\nfit: {}",
        "2:38",
        "the threshold of B must be below that of A",
    ),
]


@pytest.mark.parametrize(("text", "place", "words"), DIMENSIONS)
def test_mistakes_in_dimensions(text: str, place: str, words: str) -> None:
    (only,) = problems(f"model: m\n{text}")

    assert only.startswith(f"m.yaml:{place}: ")
    assert words in only


def test_several_problems_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = "model: m\nrating: {by: total}\nlangage: fr\nhorizon: soon\n"

    assert [each.split(": ")[0] for each in problems(text)] == ["m.yaml:2:9", "m.yaml:3:1", "m.yaml:4:10"]


def test_a_wrong_declaration_brings_no_problems_about_its_uses() -> None:
    rules = "[{id: r, label: R, when: {seats: {gt: 3}, company: {in_list: l}}, points: 1}]"
    text = f"model: m\nattributes: {{seats: numbr}}\nlists: {{l: 3}}\nfit: {{rules: {rules}}}\n"

    assert [each.split(": ")[0] for each in problems(text)] == ["m.yaml:2:21", "m.yaml:3:12"]


def test_nested_aliases_are_refused_before_they_explode() -> None:
    lines = "".join(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 10)}]\n" for i in range(1, 10))

    (only,) = problems(f"b0: &b0 [x, x, x]\n{lines}")

    assert "stands for more than 500,000 values" in only


def test_deep_nesting_is_refused() -> None:
    (only,) = problems("[" * 1_000)

    assert "nested deeper than 40 levels" in only
