"""Checkpoints: committed cursors by connection, stream and track, with the digest of the mapping they were read with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from connectors.records import Stream
from sync.store.sql.bulk import as_dict
from sync.store.tables import checkpoint

if TYPE_CHECKING:
    from datetime import datetime

    from sync.store.sql.bulk import Sql


class Track(StrEnum):
    """Which of a stream's cursors."""

    MAIN = "main"
    #: Fills newly mapped fields into old records.
    BACKFILL = "backfill"
    #: Everything is read again because an admin asked for it.
    FULL = "full"
    #: Everything changed since a date is read again.
    SINCE = "since"
    #: Once a week what changes without a stamp is read again.
    REFRESH = "refresh"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """How far a stream has been read."""

    connection_no: int
    stream: Stream
    track: Track = Track.MAIN
    #: JSON text of the connector's making.
    cursor: str
    mapping_digest: str
    #: When the first load was complete; None while it is not.
    baseline_at: datetime | None = None
    #: Rows read since the beginning.
    rows: int = 0
    #: Rows expected in all, when the CRM told.
    expected: int | None = None
    #: When the cursor last changed.
    moved_at: datetime


class Checkpoints:
    """Queries on checkpoints."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, connection_no: int, stream: Stream, track: Track = Track.MAIN) -> Checkpoint | None:
        """One checkpoint, None before the first page."""
        query = sa.select(checkpoint).where(*_key(connection_no, stream, track))
        row = self._sql.first(query)
        return None if row is None else _made(row)

    def all(self, connection_no: int | None = None) -> list[Checkpoint]:
        """Checkpoints of a connection, or of all."""
        query = sa.select(checkpoint).order_by(checkpoint.c.connection_no, checkpoint.c.stream, checkpoint.c.track)
        if connection_no is not None:
            query = query.where(checkpoint.c.connection_no == connection_no)
        return [_made(row) for row in self._sql.rows(query)]

    def put(self, value: Checkpoint) -> None:
        """Commit a cursor, with the page that it stands behind."""
        row = {name: getattr(value, name) for name in Checkpoint.__dataclass_fields__}
        columns = ("cursor", "mapping_digest", "baseline_at", "rows", "expected", "moved_at")
        self._sql.upsert(checkpoint, [row | {"stream": value.stream.value, "track": value.track.value}], update=columns)

    def drop(self, connection_no: int, stream: Stream, track: Track = Track.MAIN) -> None:
        """Forget a cursor: a backfill that is done, or a stream that is to be read from the beginning."""
        self._sql.run(sa.delete(checkpoint).where(*_key(connection_no, stream, track)))


def _key(connection_no: int, stream: Stream, track: Track) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        checkpoint.c.connection_no == connection_no,
        checkpoint.c.stream == stream.value,
        checkpoint.c.track == track.value,
    )


def _made(row: sa.Row[tuple[object, ...]]) -> Checkpoint:
    return Checkpoint(**{**as_dict(row), "stream": Stream(row.stream), "track": Track(row.track)})
