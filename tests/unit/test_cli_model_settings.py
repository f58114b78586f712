"""`leadgrade model` where there are settings: field maps, the configured model, published versions."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from config.settings import load_settings
from scoring.model_file import load_model
from sync.admin.cli.main import app
from sync.app import open_app

runner = CliRunner()

SETTINGS = """model: model.yaml
connections:
  sales: {kind: salesforce, domain: acme.my.salesforce.com, client_id: env:ID, client_secret: env:SECRET, fields: fields.yaml}
"""
FIELDS = """crm: salesforce
contacts:
  Contact:
    attributes: {email: Email, title: Title, points_so_far: Points__c}
accounts: {}
activities:
  Task:
    kinds: [{kind: call_connected}]
outputs:
  Contact: {score: Points__c}
"""
MODEL = """model: m
fit:
  rules:
    - {id: vp, label: VP, when: {seniority: vp}, points: 1}
    - {id: large, label: Large, when: {employees: {gt: 9}}, points: 1}
    - {id: again, label: Again, when: {points_so_far: high}, points: 1}
engagement:
  rules:
    - {id: call, label: Call, on: call_connected, points: 5}
    - {id: page, label: Page, on: page_view, points: 5}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("leadgrade.yaml", SETTINGS), ("fields.yaml", FIELDS), ("model.yaml", MODEL)):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_configured_model_is_checked_against_the_field_maps(folder):
    result = runner.invoke(app, ["model", "check"])

    assert result.exit_code == 0
    assert [line.split(": ")[0] for line in result.stdout.splitlines()[:-1]] == [
        "model.yaml:5:40",
        "model.yaml:6:40",
        "model.yaml:10:35",
    ]
    assert "nothing provides 'employees'" in result.stdout
    assert "'points_so_far' is read from a field that Leadgrade writes" in result.stdout
    assert "no activities of kind page_view are provided" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(": can be used; 3 remarks")


def test_a_reference_table_provides_its_columns(folder):
    (folder / "companies.csv").write_text("domain,employees\nacme.example,10\n")
    (folder / "leadgrade.yaml").write_text(SETTINGS + "reference_table: companies.csv\n")

    result = runner.invoke(app, ["model", "check", "model.yaml"])

    assert "employees" not in result.stdout


def test_without_settings_a_model_is_checked_by_itself(folder):
    (folder / "leadgrade.yaml").unlink()

    result = runner.invoke(app, ["model", "check", "model.yaml"])

    assert result.exit_code == 0
    assert [line.split(": ")[0] for line in result.stdout.splitlines()[:-1]] == ["model.yaml:6:40"]


def test_settings_that_are_named_must_be_there(folder):
    result = runner.invoke(app, ["model", "check", "model.yaml", "--config", "other.yaml"])

    assert result.exit_code == 2
    assert result.stderr.startswith("error: other.yaml: there is no such file")


def test_a_wrong_field_map_needs_attention(folder):
    (folder / "fields.yaml").write_text("crm: salesforce\ncontacts: 3\naccounts: {}\n")

    result = runner.invoke(app, ["model", "check"])

    assert result.exit_code == 3
    assert "fields.yaml: contacts" in result.stderr


def test_a_file_is_held_against_a_published_version(folder):
    version = load_model(MODEL, name="model.yaml", read_list=str).version
    opened = open_app(load_settings(folder / "leadgrade.yaml"))
    with opened.store.write() as unit:
        unit.models.publish(opened.workspace_no, version=version, model="m", source=MODEL, lists={})
    opened.close()
    (folder / "model.yaml").write_text(MODEL.replace("on: page_view, points: 5", "on: page_view, points: 6"))

    result = runner.invoke(app, ["model", "diff", version, "model.yaml", "--json"])
    unknown = runner.invoke(app, ["model", "diff", "0123456789ab", "model.yaml"])

    found = json.loads(result.stdout)
    assert found["before"]["version"] == version
    assert [(each["item"], each["what"], each["before"], each["after"]) for each in found["changes"]] == [
        ("page", "points", "5", "6")
    ]
    assert unknown.exit_code == 1
    assert unknown.stderr.startswith("error: there is no model file and no published version '0123456789ab'")
    assert version in unknown.stderr
