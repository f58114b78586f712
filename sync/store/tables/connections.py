"""Who and where: workspaces, connections with their pin and pauses, checkpoints, and the store's own counters."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from sync.store.tables.conventions import Number, metadata
from sync.store.types import Day, Instant, Json, Words

sequence = Table(
    "sequence", metadata, Column("name", String(40), primary_key=True), Column("value", BigInteger, nullable=False)
)

#: Small facts about the whole store, such as the day and model version of the last rescore of everybody.
marker = Table("marker", metadata, Column("name", String(80), primary_key=True), Column("value", Json, nullable=False))

workspace = Table(
    "workspace",
    metadata,
    Column("workspace_no", Number, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
)

connection = Table(
    "connection",
    metadata,
    Column("connection_no", Number, primary_key=True),
    Column("workspace_no", ForeignKey("workspace.workspace_no"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    #: The pin: who answered at first contact.
    Column("org_id", String(80)),
    Column("host", Text),
    Column("is_sandbox", Boolean),
    Column("org_name", Words),
    Column("currency", String(3)),
    Column("pinned_at", Instant),
    #: off, sample or on; the operator's word, which outlives restarts.
    Column("writes", String(10), nullable=False, server_default="off"),
    Column("writes_changed_at", Instant),
    UniqueConstraint("workspace_no", "name"),
)

pause = Table(
    "pause",
    metadata,
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    #: connection, object or field; and read or write.
    Column("scope", String(12), nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Column("access", String(8), nullable=False),
    Column("code", String(40), nullable=False),
    Column("reason", Words, nullable=False),
    Column("next_step", Text),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("connection_no", "scope", "subject", "access"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("stream", String(20), nullable=False),
    #: main, or backfill while a newly mapped field is filled into old records.
    Column("track", String(12), nullable=False, server_default="main"),
    Column("cursor", Text, nullable=False),
    Column("mapping_digest", String(64), nullable=False),
    Column("baseline_at", Instant),
    Column("rows", BigInteger, nullable=False, server_default="0"),
    Column("expected", BigInteger),
    Column("moved_at", Instant, nullable=False),
    PrimaryKeyConstraint("connection_no", "stream", "track"),
)

api_calls = Table(
    "api_calls",
    metadata,
    Column("connection_no", Integer, nullable=False),
    Column("day", Day, nullable=False),
    Column("calls", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection_no", "day"),
)
