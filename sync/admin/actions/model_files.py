"""Scoring models by what an operator types: a file, preset:NAME, or the version of a model that was published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import config
from config.errors import SettingsError
from connectors.mapping import load_field_map
from scoring.errors import ModelError, Problem
from scoring.model_check import Finding, check_model
from scoring.model_file_reading import suggestion
from scoring.model_file_segments import segment_nodes
from scoring.vocabulary import ACTIVITY_KINDS
from sync.admin.actions.model_configured import load_version
from sync.admin.actions.model_words import condition
from sync.errors import NotFound
from sync.model_findings import configured_findings
from sync.people.reference import reference_columns
from sync.scoring_model import read_model, read_models

if TYPE_CHECKING:
    from config.settings import Settings
    from connectors.mapping import FieldMap
    from scoring.model import Model
    from sync.model_findings import Provided
    from sync.scoring_model import LoadedModel
    from sync.store.unit import Store

_PRESETS: Final = Path(config.__file__).parent / "presets"
_PREFIX: Final = "preset:"
#: Versions that are named in a message.
_NAMED: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedEntry:
    """One of several models, and who is scored by it."""

    file: str
    model: str
    version: str
    #: The condition in words; absent: it holds for everybody.
    when: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCheck:
    """A model's problems, or what the checker thinks of it; of several models together when the settings name several."""

    file: str
    #: Absent when a file has problems.
    model: str | None = None
    version: str | None = None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    #: Only of several models.
    entries: tuple[CheckedEntry, ...] = ()


def presets() -> list[str]:
    """Names of the shipped models."""
    return sorted(path.stem for path in _PRESETS.glob("*.yaml"))


def model_path(name: str) -> Path:
    """The file that is meant.

    Raises:
        SettingsError: there is no such file or preset.
    """
    if name.startswith(_PREFIX):
        preset = name.removeprefix(_PREFIX)
        if preset not in presets():
            hint = suggestion(preset, presets())
            raise SettingsError(f"there is no {name}{hint}", next_step=f"one of {_known()}, or a file")
        return _PRESETS / f"{preset}.yaml"
    path = Path(name)
    if not path.is_file():
        hint = "; did you mean preset:" + name if name in presets() else ""
        raise SettingsError(
            f"{name}: there is no such model file{hint}", next_step=f"name a file, or one of {_known()}"
        )
    return path


def open_model(name: str) -> LoadedModel:
    """Load the model that is meant.

    Raises:
        SettingsError: there is no such file, or it cannot be read.
        ModelError: with every problem as file:line:column.
    """
    return read_model(model_path(name))


def check_model_file(name: str | None, settings: Settings | None = None) -> ModelCheck:
    """Look for problems and, when there are none, for what the model does not do although it says so.

    Args:
        name: file or preset; absent: the model of the settings.
        settings: whose field maps say what people and activities can bring; absent, or without connections: the model is
            checked by itself.

    Raises:
        SettingsError: there is no such file, or it cannot be read.
        NeedsAttention: a field map is wrong.
    """
    if name is None and settings is None:
        raise SettingsError("which model is meant?", next_step=f"name a file, or one of {_known()}")
    if name is None and settings is not None and settings.models:
        return _check_configured(settings)
    path = settings.model_path() if name is None and settings is not None else model_path(name or "")
    try:
        model = read_model(path).model
    except ModelError as error:
        return ModelCheck(file=str(path), problems=error.problems)
    return ModelCheck(
        file=str(path),
        model=model.name,
        version=model.version,
        findings=tuple(check_model(model, **_provided(settings))),
    )


def _check_configured(settings: Settings) -> ModelCheck:
    """Look at all models of the settings, their conditions and their order."""
    file = str(settings.source)
    try:
        configured = read_models(settings)
    except ModelError as error:
        return ModelCheck(file=file, problems=error.problems)
    return ModelCheck(
        file=file,
        model=configured.name,
        version=configured.version,
        findings=tuple(configured_findings(configured, **_provided(settings))),
        entries=tuple(
            CheckedEntry(
                file=each.loaded.model.file,
                model=each.loaded.model.name,
                version=each.loaded.model.version,
                when=None if each.when is None else condition(each.when),
            )
            for each in configured.entries
        ),
    )


def _provided(settings: Settings | None) -> Provided:
    maps = [_field_map(settings.fields_path(name)) for name in settings.connections] if settings is not None else []
    if not maps:
        return {}
    attributes = {name for each in maps for name in each.mapped_attributes()}
    if settings is not None and settings.reference_table is not None:
        attributes |= set(reference_columns(settings.folder / settings.reference_table))
    return {
        "mapped_attributes": attributes,
        "mapped_kinds": {kind for each in maps for kind in each.mapped_kinds()},
        "written_attributes": {name for each in maps for name in each.written_attributes()},
    }


def _field_map(path: Path) -> FieldMap:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"{path}: the field map cannot be read: {reason}", next_step="correct `fields:`") from None
    return load_field_map(text, name=str(path), kinds=frozenset(ACTIVITY_KINDS))


def open_version(store: Store, workspace_no: int, name: str) -> Model:
    """Load a published model by its version.

    Raises:
        NotFound: there is no such version.
    """
    with store.read() as unit:
        kept = unit.models.get(workspace_no, name)
        versions = [each.version for each in unit.models.all(workspace_no)] if kept is None else []
    if kept is None:
        known = ", ".join(versions[:_NAMED]) or "none"
        raise NotFound(
            f"there is no model file and no published version {name!r}",
            next_step=f"name a file, one of {_known()}, or a published version: {known}",
        )
    if segment_nodes(kept.source, name=name):
        raise NotFound(
            f"version {name} is several models by segment: {kept.model}",
            next_step="name the version of one of them (leadgrade explain tells it), or none: leadgrade model diff",
        )
    return load_version(kept)


def _known() -> str:
    return ", ".join(_PREFIX + each for each in presets())
