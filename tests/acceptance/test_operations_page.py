"""Every command of docs/operations.md does what the page says, in an installation on the sandbox; the deployed files are whole."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from sync.admin.cli.main import app
from sync.store.run_rows import RunStatus
from sync.store.tables import outbox
from tests.operators import Operator, own_model
from tests.worlds import LATER, World, people

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "config" / "deploy"
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def steps():
    """(command, lines that it prints) in the order of the page."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.fixture
def world(tmp_path):
    own_model(tmp_path)
    settings = {"model": "model.yaml", "deadband": 3, "guard": "{changes: 100, blanks: 100}"}
    with World.opened(tmp_path, population=people(15), crms=("hubspot",), settings=settings) as world:
        ada = {"email": "ada@acme.example", "firstname": "Ada", "lastname": "Byron"}
        world.hubspot.create("contacts", ada)
        yield world.loaded()


def prepared(world, command):
    """The command with what the page cannot know, after what it speaks of has come about."""
    with world.app.store.write() as unit:
        if "HELD" in command:
            run = unit.runs.recent(limit=1)[0]
            unit.runs.finish(run.run_no, RunStatus.HELD, message="would change too many")
            command = command.replace("HELD", str(run.run_no))
        if command == "leadgrade deadletters" and not unit.markers.get("seen"):
            unit.markers.put("seen", 1)
            record = unit.sql.value(outbox.select().with_only_columns(outbox.c.record_id).limit(1))
            refusal = {"refusal": "FIELD_CUSTOM_VALIDATION", "refusal_text": "Not so", "refusal_scope": "record"}
            refused = outbox.update().where(outbox.c.record_id == record)
            unit.sql.run(refused.values(**refusal, refused_at=world.clock.now(), due=False))
    return command.replace("RECORD", next(record for _, _, record in world.contacts()))


def test_every_command_of_the_page_does_what_it_says(world, monkeypatch):
    monkeypatch.chdir(world.folder)
    say = Operator(world, monkeypatch)
    wrong = []
    for written, expected in steps():
        words = shlex.split(prepared(world, written), comments=True)
        wanted = int((re.findall(r"# exit code (\d)", written) or ["0"])[0])
        world.advance(LATER)
        if words[0] == "leadgrade":
            seen = say(*words[1:])
            code, told = seen.code, seen.all
        else:
            world.app.close()
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            code, told = done.returncode, done.stdout + done.stderr
            world.start()
        if code != wanted or not all(line in told for line in expected):
            wrong.append((written, code, told[-600:]))

    assert wrong == []
    assert (world.folder / "backups" / "monday.db").exists()
    assert (world.folder / "ada.json").stat().st_mode & 0o077 == 0


def test_the_page_speaks_of_what_operators_must_know():
    for each in (
        "service",
        "Monitor",
        "Back up",
        "Restore",
        "Upgrade",
        "Resync",
        "dead letter",
        "Rotate",
        "paused",
        "HELD",
    ):
        assert re.search(rf"^##+ .*{each}", PAGE, flags=re.MULTILINE), each


@pytest.mark.parametrize("name", ["leadgrade.service", "leadgrade-backup.service", "leadgrade-backup.timer"])
def test_units_are_whole_and_call_commands_that_exist(name):
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read(DEPLOY / name)

    calls = re.findall(r"bin/leadgrade (\w+)", (DEPLOY / name).read_text())
    assert set(calls) <= set(typer.main.get_command(app).commands)
    assert {"Unit"} <= set(unit.sections())
    if "Service" in unit:
        assert unit["Service"]["NoNewPrivileges"] == "yes"
        assert unit["Service"]["User"] == "leadgrade"
        assert unit["Service"]["ProtectSystem"] == "strict"
    if shutil.which("systemd-analyze"):
        checked = subprocess.run(
            [shutil.which("systemd-analyze"), "verify", "--man=no", DEPLOY / name],
            capture_output=True,
            text=True,
            check=False,
        )
        serious = [line for line in checked.stderr.splitlines() if "Unknown" in line or "Failed to parse" in line]
        assert serious == []


def test_the_container_recipe_copies_what_there_is_and_runs_as_nobody_special():
    recipe = (DEPLOY / "Dockerfile").read_text()
    copied = [
        word for line in re.findall(r"^COPY (?!--from)(.*)$", recipe, flags=re.MULTILINE) for word in line.split()[:-1]
    ]

    assert {"config", "connectors", "scoring", "sync", "pyproject.toml"} <= set(copied)
    assert all((ROOT / each).exists() for each in copied)
    assert re.search(r"^USER leadgrade$", recipe, flags=re.MULTILINE)
    assert re.search(r"^VOLUME /data$", recipe, flags=re.MULTILINE)
    assert "HEALTHCHECK" in recipe
