"""Cursors of HubSpot streams survive as text, and a part that is new to one begins where it must."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.errors import NeedsAttention
from connectors.hubspot.cursor import Mode, Position, StreamCursor

MORNING = datetime(2026, 11, 20, 8, 30, 0, 123_000, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_cursor_comes_back_as_it_was_written() -> None:
    position = Position(mode=Mode.ARCHIVED, since=MORNING, opened=NOON, after="12", item="form", polled=MORNING)
    cursor = StreamCursor(since=MORNING).moved("calls", position, at="emails")

    assert StreamCursor.load(cursor.dump()) == cursor


def test_a_part_that_is_new_to_a_first_load_is_loaded() -> None:
    assert StreamCursor().position("calls").mode is Mode.LOAD


def test_a_part_that_is_new_to_an_incremental_cursor_starts_at_its_instant() -> None:
    position = StreamCursor(since=NOON).position("calls")

    assert (position.mode, position.since) == (Mode.CHANGES, NOON)


def test_the_first_answers_clock_opens_a_scan_and_becomes_the_next_start() -> None:
    opened = Position(mode=Mode.CHANGES, since=MORNING).opened_at(NOON).opened_at(MORNING)

    finished = opened.finished()

    assert opened.opened == NOON
    assert (finished.since, finished.opened, finished.after) == (NOON, None, None)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"parts": {"calls": {"mode": "sideways"}}}', '{"parts": 3}'])
def test_text_that_is_no_cursor_needs_attention(text: str) -> None:
    with pytest.raises(NeedsAttention) as caught:
        StreamCursor.load(text)

    assert caught.value.next_step
