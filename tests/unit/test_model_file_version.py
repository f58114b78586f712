"""The version of a model changes with its meaning and with nothing else."""

from __future__ import annotations

import pytest

from scoring.model_file import load_model

BEFORE = """\
model: m
attributes: {seats: number, plan: list}
lists: {staff: {file: staff.txt}}
fit:
  weight: 1
  rules:
    - {id: a, label: A, when: {seniority: [vp, director], seats: {gt: 3, lt: 10}}, points: 1}
    - {id: b, label: B, when: {any: [{email_domain: {in_list: staff}}, {plan: x}]}, points: 2}
"""


def version(text: str, staff: str = "a.example\nb.example\n") -> str:
    return load_model(text, name="m.yaml", read_list={"staff.txt": staff, "other.txt": staff}.__getitem__).version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("model: m", "# a comment\n\nmodel:   'm'"),
        ("{seats: number, plan: list}", "{plan: list, seats: number}"),
        ("weight: 1", "weight: 1.000"),
        ("[vp, director]", "[director, vp, director]"),
        ("{gt: 3, lt: 10}", "{lt: '10.0', gt: 3.00}"),
        (
            "seniority: [vp, director], seats: {gt: 3, lt: 10}",
            "seats: {gt: 3, lt: 10}, seniority: {in: [vp, director]}",
        ),
        ("[{email_domain: {in_list: staff}}, {plan: x}]", "[{plan: x}, {email_domain: {in_list: staff}}]"),
        ("{file: staff.txt}", "[b.example, a.example]"),
        ("{file: staff.txt}", "{file: other.txt}"),
        ("points: 1}", "points: 1.0004}"),
    ],
)
def test_what_changes_no_score_keeps_the_version(old: str, new: str) -> None:
    assert old in BEFORE

    assert version(BEFORE.replace(old, new)) == version(BEFORE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("model: m", "model: n"),
        ("seats: number", "seats: text"),
        ("[vp, director]", "[vp]"),
        ("gt: 3", "gte: 3"),
        ("gt: 3", "gt: 3.0001"),
        ("any:", "all:"),
        ("plan: x", "plan: {contains: x}"),
        ("plan: x", "plan: {in: [x], case: true}"),
        ("label: A", "label: B"),
        ("points: 1}", "points: 1.001}"),
        ("id: b", "id: c"),
    ],
)
def test_what_changes_a_score_or_a_sentence_changes_the_version(old: str, new: str) -> None:
    text = BEFORE.replace("{seats: number, plan: list}", "{seats: text, plan: list}") if "text" in new else BEFORE
    changed = text.replace("seats: {gt: 3, lt: 10}", "seats: x") if "text" in new else BEFORE.replace(old, new)

    assert version(changed) != version(BEFORE)


def test_the_order_of_rules_counts() -> None:
    head, first, second = BEFORE.partition("    - {id: a")[0], *BEFORE.splitlines(keepends=True)[-2:]

    assert version(head + second + first) != version(BEFORE)


def test_the_content_of_a_list_file_counts() -> None:
    assert version(BEFORE, staff="b.example\n\n# moved\na.example") == version(BEFORE)
    assert version(BEFORE, staff="a.example\n") != version(BEFORE)


def test_numbers_and_texts_that_look_alike_are_different() -> None:
    text = "model: m\nattributes: {x: TYPE}\nfit: {rules: [{id: r, label: R, when: {x: '1'}, points: 1}]}"

    versions = {version(text.replace("TYPE", kind)) for kind in ("text", "number", "list")}

    assert len(versions) == 3
