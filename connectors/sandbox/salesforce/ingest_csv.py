"""The CSV of an ingest job as Salesforce reads it: strict about line endings, quotes and the number of cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.sandbox.salesforce.bulk_csv import DELIMITERS, LINE_ENDINGS

_MAX_HEADER = 32_000
_MAX_CELL = 131_072
_MAX_CELLS = 5_000
_MAX_ROW = 400_000

Row = tuple[str, ...]


class BadCsv(Exception):
    """The upload cannot be read; the message is what the failed job says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """Header and rows."""

    header: Row
    rows: Sequence[Row]


def read_upload(body: bytes, *, delimiter: str, line_ending: str) -> Upload:
    """The rows of an upload.

    Raises:
        BadCsv: It breaks one of the rules.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadCsv("ClientInputError : the data is not in UTF-8") from error
    found = _rows(text, DELIMITERS[delimiter], line_ending)
    header = next(found, None)
    if header is None:
        raise BadCsv("InvalidBatch : the data has no header row")
    if sum(map(len, header)) + len(header) > _MAX_HEADER:
        raise BadCsv(f"ClientInputError : the header row is longer than {_MAX_HEADER} characters")
    rows = list(found)
    wrong = next((number for number, row in enumerate(rows, start=2) if len(row) != len(header)), None)
    if wrong is not None:
        raise BadCsv(f"ClientInputError : row {wrong} has {len(rows[wrong - 2])} cells, the header has {len(header)}")
    return Upload(header=header, rows=rows)


def _rows(text: str, delimiter: str, line_ending: str) -> Iterator[Row]:
    sign = re.escape(delimiter)
    cell = re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|([^"{sign}\r\n]*))({sign}|\r\n|\n|\Z)')
    ending = LINE_ENDINGS[line_ending]
    place, number = 0, 1
    cells: list[str] = []
    while place < len(text) or cells:
        found = cell.match(text, place)
        if found is None:
            raise BadCsv(f"ClientInputError : row {number}: a quote that does not enclose the whole cell")
        quoted, plain, end = found.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        place = found.end()
        if end == delimiter:
            continue
        if end and end != ending:
            raise BadCsv(
                f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {line_ending}"
            )
        if cells != [""] or quoted is not None:  # a blank line is nothing
            yield _within_limits(cells, number)
        number, cells = number + 1, []
        if not end:
            return


def _within_limits(cells: list[str], number: int) -> Row:
    if len(cells) > _MAX_CELLS or sum(map(len, cells)) > _MAX_ROW or max(map(len, cells)) > _MAX_CELL:
        raise BadCsv(f"ClientInputError : row {number} is too long")
    return tuple(cells)
