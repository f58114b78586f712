"""What could not be mapped."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, PrimaryKeyConstraint, String, Table

from sync.store.tables.conventions import metadata
from sync.store.types import Instant, Words

unmapped = Table(
    "unmapped",
    metadata,
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("stream", String(20), nullable=False),
    Column("name", Words, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("last_at", Instant, nullable=False),
    PrimaryKeyConstraint("connection_no", "stream", "name"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("stream", String(20), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(120), nullable=False),
    Column("code", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("times", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    PrimaryKeyConstraint("connection_no", "stream", "object", "record_id"),
)
