"""Opportunities as they go into the store and come out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.records import LinkStrength, OpportunityRecord, Outcome, Ref, StageEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunityRow:
    """One opportunity of a page. The fingerprint covers all of the record but its `modified_at`."""

    record: OpportunityRecord
    fingerprint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredOpportunity:
    """One opportunity as the store has it, with its stages and contacts."""

    opportunity_no: int
    connection_no: int
    ref: Ref
    account: Ref | None
    name: str | None
    stage: str
    outcome: Outcome
    amount: Decimal | None
    currency: str | None
    created_at: datetime | None
    closed_at: datetime | None
    modified_at: datetime
    gone_at: datetime | None
    stages: tuple[StageEntry, ...]
    contacts: tuple[tuple[Ref, LinkStrength], ...]
