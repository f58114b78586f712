"""Tables for people, JSON for programs, nothing but text in pipes."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest

from sync.admin.cli.output import print_facts, print_json, print_table, shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Colour(Enum):
    RED = "red"


def test_a_table_in_a_pipe_is_aligned_text_with_numbers_to_the_right():
    file = io.StringIO()

    print_table(("name", "people"), [("hot", 7), ("cold", 12_000), ("none", None)], file=file)

    assert file.getvalue() == "name  people\nhot        7\ncold  12,000\nnone\n"


def test_a_title_stands_above_the_table():
    file = io.StringIO()

    print_table(("a",), [("x",)], title="Things", file=file)

    assert file.getvalue() == "Things\na\nx\n"


def test_a_table_without_rows_still_names_its_columns():
    file = io.StringIO()

    print_table(("id", "since"), [], file=file)

    assert file.getvalue() == "id  since\n"


def test_a_long_cell_is_never_cut_in_a_pipe():
    file = io.StringIO()

    print_table(("text",), [("x" * 500,)], file=file)

    assert "x" * 500 in file.getvalue()


def test_a_table_on_a_terminal_is_framed(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    file = Terminal()

    print_table(("name", "people"), [("[bold]hot", 7)], file=file)

    assert "[bold]hot" in file.getvalue()
    assert "─" in file.getvalue()


def test_a_terminal_that_only_prints_letters_gets_plain_text(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    file = Terminal()

    print_table(("name",), [("hot",)], file=file)

    assert file.getvalue() == "name\nhot\n"


def test_facts_are_aligned_under_their_title():
    file = io.StringIO()

    print_facts({"day": date(2026, 3, 2), "people": 1200, "note": None}, title="Run 7", file=file)

    assert file.getvalue() == "Run 7\n  day     2026-03-02\n  people  1,200\n  note\n"


def test_json_keeps_keys_in_order_and_knows_our_values():
    file = io.StringIO()
    value = {
        "z": Decimal("1.500"),
        "a": Decimal(3),
        "day": date(2026, 3, 2),
        "at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "colour": Colour.RED,
        "path": Path("x/y"),
        "set": {2, 1},
        "text": "é",
    }

    print_json(value, file=file)

    assert json.loads(file.getvalue()) == {
        "z": 1.5,
        "a": 3,
        "day": "2026-03-02",
        "at": "2026-03-02T09:00:00+00:00",
        "colour": "red",
        "path": "x/y",
        "set": [1, 2],
        "text": "é",
    }
    assert list(json.loads(file.getvalue()))[:2] == ["z", "a"]
    assert "é" in file.getvalue()


def test_json_refuses_what_it_would_have_to_guess():
    with pytest.raises(TypeError, match="object cannot be printed"):
        print_json(object(), file=io.StringIO())


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (1234567, "1,234,567"),
        (Decimal("-16.5"), "-16.5"),
        (datetime(2026, 3, 2, 9, 5, 7, 123, tzinfo=UTC), "2026-03-02 09:05:07"),
        (Colour.RED, "red"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_cell_is_one_line(cell, text):
    assert shown(cell) == text
