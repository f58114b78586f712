"""Once a month everybody's score is kept, whatever was written: after the first rescore of everybody in the month."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sync.store.shards import SHARDS

if TYPE_CHECKING:
    from datetime import date

    from sync.jobs.slices import Shift
    from sync.store.unit import Store

_MARKER: Final = "score_snapshot"
#: Shards in one transaction: at a million people it stays under a second.
_SHARDS: Final = 16


def keep_month(store: Store, workspace_no: int, day: date, shift: Shift) -> None:
    """Keep everybody's score of that day unless the month has been kept; killed, it goes on with the shards that lack."""
    name = f"{_MARKER}:{workspace_no}"
    with store.read() as unit:
        known = unit.markers.get(name) or {}
    month = f"{day:%Y-%m}"
    done = int(known["done"]) if known.get("month") == month else 0
    if done >= SHARDS:
        return

    def step() -> Counter[str] | None:
        nonlocal done
        if done >= SHARDS:
            return None
        shards = range(done, min(done + _SHARDS, SHARDS))
        with store.write() as unit:
            shift.fence(unit)
            unit.scores.take_snapshot(workspace_no, day, shards)
            unit.markers.put(name, {"month": month, "done": shards.stop})
        done = shards.stop
        return Counter()

    for _ in shift.steps("snapshot", None, step):
        pass
