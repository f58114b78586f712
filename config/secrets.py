"""Secrets: `env:NAME` or `file:PATH` in the settings, resolved when needed, never shown.

A secret is read again each time it is asked for, so that a rotated file takes effect without a restart.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from config.errors import SettingsError

#: Shorter texts are not looked for: they would blacken what they have nothing to do with.
_SHORTEST = 8
_read: set[str] = set()


def masked(text: str) -> str:
    """The text without any secret that this process has read: for logs, and for tracebacks that are kept."""
    for secret in tuple(_read):
        if secret in text:
            text = text.replace(secret, "(secret)")
    return text


def _note(text: str) -> None:
    if len(text) >= _SHORTEST and text not in _read:
        # A key of several lines may be quoted line by line.
        _read.update({text, *(line for line in text.splitlines() if len(line) >= 4 * _SHORTEST)})


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Where a secret is; `value()` reads it. Its text never appears in repr, logs or errors."""

    source: str
    folder: Path = Path()

    def value(self) -> str:
        """The secret itself. Raises SettingsError that names the variable or file, never the content."""
        text = self._text()
        _note(text)
        return text

    def _text(self) -> str:
        kind, _, place = self.source.partition(":")
        if kind == "env":
            text = os.environ.get(place)
            if not text:
                raise SettingsError(f"secret env:{place} is not set", next_step=f"export {place}=… and start again")
            return text.strip()
        if kind == "file":
            return self._from_file(self.folder / place)
        return self.source

    @property
    def is_literal(self) -> bool:
        """Whether the secret stands in the settings file itself, which doctor warns about."""
        return self.source.partition(":")[0] not in {"env", "file"}

    @property
    def place(self) -> str:
        """Where it is kept, for people; a literal is not repeated."""
        return "a literal in the settings file" if self.is_literal else self.source

    def warning(self) -> str | None:
        """What doctor should say about how this secret is kept, or None."""
        kind, _, place = self.source.partition(":")
        if self.is_literal:
            return "stands in the settings file: move it to env:NAME or file:PATH"
        if (
            kind == "file"
            and (path := self.folder / place).exists()
            and (mode := path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
        ):
            may = "changed" if mode & (stat.S_IWGRP | stat.S_IWOTH) else "read"
            return f"{self.source} can be {may} by other users: chmod 600 {place}"
        return None

    def _from_file(self, path: Path) -> str:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(
                f"secret {self.source} cannot be read: {error.strerror}",
                next_step="write the secret into that file, mode 600",
            ) from None
        if not text:
            raise SettingsError(f"secret {self.source} is empty", next_step="write the secret into that file, mode 600")
        return text

    def __repr__(self) -> str:
        return f"Secret({self.place})"

    def __str__(self) -> str:
        return self.place
