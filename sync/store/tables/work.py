"""Runs, slices, leases, and who did what."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from sync.store.tables.conventions import Number, metadata
from sync.store.types import Day, Instant, Json, Words

sync_run = Table(
    "sync_run",
    metadata,
    Column("run_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    #: None: all connections.
    Column("connection_no", Integer),
    #: The run that this one is a part of.
    Column("parent_no", Integer),
    #: incremental, full, rescore, rewrite, sweep, record, deliver.
    Column("kind", String(12), nullable=False),
    Column("status", String(12), nullable=False),
    Column("requested_by", String(80), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("options", Json, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("heartbeat_at", Instant),
    #: A run pins its day and model version.
    Column("day", Day),
    Column("version", String(64)),
    Column("stage", String(20)),
    Column("counts", Json, nullable=False),
    #: What whoever watches is shown: stage, connection, done, expected.
    Column("progress", Json),
    #: When a suspended run goes on by itself, and how often in a row it was suspended.
    Column("resume_at", Instant),
    Column("suspensions", Integer, nullable=False, server_default="0"),
    Column("message", Words),
    Column("next_step", Text),
    Column("cancel_asked", Boolean, nullable=False, server_default="0"),
    Column("released_by", String(80)),
    Column("holder", String(80)),
    Index("ix_sync_run_status", "status"),
    Index("ix_sync_run_connection", "connection_no", "kind", "run_no"),
    Index("ix_sync_run_parent", "parent_no"),
)

slice_ = Table(
    "slice",
    metadata,
    Column("slice_no", Number, primary_key=True),
    Column("run_no", ForeignKey("sync_run.run_no"), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("connection_no", Integer),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("counts", Json, nullable=False),
    Index("ix_slice_run", "run_no"),
    #: When was anything of a connection done last?
    Index("ix_slice_connection", "connection_no", "ended_at"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
    #: How long it was taken for: more than that ahead means that the clock was set back.
    Column("seconds", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_no", Number, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(80), nullable=False),
    Column("detail", Json, nullable=False),
)
