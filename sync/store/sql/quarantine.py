"""Quarantine: records that could not be mapped, and names that the activity map does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from connectors.records import Ref, Stream
from sync.store.tables import quarantine, unmapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from connectors.records import BadRecord
    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantinedRecord:
    """A record that could not be mapped. A record without a readable id has blanks."""

    connection_no: int
    stream: Stream
    object: str
    record_id: str
    code: str
    reason: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class UnmappedName:
    """A name that came from the CRM and that the activity map does not know."""

    connection_no: int
    stream: Stream
    name: str
    times: int
    last_at: datetime


class Quarantine:
    """Queries on quarantine."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def put(self, connection_no: int, stream: Stream, records: Sequence[BadRecord]) -> None:
        """Keep bad records; one that comes again counts up."""
        now = self._sql.now()
        rows: dict[tuple[str, str], dict[str, object]] = {}
        for record in records:
            key = (record.ref.object, record.ref.id) if record.ref else ("", "")
            times = int(str(rows[key]["times"])) + 1 if key in rows else 1
            rows[key] = {
                "connection_no": connection_no,
                "stream": stream.value,
                "object": key[0],
                "record_id": key[1],
                "code": record.code,
                "reason": record.reason,
                "times": times,
                "first_at": now,
                "last_at": now,
            }
        self._sql.upsert(
            quarantine,
            list(rows.values()),
            update=["code", "reason", "last_at"],
            also=lambda new: {"times": quarantine.c.times + new.times},
        )

    def release(self, connection_no: int, stream: Stream, refs: Iterable[Ref]) -> int:
        """Records that could be mapped after all, or are gone; how many there were."""
        by_object: dict[str, list[str]] = {}
        for ref in refs:
            by_object.setdefault(ref.object, []).append(ref.id)
        mine = sa.delete(quarantine).where(
            quarantine.c.connection_no == connection_no, quarantine.c.stream == stream.value
        )
        return sum(
            self._sql.update_within(mine.where(quarantine.c.object == name), quarantine.c.record_id, ids)
            for name, ids in by_object.items()
        )

    def records(
        self, connection_no: int | None = None, *, code: str | None = None, limit: int | None = None
    ) -> list[QuarantinedRecord]:
        """Quarantined records, the newest first."""
        query = sa.select(quarantine).order_by(quarantine.c.last_at.desc(), quarantine.c.object, quarantine.c.record_id)
        if connection_no is not None:
            query = query.where(quarantine.c.connection_no == connection_no)
        if code is not None:
            query = query.where(quarantine.c.code == code)
        return [
            QuarantinedRecord(**{**row, "stream": Stream(row["stream"])})
            for row in self._sql.mappings(query if limit is None else query.limit(limit))
        ]

    def counts(self, connection_no: int | None = None) -> dict[str, int]:
        """Quarantined records by code."""
        query = sa.select(quarantine.c.code, sa.func.count().label("many")).group_by(quarantine.c.code)
        if connection_no is not None:
            query = query.where(quarantine.c.connection_no == connection_no)
        return {row.code: int(row.many) for row in self._sql.rows(query)}

    def count_unmapped(self, connection_no: int, stream: Stream, names: Mapping[str, int]) -> None:
        """Add to how often unknown names came."""
        now = self._sql.now()
        self._sql.upsert(
            unmapped,
            [
                {
                    "connection_no": connection_no,
                    "stream": stream.value,
                    "name": name,
                    "times": times,
                    "last_at": now,
                }
                for name, times in names.items()
            ],
            update=["last_at"],
            also=lambda new: {"times": unmapped.c.times + new.times},
        )

    def unmapped(self, connection_no: int | None = None) -> list[UnmappedName]:
        """Names that the activity map does not know, the most frequent first."""
        query = sa.select(unmapped).order_by(unmapped.c.times.desc(), unmapped.c.name)
        if connection_no is not None:
            query = query.where(unmapped.c.connection_no == connection_no)
        return [UnmappedName(**{**row, "stream": Stream(row["stream"])}) for row in self._sql.mappings(query)]
