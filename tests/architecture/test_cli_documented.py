"""Every command, argument and option explains itself, and every command takes --config."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from sync.admin.cli.main import app


def _commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    found = [(" ".join(path) or "leadgrade", command)]
    for name, each in getattr(command, "commands", {}).items():
        found += _commands(each, (*path, name))
    return found


COMMANDS = dict(_commands(typer.main.get_command(app)))
LEAVES = [path for path, command in COMMANDS.items() if not hasattr(command, "commands")]


def test_commands_are_found():
    assert {"leadgrade", "score", "init", "model", "model check"} <= set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_has_help(path):
    assert (COMMANDS[path].help or "").strip()


@pytest.mark.parametrize("path", COMMANDS)
def test_arguments_and_options_have_help(path):
    silent = [each.name for each in COMMANDS[path].params if not (getattr(each, "help", None) or "").strip()]

    assert silent == []


@pytest.mark.parametrize("path", LEAVES)
def test_a_command_takes_config(path):
    assert [each.opts for each in COMMANDS[path].params].count(["--config"]) == 1


@pytest.mark.parametrize("path", LEAVES)
def test_first_lines_fit_the_list_of_commands(path):
    first = COMMANDS[path].help.strip().splitlines()[0]

    assert first.endswith((".", ":"))
    assert len(first) <= 160
