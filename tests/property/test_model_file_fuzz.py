"""Whatever stands in a model file, loading gives a model, which can be checked, or positioned problems.

`LEADGRADE_FUZZ_CASES=5000 python -m pytest tests/property/test_model_file_fuzz.py` is the long run.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.errors import ModelError
from scoring.model_check import check_model
from scoring.model_file import load_model
from scoring.vocabulary import ACTIVITY_KINDS, CANONICAL_ATTRIBUTES

SEED = """\
model: b2b
time_zone: Europe/Paris
attributes: {plan_interest: list, seats: number, signed: date}
lists: {competitors: [rival.example, 75001], staff: {file: staff.txt}}
scope: {not: {relation: [customer, partner]}}
fit:
  weight: 1.5
  floor: -50
  groups:
    title:
      - {id: director, label: Director, when: {seniority: [director, vp]}, points: 12, tier: critical}
  rules:
    - {id: size, label: Size, when: {any: [{employees: {gte: 3, lt: 9}}, {seats: {between: [1, 2]}}]}, points: 1.5}
    - {id: text, label: Text, when: {company: {contains: a, case: true}, city: {matches: "^a+$"}}, points: -1}
    - {id: date, label: Date, when: {signed: {before: 90 days}, created_at: {after: 2026-01-01}}, points: 1}
engagement:
  decay: {half_life: 30 days}
  group_caps: {web: 20}
  rules:
    - {id: page, label: Page, on: [page_view, search], where: {url: {contains: /x}}, points: 3, limit: {count: 3, per: 30 days}, cap: 9, group: web, products: suite}
  inactivity: {after: 30 days, percent: 20, every: 30 days}
dimensions:
  depth: {kind: activities, rules: [{id: d, label: d, on: other, points: 1, decay: none}]}
machines: {click_after_send: 2 seconds, burst: {links: 3, within: 2 seconds}}
quality: {cap: -20, completeness: {fields: [email], below: {percent: 50, points: -5}}, rules: []}
enrichment: {discount: true, stale: {after: 1 week, points: -2}, conflicts: {fields: [country], points: -3}}
total: {floor: 0, cap: 100}
gates: [{id: g, label: g, cap: 64, unless: {happened: {on: demo_attended, within: 9 days, at_least: 2}}}]
grade: {letter: {from: fit, A: 3, B: 2, C: 1}, number: {from: engagement, 1: 3, 2: 2, 3: 1}}
rating: {by: grade, hot: [A1], warm: [B2]}
qualified: {total: 65, keep_until: 60, grades: [A1]}
disqualify: [{code: c, reason: r, when: {email_domain: {in_list: staff}}}]
on_disqualify: {total: 0, grade: D4}
products: {suite: {include_fit: true, cap: 10}}
companies: {roll_up: top, n: 3, weights: {by: seniority, vp: 1.5}}
trend: {days: 30}
"""
WORDS = [
    *(
        "",
        "~",
        "true",
        "no",
        "0",
        "-1",
        "1e9",
        ".5",
        "9" * 40,
        "0.0005",
        "2026-02-30",
        "2026-02-28",
        "30 days",
        "36 hours",
    ),
    *(
        "{}",
        "[]",
        "{a: b}",
        "[1, a]",
        "&a x",
        "*a",
        "<<",
        "!x y",
        "? [a]",
        '"\\ud800"',
        "'",
        '"',
        "|",
        ">",
        "%",
        "@",
        "`",
    ),
    *(
        "all",
        "any",
        "not",
        "happened",
        "in_list",
        "matches",
        "(",
        "[a-",
        "(?=x)",
        "case",
        "fit",
        "engagement",
        "\t",
        "\x00",
    ),
    *(
        "é",
        "\u2028",
        "\ufeff",
        "\x85",
        "😀",
        "---",
        "...",
        "#",
        ": ",
        "- ",
        "enriched_",
        "enriched_email",
        "none",
        "A1",
        "suite",
    ),
    *ACTIVITY_KINDS[:3],
    *list(CANONICAL_ATTRIBUTES)[:5],
]
_CASES = int(os.environ.get("LEADGRADE_FUZZ_CASES", "400"))
FUZZ = settings(max_examples=_CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def load(text: str) -> None:
    lists = {"staff.txt": "a.example\n# no\n\n1"}
    loaded = problems = None
    try:
        loaded = load_model(text, name="m.yaml", read_list=lists.__getitem__)
    except ModelError as error:
        problems = error.problems
    if loaded is not None:
        assert len(loaded.version) == 12
        problems = check_model(loaded)
        if not problems:
            return
    last_line = 2 + sum(text.count(end) for end in ("\n", "\r", "\x85", "\u2028", "\u2029"))
    assert problems
    for problem in problems:
        assert problem.file == "m.yaml"
        assert 1 <= problem.line <= last_line
        assert problem.column >= 1
        assert problem.message


@FUZZ
@given(st.text())
def test_any_text_is_a_model_or_has_positioned_problems(text: str) -> None:
    load(text)


@FUZZ
@given(
    st.lists(st.sampled_from([*WORDS, "\n", "\n  ", " ", ": ", ", ", "model: b2b\n", "fit: ", "rules: "])).map("".join)
)
def test_any_pile_of_yaml_is_a_model_or_has_positioned_problems(text: str) -> None:
    load(text)


@FUZZ
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(SEED)), st.integers(0, 12), st.one_of(st.sampled_from(WORDS), st.text(max_size=4))
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_damaged_model_loads_or_has_positioned_problems(damages: list[tuple[int, int, str]]) -> None:
    text = SEED
    for at, removed, put in damages:
        text = text[:at] + put + text[at + removed :]
    load(text)


@FUZZ
@given(st.data())
def test_a_model_with_a_word_exchanged_loads_or_has_positioned_problems(data: st.DataObject) -> None:
    words = SEED.replace("{", " { ").replace("}", " } ").replace("[", " [ ").replace("]", " ] ").split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(WORDS + words))
    load(" ".join(words))


def test_the_seed_of_the_fuzzing_is_a_model() -> None:
    model = load_model(SEED, name="m.yaml", read_list={"staff.txt": "a.example"}.__getitem__)

    assert [dimension.name for dimension in model.dimensions] == ["fit", "engagement", "depth"]
