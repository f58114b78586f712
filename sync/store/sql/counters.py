"""Counters of contacts: what they said when they were last seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.counter_rows import SeenCounters
from sync.store.tables import contact_counter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.store.sql.bulk import Sql


class Counters:
    """Queries on counters."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, contact_nos: Iterable[int]) -> dict[int, SeenCounters]:
        """What was seen of contacts, by number."""
        rows = self._sql.within(sa.select(contact_counter), contact_counter.c.contact_no, contact_nos)
        return {
            row.contact_no: SeenCounters(
                contact_no=row.contact_no,
                counts={name: (int(value), int(falls)) for name, (value, falls) in row.counts.items()},
                merged=row.merged,
                seen_at=row.seen_at,
            )
            for row in rows
        }

    def put(self, seen: Iterable[SeenCounters]) -> None:
        """Keep what is seen now."""
        rows = [
            {
                "contact_no": each.contact_no,
                "counts": {name: list(pair) for name, pair in each.counts.items()},
                "merged": each.merged,
                "seen_at": each.seen_at,
            }
            for each in seen
        ]
        self._sql.upsert(contact_counter, rows, update=["counts", "merged", "seen_at"])
