"""Each import contract breaks when it is violated: a contract that cannot fail protects nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: File that gets a line, the line, and words of the contract that must break.
PLANTED = [
    ("scoring/grades.py", "import sync.values", "One trunk, three leaves"),
    ("connectors/outputs.py", "import config.settings", "One trunk, three leaves"),
    ("config/secrets.py", "import scoring.vocabulary", "One trunk, three leaves"),
    ("sync/store/shards.py", "import sync.people.encoding", "Inside sync"),
    ("sync/pull/rows.py", "import sync.deliver.guard", "Inside sync"),
    ("sync/rescore/frames.py", "import sync.app", "Inside sync"),
    ("scoring/grades.py", "import os", "scoring is pure"),
    ("scoring/grades.py", "import random", "scoring is pure"),
    ("connectors/hubspot/cursor.py", "import connectors.salesforce.cursor", "do not know each other"),
    ("connectors/salesforce/cursor.py", "import connectors.sandbox.clock", "do not know each other"),
    ("sync/pull/rows.py", "import sqlalchemy", "SQLAlchemy and Alembic only in the store"),
    ("sync/jobs/slices.py", "import simple_salesforce", "simple-salesforce only in its connector"),
    ("connectors/port.py", "import hubspot", "hubspot-api-client only in its connector"),
    ("sync/store/frames.py", "import duckdb", "No second SQLite"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    for package in ("connectors", "scoring", "sync", "config"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(("file", "line", "contract"), PLANTED)
def test_a_planted_violation_breaks_the_contract(copy, file, line, contract):
    path = copy / file
    healthy = path.read_text(encoding="utf-8")
    path.write_text(f"{healthy}\n{line}\n", encoding="utf-8")

    try:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": str(copy), "COLUMNS": "200", "PATH": ""},
        )
    finally:
        path.write_text(healthy, encoding="utf-8")

    broken = [row for row in done.stdout.splitlines() if row.rstrip().endswith("BROKEN")]
    assert done.returncode != 0
    assert any(contract in row for row in broken), done.stdout
