"""Archived activities: Salesforce takes old events and closed tasks out of ordinary queries by itself."""

from __future__ import annotations

from connectors.sandbox.clock import Stamp, day_of
from connectors.sandbox.quota import DAY
from connectors.sandbox.records import Record

_AGE = 365 * DAY


def archived(record: Record, now: Stamp) -> bool:
    """Whether a task or event is archived: by age, or because a test says so.

    Events by their date, closed tasks by their due date, closed tasks without one by their creation; 365 days each.
    """
    values = record.values
    if values.get("IsArchived"):
        return True
    day = values.get("ActivityDate") or str(values.get("StartDateTime") or "")[:10]
    closed = values.get("IsClosed", True)  # an event has nothing to close
    if not closed:
        return False
    return day <= day_of(now - _AGE) if day else record.created_at <= now - _AGE
