"""What becomes of an outbox entry after an attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from connectors.errors import RefusalScope
from connectors.port import WriteOutcome, WriteResult
from connectors.records import Ref
from sync.deliver.settle import LONGEST_PAUSE, pause, settled
from sync.store.sql.outbox import Entry

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WANTED = {"score": 72, "grade": "A2"}


def an_entry(**changes):
    given = dict.fromkeys(Entry.__dataclass_fields__)
    given |= {
        "connection_no": 1, "object": "Lead", "record_id": "00Q", "shard": 7, "person_no": 3, "contact_no": 4,
        "desired": WANTED, "sent": {"score": 50, "grade": "A2"}, "due": True, "urgent": False, "attempts": 0, "drift_times": 0,
    }  # fmt: skip
    return Entry(**(given | changes))


def answer(outcome, **details):
    return WriteResult(ref=Ref(object="Lead", id="00Q"), outcome=outcome, **details)


def settle(entry, outcome, *, wanted=WANTED, attempted=None, **details):
    return settled(
        entry, attempted or {"score": 72}, wanted, answer(outcome, **details), deadband=3, now=NOW, chance=Random(1)
    )


def test_an_accepted_write_becomes_what_was_sent_and_nothing_is_due():
    row = settle(an_entry(), WriteOutcome.ACCEPTED)

    assert row["sent"] == {"score": 72, "grade": "A2"}
    assert (row["due"], row["claim"], row["sent_at"], row["attempts"]) == (False, None, NOW, 0)


def test_a_score_that_moved_while_the_batch_was_under_way_stays_due():
    row = settle(an_entry(desired={"score": 90, "grade": "A1"}), WriteOutcome.ACCEPTED)

    assert row["sent"]["score"] == 72
    assert (row["due"], row["urgent"]) == (True, True)


def test_a_score_that_moved_back_within_the_deadband_is_not_due():
    row = settle(an_entry(desired={"score": 73, "grade": "A2"}), WriteOutcome.ACCEPTED)

    assert row["due"] is False


def test_a_refusal_keeps_the_crms_words_and_is_a_dead_letter():
    row = settle(
        an_entry(),
        WriteOutcome.REJECTED,
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="No.",
        scope=RefusalScope.RECORD,
    )

    assert (row["due"], row["refusal"], row["refusal_text"], row["refusal_scope"]) == (
        False, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "No.", "record",
    )  # fmt: skip
    assert row["refused"] == {"score": 72}
    assert row["sent"] == {"score": 50, "grade": "A2"}


def test_a_refusal_kills_only_the_values_that_were_sent():
    row = settle(an_entry(desired={"score": 90, "grade": "A1"}), WriteOutcome.REJECTED, code="STRING_TOO_LONG")

    assert (row["due"], row["refusal"]) == (True, None)


def test_a_deferred_write_waits_longer_each_time():
    first = settle(an_entry(), WriteOutcome.DEFERRED)
    tenth = settle(an_entry(attempts=9), WriteOutcome.DEFERRED)

    assert (first["due"], first["attempts"], tenth["attempts"]) == (True, 1, 10)
    assert NOW < first["due_at"] < tenth["due_at"] <= NOW + timedelta(seconds=LONGEST_PAUSE)


@pytest.mark.parametrize("attempts", [1, 5, 500])
def test_a_pause_is_at_least_what_the_crm_asked_for(attempts):
    assert pause(attempts, 1200, Random(2)) >= timedelta(seconds=1200)


def test_every_settlement_has_the_same_columns():
    rows = [
        settle(an_entry(), outcome) for outcome in (WriteOutcome.ACCEPTED, WriteOutcome.REJECTED, WriteOutcome.DEFERRED)
    ]

    assert len({frozenset(row) for row in rows}) == 1
