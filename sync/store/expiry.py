"""Deleting what is old, a block of rows at a time: whoever calls this makes each block a transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from sync.store.run_rows import OPEN
from sync.store.sql.activity_blocks import ActivityBlocks
from sync.store.tables import (
    activity,
    contact_change,
    delivery,
    outbox,
    quarantine,
    score_history,
    slice_,
    sync_run,
    unmapped,
)

if TYPE_CHECKING:
    from sync.store.unit import Unit

#: The fact about the last retention: its day and instant, what was deleted, when packed activities were emptied.
RETENTION: Final = "retention"
#: Rows that are looked at in one block.
BLOCK: Final = 5_000


class Old(StrEnum):
    """What grows old."""

    ACTIVITIES = "activities"
    SCORE_HISTORY = "score_history"
    CONTACT_CHANGES = "contact_changes"
    DELIVERIES = "deliveries"
    RUNS = "runs"
    QUARANTINE = "quarantine"
    DEAD_LETTERS = "dead_letters"


@dataclass(frozen=True, kw_only=True, slots=True)
class Expired:
    """What one block came to."""

    rows: int
    #: The last row that was looked at; None: there is nothing old beyond it.
    after: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LastRetention:
    """What was deleted last, and when."""

    at: datetime
    deleted: dict[str, int]


def last_retention(unit: Unit) -> LastRetention | None:
    """The last time that something old was looked for; None: never."""
    known = unit.markers.get(RETENTION)
    return None if known is None else LastRetention(at=datetime.fromisoformat(known["at"]), deleted=known["deleted"])


def expire(unit: Unit, what: Old, before: datetime, after: int = 0, size: int = BLOCK) -> Expired:
    """Delete what is older in the block of rows behind `after`."""
    match what:
        case Old.ACTIVITIES:
            return _activities(unit, before, after, size)
        case Old.QUARANTINE | Old.DEAD_LETTERS:
            return Expired(rows=_few(unit, what, before), after=None)
        case _:
            return _numbered(unit, what, before, after, size)


def look(unit: Unit, what: Old, before: datetime, after: int, size: int = BLOCK) -> Expired:
    """The same block without deleting: how many rows in it are old. For a read unit."""
    if what in {Old.QUARANTINE, Old.DEAD_LETTERS}:
        return Expired(rows=1, after=None)
    numbers, last = _block(unit, what, before, after, size)
    return Expired(rows=len(numbers), after=last)


_NUMBERED: Final = {
    Old.ACTIVITIES: (activity.c.activity_no, activity.c.at),
    Old.SCORE_HISTORY: (score_history.c.history_no, score_history.c.at),
    Old.CONTACT_CHANGES: (contact_change.c.change_no, contact_change.c.recorded_at),
    Old.DELIVERIES: (delivery.c.delivery_no, delivery.c.at),
    Old.RUNS: (sync_run.c.run_no, sync_run.c.requested_at),
}


def _block(unit: Unit, what: Old, before: datetime, after: int, size: int) -> tuple[list[int], int | None]:
    """(old numbers, the last number) of a block. Activities come in any order of time; all else is numbered by it."""
    number, instant = _NUMBERED[what]
    query = sa.select(number.label("number"), instant.label("instant")).where(number > after)
    rows = unit.sql.rows(query.order_by(number).limit(size))
    old = [int(row.number) for row in rows if row.instant < before]
    ended = len(rows) < size or (not old and what is not Old.ACTIVITIES)
    return old, None if ended else int(rows[-1].number)


def _numbered(unit: Unit, what: Old, before: datetime, after: int, size: int) -> Expired:
    number, _ = _NUMBERED[what]
    old, last = _block(unit, what, before, after, size)
    if what is Old.SCORE_HISTORY:
        old = _not_the_last(unit, old, before)
    elif what is Old.RUNS:
        old = _ended(unit, old)
        unit.sql.update_within(sa.delete(slice_), slice_.c.run_no, old)
    return Expired(rows=unit.sql.update_within(sa.delete(number.table), number, old), after=last)


def _not_the_last(unit: Unit, old: list[int], before: datetime) -> list[int]:
    """Without the last score of each person before that instant: from there the history goes on."""
    later = score_history.alias("later")
    newer = sa.exists(
        sa.select(sa.literal(1)).where(
            later.c.person_no == score_history.c.person_no,
            later.c.history_no > score_history.c.history_no,
            later.c.at < before,
        )
    )
    query = sa.select(score_history.c.history_no).where(newer)
    return [int(row.history_no) for row in unit.sql.within(query, score_history.c.history_no, old)]


def _ended(unit: Unit, old: list[int]) -> list[int]:
    """Without open runs, and without the newest of each kind: the schedule goes by those."""
    newest = sa.select(sa.func.max(sync_run.c.run_no)).group_by(
        sync_run.c.workspace_no, sync_run.c.connection_no, sync_run.c.kind
    )
    query = sa.select(sync_run.c.run_no).where(
        sync_run.c.status.not_in([each.value for each in OPEN]), sync_run.c.run_no.not_in(newest)
    )
    return [int(row.run_no) for row in unit.sql.within(query, sync_run.c.run_no, old)]


def _activities(unit: Unit, before: datetime, after: int, size: int) -> Expired:
    old, last = _block(unit, Old.ACTIVITIES, before, after, size)
    return Expired(rows=unit.activities.erase(old), after=last)


def _few(unit: Unit, what: Old, before: datetime) -> int:
    if what is Old.QUARANTINE:
        rows = unit.sql.run(sa.delete(quarantine).where(quarantine.c.last_at < before))
        return rows + unit.sql.run(sa.delete(unmapped).where(unmapped.c.last_at < before))
    old = outbox.c.refusal.is_not(None), outbox.c.refused_at < before
    fresh = dict.fromkeys(("refusal", "refusal_text", "refusal_scope", "refused", "refused_at"))
    return unit.sql.run(outbox.update().where(*old).values(**fresh, attempts=0, due=True))


def empty_blocks(unit: Unit) -> None:
    """Packed copies still hold some of what was deleted: the next rescore of everybody packs them anew."""
    ActivityBlocks(unit.sql).empty()
