"""What the CRMs hold of humans and companies, with the history of every attribute."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from sync.store.tables.conventions import Number, metadata
from sync.store.types import Instant, Json, Words

contact = Table(
    "contact",
    metadata,
    Column("contact_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("person_no", BigInteger),
    Column("account_object", String(80)),
    Column("account_id", String(40)),
    #: Lower case, trimmed; None when absent or blank.
    Column("email", Words),
    Column("attributes", Json, nullable=False),
    Column("derived", Json, nullable=False),
    Column("derived_version", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("created_at", Instant),
    #: The instant at which the fingerprint last changed: our own writes do not move it.
    Column("modified_at", Instant, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("writable", Boolean, nullable=False),
    Column("unwritable_reason", Words),
    Column("completeness", SmallInteger),
    #: Tombstone: deleted, merged or vanished; restorable.
    Column("gone_at", Instant),
    Column("gone_kind", String(12)),
    Column("moved_to_object", String(80)),
    Column("moved_to_id", String(40)),
    UniqueConstraint("connection_no", "object", "record_id"),
    #: Covers the question who is in several CRMs.
    Index("ix_contact_person", "person_no", "connection_no", "gone_at"),
    Index("ix_contact_account", "connection_no", "account_object", "account_id"),
    Index("ix_contact_email", "workspace_no", "email"),
    #: Partial: few contacts leave without a trace.
    Index(
        "ix_contact_vanished",
        "connection_no",
        "gone_at",
        sqlite_where=sa.text("gone_kind = 'vanished'"),
        postgresql_where=sa.text("gone_kind = 'vanished'"),
    ),
)

contact_change = Table(
    "contact_change",
    metadata,
    Column("change_no", Number, primary_key=True),
    Column("contact_no", ForeignKey("contact.contact_no"), nullable=False),
    Column("attribute", Text, nullable=False),
    Column("old", Words),
    Column("new", Words),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("source", String(20), nullable=False),
    Index("ix_contact_change_contact", "contact_no", "at"),
)

#: What the CRM's own counters on a contact said when they were last seen.
contact_counter = Table(
    "contact_counter",
    metadata,
    Column("contact_no", ForeignKey("contact.contact_no"), primary_key=True),
    #: Counter -> [value, how often it fell].
    Column("counts", Json, nullable=False),
    #: How many records had been merged into the contact.
    Column("merged", Integer, nullable=False),
    #: The CRM's stamp of the contact that told them: an older copy tells nothing.
    Column("seen_at", Instant, nullable=False),
)

vendor_link = Table(
    "vendor_link",
    metadata,
    Column("contact_no", ForeignKey("contact.contact_no"), nullable=False),
    #: Kind of the CRM that the other record lives in.
    Column("crm", String(20), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("reason", String(20), nullable=False),
    PrimaryKeyConstraint("contact_no", "crm", "object", "record_id", "reason"),
    Index("ix_vendor_link_target", "crm", "object", "record_id"),
)

account = Table(
    "account",
    metadata,
    Column("account_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("company_no", BigInteger),
    #: Registrable domain of its site; None for providers and free mail.
    Column("domain", Words),
    Column("attributes", Json, nullable=False),
    Column("derived", Json, nullable=False),
    Column("derived_version", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("created_at", Instant),
    Column("modified_at", Instant, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("writable", Boolean, nullable=False),
    Column("gone_at", Instant),
    Column("gone_kind", String(12)),
    Column("moved_to_object", String(80)),
    Column("moved_to_id", String(40)),
    UniqueConstraint("connection_no", "object", "record_id"),
    Index("ix_account_company", "company_no"),
    Index("ix_account_domain", "workspace_no", "domain"),
)

account_link = Table(
    "account_link",
    metadata,
    Column("account_no", ForeignKey("account.account_no"), nullable=False),
    #: Kind of the CRM that the other account lives in.
    Column("crm", String(20), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("reason", String(20), nullable=False),
    PrimaryKeyConstraint("account_no", "crm", "object", "record_id", "reason"),
    Index("ix_account_link_target", "crm", "object", "record_id"),
)
