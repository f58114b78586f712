"""A scoring file as it stands: columns by name, and the line of each row. CSV cells are text; Parquet columns have their types."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

import polars as pl

from scoring.model_file_reading import suggestion
from sync.admin.actions.scoring_files.problems import FilesRefused, Problem, Problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_BOM = b"\xef\xbb\xbf"
#: Rows that the exact reader holds as Python lists at a time.
_CHUNK = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One file."""

    #: The file's name, as messages should show it.
    name: str
    frame: pl.DataFrame
    #: Row of each record, where they do not simply follow each other from `first_row` on.
    rows: pl.Series | None = None
    first_row: int

    def row(self, record: int) -> int:
        """Row of a record, as messages count."""
        return self.first_row + record if self.rows is None else int(self.rows[record])

    def missing(self, names: Iterable[str], problems: Problems) -> bool:
        """Note every required column that the file lacks."""
        absent = [name for name in names if name not in self.frame.columns]
        for name in absent:
            hint = suggestion(name, self.frame.columns) or _other_separator(self.frame.columns)
            row = 1 if self.first_row > 1 else None
            problems.add(Problem(file=self.name, row=row, column=name, message=f"the column is missing{hint}"))
        return bool(absent)


def read_table(path: Path) -> Table:
    """Read a CSV or Parquet file, told apart by the suffix.

    Raises:
        FilesRefused: the file is not what its suffix says.
        OSError: it cannot be read.
    """
    return _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path)


def _read_parquet(path: Path) -> Table:
    with path.open("rb") as file:
        try:
            frame = pl.read_parquet(file)
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = str(error).splitlines()[0]
            _refuse(path, None, f"not a Parquet file that can be read: {reason}")
    return Table(name=str(path), frame=frame, first_row=1)


def _read_csv(path: Path) -> Table:
    content = path.read_bytes().removeprefix(_BOM)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(path, content.count(b"\n", 0, error.start) + 1, "not UTF-8; save the file as CSV in UTF-8")
    if not text.strip():
        _refuse(path, 1, "the file is empty; a header is expected")
    quick = None
    if b'"' not in content and content.count(b"\r") == content.count(b"\r\n"):
        quick = _read_plain(path, content)
    return quick or _read_exactly(path, text)


def _read_plain(path: Path, content: bytes) -> Table | None:
    """Read a file without quotes at full speed; None when some line is not as wide as the header."""
    end = content.find(b"\n")
    header, body = (content, b"") if end < 0 else (content[:end], content[end + 1 :])
    names = _names(path, header.decode("utf-8").rstrip("\r").split(","), 1)
    if not body:
        return Table(name=str(path), frame=_frame(names, [[] for _ in names]), first_row=2)
    try:
        frame = pl.read_csv(
            body, has_header=False, schema={str(at): pl.String for at in range(len(names))}, infer_schema=False
        )
    except pl.exceptions.PolarsError:
        return None
    separators = body.count(b",")
    if separators != (len(names) - 1) * frame.height or (len(names) == 1 and frame.to_series().null_count()):
        return None
    return Table(name=str(path), frame=_named(frame, names), first_row=2)


def _read_exactly(path: Path, text: str) -> Table:
    """Read quotes as RFC 4180 says and keep the line of each record; blank lines are none."""
    problems = Problems()
    records = _records(path, text, problems)
    first = next(records, None)
    names = _names(path, first[1], first[0]) if first else []
    frames, lines = [], []
    chunk: list[list[str]] = []
    for line, cells in records:
        if len(cells) != len(names):
            width = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            wide = f"{width}, the header has {len(names)}; quote cells that hold commas"
            problems.add(Problem(file=str(path), row=line, message=wide))
            continue
        lines.append(line)
        chunk.append(cells)
        if len(chunk) == _CHUNK:
            frames.append(_frame(names, zip(*chunk, strict=True)))
            chunk = []
    problems.refuse()
    frames.append(_frame(names, zip(*chunk, strict=True) if chunk else [[] for _ in names]))
    return Table(name=str(path), frame=pl.concat(frames), rows=pl.Series("row", lines, dtype=pl.UInt32), first_row=2)


def _records(path: Path, text: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each record begins, and its cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begun = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add(Problem(file=str(path), row=begun, message=f"not a CSV record: {error}"))
            return
        if cells:
            yield begun, cells
        begun = reader.line_num + 1


def _names(path: Path, header: list[str], row: int) -> list[str]:
    """Column names; those without a name cannot be meant by anything and are left out later."""
    names = [name.strip() for name in header]
    ordered = sorted((name, at) for at, name in enumerate(names) if name)
    doubles = [(at, name) for (name, _), (other, at) in pairwise(ordered) if name == other]
    if doubles:
        problems = [
            Problem(file=str(path), row=row, at=at, column=name, message="the column stands twice")
            for at, name in sorted(doubles)
        ]
        raise FilesRefused(tuple(problems))
    return names


def _frame(names: list[str], columns: Iterable[Iterable[str]]) -> pl.DataFrame:
    frame = pl.DataFrame([pl.Series(str(at), list(cells), dtype=pl.String) for at, cells in enumerate(columns)])
    return _named(frame, names)


def _named(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return frame.select(pl.col(str(at)).alias(name) for at, name in enumerate(names) if name)


def _other_separator(columns: list[str]) -> str:
    if len(columns) == 1 and (found := next((each for each in ";\t|" if each in columns[0]), None)):
        return f"; the file seems to be separated by {found!r}, commas are expected"
    return ""


def _refuse(path: Path, row: int | None, message: str) -> NoReturn:
    raise FilesRefused((Problem(file=str(path), row=row, message=message),))
