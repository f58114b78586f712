"""Reads scoring models and the list files beside them from disk: one, or those of the settings with their conditions.

Apart from the composition root, so that scoring files needs no CRM.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from config.errors import SettingsError
from scoring.compile import CompiledModel, compile_model
from scoring.errors import ModelError, Problem
from scoring.model_conditions import NOWHERE, Position
from scoring.model_file import load_model
from scoring.model_file_segments import MODELS, SegmentNode, read_when, segment_nodes
from scoring.segments import Segment, Segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from config.settings import Settings
    from scoring.model import Model
    from scoring.model_conditions import Condition

#: Days that are kept beyond what the models look back, for clocks, time zones and late runs.
RETENTION_MARGIN: Final = 7
#: The variable that gives the entries instead of the settings file.
_VARIABLE: Final = "LEADGRADE_MODELS"


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedModel:
    """A scoring model with everything that is needed to load it again."""

    model: Model
    compiled: CompiledModel
    source: str
    #: File name -> content of the list files.
    lists: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedEntry:
    """One entry of the settings: a model, and who is scored by it."""

    loaded: LoadedModel
    when: Condition | None
    #: Where it stands in the settings.
    file: str = ""
    position: Position = NOWHERE


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelInForce:
    """What the settings say about scoring: one model for everybody, or several by segment."""

    entries: tuple[LoadedEntry, ...]
    segments: Segments
    #: The entries as text, conditions included; of one model for everybody its own file.
    source: str

    @property
    def version(self) -> str:
        """The version that a run pins: of the ordered entries, or of the only model."""
        return self.segments.version

    @property
    def name(self) -> str:
        """Names of the models, each once."""
        return self.segments.name

    @property
    def time_zone(self) -> str:
        """Where the day begins: all models have the same."""
        return self.entries[0].loaded.model.time_zone

    @property
    def is_plain(self) -> bool:
        """Whether one model scores everybody."""
        return len(self.entries) == 1 and self.entries[0].when is None

    @property
    def models(self) -> tuple[LoadedModel, ...]:
        """The models, each once, in their order."""
        return tuple({each.loaded.model.version: each.loaded for each in self.entries}.values())


def read_models(settings: Settings) -> ModelInForce:
    """Load what the settings name, with the conditions that stand there.

    Raises:
        ModelError: with every problem of all files and conditions as file:line:column.
        SettingsError: when a file cannot be read.
    """
    if not settings.models:
        loaded = read_model(settings.model_path())
        check_retention(settings, [loaded.model])
        only = (LoadedEntry(loaded=loaded, when=None),)
        return ModelInForce(entries=only, segments=_segments(only), source=loaded.source)
    text, name = _text_of_entries(settings)
    read: dict[Path, LoadedModel] = {}
    entries, problems = list[LoadedEntry](), list[Problem]()
    for entry, node in zip(settings.models, segment_nodes(text, name=name), strict=True):
        path = settings.model_path(entry.model)
        try:
            loaded = read[path] if path in read else read.setdefault(path, read_model(path))
            when = None if node.when is None else read_when(node.when, loaded.model, name=name)
        except ModelError as error:
            problems += error.problems
            continue
        problems += _disagreements(loaded.model, [each.loaded.model for each in entries], node, name)
        entries.append(LoadedEntry(loaded=loaded, when=when, file=name, position=node.position))
    if problems:
        raise ModelError(dict.fromkeys(problems))
    check_retention(settings, [each.loaded.model for each in entries])
    written = [
        {"model": each.loaded.model.name, "version": each.loaded.model.version}
        | ({} if each.when is None else {"when": entry.when})
        for each, entry in zip(entries, settings.models, strict=True)
    ]
    source = json.dumps({MODELS: written}, ensure_ascii=False, indent=1, default=str)
    return ModelInForce(entries=tuple(entries), segments=_segments(entries), source=source)


def check_retention(settings: Settings, models: Sequence[Model]) -> None:
    """Refuse to delete what scores rest on.

    Raises:
        SettingsError: something would be kept for less time than a model looks back.
    """
    furthest = max(models, key=_looks_back)
    least = _looks_back(furthest) + RETENTION_MARGIN
    for name in ("activities_days", "score_history_days", "contact_change_days"):
        days = getattr(settings.retention, name)
        if days is not None and days < least:
            raise SettingsError(
                f"{settings.source}: retention.{name}: {days} is too short: the model {furthest.name} looks back"
                f" {furthest.horizon_days} days, and {furthest.trend_days} more for the trend",
                next_step=f"give {least} or more, or null to keep for ever, or shorten `horizon` in the model",
            )


def _looks_back(model: Model) -> int:
    return model.horizon_days + model.trend_days


def _segments(entries: Iterable[LoadedEntry]) -> Segments:
    return Segments([Segment(model=each.loaded.model, when=each.when) for each in entries])


def _text_of_entries(settings: Settings) -> tuple[str, str]:
    """(text, name) of where the entries stand: the settings file, unless a variable has replaced them."""
    if any(name.upper().startswith(_VARIABLE) for name in os.environ) or not settings.source.is_file():
        entries: list[Any] = [each.model_dump(exclude_unset=True) for each in settings.models]
        return json.dumps({MODELS: entries}, default=str), _VARIABLE
    return settings.source.read_text(encoding="utf-8"), _short(settings.source)


def _disagreements(model: Model, others: list[Model], node: SegmentNode, name: str) -> Iterator[Problem]:
    """What must be the same in all models: one run has one day, and money has been converted to one currency."""

    def problem(message: str) -> Problem:
        return Problem(file=name, line=node.position.line, column=node.position.column, message=message)

    zone = next((each for each in others if each.time_zone != model.time_zone), None)
    if zone is not None:
        message = f"the model {model.name} has the time_zone {model.time_zone}, {zone.name} has {zone.time_zone}"
        yield problem(f"{message}: a run has one day; give all models the same time_zone")
    given = [each for each in others if each.currency is not None] if model.currency is not None else []
    money = next((each for each in given if each.currency != model.currency), None)
    if money is not None:
        message = f"the model {model.name} has the currency {model.currency}, {money.name} has {money.currency}"
        yield problem(f"{message}: money arrives in one; give all models the same currency")


def read_model(path: Path) -> LoadedModel:
    """Load a model file and the list files beside it.

    Raises:
        ModelError: with every problem as file:line:column.
        SettingsError: when the file itself cannot be read.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(
            f"{path}: the model cannot be read: {reason}", next_step="correct `model:` or `models:` in the settings"
        ) from None
    lists: dict[str, str] = {}

    def read_list(name: str) -> str:
        lists[name] = (path.parent / name).read_text(encoding="utf-8")
        return lists[name]

    model = load_model(source, name=_short(path), read_list=read_list)
    return LoadedModel(model=model, compiled=compile_model(model), source=source, lists=lists)


def _short(path: Path) -> str:
    """The path as a person would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
