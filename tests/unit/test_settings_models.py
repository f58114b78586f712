"""`models:` in the settings: one model by segment each, with errors that name file, line and column."""

from __future__ import annotations

import json

import pytest

from config.errors import SettingsError
from config.settings import load_settings
from scoring.errors import ModelError
from sync.scoring_model import read_models

PARIS = "model: paris\ntime_zone: Europe/Paris\ncurrency: EUR\n"
UTC = "model: world\ncurrency: USD\nattributes: {seats: number}\nlists: {ours: {file: ours.txt}}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "paris.yaml").write_text(PARIS)
    (tmp_path / "world.yaml").write_text(UTC)
    (tmp_path / "ours.txt").write_text("DE\nAT\n")
    return tmp_path


def settings(folder, text):
    (folder / "leadgrade.yaml").write_text(text)
    return load_settings(folder / "leadgrade.yaml")


def problems(folder, text):
    with pytest.raises(ModelError) as error:
        read_models(settings(folder, text))
    return [str(each) for each in error.value.problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model: preset:b2b\nmodels:\n  - {model: world.yaml}\n", "leadgrade.yaml:2:1: models: give either `model`"),
        ("models: []\n", "leadgrade.yaml:1:1: models: `models` is empty"),
        ("models:\n  - {when: {country: DE}}\n", "leadgrade.yaml:2:5: models.0.model: Field required"),
        ("models:\n  - {model: a.yaml, wehn: {}}\n", "leadgrade.yaml:2:21: models.0.wehn: unknown key"),
    ],
)
def test_settings_that_name_models_wrongly_are_refused_by_their_place(folder, text, message):
    with pytest.raises(SettingsError, match=message.replace("`", "[`]").replace(".", "[.]")):
        settings(folder, text)


def test_one_model_for_everybody_is_one_entry_with_its_own_version(folder):
    found = read_models(settings(folder, "model: world.yaml\n"))

    assert (found.is_plain, found.name, found.version) == (True, "world", found.models[0].model.version)
    assert found.source == UTC


def test_conditions_know_the_types_and_lists_of_the_model_beside_them(folder):
    text = (
        "models:\n  - {model: world.yaml, when: {seats: {gt: 5}, country: {in_list: ours}}}\n"
        "  - {model: world.yaml, when: {country: FR}}\n  - model: preset:b2b\n"
    )
    text = text.replace("preset:b2b", "plain.yaml")
    (folder / "plain.yaml").write_text("model: plain\n")

    found = read_models(settings(folder, text))

    assert [each.loaded.model.name for each in found.entries] == ["world", "world", "plain"]
    assert [each.model.name for each in found.models] == ["world", "plain"]
    assert found.name == "world, plain"
    assert [(each.position.line, each.position.column) for each in found.entries] == [(2, 13), (3, 13), (4, 12)]
    kept = json.loads(found.source)["models"]
    assert kept[1] == {"model": "world", "version": found.models[0].model.version, "when": {"country": "FR"}}


def test_every_problem_of_every_file_and_condition_is_told_at_once(folder):
    (folder / "broken.yaml").write_text("model: broken\ntrend: 3\n")
    text = (
        "models:\n"
        "  - {model: broken.yaml, when: {country: DE}}\n"
        "  - {model: world.yaml, when: {seats: {gt: many}}}\n"
        "  - model: world.yaml\n"
        "    when: {happened: {on: page_veiw}}\n"
    )

    broken, many, kind = problems(folder, text)

    assert broken.startswith("broken.yaml:2:8: ")
    assert many.startswith("leadgrade.yaml:3:44: ")
    assert kind.startswith("leadgrade.yaml:5:27: ")
    assert kind.endswith("did you mean 'page_view'?")


def test_models_that_disagree_on_the_day_or_on_money_are_refused(folder):
    zone, money = problems(folder, "models:\n  - {model: paris.yaml, when: {country: FR}}\n  - {model: world.yaml}\n")

    assert zone == (
        "leadgrade.yaml:3:13: the model world has the currency USD, paris has EUR: money arrives in one;"
        " give all models the same currency"
    )
    assert money == (
        "leadgrade.yaml:3:13: the model world has the time_zone UTC, paris has Europe/Paris: a run has one day;"
        " give all models the same time_zone"
    )


def test_a_model_that_is_not_there_is_told_by_its_path(folder):
    with pytest.raises(SettingsError, match=r"nowhere\.yaml: the model cannot be read"):
        read_models(settings(folder, "models:\n  - {model: nowhere.yaml}\n"))


def test_models_come_from_a_variable_too(folder, monkeypatch):
    entries = [{"model": "world.yaml", "when": {"country": "FR"}}, {"model": "world.yaml", "when": {"seats": "x"}}]
    monkeypatch.setenv("LEADGRADE_MODELS", json.dumps(entries))

    (problem,) = problems(folder, "log_level: info\n")

    assert problem.startswith("LEADGRADE_MODELS:1:")
    entries[1]["when"] = {"seats": 3}
    monkeypatch.setenv("LEADGRADE_MODELS", json.dumps(entries))
    assert len(read_models(settings(folder, "log_level: info\n")).entries) == 2
