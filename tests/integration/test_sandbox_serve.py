from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from connectors.sandbox.serve import serve
from connectors.sandbox.server import SandboxServer

ROOT = Path(__file__).parents[2]
SCRIPT = "from connectors.sandbox.serve import serve; serve(people=40, crm={crm!r})"


def test_the_announcement_leads_to_both_crms_and_an_interrupt_ends_it_cleanly():
    with _serving("both") as process:
        announced = json.loads(process.stdout.readline())
        salesforce, hubspot = announced["salesforce"], announced["hubspot"]
        token = requests.post(
            f"{salesforce['base_url']}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(salesforce["client_id"], salesforce["client_secret"]),
            timeout=30,
        ).json()["access_token"]
        versions = requests.get(
            f"{salesforce['base_url']}/services/data/", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        contacts = requests.get(
            f"{hubspot['base_url']}/crm/v3/objects/contacts",
            headers={"Authorization": f"Bearer {hubspot['access_token']}"},
            timeout=30,
        )
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()

    assert versions.status_code == 200
    assert len(contacts.json()["results"]) == 10
    assert (process.returncode, errors) == (0, "")


def test_one_crm_alone_may_be_served():
    with _serving("hubspot") as process:
        announced = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)

    assert list(announced) == ["hubspot"]
    assert process.returncode == 0


def test_a_port_that_is_taken_is_told_with_the_next_step():
    with SandboxServer() as running, pytest.raises(SystemExit, match=f"port {running.port} cannot be had"):
        serve(port=running.port, people=1)


def _serving(crm: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT.format(crm=crm)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has interrupts ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
