"""The built wheel, in an environment that has nothing else of ours: the demo, a new folder, doctor, a resync, signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def leadgrade(tmp_path_factory):
    """The installed command. Third-party packages are borrowed from the running environment, ours come from the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    python = folder / "env/bin/python"
    site = Path(
        subprocess.run(
            [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "env/bin/leadgrade"


def run(command, *arguments, cwd, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LEADGRADE_", "PYTHON"))}
    return subprocess.run(
        [str(command), *arguments],
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_packages_come_from_the_wheel(leadgrade, tmp_path):
    python = leadgrade.with_name("python")
    done = run(python, "-c", "import sync, scoring, connectors, config; print(sync.__file__)", cwd=tmp_path)

    assert str(leadgrade.parents[1]) in done.stdout


#: The size that a user gets is the slow one.
@pytest.mark.parametrize("options", [("--people", "500"), pytest.param((), marks=pytest.mark.slow)])
def test_the_demo_ends_with_no_difference_and_explains_everybody(leadgrade, tmp_path, options):
    done = run(leadgrade, "demo", *options, cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    people = re.search(r"the lines of all ([\d,]+) people in scope add up to their totals", done.stdout)
    assert people is not None
    assert int(people[1].replace(",", "")) > (400 if options else 1900)
    assert re.search(r"^salesforce: [\d,]{3,} records hold a score, 0 differences$", done.stdout, re.MULTILINE)
    assert re.search(r"^hubspot: [\d,]{3,} records hold a score, 0 differences$", done.stdout, re.MULTILINE)


def test_a_new_folder_explains_itself_and_doctor_names_what_is_missing(leadgrade, tmp_path):
    started = run(leadgrade, "init", "here", cwd=tmp_path)
    doctor = run(leadgrade, "doctor", cwd=tmp_path / "here")

    assert started.returncode == 0, started.stderr
    assert (tmp_path / "here/leadgrade.yaml").exists()
    assert doctor.returncode in {2, 3}
    assert "SALESFORCE_CLIENT_ID" in doctor.stdout + doctor.stderr


@pytest.fixture(scope="module")
def sandbox(leadgrade, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crm")
    process = subprocess.Popen(
        [str(leadgrade), "sandbox", "serve", "--people", "40", "--crm", "hubspot"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    account = json.loads(process.stdout.readline())["hubspot"]
    (folder / "token").write_text(account["access_token"], encoding="utf-8")
    (folder / "token").chmod(0o600)
    (folder / "leadgrade.yaml").write_text(
        f"connections:\n  portal: {{kind: hubspot, token: 'file:token', host: {account['base_url']}}}\n",
        encoding="utf-8",
    )
    yield folder
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()


def test_a_resync_of_everything_and_of_one_record(leadgrade, sandbox):
    assert run(leadgrade, "fields", "apply", "portal", cwd=sandbox).returncode == 0
    first = run(leadgrade, "sync", "--json", cwd=sandbox)
    assert first.returncode == 0, first.stdout + first.stderr
    assert run(leadgrade, "writes", "on", cwd=sandbox).returncode == 0

    everything = run(leadgrade, "sync", "portal", "--kind", "full", "--json", cwd=sandbox)
    status = json.loads(run(leadgrade, "status", "--json", cwd=sandbox).stdout)

    assert everything.returncode == 0, everything.stdout + everything.stderr
    assert json.loads(everything.stdout)["status"] == "succeeded"
    assert status


def test_a_run_that_is_told_to_stop_says_so_and_the_next_one_goes_on(leadgrade, sandbox):
    process = subprocess.Popen(
        [str(leadgrade), "sync", "--kind", "full"],
        cwd=sandbox,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)

    assert process.returncode in {0, 1}, out + err
    assert "Traceback" not in out + err
    assert run(leadgrade, "sync", cwd=sandbox).returncode == 0
