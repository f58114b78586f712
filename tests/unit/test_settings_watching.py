"""Settings of metrics and alerts: each key is explained, secrets are placed and asked for, what is half said is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.errors import SettingsError
from config.secrets import Secret
from config.settings import load_settings
from config.watching import AlertEmail, Alerts, AlertWebhook, Metrics

EXAMPLE = Path(__file__).parents[2] / "config" / "leadgrade.example.yaml"


@pytest.fixture
def folder(tmp_path):
    def write(text):
        (tmp_path / "leadgrade.yaml").write_text(text)
        return load_settings(tmp_path / "leadgrade.yaml")

    write.place = tmp_path
    return write


@pytest.mark.parametrize("part", [Metrics, Alerts, AlertWebhook, AlertEmail], ids=lambda part: part.__name__)
def test_every_key_is_in_the_example(part):
    explained = set(re.findall(r"^[\s#]*(\w+):", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert set(part.model_fields) <= explained


def test_nothing_is_served_and_nobody_is_told_unless_asked_for(folder):
    settings = folder("store: sqlite:///x.db\n")

    assert (settings.metrics.host, settings.metrics.port) == ("127.0.0.1", None)
    assert not settings.alerts.anybody


def test_secrets_of_alerts_start_at_the_settings_file(folder):
    (folder.place / "hook").touch(mode=0o600)
    (folder.place / "hook").write_text("https://chat.example/hook\n")
    settings = folder("alerts: {webhook: {url: 'file:hook'}}\n")

    assert settings.alerts.webhook.url.value() == "https://chat.example/hook"
    assert "chat.example" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("alerts: {email: {host: h, sender: s, to: []}}", "alerts.email.to"),
        ("alerts: {email: {host: h, sender: s, to: [a], user: u}}", "user and password go together"),
        ("alerts: {mail: {}}", "alerts.mail"),
        ("metrics: {port: 99999}", "metrics.port"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(folder, text, key):
    with pytest.raises(SettingsError, match=re.escape(key)):
        folder(text + "\n")


@pytest.mark.parametrize(("mode", "said"), [(0o600, None), (0o640, "read"), (0o604, "read"), (0o620, "changed")])
def test_modes_of_secret_files_are_looked_at(tmp_path, mode, said):
    path = tmp_path / "secret"
    path.write_text("x")
    path.chmod(mode)
    warning = Secret("file:secret", tmp_path).warning()

    assert (warning is None) == (said is None)
    assert said is None or f"{said} by other users: chmod 600" in warning
