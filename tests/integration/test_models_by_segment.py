"""Two models: each person is scored by the first whose condition holds, moves when that changes, and is written once."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from scoring.segments import NO_MODEL
from sync.admin.actions.explain import explain
from sync.admin.actions.model_configured import diff_segments, live_segments
from sync.admin.actions.preview import preview
from sync.admin.cli.main import app as command_line
from sync.admin.doctor.installation import model_checks
from sync.store.tables import company_score, delivery, outbox, score_history
from tests.worlds import LATER, World

GERMAN = """\
model: german
language: en
horizon: 365 days
fit:
  rules:
    - {id: chef, label: Chef, when: {seniority: [director, vp, c_level]}, points: 30}
engagement:
  decay: {half_life: 30 days}
  rules:
    - {id: preise, label: Preise, on: page_view, where: {url: {contains: /pricing}}, points: 8}
disqualify:
  - {code: intern, reason: Praktikum, when: {seniority: intern}}
"""
REST = """\
model: rest
language: fr
fit:
  rules:
    - {id: director, label: Director, when: {seniority: [director, vp, c_level]}, points: 20}
engagement:
  rules:
    - {id: page, label: Page, on: page_view, points: 2}
disqualify:
  - {code: intern, reason: An intern, when: {seniority: intern}}
companies: {roll_up: sum}
"""
#: Whoever looked at the prices in the last days is scored by the German model wherever they are.
GERMANS = {"model": "german.yaml", "when": {"any": [{"country": ["DE", "AT"]}, {"happened": {"on": "demo_requested"}}]}}


@contextmanager
def two_models(folder):
    (folder / "german.yaml").write_text(GERMAN)
    (folder / "rest.yaml").write_text(REST)
    models = json.dumps([GERMANS, {"model": "rest.yaml"}])
    with World.opened(folder, crms=["hubspot"], settings={"models": models}) as opened:
        for name, country, title in (
            ("ada", "Germany", "Sales Director"),
            ("bob", "France", "Sales Director"),
            ("eve", "Austria", "Intern"),
            ("sam", "", "Intern"),
        ):
            values = {"email": f"{name}@acme.example", "lastname": name, "country": country, "jobtitle": title}
            opened.hubspot.create("contacts", values)
        opened.advance(LATER)
        opened.turn_writes_on()
        opened.cycle()
        yield opened


@pytest.fixture
def world(tmp_path):
    with two_models(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A world that is only looked at."""
    with two_models(tmp_path_factory.mktemp("seen")) as opened:
        yield opened


def settings_with(world, entries):
    """The same world with other settings, as after a restart."""
    world.settings["models"] = json.dumps(entries)
    world.restart()


def contact(world, name):
    return next(each for each in world.hubspot.scan("contacts") if each.values["email"].startswith(name))


def held(world, name):
    return world.held("hubspot", "contacts", contact(world, name).id)


def scored(world, name):
    number = world.person_of("hubspot", "contacts", contact(world, name).id)
    return world.scores()[number]


def test_everybody_is_scored_by_their_own_model_and_written(seen):
    german, rest = (each.loaded.model for each in seen.app.model.entries)

    assert {name: scored(seen, name)["model"] for name in ("ada", "bob", "eve", "sam")} == {
        "ada": "german",
        "bob": "rest",
        "eve": "german",
        "sam": "rest",
    }
    assert [scored(seen, name)["version"] for name in ("ada", "bob")] == [german.version, rest.version]
    assert [held(seen, name)["score"] for name in ("ada", "bob")] == ["30", "20"]
    assert held(seen, "ada")["model_version"] == f"german {german.version}"
    # Codes are the same in both models, sentences are each model's own.
    assert [held(seen, name)["disqualify_reason"] for name in ("eve", "sam")] == ["Praktikum", "An intern"]
    assert {row["model_version"] for row in seen.rows(outbox) if row["person_no"]} == {german.version, rest.version}
    assert seen.readback() == (4, [])


