"""Scoring models by what an operator types: a file, or preset:NAME."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import config
from config.errors import SettingsError
from scoring.errors import ModelError, Problem
from scoring.model_check import Finding, check_model
from scoring.model_file_reading import suggestion
from sync.scoring_model import read_model

if TYPE_CHECKING:
    from scoring.model import Model
    from sync.scoring_model import LoadedModel

_PRESETS: Final = Path(config.__file__).parent / "presets"
_PREFIX: Final = "preset:"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCheck:
    """A model's problems, or what the checker thinks of it."""

    file: str
    #: Absent when the file has problems.
    model: Model | None = None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()


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


def check_model_file(name: str) -> ModelCheck:
    """Look for problems and, when there are none, for what the model does not do although it says so.

    Raises:
        SettingsError: there is no such file, or it cannot be read.
    """
    path = model_path(name)
    try:
        model = read_model(path).model
    except ModelError as error:
        return ModelCheck(file=str(path), problems=error.problems)
    return ModelCheck(file=str(path), model=model, findings=tuple(check_model(model)))


def _known() -> str:
    return ", ".join(_PREFIX + each for each in presets())
