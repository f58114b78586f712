"""The tables. History and keys cannot be added later, so they are all here from the first migration on.

Conventions: `*_no` are surrogate numbers, `*_at` are instants (microseconds since 1970, UTC), `attributes` and `profile` are JSON
objects of texts (numbers, dates and booleans in their canonical text, lists joined by `|`), CRM records are
(connection_no, object, record_id).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from sync.store.types import Day, Instant, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)

#: INTEGER on SQLite, because only INTEGER PRIMARY KEY numbers itself there.
Number = BigInteger().with_variant(Integer, "sqlite")
CLUSTERED = {"sqlite_with_rowid": False}

# ---------------------------------------------------------------- who and where

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
    Column("host", String(200)),
    Column("is_sandbox", Boolean),
    Column("org_name", String(200)),
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
    Column("subject", String(200), nullable=False, server_default=""),
    Column("access", String(8), nullable=False),
    Column("code", String(40), nullable=False),
    Column("reason", Text, nullable=False),
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

# ---------------------------------------------------------------- what the CRMs hold

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
    Column("email", Text),
    Column("attributes", Json, nullable=False),
    Column("derived", Json, nullable=False),
    Column("derived_version", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("created_at", Instant),
    #: The instant at which the fingerprint last changed: our own writes do not move it.
    Column("modified_at", Instant, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("writable", Boolean, nullable=False),
    Column("unwritable_reason", Text),
    Column("completeness", SmallInteger),
    #: Tombstone: deleted, merged or vanished; restorable.
    Column("gone_at", Instant),
    Column("gone_kind", String(12)),
    Column("moved_to_object", String(80)),
    Column("moved_to_id", String(40)),
    UniqueConstraint("connection_no", "object", "record_id"),
    Index("ix_contact_person", "person_no"),
    Index("ix_contact_account", "connection_no", "account_object", "account_id"),
    Index("ix_contact_email", "workspace_no", "email"),
)

contact_change = Table(
    "contact_change",
    metadata,
    Column("change_no", Number, primary_key=True),
    Column("contact_no", ForeignKey("contact.contact_no"), nullable=False),
    Column("attribute", String(120), nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("source", String(20), nullable=False),
    Index("ix_contact_change_contact", "contact_no", "at"),
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
    Column("domain", Text),
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

asset = Table(
    "asset",
    metadata,
    Column("asset_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    #: Digest of the four texts; conditions on URLs run on distinct assets.
    Column("digest", String(64), nullable=False),
    Column("url", Text),
    Column("asset", Text),
    Column("campaign", Text),
    Column("product", Text),
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
    Column("direction", String(40)),
    Column("outcome", String(80)),
    Column("duration_s", Integer),
    Column("message_id", Text),
    Column("link", Text),
    Column("machine", Boolean, nullable=False),
    Column("count", Integer, nullable=False),
    #: The record that this one supersedes (object, id): the task that mirrors an e-mail message does not count.
    Column("supersedes_object", String(80)),
    Column("supersedes_id", String(120)),
    Column("superseded", Boolean, nullable=False, server_default="0"),
    Column("fingerprint", String(64), nullable=False),
    Column("gone_at", Instant),
    UniqueConstraint("connection_no", "object", "record_id"),
    Index("ix_activity_supersedes", "connection_no", "supersedes_object", "supersedes_id"),
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
    Column("direction", String(40)),
    Column("outcome", String(80)),
    Column("duration_s", Integer),
    Column("message_id", Text),
    Column("link", Text),
    Column("machine", Boolean, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("shard", "person_no", "activity_no", "contact_no"),
    Index("ix_activity_contact_activity", "activity_no"),
    Index("ix_activity_contact_contact", "contact_no"),
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
    Column("email", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("activity_no", "object", "record_id", "email"),
    Index("ix_activity_orphan_record", "connection_no", "object", "record_id"),
    Index("ix_activity_orphan_email", "connection_no", "email"),
)

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
    Column("name", Text),
    Column("stage", String(120), nullable=False),
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
    Column("stage", String(120), nullable=False),
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

unmapped = Table(
    "unmapped",
    metadata,
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("stream", String(20), nullable=False),
    Column("name", String(200), nullable=False),
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
    Column("code", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    PrimaryKeyConstraint("connection_no", "stream", "object", "record_id"),
)

# ---------------------------------------------------------------- people and companies

person = Table(
    "person",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("person_no", BigInteger, nullable=False),
    Column("workspace_no", Integer, nullable=False),
    #: The person that this one was joined into; aliases are not scored.
    Column("alias_of", BigInteger),
    #: Surviving attributes of all contacts, derived and enriched ones beside them: what the engine sees.
    Column("profile", Json, nullable=False),
    Column("profile_version", Integer, nullable=False, server_default="0"),
    Column("company_no", BigInteger),
    Column("created_at", Instant, nullable=False),
    #: Live contacts; nobody without one is scored.
    Column("contacts", Integer, nullable=False, server_default="0"),
    Column("dirty_seq", BigInteger, nullable=False, server_default="1"),
    Column("scored_seq", BigInteger, nullable=False, server_default="0"),
    #: activity, profile, override, identity: what made the person dirty last (for `changed_by`).
    Column("dirty_cause", String(12), nullable=False, server_default="profile"),
    PrimaryKeyConstraint("shard", "person_no"),
    Index("ix_person_no", "person_no", unique=True),
    Index("ix_person_company", "company_no"),
    #: Partial: an incremental cycle looks at the dirty ones alone, whatever the size of the database.
    **CLUSTERED,
)
Index(
    "ix_person_dirty",
    person.c.shard,
    person.c.person_no,
    sqlite_where=person.c.dirty_seq > person.c.scored_seq,
    postgresql_where=person.c.dirty_seq > person.c.scored_seq,
)

company = Table(
    "company",
    metadata,
    Column("company_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    Column("domain", Text),
    Column("profile", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("workspace_no", "domain"),
)

identity_key = Table(
    "identity_key",
    metadata,
    Column("workspace_no", Integer, nullable=False),
    #: email, vendor…
    Column("kind", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("person_no", BigInteger, nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_no", "kind", "value"),
    Index("ix_identity_key_person", "person_no"),
)

identity_link = Table(
    "identity_link",
    metadata,
    Column("link_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    #: Contact numbers, a < b.
    Column("a", BigInteger, nullable=False),
    Column("b", BigInteger, nullable=False),
    #: operator, unlink, conversion, merge, native_sync, email.
    Column("reason", String(16), nullable=False),
    Column("since", Instant, nullable=False),
    #: Since when both sides hold different addresses (an e-mail join ends after seven days of it).
    Column("diverged_at", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("a", "b", "reason"),
    Index("ix_identity_link_b", "b"),
)

ambiguous = Table(
    "ambiguous",
    metadata,
    Column("workspace_no", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    #: Digest of the key value: the list is shown with contact ids, never with addresses.
    Column("digest", String(64), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("contacts", Json, nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_no", "kind", "digest"),
)

enrichment = Table(
    "enrichment",
    metadata,
    Column("workspace_no", Integer, nullable=False),
    Column("source", String(40), nullable=False),
    #: domain:example.com or contact:<no>.
    Column("subject", Text, nullable=False),
    Column("attribute", String(120), nullable=False),
    Column("value", Text, nullable=False),
    Column("confidence", Integer),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_no", "source", "subject", "attribute"),
    Index("ix_enrichment_subject", "subject"),
)

suppressed = Table(
    "suppressed",
    metadata,
    Column("workspace_no", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("workspace_no", "kind", "digest"),
)

# ---------------------------------------------------------------- scores

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
    #: Compact lines [[part, rule_id, milli_points], …] when kept.
    Column("lines", Json),
    Column("run_no", BigInteger),
    Index("ix_score_history_person", "person_no", "day"),
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

# ---------------------------------------------------------------- write-back

outbox = Table(
    "outbox",
    metadata,
    Column("connection_no", ForeignKey("connection.connection_no"), nullable=False),
    Column("object", String(80), nullable=False),
    Column("record_id", String(40), nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("person_no", BigInteger, nullable=False),
    Column("contact_no", BigInteger, nullable=False),
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
    Column("refusal", String(80)),
    Column("refusal_text", Text),
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
)
Index(
    "ix_outbox_due",
    outbox.c.connection_no,
    outbox.c.urgent,
    outbox.c.due_at,
    sqlite_where=outbox.c.due.is_(True),
    postgresql_where=outbox.c.due.is_(True),
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
    Column("code", String(80)),
    Column("message", Text),
    #: Names of the outputs that were sent.
    Column("outputs", Json, nullable=False),
    Index("ix_delivery_record", "connection_no", "object", "record_id"),
    Index("ix_delivery_run", "run_no"),
)

# ---------------------------------------------------------------- work

sync_run = Table(
    "sync_run",
    metadata,
    Column("run_no", Number, primary_key=True),
    Column("workspace_no", Integer, nullable=False),
    #: None: all connections.
    Column("connection_no", Integer),
    #: incremental, full, rescore, rewrite, sweep, record.
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
    Column("message", Text),
    Column("next_step", Text),
    Column("cancel_asked", Boolean, nullable=False, server_default="0"),
    Column("released_by", String(80)),
    Column("holder", String(80)),
    Index("ix_sync_run_status", "status"),
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
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

api_calls = Table(
    "api_calls",
    metadata,
    Column("connection_no", Integer, nullable=False),
    Column("day", Day, nullable=False),
    Column("calls", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection_no", "day"),
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