def test_a_changed_field_moves_a_person_to_the_other_model_with_one_write(world):
    world.advance(LATER)
    world.cycle()
    before, wrote = len(world.rows(score_history)), len(world.rows(delivery))
    world.hubspot.update("contacts", contact(world, "bob").id, {"country": "Austria"})
    world.advance(LATER)

    report = world.cycle()

    assert (report.rescored["scored"], report.rescored["changed"]) == (1, 1)
    moved = scored(world, "bob")
    assert (moved["model"], moved["total"], moved["changed_by"]) == ("german", 30, "profile")
    assert held(world, "bob")["score"] == "30"
    assert len(world.rows(score_history)) == before + 1
    assert len(world.rows(delivery)) == wrote + 1
    # A move that changes no value is noted, too.
    world.hubspot.update("contacts", contact(world, "sam").id, {"country": "Germany"})
    # A view counts as the model of whoever looked has it.
    world.visit(contact(world, "ada").id, "/pricing")
    world.visit(contact(world, "bob").id, "/pricing/plus")
    world.advance(LATER)
    assert world.cycle().rescored["scored"] == 3
    assert ["Preise" in each.reasons for each in preview(world.app).examples if each.engagement] == [True, True]
    assert (scored(world, "sam")["model"], held(world, "sam")["disqualify_reason"]) == ("german", "Praktikum")
    assert [scored(world, name)["engagement"] for name in ("ada", "bob")] == [8, 8]
    world.advance(LATER)
    assert world.cycle().rescored["scored"] == 0
    assert world.readback() == (4, [])


def test_another_condition_rescores_everybody_and_moves_some_because_of_the_model(world):
    settings_with(world, [{"model": "german.yaml", "when": {"country": "FR"}}, {"model": "rest.yaml"}])
    changes = diff_segments(live_segments(world.app.store, world.app.workspace_no), world.app.model.segments)
    assert [(each.section, each.item, each.before, each.after) for each in changes] == [
        (
            "models",
            "entry 1",
            "german for country is one of DE, AT or demo_requested",
            "german for country is FR",
        )
    ]

    report = world.cycle()

    assert report.rescored["scored"] == 4
    assert {name: scored(world, name)["model"] for name in ("ada", "bob")} == {"ada": "rest", "bob": "german"}
    assert [scored(world, name)["changed_by"] for name in ("ada", "bob")] == ["model", "model"]
    assert world.readback() == (4, [])
    assert diff_segments(live_segments(world.app.store, world.app.workspace_no), world.app.model.segments) == []


def test_whoever_no_condition_holds_for_gets_empty_fields_and_doctor_says_so(world):
    settings_with(world, [GERMANS])
    (warning,) = [each for each in model_checks(world.app) if "no score at all" in each.message]
    assert "leadgrade.yaml:" in warning.message

    world.cycle()

    bob = scored(world, "bob")
    assert (bob["model"], bob["in_scope"], bob["total"]) == (NO_MODEL, False, None)
    assert held(world, "bob")["score"] in {None, ""}
    assert held(world, "ada")["score"] == "30"
    found = explain(world.app, "bob@acme.example")
    assert found.segment == "none of the 1 entries of models holds, so nothing scores this person"
    assert found.lines.is_empty()


def test_explanations_and_previews_name_each_persons_model(seen):
    ada, bob = explain(seen.app, "ada@acme.example"), explain(seen.app, "bob@acme.example")

    assert ada.segment == "entry 1 of 2: country is one of DE, AT or demo_requested"
    assert bob.segment == "entry 2 of 2: nothing before it holds"
    assert [each["rule_id"] for each in (*ada.lines.rows(named=True), *bob.lines.rows(named=True))] == [
        "chef",
        "director",
    ]
    found = preview(seen.app)
    assert {(each.value, each.people) for each in found.models} == {("german", 2), ("rest", 2)}
    assert {each.total: each.reasons.split(" ")[0] for each in found.examples if each.total} == {
        30: ada.reasons.split(" ")[0],
        20: bob.reasons.split(" ")[0],
    }


def test_companies_are_rolled_up_from_the_people_of_all_models(seen):
    assert [row["score"] for row in seen.rows(company_score)] == [50]


def test_the_command_line_tells_the_models_apart(seen, monkeypatch):
    monkeypatch.chdir(seen.folder)
    runner = CliRunner()

    checked = runner.invoke(command_line, ["model", "check"])
    shown = runner.invoke(command_line, ["model", "show", "--json"])
    compared = runner.invoke(command_line, ["model", "diff", "--json"])
    single = runner.invoke(command_line, ["model", "diff", seen.app.model.version, "german.yaml"])

    assert checked.exit_code == 0
    german, rest = (each.loaded.model for each in seen.app.model.entries)
    assert checked.stdout.splitlines()[-3:] == [
        f"1. german, version {german.version} (german.yaml): country is one of DE, AT or demo_requested",
        f"2. rest, version {rest.version} (rest.yaml): everybody else",
        f"models german, rest by segment, version {seen.app.model.version}: can be used; nothing to remark",
    ]
    assert [each["model"] for each in json.loads(shown.stdout)["entries"]] == ["german", "rest"]
    assert json.loads(compared.stdout)["same"] is True
    assert "is several models by segment: german, rest" in single.stderr
