"""`leadgrade model …`: check a scoring model, describe the format, show what a model does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.failures import ExitCode
from sync.admin.cli.output import print_facts, print_json, print_table

if TYPE_CHECKING:
    from sync.admin.actions.model_files import ModelCheck

commands = CommandLine(name="model", help="Check and show scoring models.")

ModelArgument = Annotated[str, typer.Argument(metavar="FILE", help="A model file, or preset:NAME.")]


@commands.command(
    "check", epilog="\b\nExamples:\n  leadgrade model check model.yaml\n  leadgrade model check preset:b2b --json"
)
def check(file: ModelArgument, *, json: JsonOption = False) -> None:
    """Say what is wrong in a model, and what could be better, as file:line:column.

    Exits 1 when the model cannot be used; warnings and notes alone exit 0.
    """
    from sync.admin.actions.model_files import check_model_file

    found = check_model_file(file)
    if json:
        print_json(_as_json(found))
    else:
        _print(found)
    if found.problems:
        raise typer.Exit(ExitCode.FAILED)


@commands.command("schema", epilog="\b\nExample:\n  leadgrade model schema > model.schema.json")
def schema() -> None:
    """Print the JSON Schema of the format, with which editors complete and check."""
    from scoring.model_schema import model_schema

    print_json(model_schema())


@commands.command("show", epilog="\b\nExample:\n  leadgrade model show preset:b2b")
def show(file: ModelArgument, *, json: JsonOption = False) -> None:
    """Show a model as a page: sections, rules, points."""
    from sync.admin.actions.model_files import open_model
    from sync.admin.actions.model_page import model_content, model_page

    model = open_model(file).model
    if json:
        print_json({"model": model.name, "version": model.version, "content": model_content(model)})
        return
    for number, section in enumerate(model_page(model)):
        if number:
            print()
        if section.facts:
            print_facts(section.facts, title=section.title)
        if section.rows:
            print_table(section.columns, section.rows, title=None if section.facts else section.title)


def _print(found: ModelCheck) -> None:
    for each in (*found.problems, *found.findings):
        print(each)
    if found.model is None:
        print(f"{len(found.problems)} to correct: the model cannot be used")
        return
    rest = f"{len(found.findings)} remarks" if found.findings else "nothing to remark"
    print(f"model {found.model.name}, version {found.model.version}: can be used; {rest}")


def _as_json(found: ModelCheck) -> dict[str, object]:
    return {
        "file": found.file,
        "usable": found.model is not None,
        "model": found.model.name if found.model else None,
        "version": found.model.version if found.model else None,
        "problems": [
            {"file": each.file, "line": each.line, "column": each.column, "message": each.message}
            for each in found.problems
        ],
        "findings": [
            {
                "file": each.file,
                "line": each.line,
                "column": each.column,
                "severity": each.severity.value,
                "message": each.message,
                "advice": each.advice,
            }
            for each in found.findings
        ],
    }
