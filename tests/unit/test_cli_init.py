"""`leadgrade init`: a folder from which everything else can start."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from config.settings import load_settings
from sync.admin.cli.main import app

runner = CliRunner()


def test_settings_model_and_lists_are_written_and_fit_together(tmp_path):
    folder = tmp_path / "acme"

    result = runner.invoke(app, ["init", str(folder)])

    assert result.exit_code == 0
    settings = load_settings(folder / "leadgrade.yaml")
    assert settings.model_path() == folder / "model.yaml"
    assert runner.invoke(app, ["model", "check", str(folder / "model.yaml")]).exit_code == 0
    assert (folder / "lists" / "competitor-domains.txt").exists()
    assert "# Leadgrade settings." in (folder / "leadgrade.yaml").read_text()


def test_the_folder_and_the_settings_are_for_their_owner_alone(tmp_path):
    folder = tmp_path / "acme"

    runner.invoke(app, ["init", str(folder)])

    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "leadgrade.yaml").stat().st_mode & 0o077 == 0


def test_the_next_steps_are_told(tmp_path):
    lines = runner.invoke(app, ["init", str(tmp_path)]).stdout.splitlines()

    assert lines[0] == f"written: {tmp_path}/leadgrade.yaml"
    steps = lines[lines.index("next:") + 1 :]
    assert steps[0] == f"  1. cd {tmp_path}"
    assert steps[2] == "  3. set the secrets: SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET, HUBSPOT_TOKEN"


def test_the_files_as_json(tmp_path):
    found = json.loads(runner.invoke(app, ["init", str(tmp_path), "--json"]).stdout)

    assert found["folder"] == str(tmp_path)
    assert found["files"][:2] == [f"{tmp_path}/leadgrade.yaml", f"{tmp_path}/model.yaml"]
    assert found["variables"] == ["SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "HUBSPOT_TOKEN"]


def test_nothing_is_overwritten_and_nothing_is_half_written(tmp_path):
    (tmp_path / "model.yaml").write_text("model: mine\n")

    result = runner.invoke(app, ["init", str(tmp_path)])

    assert result.exit_code == 1
    assert result.stderr == (
        f"error: not overwritten: {tmp_path}/model.yaml\nnext: name another folder, or move these files away first\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["model.yaml"]
    assert (tmp_path / "model.yaml").read_text() == "model: mine\n"


def test_an_unknown_preset_is_wrong_use(tmp_path):
    result = runner.invoke(app, ["init", str(tmp_path), "--preset", "b2x"])

    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_wrong_use(tmp_path):
    path = tmp_path / "file"
    path.write_text("")

    assert runner.invoke(app, ["init", str(path)]).exit_code == 2
