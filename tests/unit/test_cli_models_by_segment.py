"""`leadgrade model` without a file: what the settings name, one model or several by segment."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from sync.admin.cli.main import app

runner = CliRunner()

SETTINGS = """models:
  - {model: dach.yaml, when: {country: [DE, AT], seats: {gt: 5}}}
  - {model: rest.yaml, when: {country: {present: true}}}
"""
DACH = """model: dach
attributes: {seats: number}
fit:
  rules:
    - {id: vp, label: VP, when: {seniority: vp}, points: 1}
"""
REST = """model: rest
engagement:
  rules:
    - {id: page, label: Page, on: page_view, points: 5}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("leadgrade.yaml", SETTINGS), ("dach.yaml", DACH), ("rest.yaml", REST)):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_all_models_and_their_conditions_are_checked(folder):
    result = runner.invoke(app, ["model", "check", "--json"])

    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["usable"], found["model"]) == (True, "dach, rest")
    assert [(each["model"], each["file"], each["when"]) for each in found["models"]] == [
        ("dach", "dach.yaml", "country is one of DE, AT and seats > 5"),
        ("rest", "rest.yaml", "country is known"),
    ]
    # `seats` is not useless: the condition in the settings looks at it.
    assert [(each["file"], each["line"], each["column"], each["message"]) for each in found["findings"]] == [
        ("leadgrade.yaml", 3, 13, "whoever none of these conditions holds for gets no score at all")
    ]


def test_a_broken_condition_and_a_broken_model_are_told_together(folder):
    (folder / "leadgrade.yaml").write_text(SETTINGS.replace("gt: 5", "gt: five"))
    (folder / "rest.yaml").write_text(REST.replace("page_view", "page_veiw"))

    result = runner.invoke(app, ["model", "check"])

    assert result.exit_code == 1
    condition, model, end = result.stdout.splitlines()
    assert condition.startswith("leadgrade.yaml:2:62: ")
    assert model.startswith("rest.yaml:4:35: ")
    assert model.endswith("did you mean 'page_view'?")
    assert end == "2 to correct: the model cannot be used"


def test_all_models_are_shown_with_whom_they_score(folder):
    text = runner.invoke(app, ["model", "show"])
    shown = runner.invoke(app, ["model", "show", "--json"])

    assert (text.exit_code, shown.exit_code) == (0, 0)
    assert "country is one of DE, AT and seats > 5" in text.stdout
    assert "VP" in text.stdout
    assert "Page" in text.stdout
    found = json.loads(shown.stdout)
    assert [each["when"] for each in found["entries"]] == ["country is one of DE, AT and seats > 5", "country is known"]
    assert [each["content"]["name"] for each in found["models"]] == ["dach", "rest"]


def test_the_only_model_is_shown_without_a_file(folder):
    (folder / "leadgrade.yaml").write_text("model: rest.yaml\n")

    named, unnamed = (runner.invoke(app, ["model", "show", *file]) for file in (["rest.yaml"], []))

    assert named.exit_code == unnamed.exit_code == 0
    assert named.stdout == unnamed.stdout


def test_a_comparison_with_what_scored_last_needs_a_scoring(folder):
    result = runner.invoke(app, ["model", "diff"])

    assert result.exit_code == 1
    assert "nothing was scored yet" in result.stderr
    assert "leadgrade sync" in result.stderr


def test_one_model_alone_cannot_be_compared(folder):
    result = runner.invoke(app, ["model", "diff", "rest.yaml"])

    assert result.exit_code == 2
    assert "name two models, or none" in result.stderr
