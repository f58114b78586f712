"""Laws of bulk results: what the sandbox renders is read as it was, and no cut of it passes for the whole."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.errors import Unavailable
from connectors.salesforce.bulk_csv import fits, read_table, rows_of

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
_ROWS = st.lists(st.tuples(_TEXT, _TEXT), max_size=6)
_TYPES = {"Id": "id", "Active": "boolean", "Revenue": "currency", "Owner.Name": "string"}


def _body(rows: list[tuple[str, str]]) -> bytes:
    held = io.StringIO(newline="")
    writer = csv.writer(held, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("Id", "Owner.Name"), *rows])
    return held.getvalue().encode()


@given(_ROWS)
def test_whatever_stands_in_a_cell_is_read_as_it_was(rows: list[tuple[str, str]]) -> None:
    table = read_table(_body(rows), rows=len(rows))

    assert table.header == ("Id", "Owner.Name")
    assert [tuple(line) for line in table.cells] == rows


@given(_ROWS, st.integers(min_value=1, max_value=400))
def test_a_body_that_was_cut_is_never_taken_for_whole(rows: list[tuple[str, str]], cut: int) -> None:
    body = _body(rows)
    assume(rows)
    assume(cut > 1)  # without the last line feed it is still whole

    with pytest.raises(Unavailable):
        read_table(body[:-cut], rows=len(rows))


@given(_TEXT)
def test_a_cell_never_makes_the_reader_fail(cell: str) -> None:
    body = io.StringIO(newline="")
    csv.writer(body, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([list(_TYPES), [cell] * 4])
    (row,) = rows_of(read_table(body.getvalue().encode(), rows=1), list(_TYPES), _TYPES.get)

    assert ("Id" in row) is bool(cell)
    assert row.get("Owner", {}).get("Name", "") == cell


def test_cells_become_what_rest_would_have_given() -> None:
    body = b'\xef\xbb\xbf"OWNER.NAME","Active","Revenue","Id"\r\n"","true","1.0E7","1"\r\n"Zo\xc3\xab","FALSE","many","2"\r\n'
    table = read_table(body, rows=2)

    assert fits(table, list(_TYPES))
    assert not fits(table, ["Id", "Active"])
    assert rows_of(table, list(_TYPES), _TYPES.get) == [
        {"Active": True, "Revenue": Decimal("1.0E7"), "Id": "1"},
        {"Owner": {"Name": "Zoë"}, "Active": False, "Revenue": "many", "Id": "2"},
    ]


@pytest.mark.parametrize("body", [b"", b"\n"])
def test_a_result_without_rows_may_have_no_header(body: bytes) -> None:
    table = read_table(body, rows=0)

    assert (table.rows, fits(table, ["Id"])) == (0, True)
