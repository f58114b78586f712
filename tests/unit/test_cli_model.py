"""`leadgrade model check`, `schema`, `show`; `diff` has a file of its own."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from sync.admin.cli.main import app

runner = CliRunner()

BROKEN = """model: tiny
fit:
  rules:
    - {id: boss, label: Boss, when: {seniority: c_level}, pionts: 5}
    - {id: boss, label: Boss, when: {employes: {gt: many}}, points: 5}
"""

RICH = """model: rich
title: Everything at once
horizon: 365 days
attributes: {seats: number, plans: list}
lists: {rivals: [rival.example, other.example]}
scope: {not: {relation: [customer, partner]}}
fit:
  weight: 0.5
  cap: 40
  groups:
    title:
      - {id: boss, label: Boss, when: {seniority: [vp, c_level]}, points: 12.5}
  rules:
    - {id: seats, label: Many seats, when: {any: [{seats: {between: [10, 20]}}, {seats: {gte: 100}}]}, points: 5}
    - {id: fresh, label: New, when: {created_at: {after: 90 days}, plans: {contains: pro, case: true}}, points: 1}
    - {id: old, label: Old, when: {created_at: {before: 2020-01-01}, website: {missing: true}}, points: -1}
engagement:
  floor: 0
  decay: {half_life: 30 days}
  group_caps: {web: 20}
  rules:
    - {id: pricing, label: Pricing, on: page_view, where: {url: {contains: /pricing}}, points: 12, limit: {count: 3, per: 30 days}, cap: 30, group: web, intent: active, products: [suite]}
    - {id: call, label: Call, on: [call_inbound, call_connected], points: 3, decay: {expiry: 10 days}}
    - {id: chat, label: Chat, on: chat, points: 2, decay: {linear: 90 days}, limit: {count: 1}}
    - {id: note, label: Note, on: note, points: 1, decay: none}
  inactivity: {after: 30 days, points: -5, every: 30 days, cap: -15}
quality:
  cap: -20
  completeness: {fields: [email, phone], below: {percent: 50, points: -5}}
  rules:
    - {id: free-mail, label: Free mail, when: {email_class: free}, points: -5}
enrichment:
  cap: -8
  discount: true
  unmatched: -3
  stale: {after: 365 days, points: -2}
  low_confidence: {below: 0.6, points: -2}
  conflicts: {fields: [employees], points: -3}
gates:
  - {id: no-demo, label: No demo, cap: 64, unless: {happened: {on: demo_attended, within: 180 days, at_least: 2}}}
grade:
  letter: {from: fit, A: 20, B: 10, C: 1}
  number: {from: engagement, 1: 40, 2: 20, 3: 1}
rating: {by: total, hot: 71, warm: 31}
qualified: {total: 65, keep_until: 60, grades: [A1]}
attention:
  - {code: hurry, reason: Hurry up, when: {happened: {on: chat, within: 1 day}}}
disqualify:
  - {code: rival, reason: Rival, when: {email_domain: {in_list: rivals}}}
