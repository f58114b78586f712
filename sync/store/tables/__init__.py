"""The tables. History and keys cannot be added later, so they are all here from the first migration on.

Conventions: `*_no` are surrogate numbers, `*_at` are instants (microseconds since 1970, UTC), `attributes` and `profile` are JSON
objects of texts (numbers, dates and booleans in their canonical text, lists joined by `|`), CRM records are
(connection_no, object, record_id).
"""

from __future__ import annotations

from sync.store.tables.activities import (
    activity,
    activity_block,
    activity_contact,
    activity_moved,
    activity_orphan,
    asset,
)
from sync.store.tables.connections import api_calls, checkpoint, connection, marker, pause, sequence, workspace
from sync.store.tables.contacts import account, account_link, contact, contact_change, contact_counter, vendor_link
from sync.store.tables.conventions import metadata
from sync.store.tables.opportunities import opportunity, opportunity_contact, opportunity_stage
from sync.store.tables.outbox import delivery, outbox
from sync.store.tables.people import ambiguous, company, enrichment, identity_key, identity_link, person, suppressed
from sync.store.tables.quarantine import quarantine, unmapped
from sync.store.tables.scores import (
    company_score,
    model_version,
    score,
    score_history,
    score_snapshot,
    scored_day,
)
from sync.store.tables.work import audit, lease, slice_, sync_run

__all__ = [
    "account",
    "account_link",
    "activity",
    "activity_block",
    "activity_contact",
    "activity_moved",
    "activity_orphan",
    "ambiguous",
    "api_calls",
    "asset",
    "audit",
    "checkpoint",
    "company",
    "company_score",
    "connection",
    "contact",
    "contact_change",
    "contact_counter",
    "delivery",
    "enrichment",
    "identity_key",
    "identity_link",
    "lease",
    "marker",
    "metadata",
    "model_version",
    "opportunity",
    "opportunity_contact",
    "opportunity_stage",
    "outbox",
    "pause",
    "person",
    "quarantine",
    "score",
    "score_history",
    "score_snapshot",
    "scored_day",
    "sequence",
    "slice_",
    "suppressed",
    "sync_run",
    "unmapped",
    "vendor_link",
    "workspace",
]
