"""Whatever a document names must exist: files, modules and what is in them, commands and options, tables, settings, links."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import typer

from config.retention import Retention
from config.schedule import ConnectionSchedule, Schedule
from config.settings import Guard, HubSpotConnection, SalesforceConnection, Sample, Settings
from sync.admin.cli.main import app
from sync.store import tables

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: Where short file and folder names of documents may lie.
FOLDERS = ("", "sync/", "sync/admin/", "connectors/", "scoring/", "config/", "docs/", "sync/rescore/", "tests/")
#: Names of files that the reader has, not we.
THEIRS = {"leadgrade.yaml", "people.csv", "activities.csv", "scores.csv", "lines.csv"}


def code(document):
    """What stands in backticks, fenced or indented blocks apart."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


def named(pattern):
    """(document, name) of everything in backticks that looks so."""
    found = {(document, each) for document in DOCUMENTS for each in code(document) if re.fullmatch(pattern, each)}
    return [pytest.param(*pair, id=f"{pair[0].name}:{pair[1]}") for pair in sorted(found)]


@pytest.mark.parametrize(
    ("document", "path"),
    named(r"[\w.\-]+(/[\w.\-]+)*/|[\w.\-]+(/[\w.\-]+)*\.(py|md|yaml|toml|txt|csv|sql)"),
)
def test_a_file_or_folder_exists(document, path):
    if path in THEIRS:
        return

    assert any((ROOT / folder / path).exists() for folder in FOLDERS) or (document.parent / path).exists()


@pytest.mark.parametrize(("document", "name"), named(r"(connectors|scoring|sync|config)(\.\w+)+"))
def test_a_module_and_what_is_in_it_exists(document, name):
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute, None)
            assert found is not None, f"{document.name}: {name}"
        return
    pytest.fail(f"{document.name}: {name}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    missing = [each for each in targets if "://" not in each and not (document.parent / each).exists()]

    assert missing == []


def command_lines():
    """Commands in backticks and in indented or fenced blocks."""
    found = set()
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        lines = code(document) + [line.strip() for line in text.splitlines() if line.startswith("    ")]
        for block in re.findall(r"```.*?\n(.*?)```", text, flags=re.DOTALL):
            lines += [line.strip() for line in block.splitlines()]
        for line in lines:
            words = line.split("#")[0].split()
            if words and words[0].rsplit("/", 1)[-1] == "leadgrade":
                found.add((document, " ".join(words[1:])))
    return [pytest.param(*pair, id=f"{pair[0].name}:{pair[1]}") for pair in sorted(found)]


@pytest.mark.parametrize(("document", "line"), command_lines())
def test_a_command_and_its_options_exist(document, line):
    command = typer.main.get_command(app)
    words = line.split()
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]

    options = {option for parameter in command.params for option in parameter.opts}
    assert not (words and getattr(command, "commands", None)), f"there is no command {words[0]}"
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= options | {"--help"}


def test_make_verbs_that_documents_name_exist():
    verbs = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    asked = {each.split()[1] for document in DOCUMENTS for each in code(document) if each.startswith("make ")}

    assert asked
    assert asked <= verbs


def test_tables_and_columns_of_the_life_of_a_point_exist():
    """Its words with an underscore, and what stands first in its tables, are names of the store, two kinds apart."""
    text = (ROOT / "docs" / "life-of-a-point.md").read_text(encoding="utf-8")
    columns = {column.name for table in tables.metadata.tables.values() for column in table.columns}
    known = set(tables.metadata.tables) | columns | {"page_view", "e_visited_page"}

    rows = re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)
    words = re.findall(r"`([a-z]+_[a-z_]+)`", text)

    assert {"activity", "score", "outbox", "person"} <= set(rows) <= set(tables.metadata.tables)
    assert set(words) <= known


@pytest.mark.parametrize(
    "part",
    [Settings, SalesforceConnection, HubSpotConnection, Guard, Sample, Schedule, ConnectionSchedule, Retention],
    ids=lambda each: each.__name__,
)
def test_every_settings_key_is_in_the_example(part):
    text = (ROOT / "config" / "leadgrade.example.yaml").read_text(encoding="utf-8")
    explained = set(re.findall(r"^[\s#]*(\w+):", text, flags=re.MULTILINE))

    assert {name for name in part.model_fields if name != "source"} <= explained
