"""Whatever Leadgrade says of itself at its most talkative, it names neither a person nor a secret."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import requests
import structlog

from config.secrets import Secret
from connectors.sandbox.faults import Reply
from sync.admin.cli.failures import explain_failure
from sync.admin.cli.logs import set_up_logs
from tests.operators import Operator
from tests.worlds import World, people

SCRIPT = "from sync.admin.cli.main import run; run()"
ADDRESS = "planted.person@planted-company.example"
NAME = "Plantagenetta"
URL = "https://www.vendor.example/pricing?email=planted.person%40planted-company.example"
SEALED = "sealed-with-a-planted-secret"
#: What the portal says when it refuses a write: it quotes the person, and what we signed in with.
REFUSAL = {"status": "error", "message": f"{NAME} <{ADDRESS}> may not", "category": "VALIDATION_ERROR"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talkative")
    (folder / "sealed").touch(mode=0o600)
    (folder / "sealed").write_text(SEALED)
    settings = {
        "log_level": "debug",
        "metrics": "{port: 0}",
        "alerts": f"{{webhook: {{url: 'http://127.0.0.1:9/{SEALED}', secret: 'file:sealed', timeout: 1}}}}",
        "schedule": '{incremental: "10 seconds", sweep: never, jitter_seconds: 0}',
    }
    with World.opened(folder, population=people(8), settings=settings) as world:
        contact = {"email": ADDRESS, "firstname": "P", "lastname": NAME, "jobtitle": "CEO"}
        world.planted = world.hubspot.create("contacts", contact).id
        world.salesforce.create("Lead", {"Email": ADDRESS, "LastName": NAME, "Company": "Planted", "Title": "CEO"})
        world.turn_writes_on()
        yield world


def secrets(world):
    """All that opens the CRMs, and what signs alerts."""
    return {SEALED, *(path.read_text() for path in world.folder.glob("*-*") if path.name.startswith(("sales", "hub")))}


def leadgrade(world, *words):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LEADGRADE_")}
    command = [sys.executable, "-c", SCRIPT, *words, "--config", str(world.folder / "leadgrade.yaml")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean)


def test_nothing_personal_and_no_secret_in_logs_errors_metrics_and_json(world, monkeypatch):
    said, operator = [], Operator(world, monkeypatch)
    world.faults("hubspot").add(Reply(status=400, payload=REFUSAL), path="contacts/batch/update", times=None)
    world.faults("hubspot").add(Reply(status=400, payload=REFUSAL), method="PATCH", path="/contacts/", times=None)
    daemon = leadgrade(world, "daemon")
    port = None
    for line in daemon.stderr:
        said.append(line)
        event = json.loads(line)
        port = event["port"] if event["event"] == "metrics_served" else port
        if event["event"] == "run_ended" and event["kind"] == "deliver":
            break
    said += [requests.get(f"http://127.0.0.1:{port}/{page}", timeout=30).text for page in ("health", "metrics")]
    daemon.send_signal(signal.SIGTERM)
    said += daemon.communicate(timeout=30)
    world.faults("hubspot").clear()
    world.faults("salesforce").add(Reply(status=401, payload=[{"message": ADDRESS, "errorCode": "NO"}]), times=None)
    commands = ("status", "runs", "health", "alerts show", "alerts test", "doctor", "sync")
    for words in commands:
        seen = operator(*words.split(), "--json")
        said += [seen.out, seen.err]
    world.faults("salesforce").clear()

    text = "\n".join(said)
    assert '"leadgrade_' not in text
    assert "leadgrade_deliveries_total" in text
    assert '"level": "debug"' in text
    for trace in (ADDRESS, "planted.person", "planted-company", NAME, *secrets(world)):
        assert trace not in text, trace
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", text) == []


def test_a_library_that_quotes_a_person_or_a_secret_is_not_repeated(capsys, monkeypatch):
    monkeypatch.setenv("PLANTED", SEALED)
    Secret("env:PLANTED").value()
    set_up_logs("debug")
    try:
        structlog.get_logger("x").warning("heard", url=URL, told=[{"who": ADDRESS}], error=ValueError(SEALED))
    finally:
        structlog.reset_defaults()
    line = capsys.readouterr().err

    assert json.loads(line)["url"] == "https://www.vendor.example/pricing?email=(address)"
    assert "planted" not in line


def test_a_traceback_that_is_kept_has_no_secret(monkeypatch):
    monkeypatch.setenv("PLANTED", SEALED)
    secret = Secret("env:PLANTED").value()
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError(f"Authorization: Bearer {secret}")
    failure = explain_failure(raised.value)
    (place,) = re.findall(r"is in (\S+)", failure.message)
    path = Path(place)
    text, mode = path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777
    path.unlink()

    assert SEALED in "".join(traceback.format_exception(raised.value))
    assert SEALED not in text + failure.message
    assert "RuntimeError" in text
    assert mode == 0o600


@pytest.mark.slow
def test_the_demo_at_debug_level_names_nobody():
    environment = {**os.environ, "LEADGRADE_LOG_LEVEL": "debug"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "demo", "--people", "60"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0
    assert '"level": "debug"' in done.stderr
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", done.stdout + done.stderr) == []
