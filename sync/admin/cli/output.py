"""Results on stdout: tables for people, JSON with stable keys for programs; never a colour code in a pipe."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def print_json(value: object, *, file: TextIO | None = None) -> None:
    """Print a value; keys stay in the order in which they are given."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain), file=file or sys.stdout)


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None, file: TextIO | None = None
) -> None:
    """Print rows under their columns: framed on a terminal, aligned by spaces elsewhere. Numbers stand to the right."""
    file = file or sys.stdout
    cells = [[shown(cell) for cell in row] for row in rows]
    right = [bool(rows) and all(_is_number(row[at]) for row in rows) for at in range(len(columns))]
    if for_people(file):
        _print_framed(columns, cells, right, title, file)
        return
    if title:
        print(title, file=file)
    widths = [max([len(name), *(len(row[at]) for row in cells)]) for at, name in enumerate(columns)]
    for line in ([*columns], *cells):
        pieces = (
            text.rjust(width) if numbers else text.ljust(width)
            for text, width, numbers in zip(line, widths, right, strict=True)
        )
        print("  ".join(pieces).rstrip(), file=file)


def print_facts(facts: Mapping[str, object], *, title: str | None = None, file: TextIO | None = None) -> None:
    """Print names with their values, one a line."""
    file = file or sys.stdout
    if title:
        print(title, file=file)
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        print(f"{'  ' if title else ''}{name.ljust(width)}  {shown(value)}".rstrip(), file=file)


def for_people(file: TextIO) -> bool:
    """Whether somebody looks at this on a terminal that can do more than print letters."""
    import os

    return file.isatty() and os.environ.get("TERM") != "dumb"


def shown(cell: object) -> str:
    """A value as text: absent is empty, booleans are yes and no, instants are in UTC without fractions, one line each."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, Enum):
        return str(cell.value)
    return " ".join(str(cell).split())


def _is_number(cell: object) -> bool:
    return cell is None or (isinstance(cell, int | float | Decimal) and not isinstance(cell, bool))


def _print_framed(
    columns: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool], title: str | None, file: TextIO
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name, numbers in zip(columns, right, strict=True):
        table.add_column(Text(name), justify="right" if numbers else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(text) for text in row))
    Console(file=file, highlight=False).print(table)


def _plain(value: Any) -> object:
    """What JSON does not know."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    message = f"{type(value).__name__} cannot be printed as JSON"
    raise TypeError(message)
