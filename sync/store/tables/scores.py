"""Scores, their history, and the models that gave them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)

from sync.store.tables.conventions import CLUSTERED, Number, metadata
from sync.store.types import Day, Instant, Json

score = Table(
    "score",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("person_no", BigInteger, nullable=False),
    Column("in_scope", Boolean, nullable=False),
    Column("total", Integer),
    Column("fit", Integer),
    Column("engagement", Integer),
    Column("quality", Integer),
    Column("enrichment", Integer),
    Column("completeness", SmallInteger),
    Column("grade", String(2)),
    Column("rating", String(12)),
    Column("stars", SmallInteger),
    Column("qualified", Boolean),
    Column("disqualified", Boolean),
    Column("disqualify_code", String(80)),
    Column("disqualify_codes", Text),
    Column("recent", Integer),
    Column("active_share", SmallInteger),
    Column("trend", Integer),
    Column("machines_dropped", Integer),
    Column("overridden", Boolean),
    Column("attention_code", String(80)),
    #: Other dimensions and products, by column name.
    Column("others", Json),
    Column("day", Day, nullable=False),
    Column("model", String(80), nullable=False),
    Column("version", String(64), nullable=False),
    Column("changed_by", String(12), nullable=False),
    Column("scored_at", Instant, nullable=False),
    PrimaryKeyConstraint("shard", "person_no"),
    Index("ix_score_person", "person_no", unique=True),
    **CLUSTERED,
)

score_history = Table(
    "score_history",
    metadata,
    Column("history_no", Number, primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("person_no", BigInteger, nullable=False),
    Column("day", Day, nullable=False),
    Column("at", Instant, nullable=False),
    Column("total", Integer),
    Column("grade", String(2)),
    Column("rating", String(12)),
    Column("qualified", Boolean),
    Column("disqualify_code", String(80)),
    Column("version", String(64), nullable=False),
    Column("changed_by", String(12), nullable=False),
    #: JSON text of compact lines [[part, rule_id, points in thousandths], …]; None when they are not kept any more.
    Column("lines", Text),
    Column("run_no", BigInteger),
    Index("ix_score_history_person", "person_no", "day"),
)

#: A day on which people were scored: until when things were known, by which version, so that the day stays answerable.
scored_day = Table(
    "scored_day",
    metadata,
    Column("workspace_no", Integer, nullable=False),
    Column("day", Day, nullable=False),
    #: When its last rescore began.
    Column("at", Instant, nullable=False),
    #: The newest activity that was stored then: the CRM's stamps do not tell what came late.
    Column("activity_no", BigInteger, nullable=False),
    #: Of the model, or of the models and their conditions together.
    Column("version", String(64), nullable=False),
    PrimaryKeyConstraint("workspace_no", "day"),
)

#: Everybody's score once a month, whatever was written.
score_snapshot = Table(
    "score_snapshot",
    metadata,
    Column("day", Day, nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("person_no", BigInteger, nullable=False),
    Column("total", Integer),
    Column("grade", String(2)),
    PrimaryKeyConstraint("day", "shard", "person_no"),
    **CLUSTERED,
)

company_score = Table(
    "company_score",
    metadata,
    Column("company_no", Number, primary_key=True, autoincrement=False),
    Column("score", Integer),
    Column("people", Integer, nullable=False),
    Column("qualified", Integer, nullable=False),
    Column("covered", Json),
    Column("rise", Integer),
    Column("day", Day, nullable=False),
    Column("version", String(64), nullable=False),
)

model_version = Table(
    "model_version",
    metadata,
    Column("workspace_no", Integer, nullable=False),
    Column("version", String(64), nullable=False),
    Column("model", String(80), nullable=False),
    #: The file's text and its list files, so that any past day stays answerable.
    Column("source", Text, nullable=False),
    Column("lists", Json, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("live", Boolean, nullable=False),
    PrimaryKeyConstraint("workspace_no", "version"),
)
