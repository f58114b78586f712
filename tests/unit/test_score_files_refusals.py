"""Scoring files are refused with file, row and column; several problems are told at once."""

from __future__ import annotations

import polars as pl
import pytest

from scoring.compile import compile_model
from scoring.model_file import load_model
from sync.admin.actions.score_files import read_files
from sync.admin.actions.scoring_files.problems import FilesRefused

MODEL = """
model: m
attributes: {plans: list, seats: number, renewed: date, pilot: boolean, note: text}
fit: {rules: [{id: a, label: A, when: {seats: {gt: 5}}, points: 5}]}
"""
COMPILED = compile_model(load_model(MODEL, name="m.yaml", read_list=str))


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """Lines of the refusal of the files."""
    monkeypatch.chdir(tmp_path)

    def refuse(people: str | bytes, activities: str | bytes | None = None) -> list[str]:
        for name, text in (("people.csv", people), ("activities.csv", activities)):
            if text is not None:
                (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        with pytest.raises(FilesRefused) as caught:
            read_files(_path("people.csv"), None if activities is None else _path("activities.csv"), COMPILED)
        return caught.value.message.splitlines()

    return refuse


def _path(name: str):
    from pathlib import Path

    return Path(name)


PEOPLE = "person_id\np1\n"


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("employees", "many", "'many' is not a number"),
        ("employees", "1e3", "'1e3' is not a number"),
        ("employees", "1 000", "'1 000' is not a number"),
        ("revenue", "inf", "'inf' is not a number"),
        ("revenue", "NaN", "'NaN' is not a number"),
        ("timeline_months", "1.2.3", "'1.2.3' is not a number"),
        ("seats", "-", "'-' is not a number"),
        ("enriched_employees", "x", "'x' is not a number"),
        ("enriched_seats", "x", "'x' is not a number"),
        ("recycle_keep", "1.5", "'1.5': a number from 0 to 1 is expected"),
        ("enrichment_confidence", "-0.1", "'-0.1': a number from 0 to 1 is expected"),
        ("email_opt_out", "maybe", "'maybe' is not true or false"),
        ("do_not_call", "2", "'2' is not true or false"),
        ("pilot", "on", "'on' is not true or false"),
        ("phone_valid", "x", "'x' is not true or false"),
    ],
)
def test_a_cell_that_does_not_fit_its_type(refused, column, cell, message):
    assert refused(f"person_id,{column}\np1,\np2,{cell}\n") == [f"people.csv: row 3, column {column}: {message}"]


@pytest.mark.parametrize("column", ["created_at", "enriched_at", "renewed", "enriched_created_at"])
@pytest.mark.parametrize(
    "cell",
    [
        *("yesterday", "18/11/2026", "2026-13-01", "2026-02-30", "2026-11-18T25:00:00Z", "2026-11-18T10:61Z"),
        *("2026-11-18 10:00 CET", "2026-11", "0000-01-01", "2026-11-18x10:00", "10:00", "12"),
    ],
)
def test_a_bad_instant(refused, column, cell):
    assert refused(f"person_id,{column}\np1,{cell}\n") == [
        f"people.csv: row 2, column {column}: '{cell}' is not a date or an instant such as 2026-11-18 or 2026-11-18T14:30:00Z"
    ]


def test_a_person_id_that_is_empty_or_double(refused):
    assert refused("person_id,seats\np1,\n  ,\np2,\n p1 ,\np1,\n,3\n") == [
        "people.csv: row 3, column person_id: the cell is empty",
        "people.csv: row 5, column person_id: ' p1 ' stands twice, first in row 2",
        "people.csv: row 6, column person_id: 'p1' stands twice, first in row 2",
        "people.csv: row 7, column person_id: the cell is empty",
    ]


def test_an_address_is_not_repeated_in_a_message(refused):
    assert refused("person_id,employees\nann@acme.example,1\nann@acme.example,bob@acme.example\n") == [
        "people.csv: row 3, column person_id: an e-mail address stands twice, first in row 2",
        "people.csv: row 3, column employees: an e-mail address is not a number",
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("id,seats", "people.csv: row 1, column person_id: the column is missing"),
        ("Person_ID,seats", "people.csv: row 1, column person_id: the column is missing; did you mean 'Person_ID'?"),
        (
            "person_id;seats;x",
            "people.csv: row 1, column person_id: the column is missing; did you mean 'person_id;seats;x'?",
        ),
        (
            "number;seats;x",
            "people.csv: row 1, column person_id: the column is missing; the file seems to be separated by ';', commas are expected",
        ),
        ("person_id,seats,seats", "people.csv: row 1, column seats: the column stands twice"),
    ],
)
def test_a_header_that_cannot_be_used(refused, header, message):
    assert refused(f"{header}\n") == [message]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "people.csv: row 1: the file is empty; a header is expected"),
        (b" \n\n", "people.csv: row 1: the file is empty; a header is expected"),
        (b"person_id,title\np1,CEO\np2,Ing\xe9nieur\n", "people.csv: row 3: not UTF-8; save the file as CSV in UTF-8"),
        (b"\xff\xfep\x00e\x00", "people.csv: row 1: not UTF-8; save the file as CSV in UTF-8"),
        (b"person_id,title\np1,CEO,x\n", "people.csv: row 2: 3 cells, the header has 2; quote cells that hold commas"),
        (
            b"person_id,title\np1,CEO\n\np2\n",
            "people.csv: row 4: 1 cell, the header has 2; quote cells that hold commas",
        ),
        (b'person_id,title\np1,"CEO\np2,x\n', "people.csv: row 2: not a CSV record: unexpected end of data"),
        (b'person_id,title\np1,"CEO" x\n', "people.csv: row 2: not a CSV record: ',' expected after '\"'"),
    ],
)
def test_a_file_that_is_not_csv(refused, content, message):
    assert refused(content) == [message]


