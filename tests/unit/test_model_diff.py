"""`leadgrade model diff`: every difference that makes another version, in words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from typer.testing import CliRunner

from scoring.model_file import load_model
from sync.admin.actions.model_diff import ChangeKind, diff_models
from sync.admin.cli.main import app
from tests.engine_builders import a_model
from tests.engine_strategies import models

MODEL = """model: m
title: First
attributes: {seats: number}
lists: {rivals: [a.example, b.example]}
scope: {not: {relation: customer}}
fit:
  weight: 0.5
  cap: 40
  groups:
    title:
      - {id: boss, label: Boss, when: {seniority: [vp, c_level]}, points: 12, tier: critical}
      - {id: manager, label: Manager, when: {seniority: manager}, points: 7}
  rules:
    - {id: seats, label: Many seats, when: {seats: {gte: 100}}, points: 5}
engagement:
  decay: {half_life: 30 days}
  group_caps: {web: 20}
  rules:
    - {id: pricing, label: Pricing, on: page_view, where: {url: {contains: /pricing}}, points: 12, limit: {count: 3, per: 30 days}, group: web, intent: active, products: [suite]}
    - {id: call, label: Call, on: [call_inbound, call_connected], points: 3}
  inactivity: {after: 30 days, points: -5}
quality:
  completeness: {fields: [email, phone], below: {percent: 50, points: -5}}
  rules: [{id: free-mail, label: Free mail, when: {email_class: free}, points: -5}]
