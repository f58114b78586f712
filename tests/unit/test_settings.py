"""Settings and secrets: every mistake names file, line and key."""

from __future__ import annotations

import pytest

from config.errors import SettingsError
from config.secrets import Secret
from config.settings import load_settings

GOOD = """\
store: sqlite:///here.db
connections:
  acme:
    kind: hubspot
    token: env:ACME_TOKEN
"""


def settings_of(tmp_path, text):
    path = tmp_path / "leadgrade.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_paths_are_relative_to_the_file(tmp_path):
    settings = settings_of(tmp_path, GOOD)

    assert settings.store_url() == f"sqlite:///{tmp_path}/here.db"
    assert settings.fields_path("acme").name == "hubspot.yaml"
    assert settings.model_path().name == "b2b.yaml"


def test_variables_win_over_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADGRADE_DEADBAND", "7")
    monkeypatch.setenv("LEADGRADE_GUARD__CHANGES", "25")

    settings = settings_of(tmp_path, GOOD + "deadband: 1\n")

    assert (settings.deadband, settings.guard.changes) == (7, 25)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("deadbnd: 3\n", ":1:1:", "deadbnd: unknown key"),
        ("connections:\n  acme:\n    kind: hubspot\n", ":2:3:", "token: Field required"),
        ("connections:\n  acme: {kind: pipedrive}\n", ":2:3:", "pipedrive"),
        ("deadband: often\n", ":1:1:", "valid integer"),
        ("guard: {changes: 0}\n", ":1:9:", "greater than 0"),
        (
            "connections:\n  sf: {kind: salesforce, domain: a.my.salesforce.com, client_id: env:X}\n",
            ":2:3:",
            "client_secret",
        ),
        ("deadband: 3\ndeadband: 4\n", ":2:1:", "duplicate key"),
        ("a: [\n", ":2:1:", ""),
        ("- a\n", ":1:1:", "a mapping of settings is expected"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, place, words):
    with pytest.raises(SettingsError) as caught:
        settings_of(tmp_path, text)

    assert f"leadgrade.yaml{place}" in caught.value.message
    assert words in caught.value.message
    assert caught.value.next_step


def test_a_missing_file_says_how_to_get_one(tmp_path):
    with pytest.raises(SettingsError, match="leadgrade init"):
        load_settings(tmp_path / "leadgrade.yaml")


def test_secrets_are_read_when_they_are_needed_and_never_shown(tmp_path, monkeypatch):
    (tmp_path / "token").write_text("pat-eu1-very-secret\n", encoding="utf-8")
    monkeypatch.setenv("ACME_TOKEN", "also-very-secret")
    kept, from_env = Secret("file:token", tmp_path), Secret("env:ACME_TOKEN")

    (tmp_path / "token").write_text("pat-eu1-rotated\n", encoding="utf-8")

    assert (kept.value(), from_env.value()) == ("pat-eu1-rotated", "also-very-secret")
    assert "secret" not in f"{kept!r}{kept}{from_env!r}{from_env}"


def test_a_secret_that_is_not_there_names_its_place(tmp_path, monkeypatch):
    monkeypatch.delenv("ACME_TOKEN", raising=False)

    with pytest.raises(SettingsError, match="env:ACME_TOKEN is not set"):
        Secret("env:ACME_TOKEN").value()
    with pytest.raises(SettingsError, match="file:token cannot be read"):
        Secret("file:token", tmp_path).value()


def test_careless_secrets_are_warned_about(tmp_path):
    path = tmp_path / "token"
    path.write_text("x", encoding="utf-8")
    path.chmod(0o644)

    assert "chmod 600" in (Secret("file:token", tmp_path).warning() or "")
    assert "move it" in (Secret("pat-eu1-literal").warning() or "")
    assert "literal" not in repr(Secret("pat-eu1-literal").warning()).replace("a literal", "")
    path.chmod(0o600)
    assert Secret("file:token", tmp_path).warning() is None
