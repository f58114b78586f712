"""The wheel holds the four packages with all that they need at run time, and nothing else."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
PACKAGES = {"connectors", "scoring", "sync", "config"}


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Paths inside the built wheel."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_top_level_is_exactly_the_four_packages(names):
    tops = {name.split("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    assert sum(top.endswith(".dist-info") for top in tops) == 1


def test_every_file_of_the_packages_that_is_not_code_travels_along(names):
    """Presets and their lists, field maps, migrations, templates: whatever lies there is read at run time."""
    listed = subprocess.run(
        ["git", "ls-files", *sorted(PACKAGES)], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    known = {name for name in listed if name and (ROOT / name).exists()} or {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert known <= set(names)


@pytest.mark.parametrize(
    "name",
    [
        "config/presets/b2b.yaml",
        "config/fields/salesforce.yaml",
        "config/fields/hubspot.yaml",
        "config/leadgrade.example.yaml",
        "sync/store/migrations/baseline/sqlite.sql",
        "sync/store/migrations/baseline/postgresql.sql",
        "sync/store/migrations/versions/0001_baseline.py",
    ],
)
def test_what_is_read_at_run_time_is_there(names, name):
    assert name in names


def test_the_command_is_declared(names):
    (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]

    assert entry_points
