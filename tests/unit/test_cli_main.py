"""The command line's skeleton: version, settings file on every command, errors as exit codes, nothing heavy at the start."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from sync.admin.cli.commands import CommandLine, config_of
from sync.admin.cli.main import app, leadgrade
from sync.admin.cli.opening import opened_app, opened_settings
from sync.errors import LeaseHeld

runner = CliRunner()


@pytest.fixture
def line():
    """A command line of its own, shaped like the real one."""
    commands = CommandLine()

    @commands.command("where")
    def where(ctx: typer.Context) -> None:
        print(config_of(ctx))

    @commands.command("fail")
    def fail() -> None:
        raise LeaseHeld("box:7 is working", next_step="wait for it")

    @commands.command("stop")
    def stop() -> None:
        raise KeyboardInterrupt

    @commands.command("workspace")
    def workspace(ctx: typer.Context) -> None:
        with opened_app(ctx) as opened:
            print(opened.settings.workspace, opened.workspace_no)

    @commands.command("level")
    def level(ctx: typer.Context) -> None:
        print(opened_settings(ctx).log_level)

    whole = CommandLine()
    whole.callback()(leadgrade)
    whole.add_typer(commands)
    return whole


def test_the_version_is_the_distributions():
    result = runner.invoke(app, ["--version"])

    assert result.exit_code == 0
    assert result.output == "leadgrade 0.1.0\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["score", "--help"], ["model", "--help"], ["model", "check", "-h"]]
)
def test_help_is_plain_text(arguments):
    result = runner.invoke(app, arguments)

    assert result.exit_code == 0
    assert "Usage:" in result.output
    assert "\x1b" not in result.output
    assert "╭" not in result.output


@pytest.mark.parametrize("arguments", [["frobnicate"], ["score"], ["score", "--frob"], ["model", "check"]])
def test_wrong_use_exits_2(arguments):
    assert runner.invoke(app, arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["where"], "leadgrade.yaml"),
        (["where", "--config", "a.yaml"], "a.yaml"),
        (["--config", "b.yaml", "where"], "b.yaml"),
        (["--config", "b.yaml", "where", "--config", "a.yaml"], "a.yaml"),
    ],
)
def test_the_settings_file_may_be_named_before_and_after_the_command(line, arguments, path):
    assert runner.invoke(line, arguments).output == f"{path}\n"


def test_an_error_of_a_command_is_a_message_and_an_exit_code(line):
    result = runner.invoke(line, ["fail"])

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "error: box:7 is working\nnext: wait for it\n"


def test_an_interrupted_command_says_so_and_exits_1(line):
    result = runner.invoke(line, ["stop"])

    assert result.exit_code == 1
    assert result.stderr.startswith("error: stopped; what was done is stored\n")


def test_without_a_settings_file_a_command_says_how_to_get_one(line, tmp_path):
    result = runner.invoke(line, ["workspace", "--config", str(tmp_path / "none.yaml")])

    assert result.exit_code == 2
    assert result.stderr == (
        f"error: {tmp_path}/none.yaml: there is no such file\nnext: leadgrade init . (or name one with --config FILE)\n"
    )


def test_a_broken_settings_file_is_named_with_its_line(line, tmp_path):
    path = tmp_path / "leadgrade.yaml"
    path.write_text("deadband: 3\ngaurd: {changes: 5}\n")

    result = runner.invoke(line, ["workspace", "--config", str(path)])

    assert result.exit_code == 2
    assert f"{path}:2:1: gaurd: unknown key" in result.stderr


def test_a_command_opens_the_store_of_the_settings_and_closes_it(line, tmp_path):
    path = tmp_path / "leadgrade.yaml"
    path.write_text("workspace: north\nlog_level: error\n")

    first = runner.invoke(line, ["workspace", "--config", str(path)])
    second = runner.invoke(line, ["workspace", "--config", str(path)])

    assert (first.exit_code, first.output) == (0, second.output)
    assert first.output.startswith("north ")
    assert (tmp_path / "leadgrade.db").exists()


def test_variables_win_over_the_file(line, tmp_path, monkeypatch):
    path = tmp_path / "leadgrade.yaml"
    path.write_text("log_level: error\n")
    monkeypatch.setenv("LEADGRADE_LOG_LEVEL", "warning")

    assert runner.invoke(line, ["level", "--config", str(path)]).output == "warning\n"


def test_starting_imports_nothing_that_only_commands_need():
    heavy = ["polars", "sqlalchemy", "pydantic", "rich", "structlog", "simple_salesforce", "hubspot", "ruamel.yaml"]
    code = f"import sys, sync.admin.cli.main; print(*[name for name in {heavy} if name in sys.modules])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout == "\n"
