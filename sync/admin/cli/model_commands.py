"""`leadgrade model …`: check a scoring model, describe the format, show what a model does, tell two models apart."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sync.admin.cli.commands import DEFAULT_CONFIG, CommandLine, JsonOption, config_of
from sync.admin.cli.failures import ExitCode
from sync.admin.cli.opening import opened_app, opened_settings
from sync.admin.cli.output import print_facts, print_json, print_table

if TYPE_CHECKING:
    from config.settings import Settings
    from scoring.model import Model
    from scoring.segments import Segments
    from sync.admin.actions.model_diff import Change
    from sync.admin.actions.model_files import ModelCheck

commands = CommandLine(name="model", help="Check and show scoring models.")

OptionalModel = Annotated[
    str | None,
    typer.Argument(
        metavar="[FILE]", help="A model file, or preset:NAME; default: what the settings name.", show_default=False
    ),
]
OptionalVersion = Annotated[
    str | None,
    typer.Argument(metavar="[MODEL]", help="A model file, preset:NAME, or a published version.", show_default=False),
]


@commands.command(
    "check", epilog="\b\nExamples:\n  leadgrade model check model.yaml\n  leadgrade model check preset:b2b --json"
)
def check(ctx: typer.Context, file: OptionalModel = None, *, json: JsonOption = False) -> None:
    """Say what is wrong in a model, and what could be better, as file:line:column.

    Where there are settings, the model is also held against their field maps: what nothing provides is found. Without
    FILE all models of the settings are looked at, with the conditions that share people out among them. Exits 1 when
    a model cannot be used; warnings and notes alone exit 0.
    """
    from sync.admin.actions.model_files import check_model_file

    found = check_model_file(file, _settings(ctx))
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


@commands.command("show", epilog="\b\nExamples:\n  leadgrade model show preset:b2b\n  leadgrade model show")
def show(ctx: typer.Context, file: OptionalModel = None, *, json: JsonOption = False) -> None:
    """Show a model as a page: sections, rules, points. Without FILE all models of the settings, and who is scored by which."""
    from sync.admin.actions.model_files import open_model
    from sync.admin.actions.model_page import model_content
    from sync.admin.actions.model_words import condition

    if file is None and (settings := _settings(ctx)) is not None and settings.models:
        from sync.scoring_model import read_models

        configured = read_models(settings)
        entries = [(each.loaded.model, each.when) for each in configured.entries]
        if json:
            told = [
                {"model": model.name, "version": model.version, "when": condition(when) or None}
                for model, when in entries
            ]
            pages = [
                {"model": each.model.name, "version": each.model.version, "content": model_content(each.model)}
                for each in configured.models
            ]
            print_json({"version": configured.version, "entries": told, "models": pages})
            return
        rows = [
            (place, model.name, model.version, condition(when) or "everybody else")
            for place, (model, when) in enumerate(entries, start=1)
        ]
        print_table(
            ("entry", "model", "version", "who"), rows, title=f"Models by segment, version {configured.version}"
        )
        for each in configured.models:
            print()
            _print_page(each.model)
        return
    model = open_model(_configured(ctx) if file is None else file).model
    if json:
        print_json({"model": model.name, "version": model.version, "content": model_content(model)})
        return
    _print_page(model)


def _configured(ctx: typer.Context) -> str:
    """The only model of the settings, by what opens it."""
    settings = opened_settings(ctx)
    return settings.model if settings.model.startswith("preset:") else str(settings.model_path())


def _print_page(model: Model) -> None:
    from sync.admin.actions.model_page import model_page

    for number, section in enumerate(model_page(model)):
        if number:
            print()
        if section.facts:
            print_facts(section.facts, title=section.title)
        if section.rows:
            print_table(section.columns, section.rows, title=None if section.facts else section.title)


@commands.command(
    "diff",
    epilog="\b\nExamples:\n  leadgrade model diff preset:b2b model.yaml\n  leadgrade model diff 458c8abe76a3 model.yaml --json\n"
    "  leadgrade model diff",
)
def diff(
    ctx: typer.Context, before: OptionalVersion = None, after: OptionalVersion = None, *, json: JsonOption = False
) -> None:
    """Say what differs between two models: rules, points, conditions, limits, thresholds.

    Without models: what gave the stored scores against what the settings name now. Exits 0 whether they differ or not;
    `same` says so in the JSON.
    """
    from sync.admin.actions.model_diff import diff_models

    if before is None and after is None:
        from sync.admin.actions.model_configured import diff_segments, live_segments

        with opened_app(ctx) as app:
            live, now = live_segments(app.store, app.workspace_no), app.model.segments
        _tell_diff(live, now, diff_segments(live, now), json=json)
        return
    if before is None or after is None:
        raise typer.BadParameter("name two models, or none to hold the settings against what scored last")
    old, new = _model_or_version(ctx, before), _model_or_version(ctx, after)
    _tell_diff(old, new, diff_models(old, new), json=json)


def _tell_diff(before: Model | Segments, after: Model | Segments, changes: list[Change], *, json: bool) -> None:
    if json:
        print_json(_diff_as_json(before, after, changes))
    else:
        _print_diff(before, after, changes)


def _settings(ctx: typer.Context) -> Settings | None:
    """The settings, where there are any: a model can be looked at without them."""
    path = config_of(ctx)
    return opened_settings(ctx) if path != DEFAULT_CONFIG or path.is_file() else None


def _model_or_version(ctx: typer.Context, name: str) -> Model:
    from sync.admin.actions.model_files import open_model, open_version

    looks_like_a_version = not name.startswith("preset:") and not Path(name).suffix and not Path(name).exists()
    if not looks_like_a_version or _settings(ctx) is None:
        return open_model(name).model
    with opened_app(ctx) as app:
        return open_version(app.store, app.workspace_no, name)


def _diff_as_json(before: Model | Segments, after: Model | Segments, changes: list[Change]) -> dict[str, object]:
    return {
        "before": {"model": before.name, "version": before.version},
        "after": {"model": after.name, "version": after.version},
        "same": before.version == after.version,
        "changes": [asdict(each) for each in changes],
    }


def _print_diff(before: Model | Segments, after: Model | Segments, changes: list[Change]) -> None:
    if not changes:
        print(f"{before.name}, version {before.version}: both are the same model")
        return
    print(f"from {before.name}, version {before.version}, to {after.name}, version {after.version}")
    rows = [(each.section, each.item, each.kind, _difference(each)) for each in changes]
    print_table(("part", "of", "change", "difference"), rows)
    print(f"{len(changes)} difference{'' if len(changes) == 1 else 's'}")


def _difference(change: Change) -> str:
    if not change.what:
        return change.before or change.after
    return f"{change.what}: {change.before or 'none'} -> {change.after or 'none'}"


def _print(found: ModelCheck) -> None:
    for each in (*found.problems, *found.findings):
        print(each)
    if found.model is None:
        print(f"{len(found.problems)} to correct: the model cannot be used")
        return
    number = len(found.findings)
    rest = f"{number} remark{'' if number == 1 else 's'}" if number else "nothing to remark"
    for place, each in enumerate(found.entries, start=1):
        print(f"{place}. {each.model}, version {each.version} ({each.file}): {each.when or 'everybody else'}")
    what = f"models {found.model} by segment" if found.entries else f"model {found.model}"
    print(f"{what}, version {found.version}: can be used; {rest}")


def _as_json(found: ModelCheck) -> dict[str, object]:
    return {
        "file": found.file,
        "usable": found.model is not None,
        "model": found.model,
        "version": found.version,
        **({"models": [asdict(each) for each in found.entries]} if found.entries else {}),
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
