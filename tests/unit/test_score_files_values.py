"""What cells of scoring files become: typed, trimmed, absent when blank; CSV and Parquet alike."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.vocabulary import AttributeType
from sync.admin.actions.scoring_files.cells import UnusableType, filled, typed
from sync.admin.actions.scoring_files.tables import read_table


def values(cells, kind, *, zone="UTC", dtype=None):
    return typed(pl.Series("x", cells, dtype=dtype), AttributeType(kind), zone).to_list()


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_numbers_are_signs_digits_and_at_most_one_point():
    assert values(["5", " -3.25 ", "+.5", "7.", "", " ", "1e3", "0x1", "١"], "number") == [
        *(5, -3.25, 0.5, 7, None, None, None, None, None)
    ]


def test_booleans_have_three_spellings_each_in_any_case():
    cells = ["true", "YES", "1", " True ", "false", "No", "0", "", "y"]

    assert values(cells, "boolean") == [True, True, True, True, False, False, False, None, None]


def test_lists_are_separated_by_bars():
    assert values(["a|b", "a", "", " "], "list") == [["a", "b"], ["a"], None, None]


def test_texts_are_trimmed_and_blank_is_absent():
    assert values([" CEO ", "\u00a0", ""], "text") == ["CEO", None, None]


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2026-11-18", at(2026, 11, 18, 12)),
        ("2026-11-18T14:30:15Z", at(2026, 11, 18, 14, 30, 15)),
        ("2026-11-18T14:30:15", at(2026, 11, 18, 14, 30, 15)),
        ("2026-11-18 14:30", at(2026, 11, 18, 14, 30)),
        ("2026-11-18T14:30Z", at(2026, 11, 18, 14, 30)),
        ("2026-11-18T14:30:15.250+02:00", at(2026, 11, 18, 12, 30, 15, 250_000)),
        ("2026-11-18T14:30:15,5-0530", at(2026, 11, 18, 20, 0, 15, 500_000)),
        ("2026-11-18T14:30+01", at(2026, 11, 18, 13, 30)),
        ("2026-11-18T00:10:00.000+0000", at(2026, 11, 18, 0, 10)),
        ("20261118T143015Z", at(2026, 11, 18, 14, 30, 15)),
        ("20261118", at(2026, 11, 18, 12)),
        ("2026-W47-3", at(2026, 11, 18, 12)),
        (" 2026-11-18 ", at(2026, 11, 18, 12)),
        ("0001-01-01", at(1, 1, 1, 12)),
    ],
)
def test_instants_are_iso_8601_and_utc_when_no_zone_is_given(cell, instant):
    assert values([cell], "date") == [instant]


def test_a_date_alone_is_noon_in_the_models_zone():
    assert values(["2026-07-01", "20260701", "2026-01-01"], "date", zone="America/New_York") == [
        *(at(2026, 7, 1, 16), at(2026, 7, 1, 16), at(2026, 1, 1, 17))
    ]


def test_a_noon_that_a_zone_skipped_is_noon_in_utc():
    assert values(["2011-12-30"], "date", zone="Pacific/Apia") == [at(2011, 12, 30, 12)]


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
    st.integers(min_value=-14 * 60, max_value=14 * 60),
    st.sampled_from(["T", " "]),
    st.sampled_from(["auto", "seconds", "microseconds"]),
)
def test_every_instant_that_python_writes_is_read_exactly(instant, offset, separator, precision):
    from datetime import timedelta, timezone

    written = instant.replace(tzinfo=timezone(timedelta(minutes=offset))).isoformat(separator, precision)

    assert values([written], "date") == [datetime.fromisoformat(written).astimezone(UTC)]


@pytest.mark.parametrize(
    ("cells", "dtype", "kind", "read"),
    [
        ([5, None], pl.Int64, "number", [5, None]),
        ([2.5, float("nan"), float("inf")], pl.Float64, "number", [2.5, None, None]),
        ([Decimal("1.25")], pl.Decimal(10, 2), "number", [1.25]),
        ([True, None], pl.Boolean, "boolean", [True, None]),
        ([1, 0, 2], pl.Int8, "boolean", [True, False, None]),
        ([date(2026, 11, 18)], pl.Date, "date", [at(2026, 11, 18, 12)]),
        ([datetime(2026, 11, 18, 8)], pl.Datetime("ms"), "date", [at(2026, 11, 18, 8)]),
        ([at(2026, 11, 18, 8)], pl.Datetime("ns", "Europe/Paris"), "date", [at(2026, 11, 18, 8)]),
        ([["a", "b"], None], pl.List(pl.String), "list", [["a", "b"], None]),
        ([[1]], pl.List(pl.Int64), "list", [["1"]]),
        ([75001, None], pl.Int64, "text", ["75001", None]),
        ([75001.0, 1.5, float("nan")], pl.Float64, "text", ["75001", "1.5", None]),
        ([True], pl.Boolean, "text", ["true"]),
        (["b", None], pl.Categorical, "text", ["b", None]),
        ([None], pl.Null, "number", [None]),
    ],
)
def test_columns_of_parquet_keep_their_values(cells, dtype, kind, read):
    assert values(cells, kind, dtype=dtype) == read


def test_a_column_of_another_nature_is_refused():
    with pytest.raises(UnusableType):
        values([True], "number")


def test_what_is_filled_is_what_could_have_had_a_value():
    assert filled(pl.Series(["a", " ", None])).to_list() == [True, False, False]
    assert filled(pl.Series([1.0, float("nan"), float("inf"), None])).to_list() == [True, False, True, False]


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_is_read_alike_with_and_without_quotes(tmp_path, quote, end, last, mark):
    lines = ["person_id,title,city", f"p1,{quote}CEO{quote},Köln", "p2,,"]
    path = tmp_path / "people.csv"
    path.write_bytes(mark + (end.join(lines) + (end if last else "")).encode())

    table = read_table(path)

    assert [[cell or None for cell in row] for row in table.frame.rows()] == [["p1", "CEO", "Köln"], ["p2", None, None]]
    assert [table.row(0), table.row(1)] == [2, 3]


def test_quoted_cells_hold_commas_quotes_and_lines(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes(b'person_id,title\np1,"Sales, ""EMEA""\nand more"\np2,5" pipes\n')

    assert read_table(path).frame.rows() == [("p1", 'Sales, "EMEA"\nand more'), ("p2", '5" pipes')]


def test_blank_lines_and_columns_without_a_name_are_nothing(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("person_id,,title,\n\np1,x,CEO,\n\n")

    table = read_table(path)

    assert table.frame.to_dicts() == [{"person_id": "p1", "title": "CEO"}]
    assert table.row(0) == 3


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=6), min_size=2, max_size=2),
        max_size=6,
    )
)
def test_whatever_a_csv_writer_writes_is_read_back(tmp_path_factory, rows):
    import csv

    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b"])
        writer.writerows(rows)

    read = [[cell or "" for cell in row] for row in read_table(path).frame.rows()]

    assert read == rows
