"""Borders that import contracts cannot see: who calls what, and that the engine touches nothing outside itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("connectors", "scoring", "sync", "config")


def sources():
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def calls(path):
    """(dotted name of the called thing) of every call in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_only_deliver_calls_the_connectors_write():
    callers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        for name in calls(path)
        if name.split(".")[-2:] == ["connector", "write"]
    }

    assert callers == {"sync/deliver/send.py", "sync/deliver/clear.py"}


def test_only_the_opening_of_the_store_makes_engines():
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        for name in calls(path)
        if name.split(".")[-1] == "create_engine"
    }

    assert makers == {"sync/store/open.py"}


def test_real_connectors_never_import_the_sandbox():
    importers = [
        path.relative_to(ROOT).as_posix()
        for package in ("connectors/salesforce", "connectors/hubspot")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "connectors.sandbox" in path.read_text(encoding="utf-8")
    ]

    assert importers == []


_SILENT = """
import sys
from datetime import UTC, date, datetime
import polars as pl
from scoring.engine import score
from scoring.explain import explain
from scoring.explain_text import breakdown, main_reasons
from scoring.model_file import load_model

def lists(name):
    with open("config/presets/" + name, encoding="utf-8") as file:
        return file.read()

with open("config/presets/b2b.yaml", encoding="utf-8") as file:
    model = load_model(file.read(), name="b2b.yaml", read_list=lists)
people = pl.DataFrame({"person_id": [1, 2], "title": ["CEO", None], "seniority": ["c_level", None], "country_code": ["US", "NO"]})
activities = pl.DataFrame({"person_id": [1, 1], "kind": ["page_view", "demo_attended"],
    "at": [datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC)],
    "url": ["https://suite.example/pricing", None]})

def work(day):
    score(model, people, activities, day=day)
    lines = explain(model, people, activities, day=day)
    main_reasons(lines), breakdown(lines)

work(date(2026, 11, 20))
heard = []
sys.addaudithook(lambda event, args: heard.append(event) if event.split(".")[0] in {"open", "socket", "sqlite3", "subprocess"} else None)
work(date(2026, 11, 21))
sys.exit(f"the engine raised {sorted(set(heard))}" if heard else 0)
"""


def test_a_warm_engine_opens_no_file_no_socket_and_no_database():
    done = subprocess.run([sys.executable, "-c", _SILENT], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_files_stay_short(package):
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}


def test_no_file_has_a_name_that_says_nothing():
    empty = {"utils", "helpers", "common", "base", "core", "misc", "info", "data"}

    assert [path for path in sources() if path.stem in empty] == []
