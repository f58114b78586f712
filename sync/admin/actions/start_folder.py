"""A new folder to work in: settings with every key explained, and a scoring model to edit with its lists."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import config
from config.errors import SettingsError
from sync.admin.actions.model_files import model_path

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXAMPLE: Final = Path(config.__file__).parent / "leadgrade.example.yaml"
_SETTINGS: Final = "leadgrade.yaml"
_MODEL: Final = "model.yaml"
_MODEL_LINE: Final = re.compile(r"^model: .*$", re.MULTILINE)
_LIST_FILE: Final = re.compile(r"\{file: ([^}]+)\}")


class FolderInUse(SettingsError):
    """Files that would be written are there already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartFolder:
    """What was written, in order."""

    folder: Path
    files: tuple[Path, ...]
    #: Variables that the settings expect.
    variables: tuple[str, ...]


def start_folder(folder: Path, *, preset: str = "b2b") -> StartFolder:
    """Write settings, model and lists; nothing at all when one of the files is there already.

    A new folder is for its owner alone, as are the settings: the database will hold what the CRM holds.

    Raises:
        FolderInUse: with the files that are in the way.
        SettingsError: there is no such preset.
        OSError: the folder cannot be written.
    """
    content = dict(_content(preset))
    there = [str(folder / name) for name in content if (folder / name).exists()]
    if there:
        raise FolderInUse(
            f"not overwritten: {', '.join(there)}", next_step="name another folder, or move these files away first"
        )
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700)
    for name, text in content.items():
        (folder / name).parent.mkdir(exist_ok=True)
        _write_new(folder / name, text, mode=0o600 if name == _SETTINGS else 0o644)
    variables = re.findall(r"^\s+\w+: env:(\w+)", content[_SETTINGS], re.MULTILINE)
    return StartFolder(folder=folder, files=tuple(folder / name for name in content), variables=tuple(variables))


def _content(preset: str) -> Iterator[tuple[str, str]]:
    """Names and texts of the files."""
    source = model_path(f"preset:{preset}")
    settings = _EXAMPLE.read_text(encoding="utf-8")
    yield _SETTINGS, _MODEL_LINE.sub(f"model: {_MODEL}", settings, count=1)
    model = source.read_text(encoding="utf-8")
    yield _MODEL, model
    for name in _LIST_FILE.findall(model):
        yield name, (source.parent / name).read_text(encoding="utf-8")


def _write_new(path: Path, text: str, *, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