def test_rows_are_lines_of_the_file_where_quoted_cells_and_blank_lines_stand_before(refused):
    people = 'person_id,title,seats\r\np1,"Head of\r\nSales",1\r\n\r\np2,x,many\r\n'

    assert refused(people) == ["people.csv: row 5, column seats: 'many' is not a number"]


@pytest.mark.parametrize("column", ["person_id", "kind", "at"])
def test_a_missing_column_of_activities(refused, column):
    header = ",".join(name for name in ("person_id", "kind", "at") if name != column)

    assert refused(PEOPLE, f"{header}\n") == [f"activities.csv: row 1, column {column}: the column is missing"]


def test_other_columns_of_activities(refused):
    lines = refused(PEOPLE, "person_id,kind,at,uri,colour\n")

    assert lines == [
        "activities.csv: row 1, column uri: activities have no such column; did you mean 'url'?",
        (
            "activities.csv: row 1, column colour: activities have no such column; they have person_id, kind, at, url, asset, "
            "campaign, product, direction, outcome, message_id, link, duration_s, count, machine"
        ),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("kind", "page_veiw", "'page_veiw' is not a kind of activity; did you mean 'page_view'?"),
        ("kind", "PAGE_VIEW", "'PAGE_VIEW' is not a kind of activity; did you mean 'page_view'?"),
        ("kind", "", "the cell is empty"),
        ("at", " ", "the cell is empty"),
        ("at", "now", "'now' is not a date or an instant such as 2026-11-18 or 2026-11-18T14:30:00Z"),
        ("person_id", "", "the cell is empty"),
        ("count", "0", "'0': a whole number from 1 to 1,000,000,000 is expected"),
        ("count", "2.5", "'2.5': a whole number from 1 to 1,000,000,000 is expected"),
        ("count", "two", "'two' is not a number"),
        ("duration_s", "1m", "'1m' is not a number"),
        ("machine", "robot", "'robot' is not true or false"),
    ],
)
def test_a_cell_of_activities(refused, column, cell, message):
    cells = {"person_id": "p1", "kind": "page_view", "at": "2026-11-18", "count": "", "duration_s": "", "machine": ""}
    row = ",".join((cells | {column: cell}).values())

    assert refused(PEOPLE, f"{','.join(cells)}\n{row}\n") == [f"activities.csv: row 2, column {column}: {message}"]


def test_a_row_is_checked_before_it_is_ignored_as_a_strangers(refused):
    lines = refused(PEOPLE, "person_id,kind,at\nstranger,dance,2026-11-18\n")

    assert lines == ["activities.csv: row 2, column kind: 'dance' is not a kind of activity"]


def test_problems_of_both_files_come_together_in_the_order_of_the_files(refused):
    lines = refused(
        "person_id,seats,pilot\np1,x,y\n,1,no\n", "person_id,kind,at\np1,page_view,now\np1,dance,2026-11-18\n"
    )

    assert [line.split(": ")[0] + ": " + line.split(": ")[1] for line in lines] == [
        "people.csv: row 2, column seats",
        "people.csv: row 2, column pilot",
        "people.csv: row 3, column person_id",
        "activities.csv: row 2, column at",
        "activities.csv: row 3, column kind",
    ]


def test_no_more_than_twenty_are_told_and_the_others_counted(refused):
    rows = "".join(f"p{number},x,\n" for number in range(50)) + ",1,x\n"

    lines = refused(f"person_id,seats,pilot\n{rows}")

    assert len(lines) == 21
    assert lines[0] == "people.csv: row 2, column seats: 'x' is not a number"
    assert lines[19] == "people.csv: row 21, column seats: 'x' is not a number"
    assert lines[20] == "… and 32 more"


def test_rows_of_parquet_are_records(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pl.DataFrame({"person_id": [1, 1], "seats": ["3", "x"]}).write_parquet("people.parquet")

    with pytest.raises(FilesRefused) as caught:
        read_files(_path("people.parquet"), None, COMPILED)

    assert caught.value.message.splitlines() == [
        "people.parquet: row 2, column person_id: '1' stands twice, first in row 1",
        "people.parquet: row 2, column seats: 'x' is not a number",
    ]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("seats", [True], "a number is expected, the column holds Boolean"),
        ("pilot", [0.5], "true or false is expected, the column holds Float64"),
        (
            "created_at",
            [5],
            "a date or an instant such as 2026-11-18 or 2026-11-18T14:30:00Z is expected, the column holds Int64",
        ),
        ("title", [["a"]], "a text is expected, the column holds List(String)"),
        ("plans", [{"a": 1}], "a list is expected, the column holds Struct({'a': Int64})"),
    ],
)
def test_a_column_of_parquet_with_an_unsuitable_type(tmp_path, monkeypatch, column, values, message):
    monkeypatch.chdir(tmp_path)
    pl.DataFrame({"person_id": ["p1"], column: values}).write_parquet("people.parquet")

    with pytest.raises(FilesRefused) as caught:
        read_files(_path("people.parquet"), None, COMPILED)

    assert caught.value.message == f"people.parquet: column {column}: {message}"


def test_a_file_that_is_not_parquet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _path("people.parquet").write_text("person_id\np1\n")

    with pytest.raises(FilesRefused, match=r"^people.parquet: not a Parquet file that can be read: "):
        read_files(_path("people.parquet"), None, COMPILED)
