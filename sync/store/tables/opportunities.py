"""Opportunities with their stages and contacts."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, UniqueConstraint

from sync.store.tables.conventions import Number, metadata
from sync.store.types import Instant, Words

opportunity = Table(
    "opportunity",
    metadata,
    Column("opportunity_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("account_object", String(80)),
    Column("account_id", String(40)),
    Column("name", Words),
    Column("stage", Words, nullable=False),
    Column("outcome", String(8), nullable=False),
    #: Exact decimal text.
    Column("amount", String(40)),
    Column("currency", String(3)),
    Column("created_at", Instant),
    Column("closed_at", Instant),
    Column("fingerprint", String(64), nullable=False),
    Column("modified_at", Instant, nullable=False),
    Column("gone_at", Instant),
    UniqueConstraint("connection_no", "object", "record_id"),
)

opportunity_stage = Table(
    "opportunity_stage",
    metadata,
    Column("opportunity_no", ForeignKey("opportunity.opportunity_no"), nullable=False),
    Column("entered", Instant, nullable=False),
    Column("stage", Words, nullable=False),
    Column("left", Instant),
    Column("recorded_at", Instant, nullable=False),
    PrimaryKeyConstraint("opportunity_no", "entered", "stage"),
)

opportunity_contact = Table(
    "opportunity_contact",
    metadata,
    Column("opportunity_no", ForeignKey("opportunity.opportunity_no"), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("strength", String(16), nullable=False),
    PrimaryKeyConstraint("opportunity_no", "object", "record_id"),
    Index("ix_opportunity_contact_record", "object", "record_id"),
)
