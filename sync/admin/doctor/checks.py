"""What doctor says: one check per line, with a level, the place and the next step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    #: It works; somebody should look some day.
    WARNING = "warning"
    #: Something does not work until somebody acts.
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One line of doctor."""

    #: settings, store, model, runs, libraries, or the name of a connection.
    place: str
    #: Short stable word for programs.
    code: str
    level: Level
    message: str
    next_step: str | None = None
