"""How a run tells what it is doing: one narrow port, so that doors may show bars, plain lines or nothing."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the steps of a run."""

    def step(self, stage: str, connection: str | None, done: int, expected: int | None) -> None:
        """So far `done` (records, people or writes) of `expected`, when that is known."""
        ...

    def note(self, message: str) -> None:
        """One sentence."""
        ...


class Silent:
    """Shows nothing."""

    def step(self, stage: str, connection: str | None, done: int, expected: int | None) -> None:
        pass

    def note(self, message: str) -> None:
        pass
