"""People and companies: who is one, by which keys and links."""

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
    UniqueConstraint,
)

from sync.store.tables.conventions import CLUSTERED, Number, metadata
from sync.store.types import Instant, Json, Words

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
    Column("domain", Words),
    Column("profile", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    #: Its people's scores, its people or its accounts changed since it was scored.
    Column("stale", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("workspace_no", "domain"),
)
Index(
    "ix_company_stale",
    company.c.workspace_no,
    company.c.company_no,
    sqlite_where=company.c.stale.is_(True),
    postgresql_where=company.c.stale.is_(True),
)

identity_key = Table(
    "identity_key",
    metadata,
    Column("workspace_no", Integer, nullable=False),
    #: email, vendor…
    Column("kind", String(20), nullable=False),
    Column("value", Words, nullable=False),
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

Index(
    "ix_identity_link_diverged",
    identity_link.c.diverged_at,
    sqlite_where=identity_link.c.diverged_at.is_not(None),
    postgresql_where=identity_link.c.diverged_at.is_not(None),
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
    Column("subject", Words, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("value", Words, nullable=False),
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
