"""When a difference between what we want, what we sent and what is there is worth a write."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sync.values import changed, drifted, is_due, is_urgent, normal, to_write

SENT = {
    "score": 50, "fit": 20, "engagement": 30, "grade": "B2", "rating": "warm", "qualified": False, "disqualified": False,
    "disqualify_reason": None, "reasons": "+12 Director", "breakdown": "…", "changed_by": "activity", "scored_at": "2026-11-20T10:00:00+00:00",
}  # fmt: skip


@pytest.mark.parametrize(
    ("output", "value", "expected"),
    [
        ("score", "72", 72),
        ("score", 72.0, 72),
        ("score", Decimal("72.50"), 72.5),
        ("score", "", None),
        ("score", "a lot", "a lot"),
        ("score", "NaN", "NaN"),
        ("qualified", None, False),
        ("qualified", "", False),
        ("qualified", "true", True),
        ("qualified", "false", False),
        ("grade", "A1", "A1"),
        ("grade", "", None),
        ("reasons", " two\r\nlines  ", "two\nlines"),
        ("reasons", "x" * 300, "x" * 255),
        ("scored_at", "2026-11-20T10:00:00.000+0000", "2026-11-20T10:00:00+00:00"),
        ("scored_at", "2026-11-20T12:00:00.123+02:00", "2026-11-20T10:00:00+00:00"),
        ("scored_at", "1795168800000", "2026-11-20T10:00:00+00:00"),
        ("scored_at", datetime(2026, 11, 20, 10, 0, 0, 999, tzinfo=UTC), "2026-11-20T10:00:00+00:00"),
        ("scored_at", "yesterday", "yesterday"),
    ],
)
def test_a_value_has_one_normal_form_wherever_it_was_read(output, value, expected):
    assert normal(output, value) == expected


def test_normal_forms_are_stable():
    again = {name: normal(name, to_write(name, normal(name, value))) for name, value in SENT.items()}

    assert again == {name: normal(name, value) for name, value in SENT.items()}


@pytest.mark.parametrize(
    ("total", "due"), [(50, False), (53, False), (47, False), (54, True), (46, True), (None, True)]
)
def test_a_number_is_written_when_it_moves_by_more_than_the_deadband(total, due):
    assert is_due(SENT | {"score": total}, SENT, deadband=3) is due


@pytest.mark.parametrize(
    "change",
    [{"grade": "A2"}, {"rating": "hot"}, {"qualified": True}, {"disqualified": True}, {"disqualify_reason": "Student"}],
)
def test_a_trigger_is_written_at_once_and_first(change):
    assert is_due(SENT | change, SENT, deadband=50)
    assert is_urgent(SENT | change, SENT)


@pytest.mark.parametrize("change", [{"reasons": "-5 Inactivity"}, {"breakdown": "!"}, {"stars": 4}])
def test_passengers_never_travel_alone_unless_everything_is_to_be_exact(change):
    assert not is_due(SENT | change, SENT, deadband=3)
    assert is_due(SENT | change, SENT, deadband=0)


@pytest.mark.parametrize("change", [{"scored_at": "2026-11-21T10:00:00+00:00"}, {"changed_by": "decay"}])
def test_what_only_tells_of_the_last_write_is_never_a_reason_for_another(change):
    assert not is_due(SENT | change, SENT, deadband=0)


def test_nothing_known_and_nothing_to_say_is_not_written():
    nothing = dict.fromkeys(SENT) | {"qualified": False, "disqualified": False}

    assert not is_due(nothing, None, deadband=0)
    assert is_due(SENT, None, deadband=3)


def test_an_empty_checkbox_is_the_same_as_false():
    assert changed({"qualified": False}, {"qualified": None}) == []


def test_drift_is_what_we_sent_and_something_else_replaced():
    observed = SENT | {"score": 99, "qualified": None}

    assert drifted(SENT, observed, SENT) == ["score"]
    assert drifted(None, observed, SENT) == []
    assert drifted(SENT, None, SENT) == []
