"""Contacts as they go into the store and come out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.records import Ref


class Arrival(StrEnum):
    """What the arrival of a record meant."""

    NEW = "new"
    #: Its fingerprint differs.
    CHANGED = "changed"
    #: It was gone.
    RESTORED = "restored"
    #: The CRM says the same, but what we derive from it, or whether we may write it, differs.
    REVISED = "revised"
    UNCHANGED = "unchanged"


class ChangeSource(StrEnum):
    """Where a change of an attribute came from."""

    PULL = "pull"
    #: A newly mapped field was filled in: the record itself did not change.
    BACKFILL = "backfill"
    IMPORT = "import"
    OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactRow:
    """One contact of a page, ready to be stored."""

    ref: Ref
    attributes: dict[str, str]
    derived: dict[str, str]
    derived_version: int
    fingerprint: str
    #: Lower case, trimmed.
    email: str | None = None
    account: Ref | None = None
    created_at: datetime | None = None
    #: The CRM's stamp; it counts when the fingerprint has changed, and not otherwise.
    modified_at: datetime
    writable: bool = True
    unwritable_reason: str | None = None
    completeness: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactArrival:
    """What became of one contact of a page."""

    contact_no: int
    arrival: Arrival
    row: ContactRow
    #: None until identity has assigned one.
    person_no: int | None = None
    #: Names of the attributes that changed; `$account` is the link to the account.
    changed: frozenset[str] = field(default_factory=frozenset)
    email_before: str | None = None
    account_before: Ref | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredContact:
    """One contact as the store has it."""

    contact_no: int
    workspace_no: int
    connection_no: int
    ref: Ref
    person_no: int | None
    account: Ref | None
    email: str | None
    attributes: dict[str, str]
    derived: dict[str, str]
    derived_version: int
    fingerprint: str
    created_at: datetime | None
    modified_at: datetime
    first_seen_at: datetime
    writable: bool
    unwritable_reason: str | None
    completeness: int | None
    gone_at: datetime | None
    gone_kind: str | None
    moved_to: Ref | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRecord:
    """What a rescore must know of one contact."""

    contact_no: int
    connection_no: int
    ref: Ref
    person_no: int
    #: As JSON text: most are not looked into.
    attributes: str
    #: Whether anything may be written to it; never to one that is gone.
    writable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class GoneContact:
    """A contact that has just been tombstoned or restored."""

    contact_no: int
    ref: Ref
    person_no: int | None
    moved_to: Ref | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRow:
    """One change of one attribute: `at` by the CRM, `recorded_at` when we learnt of it."""

    attribute: str
    old: str | None
    new: str | None
    at: datetime
    recorded_at: datetime
    source: ChangeSource
