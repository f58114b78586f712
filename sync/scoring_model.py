"""Reads a scoring model and the list files beside it from disk. Apart from the composition root, so that scoring files needs no CRM."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import SettingsError
from scoring.compile import CompiledModel, compile_model
from scoring.model_file import load_model

if TYPE_CHECKING:
    from scoring.model import Model


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedModel:
    """A scoring model with everything that is needed to load it again."""

    model: Model
    compiled: CompiledModel
    source: str
    #: File name -> content of the list files.
    lists: dict[str, str]


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
            f"{path}: the model cannot be read: {reason}", next_step="correct `model:` in the settings"
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