products: {suite: {include_fit: true, cap: 100}}
companies: {roll_up: top, n: 3, cap: 80, weights: {by: seniority, vp: 1.5}}
machines: {click_after_send: 2 minutes, burst: {links: 3, within: 2 seconds}}
"""


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    return path


@pytest.fixture
def rich(tmp_path):
    path = tmp_path / "rich.yaml"
    path.write_text(RICH)
    return path


def test_a_preset_can_be_used():
    result = runner.invoke(app, ["model", "check", "preset:b2b"])

    assert result.exit_code == 0
    assert result.output.startswith("model b2b, version ")


def test_problems_are_listed_with_their_places_and_exit_1(broken):
    result = runner.invoke(app, ["model", "check", str(broken)])

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith(f"{broken}:4:59: ") and "did you mean 'points'?" in line for line in lines)
    assert lines[-1].endswith(" to correct: the model cannot be used")


def test_problems_as_json(broken):
    result = runner.invoke(app, ["model", "check", str(broken), "--json"])

    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert list(found) == ["file", "usable", "model", "version", "problems", "findings"]
    assert found["usable"] is False
    (typo,) = (each for each in found["problems"] if "'points'" in each["message"])
    assert (typo["file"], typo["line"], typo["column"]) == (str(broken), 4, 59)


def test_findings_are_shown_and_exit_0(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("model: m\nfit: {rules: [{id: a, label: A, when: {country: France}, points: 5}]}\n")

    shown = runner.invoke(app, ["model", "check", str(path)])
    as_json = runner.invoke(app, ["model", "check", str(path), "--json"])

    assert shown.exit_code == as_json.exit_code == 0
    assert f"{path}:2:" in shown.stdout
    (finding, *_) = json.loads(as_json.stdout)["findings"]
    assert finding["severity"] == "warning"
    assert finding["advice"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("preset:b2c", "error: there is no preset:b2c; did you mean 'b2b'?\n"),
        ("nowhere.yaml", "error: nowhere.yaml: there is no such model file\n"),
        ("b2b", "error: b2b: there is no such model file; did you mean preset:b2b\n"),
    ],
)
def test_a_model_that_is_not_there_is_wrong_use(name, message):
    result = runner.invoke(app, ["model", "check", name])

    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert "preset:b2b" in result.stderr.splitlines()[-1]


def test_a_preset_cannot_be_a_way_out_of_its_folder():
    assert runner.invoke(app, ["model", "check", "preset:../presets/b2b"]).exit_code == 2


def test_the_schema_is_a_json_schema():
    result = runner.invoke(app, ["model", "schema"])

    assert json.loads(result.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_showing_a_broken_model_names_the_places(broken):
    result = runner.invoke(app, ["model", "show", str(broken)])

    assert result.exit_code == 1
    assert f"{broken}:4:59: " in result.stderr


@pytest.mark.parametrize(
    "sentence",
    [
        "scope      not (relation is one of customer, partner)",
        "seniority is one of vp, c_level",
        "12.5",
        "seats is from 10 to 20 or seats >= 100",
        "created_at is less than 90 days ago and plans contains pro (case counts)",
        "created_at is before 2020-01-01 and website is missing",
        "page_view where url contains '/pricing'",
        "3 per 30 days, cap 30",
        "call_inbound or call_connected",
        "halves every 30 days",
        "ends after 10 days",
        "fades over 90 days",
        "inactivity  -5 points after 30 days, again every 30 days, at most -15",
        "-5 below 50 percent",
        "at least 2 times demo_attended within 180 days",
        "of fit: A from 20, B from 10, C from 1",
        "hot from 71, warm from 31, else cold",
        "total from 65, kept until 60, grades A1",
        "email_domain is in the list rivals",
        "-2 below 0.6",
        "top 3, cap 80, weights by seniority: vp 1.5",
        "clicks within 2 minutes of the sending, clicks on 3 links of a mail within 2 seconds",
        "seats      number",
    ],
)
def test_the_page_says_in_words_what_the_model_does(rich, sentence):
    assert sentence in runner.invoke(app, ["model", "show", str(rich)]).stdout


def test_the_content_as_json_has_everything_that_makes_the_version(rich):
    found = json.loads(runner.invoke(app, ["model", "show", str(rich), "--json"]).stdout)

    assert list(found) == ["model", "version", "content"]
    assert found["content"]["dimensions"][0]["weight"] == 500
    assert found["content"]["rating"] == {"is": "RatingByTotal", "hot": 71000, "warm": 31000}
    assert "position" not in json.dumps(found)


@pytest.mark.parametrize("name", ["b2b", "industrial", "profile-interest"])
def test_every_preset_can_be_shown(name):
    result = runner.invoke(app, ["model", "show", f"preset:{name}"])

    assert result.exit_code == 0
    assert "Disqualification" in result.stdout
