"""What happened, with whom, and what it refers to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from sync.store.tables.conventions import CLUSTERED, Number, metadata
from sync.store.types import Instant, Words

asset = Table(
    "asset",
    metadata,
    Column("asset_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    #: Digest of the four texts; conditions on URLs run on distinct assets.
    Column("digest", String(64), nullable=False),
    Column("url", Words),
    Column("asset", Words),
    Column("campaign", Words),
    Column("product", Words),
    UniqueConstraint("workspace_no", "digest"),
)

activity = Table(
    "activity",
    metadata,
    Column("activity_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("at_precision", String(12), nullable=False),
    Column("asset_no", BigInteger),
    Column("direction", Words),
    Column("outcome", Words),
    Column("duration_s", BigInteger),
    Column("message_id", Words),
    Column("link", Words),
    Column("machine", Boolean, nullable=False),
    Column("count", Integer, nullable=False),
    #: The record that this one supersedes (object, id): the task that mirrors an e-mail message does not count.
    Column("supersedes_object", String(80)),
    Column("supersedes_id", String(120)),
    Column("superseded", Boolean, nullable=False, server_default="0"),
    Column("fingerprint", String(64), nullable=False),
    Column("gone_at", Instant),
    UniqueConstraint("connection_no", "object", "record_id"),
    #: Partial: few records supersede another.
    Index(
        "ix_activity_supersedes",
        "connection_no",
        "supersedes_object",
        "supersedes_id",
        sqlite_where=sa.text("supersedes_id IS NOT NULL"),
        postgresql_where=sa.text("supersedes_id IS NOT NULL"),
    ),
)

#: Links of activities to people, clustered by shard, with the columns that scoring reads, so that a shard is one range scan.
activity_contact = Table(
    "activity_contact",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("person_no", BigInteger, nullable=False),
    Column("activity_no", BigInteger, nullable=False),
    Column("contact_no", BigInteger, nullable=False),
    Column("connection_no", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("asset_no", BigInteger),
    Column("direction", Words),
    Column("outcome", Words),
    Column("duration_s", BigInteger),
    Column("message_id", Words),
    Column("link", Words),
    Column("machine", Boolean, nullable=False),
    Column("count", Integer, nullable=False),
    #: False while the activity is superseded by another record or gone: kept, but read by nobody.
    Column("counted", Boolean, nullable=False),
    PrimaryKeyConstraint("shard", "person_no", "activity_no", "contact_no"),
    Index("ix_activity_contact_activity", "activity_no"),
    Index("ix_activity_contact_contact", "contact_no"),
    **CLUSTERED,
)

#: A shard's links as one packed frame, so that everybody is read fast: what `activity_contact` held when `covers` was the number
#: of the newest change. Without a body it says that nothing older may be stored.
activity_block = Table(
    "activity_block",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("covers", BigInteger, nullable=False),
    #: Older activities are not in it.
    Column("since", Instant),
    #: What is in it: the version of the packing and the names of its columns.
    Column("columns", String(400)),
    Column("body", LargeBinary),
    PrimaryKeyConstraint("shard"),
)

#: Whose links changed, and the number of the change: what a block of an older number says of them is not true any more.
activity_moved = Table(
    "activity_moved",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("person_no", BigInteger, nullable=False),
    #: The contact that left the person; 0 where the links of the person themselves changed.
    Column("contact_no", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("shard", "person_no", "contact_no"),
    **CLUSTERED,
)

#: Links whose contact has not arrived (no foreign key: either arrival order is fine). One of record or email is given.
activity_orphan = Table(
    "activity_orphan",
    metadata,
    Column("activity_no", BigInteger, nullable=False),
    Column("connection_no", Integer, nullable=False),
    Column("object", String(80), nullable=False, server_default=""),
    Column("record_id", String(40), nullable=False, server_default=""),
    Column("email", Words, nullable=False, server_default=""),
    PrimaryKeyConstraint("activity_no", "object", "record_id", "email"),
    Index("ix_activity_orphan_record", "connection_no", "object", "record_id"),
    Index("ix_activity_orphan_email", "connection_no", "email"),
)
