"""Errors of scoring.

ScoringError
  + ModelError      the model file cannot be used; carries every problem found, each with its place
  + FrameError      a frame does not keep the contract of scoring.frames
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ScoringError(Exception):
    """Scoring cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing wrong in a model file, at a line and column that count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ModelError(ScoringError):
    """The model file cannot be used: correct the places named, then run `leadgrade model check`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        #: In the order of the file.
        self.problems: tuple[Problem, ...] = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[ModelError], tuple[tuple[Problem, ...]]]:
        # An error of a child process arrives with its problems, not with its text alone.
        return ModelError, (self.problems,)


class FrameError(ScoringError):
    """A frame does not keep the contract of scoring.frames: correct the column that is named."""
