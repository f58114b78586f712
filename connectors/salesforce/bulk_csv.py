"""Results of bulk jobs: bytes to rows as REST would give them, by the described types. Always UTF-8, whatever the header says."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import Unavailable

#: Long text areas hold 131,072 characters, as many as the csv module takes by itself; quotes and rich text come on top.
_LONGEST_CELL = 4 * 131_072
_NUMBERS = frozenset({"int", "double", "currency", "percent", "long"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Header and cells, all of them text."""

    header: tuple[str, ...]
    cells: list[list[str]]

    @property
    def rows(self) -> int:
        """Rows without the header."""
        return len(self.cells)


def read_table(content: bytes, *, rows: int | None) -> Table:
    """The table of a CSV body.

    Raises:
        Unavailable: It was cut off on its way: rows or quotes are missing.
    """
    # NOTE: Salesforce may name no charset, and requests then takes text for latin-1; so bytes it is.
    try:
        text = content.decode("utf-8-sig")
        csv.field_size_limit(max(_LONGEST_CELL, csv.field_size_limit()))
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unavailable("The results of a bulk job came in pieces.") from error
    header = tuple(lines[0]) if lines else ()
    cells = lines[1:]
    if (rows is not None and rows != len(cells)) or any(len(line) != len(header) for line in cells):
        raise Unavailable(f"The results of a bulk job came with {len(cells)} rows of {rows}.")
    return Table(header=header, cells=cells)


def fits(table: Table, fields: Sequence[str]) -> bool:
    """Whether the table holds exactly these fields, in whatever order."""
    return not table.header or sorted(map(str.casefold, table.header)) == sorted(map(str.casefold, fields))


def rows_of(table: Table, fields: Sequence[str], type_of: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """Rows in REST's form: parents nested, empty cells absent, booleans and numbers by type; a bad cell stays text."""
    known = {name.casefold(): name for name in fields}
    paths = [known[name.casefold()].split(".") for name in table.header]
    readers = [_reader(type_of(".".join(path))) for path in paths]
    found = []
    for line in table.cells:
        row: dict[str, Any] = {}
        for path, read, cell in zip(paths, readers, line, strict=True):
            if cell:
                _put(row, path, read(cell))
        found.append(row)
    return found


def _put(row: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        row = row.setdefault(name, {})
    row[path[-1]] = value


def _reader(kind: str | None) -> Callable[[str], Any]:
    if kind == "boolean":
        return _boolean
    return _number if kind in _NUMBERS else str


_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


def _boolean(cell: str) -> Any:
    return _TRUTHS.get(cell.casefold(), cell)


def _number(cell: str) -> Any:
    try:
        return Decimal(cell)
    except InvalidOperation:
        return cell