enrichment: {discount: true, unmatched: -3}
machines: {click_after_send: 2 seconds}
gates: [{id: no-demo, label: No demo, cap: 64, unless: {happened: {on: demo_attended, within: 180 days}}}]
grade: {letter: {from: fit, A: 15, B: 10, C: 1}, number: {from: engagement, 1: 18, 2: 10, 3: 1}}
rating: {by: grade, hot: [A1, A2], warm: [B1]}
qualified: {total: 30, keep_until: 25}
attention: [{code: hurry, reason: Hurry, when: {happened: {on: chat, within: 1 day}}}]
disqualify: [{code: rival, reason: Rival, when: {email_domain: {in_list: rivals}}}, {code: student, reason: Student, when: {seniority: student}}]
products: {suite: {cap: 100}}
companies: {roll_up: top, n: 3}
trend: {days: 30}
"""
STUDENT = ", {code: student, reason: Student, when: {seniority: student}}"
RIVAL = "{code: rival, reason: Rival, when: {email_domain: {in_list: rivals}}}"


def load(text: str):
    return load_model(text, name="m.yaml", read_list=str)


def changed(old: str, new: str) -> list[tuple[str, str, str, str, str, str]]:
    assert MODEL.count(old) == 1
    found = diff_models(load(MODEL), load(MODEL.replace(old, new)))
    return [(each.section, each.item, each.kind.value, each.what, each.before, each.after) for each in found]


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("title: First", "title: Second", ("model", "", "changed", "title", "First", "Second")),
        (
            "scope: {not: {relation: customer}}",
            "language: en",
            ("model", "", "changed", "scope", "not (relation is customer)", "everybody"),
        ),
        ("2 seconds", "1 minute", ("model", "", "changed", "machines", *[f"clicks within {t} of the sending" for t in ("2 seconds", "1 minute")])),
        ("{seats: number}", "{seats: number, plan: list}", ("attributes", "plan", "added", "", "", "type: list")),
        ("weight: 0.5", "weight: 0.6", ("fit", "", "changed", "weight", "0.5", "0.6")),
        ("points: 12, tier: critical", "points: 10, tier: critical", ("fit", "boss", "changed", "points", "12", "10")),
        ("tier: critical", "tier: important", ("fit", "boss", "changed", "tier", "critical", "important")),
        (
            "seniority: [vp, c_level]",
            "seniority: vp",
            ("fit", "boss", "changed", "when", "seniority is one of vp, c_level", "seniority is vp"),
        ),
        (
            "  rules:\n    - {id: seats, label: Many seats, when: {seats: {gte: 100}}, points: 5}\n",
            "",
            ("fit", "seats", "removed", "", "points: 5, label: Many seats, when: seats >= 100", ""),
        ),
        ("{web: 20}", "{web: 25}", ("engagement", "", "changed", "group caps", "web 20", "web 25")),
        ("{count: 3, per: 30 days}", "{count: 2}", ("engagement", "pricing", "changed", "limit", "3 per 30 days", "2")),
        ("intent: active", "intent: none", ("engagement", "pricing", "changed", "intent", "active", "none")),
        ("products: [suite]", "cap: 9", None),
        (
            "points: 3}\n",
            "points: 3, decay: none}\n",
            ("engagement", "call", "changed", "decay", "halves every 30 days", "stays"),
        ),
        (
            "inactivity: {after: 30 days, points: -5}",
            "inactivity: {after: 60 days, points: -5}",
            ("engagement", "", "changed", "inactivity", "-5 points after 30 days", "-5 points after 60 days"),
        ),
        ("[email, phone]", "[email, title]", ("quality", "", "changed", "completeness of", "email, phone", "email, title")),
        ("percent: 50", "percent: 60", ("quality", "", "changed", "incomplete", "-5 below 50 percent", "-5 below 60 percent")),
        ("unmatched: -3", "unmatched: -4", ("enrichment", "", "changed", "unmatched", "-3", "-4")),
        ("cap: 64", "cap: 60", ("gates", "no-demo", "changed", "cap", "64", "60")),
        (
            "A: 15",
            "A: 16",
            ("outcome", "", "changed", "letter", *[f"of fit: A from {a}, B from 10, C from 1" for a in (15, 16)]),
        ),
        (
            "total: 30",
            "total: 35",
            ("outcome", "", "changed", "qualified", *[f"total from {t}, kept until 25" for t in (30, 35)]),
        ),
        ("n: 3", "n: 5", ("outcome", "", "changed", "companies", "top 3", "top 5")),
        ("trend: {days: 30}", "trend: {days: 60}", ("outcome", "", "changed", "trend", "30 days", "60 days")),
        ("reason: Student", "reason: Pupil", ("disqualify", "student", "changed", "reason", "Student", "Pupil")),
        (f"{RIVAL}{STUDENT}", f"{STUDENT[2:]}, {RIVAL}", ("disqualify", "", "changed", "order", "rival, student", "student, rival")),
        ("suite: {cap: 100}", "suite: {include_fit: true, cap: 100}", ("products", "suite", "changed", "with fit", "no", "yes")),
        (
            "[a.example, b.example]",
            "[a.example, c.example, d.example]",
            ("lists", "rivals", "changed", "values", "2 values, gone b.example", "3 values, new c.example, d.example"),
        ),
    ],
)  # fmt: skip
def test_a_difference_in_words(old, new, difference):
    found = changed(old, new)

    if difference is None:
        assert {each[3] for each in found} == {"limit", "products"}
    else:
        assert found == [difference]


def test_formatting_comments_and_meaningless_order_are_no_difference():
    assert changed("[vp, c_level]", "[ c_level,vp ]") == []
    assert changed("title: First", "# a comment\ntitle:   First") == []
    assert changed("hot: [A1, A2]", "hot: [A2, A1]") == []
    assert changed("[a.example, b.example]", "[b.example, a.example]") == []


def test_a_rule_that_moves_to_a_group_says_so():
    moved = "      - {id: seats, label: Many seats, when: {seats: {gte: 100}}, points: 5}\n  rules: []\n"
    found = changed("  rules:\n    - {id: seats, label: Many seats, when: {seats: {gte: 100}}, points: 5}\n", moved)

    assert found == [("fit", "seats", "changed", "group", "", "title")]


@settings(max_examples=60, deadline=None)
@given(models(), models())
def test_there_are_differences_exactly_where_the_versions_differ(one, other):
    before, after = a_model(**one), a_model(**other)
    there, back = diff_models(before, after), diff_models(after, before)

    assert bool(there) == bool(back) == (before.version != after.version)
    flipped = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    forth = {(each.section, each.item, each.what, each.kind, each.before) for each in there}
    assert forth == {
        (each.section, each.item, each.what, flipped.get(each.kind, each.kind), each.after) for each in back
    }


def test_the_command_prints_a_table(tmp_path):
    for name, text in (("a.yaml", MODEL), ("b.yaml", MODEL.replace("points: 7", "points: 8"))):
        (tmp_path / name).write_text(text)

    result = CliRunner().invoke(app, ["model", "diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")])

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("from m, version ")
    assert lines[1].split() == ["part", "of", "change", "difference"]
    assert lines[2].split(maxsplit=3) == ["fit", "manager", "changed", "points: 7 -> 8"]
    assert lines[-1] == "1 difference"


def test_the_command_prints_json():
    result = CliRunner().invoke(app, ["model", "diff", "preset:b2b", "preset:industrial", "--json"])

    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert list(found) == ["before", "after", "same", "changes"]
    assert (found["before"]["model"], found["after"]["model"], found["same"]) == ("b2b", "industrial", False)
    assert list(found["changes"][0]) == ["section", "item", "kind", "what", "before", "after"]
    assert {"added", "removed", "changed"} == {each["kind"] for each in found["changes"]}


def test_the_same_model_twice():
    result = CliRunner().invoke(app, ["model", "diff", "preset:b2b", "preset:b2b"])

    assert result.exit_code == 0
    assert result.stdout.endswith("both are the same model\n")
