"""What becomes of an entry after an attempt. Pure: the entry as it is now, what was sent, what the CRM answered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.errors import RefusalScope
from connectors.port import WriteOutcome, WriteResult
from sync.values import is_due, is_urgent

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from sync.store.sql.outbox import Entry
    from sync.values import Values

#: Seconds before a deferred entry is tried again: doubled with each attempt, with jitter, never beyond the last.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 900.0


def settled(
    entry: Entry,
    attempted: Values,
    wanted: Values,
    result: WriteResult,
    *,
    deadband: int,
    now: datetime,
    chance: Random,
) -> dict[str, Any]:
    """The columns of the entry after the attempt.

    Args:
        entry: The entry as it is now (its wanted values may have moved while the batch was under way).
        attempted: The values that were sent.
        wanted: The wanted values at the time of sending.
        result: The CRM's answer, never GONE.
        deadband: See sync.values.is_due.
        now: The instant of settling.
        chance: For jitter.
    """
    row = _unchanged(entry)
    moved_on = entry.desired != wanted
    match result.outcome:
        case WriteOutcome.ACCEPTED:
            sent = {**(entry.sent or {}), **attempted}
            due = moved_on and entry.desired is not None and is_due(entry.desired, sent, deadband=deadband)
            urgent = due and entry.desired is not None and is_urgent(entry.desired, sent)
            observed = {**(entry.observed or {}), **attempted}
            row |= {"sent": sent, "sent_at": now, "observed": observed}
            return row | {"due": due, "urgent": urgent, "attempts": 0, "due_at": None}
        case WriteOutcome.REJECTED if moved_on:
            # A refusal kills only the values that were sent.
            return row | {"due": True, "attempts": 0, "due_at": None}
        case WriteOutcome.REJECTED:
            return row | {
                "due": False,
                "refusal": result.code or "rejected",
                "refusal_text": result.message,
                "refusal_scope": (result.scope or RefusalScope.VALUE).value,
                "refused": attempted,
                "refused_at": now,
            }
        case _:
            attempts = entry.attempts + 1
            return row | {
                "due": True,
                "attempts": attempts,
                "due_at": now + pause(attempts, result.retry_after, chance),
            }


def pause(attempts: int, asked: float | None, chance: Random) -> timedelta:
    """How long a deferred entry waits."""
    grown = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=max(asked or 0.0, grown * chance.uniform(0.5, 1.0)))


def _unchanged(entry: Entry) -> dict[str, Any]:
    """Every row of a settlement has the same columns, so that a batch is one statement."""
    return {
        "connection_no": entry.connection_no,
        "object": entry.object,
        "record_id": entry.record_id,
        "claim": None,
        "claimed_at": None,
        "sent": entry.sent,
        "observed": entry.observed,
        "sent_at": entry.sent_at,
        "due": entry.due,
        "urgent": entry.urgent,
        "attempts": entry.attempts,
        "due_at": None,
        "refusal": None,
        "refusal_text": None,
        "refusal_scope": None,
        "refused": None,
        "refused_at": None,
    }
