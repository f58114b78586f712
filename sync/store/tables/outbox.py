"""Write-back: desired, sent and observed values of each record, and what became of each attempt."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
)

from sync.store.tables.conventions import Number, metadata
from sync.store.types import Day, Instant, Json, Words

outbox = Table(
    "outbox",
    metadata,
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    #: Whose record it is: a contact and its person, or an account.
    Column("person_no", BigInteger),
    Column("contact_no", BigInteger),
    Column("account_no", BigInteger),
    Column("desired", Json),
    Column("sent", Json),
    Column("observed", Json),
    Column("observed_at", Instant),
    #: desired is distinct from sent beyond the deadband, or the CRM's value drifted: to be written.
    Column("due", Boolean, nullable=False, server_default="0"),
    Column("urgent", Boolean, nullable=False, server_default="0"),
    #: Held by the guard or kept back by a sample until released.
    Column("held_run", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant),
    Column("claim", String(80)),
    Column("claimed_at", Instant),
    Column("refusal", Words),
    Column("refusal_text", Words),
    Column("refusal_scope", String(8)),
    #: The values that were refused: only they are dead, a new value gets a new chance.
    Column("refused", Json),
    Column("refused_at", Instant),
    Column("drift_day", Day),
    Column("drift_times", SmallInteger, nullable=False, server_default="0"),
    Column("model_version", String(64)),
    Column("run_no", BigInteger),
    Column("sent_at", Instant),
    PrimaryKeyConstraint("connection_no", "object", "record_id"),
    Index("ix_outbox_person", "person_no"),
    Index("ix_outbox_contact", "contact_no"),
    Index("ix_outbox_account", "account_no"),
    CheckConstraint("(account_no IS NULL) = (contact_no IS NOT NULL AND person_no IS NOT NULL)", name="one_owner"),
)
Index(
    "ix_outbox_due",
    outbox.c.connection_no,
    outbox.c.urgent,
    outbox.c.due_at,
    sqlite_where=outbox.c.due.is_(True),
    postgresql_where=outbox.c.due.is_(True),
)
#: Partial: what is being sent now, and what a kill left behind.
Index(
    "ix_outbox_claimed",
    outbox.c.connection_no,
    sqlite_where=outbox.c.claim.is_not(None),
    postgresql_where=outbox.c.claim.is_not(None),
)
Index(
    "ix_outbox_refused",
    outbox.c.connection_no,
    outbox.c.refusal,
    sqlite_where=outbox.c.refusal.is_not(None),
    postgresql_where=outbox.c.refusal.is_not(None),
)

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_no", Number, primary_key=True),
    Column("connection_no", Integer, nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("run_no", BigInteger),
    Column("at", Instant, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("code", Words),
    Column("message", Words),
    #: Names of the outputs that were sent.
    Column("outputs", Json, nullable=False),
    Index("ix_delivery_record", "connection_no", "object", "record_id"),
    Index("ix_delivery_run", "run_no"),
)
