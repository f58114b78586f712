"""What is old is deleted once a day, in blocks that are transactions of their own: nobody waits for it, no score depends on it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sync.rules import scoring_day
from sync.store.expiry import RETENTION, Old, empty_blocks, expire, look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.retention import Retention
    from sync.app import App
    from sync.jobs.progress import Progress
    from sync.jobs.slices import Shift

#: At least so long packed copies may hold some of what was deleted.
_PACKED: Final = timedelta(days=30)
#: Which setting says how long what is kept.
_SETTINGS: Final = {
    Old.ACTIVITIES: "activities_days",
    Old.SCORE_HISTORY: "score_history_days",
    Old.CONTACT_CHANGES: "contact_change_days",
    Old.DELIVERIES: "runs_days",
    Old.RUNS: "runs_days",
    Old.QUARANTINE: "quarantine_days",
    Old.DEAD_LETTERS: "dead_letters_days",
}


def oldest_activity(app: App) -> datetime | None:
    """The instant before which activities are not kept; None: all are."""
    return _before(app.settings.retention, Old.ACTIVITIES, app.clock.now())


def retain(app: App, shift: Shift, progress: Progress) -> Counter[str]:
    """Delete what is old, unless it was done today; how much of what. Stopped in between, it begins anew next time."""
    day, now = scoring_day(app).isoformat(), app.clock.now()
    with app.store.read() as unit:
        known: dict[str, Any] = unit.markers.get(RETENTION) or {}
    if known.get("day") == day:
        return Counter()
    blocks = _blocks(app, shift, now)
    total: Counter[str] = Counter()
    for number, counts in enumerate(shift.steps("retention", None, lambda: next(blocks, None)), start=1):
        total += counts
        progress.step("retention", None, number, None)
    packed = datetime.fromisoformat(known["packed"]) if "packed" in known else None
    deleted = bool(total[Old.ACTIVITIES.value]) or bool(known.get("unpacked"))
    empty = deleted and (packed is None or now - packed >= _PACKED)
    with app.store.write() as unit:
        shift.fence(unit)
        if empty:
            empty_blocks(unit)
        fact = {"day": day, "at": now.isoformat(), "deleted": dict(total), "unpacked": deleted and not empty}
        fact |= {"packed": (now if empty or packed is None else packed).isoformat()}
        unit.markers.put(RETENTION, fact)
    return total


def _blocks(app: App, shift: Shift, now: datetime) -> Iterator[Counter[str]]:
    for what in Old:
        before = _before(app.settings.retention, what, now)
        if before is None:
            continue
        after: int | None = 0
        while after is not None:
            with app.store.read() as unit:
                found = look(unit, what, before, after)
            if not found.rows:
                after = found.after
                yield Counter()
                continue
            with app.store.write() as unit:
                shift.fence(unit)
                done = expire(unit, what, before, after)
            after = done.after
            yield Counter({what.value: done.rows})


def _before(retention: Retention, what: Old, now: datetime) -> datetime | None:
    days = getattr(retention, _SETTINGS[what])
    return None if days is None else now - timedelta(days=days)
