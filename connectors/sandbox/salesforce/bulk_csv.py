"""Rows of a query job as CSV in UTF-8: every cell quoted, date-times with Z. Rendered while the job runs, and kept packed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from connectors.sandbox.records import Record
from connectors.sandbox.salesforce.columns import Column

DELIMITERS = {"COMMA": ",", "BACKQUOTE": "`", "CARET": "^", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_BLOCK = 1000
#: Between packed rows; no field holds it.
_ROW = b"\x1e"


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvPage:
    """Header and rows."""

    rows: int
    body: bytes


class CsvResult:
    """What a job found, as it was when the job came to it."""

    def __init__(
        self, columns: Sequence[Column], records: Sequence[Record], *, delimiter: str, line_ending: str
    ) -> None:
        self._between, self._end = DELIMITERS[delimiter], LINE_ENDINGS[line_ending].encode()
        self._header = self._between.join(quoted(".".join(column.path)) for column in columns).encode()
        self._cells = [_cell_of(column) for column in columns]
        self._rest = iter(records)
        self._blocks: list[bytes] = []
        #: Rows rendered so far.
        self.total = 0
        self.complete = False

    def work(self, portion: int) -> None:
        """Renders at least so many further rows, or all that are left."""
        while portion > 0 and not self.complete:
            block = list(islice(self._rest, _BLOCK))
            self.complete = len(block) < _BLOCK
            if not block:
                return
            between, cells = self._between, self._cells
            lines = [between.join(quoted(cell(record)) for cell in cells).encode() for record in block]
            self._blocks.append(zlib.compress(_ROW.join(lines), level=1))
            self.total += len(block)
            portion -= len(block)

    def page(self, first: int, size: int) -> CsvPage:
        """Rows from `first` on; a header even when there are none."""
        last = min(first + size, self.total)
        found: list[bytes] = []
        for number in range(first // _BLOCK, -(-last // _BLOCK)):
            lines = zlib.decompress(self._blocks[number]).split(_ROW)
            start = number * _BLOCK
            found += lines[max(0, first - start) : last - start]
        return CsvPage(rows=len(found), body=b"".join(line + self._end for line in (self._header, *found)))


def quoted(text: str) -> str:
    """A cell as all results have it."""
    return '"' + text.replace('"', '""') + '"'


def _cell_of(column: Column) -> Callable[[Record], str]:
    kind, get = column.field.type, column.get

    def cell(record: Record) -> str:
        value: Any = get(record)
        if value is None:
            return ""
        if kind == "datetime":
            return str(value).removesuffix("+0000") + ("Z" if str(value).endswith("+0000") else "")
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    return cell
