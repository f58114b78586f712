"""Accounts as they go into the store and come out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.records import Ref
from sync.store.contact_rows import Arrival


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRow:
    """One account of a page, ready to be stored; domain and company are placed later."""

    ref: Ref
    attributes: dict[str, str]
    derived: dict[str, str]
    derived_version: int
    fingerprint: str
    created_at: datetime | None = None
    #: The CRM's stamp; it counts when the fingerprint has changed, and not otherwise.
    modified_at: datetime
    writable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountArrival:
    """What became of one account of a page."""

    account_no: int
    arrival: Arrival
    row: AccountRow
    #: None until it belongs to a company.
    company_no: int | None = None
    #: The domain that it was placed under, if any.
    domain: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredAccount:
    """One account as the store has it."""

    account_no: int
    workspace_no: int
    connection_no: int
    ref: Ref
    company_no: int | None
    domain: str | None
    attributes: dict[str, str]
    derived: dict[str, str]
    derived_version: int
    fingerprint: str
    created_at: datetime | None
    modified_at: datetime
    first_seen_at: datetime
    writable: bool
    gone_at: datetime | None
    gone_kind: str | None
    moved_to: Ref | None


@dataclass(frozen=True, kw_only=True, slots=True)
class GoneAccount:
    """An account that has just been tombstoned or restored."""

    account_no: int
    ref: Ref
    company_no: int | None
    moved_to: Ref | None = None
