"""What is wrong in a scoring file, with its place; several are collected before the file is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.errors import SyncError

#: So many are told at once.
SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Problem:
    """One cell, row or column that cannot be used. `row` is the line of a CSV file (the header is 1), or the record of a Parquet file."""

    file: str
    row: int | None = None
    #: Place of the column in the file, for the order.
    at: int = 0
    column: str | None = None
    message: str

    def __str__(self) -> str:
        place = [f"row {self.row}"] if self.row is not None else []
        place += [f"column {self.column}"] if self.column is not None else []
        return ": ".join([self.file, *([", ".join(place)] if place else []), self.message])


class FilesRefused(SyncError):
    """The scoring files cannot be used."""

    def __init__(self, problems: tuple[Problem, ...], *, more: int = 0) -> None:
        #: By file, row and column; at most `SHOWN`.
        self.problems = problems
        #: How many others there are.
        self.more = more
        lines = [*map(str, problems), *([f"… and {more:,} more"] if more else [])]
        super().__init__("\n".join(lines), next_step="correct the files; nothing was scored")


@dataclass(kw_only=True)
class Problems:
    """Collects the problems of both files."""

    found: list[Problem] = field(default_factory=list)
    #: Problems that were counted but not written out.
    uncounted: int = 0

    def add(self, problem: Problem) -> None:
        self.found.append(problem)

    def refuse(self) -> None:
        """Raise FilesRefused when there is any problem."""
        if self.found:
            ordered = _in_order(self.found)
            raise FilesRefused(tuple(ordered[:SHOWN]), more=len(ordered) - len(ordered[:SHOWN]) + self.uncounted)


def quoted(cell: object) -> str:
    """A cell for a message: shortened, and without anything that looks like an address."""
    text = str(cell)
    if "@" in text:
        return "an e-mail address"
    return repr(text if len(text) <= 40 else text[:37] + "…")


def _in_order(problems: list[Problem]) -> list[Problem]:
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(problems, key=lambda each: (files.index(each.file), each.row or 0, each.at))
