"""Records: what connectors read from a CRM, in Leadgrade's words. Plain frozen values, no behaviour, no I/O.

Attribute values are `Value`s; absent ones are left out (never None, never blank text). Datetimes are aware UTC. Ids are
the CRM's full immutable ids (Salesforce: 18 characters).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | float | Decimal | bool | date | datetime | tuple[str, ...]


class Stream(StrEnum):
    """The four kinds of records that are pulled, in the order in which a first load reads them."""

    ACCOUNTS = "accounts"
    CONTACTS = "contacts"
    ACTIVITIES = "activities"
    OPPORTUNITIES = "opportunities"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Ref:
    """A record of one CRM: its object's API name and its id."""

    object: str
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CounterValue:
    """What a contact's own counter says: how often something of one kind has happened so far, and when it last did."""

    #: The CRM's name of the counter.
    name: str
    #: Kind of the activity that a rise stands for.
    kind: str
    value: int
    at: datetime | None = None
    #: False while the CRM gives the events themselves: then the counter is only kept in mind.
    counted: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactRecord:
    """One CRM row of a human: Salesforce Lead or Contact, HubSpot contact."""

    ref: Ref
    created_at: datetime | None
    #: The CRM's own last-change stamp (for cursors only: our own writes move it).
    modified_at: datetime
    #: Canonical attributes (scoring/vocabulary) and custom ones, by the field map.
    attributes: dict[str, Value]
    #: The account this contact belongs to.
    account: Ref | None = None
    #: What the CRM holds in the fields that Leadgrade writes, by output name; present only for fields that exist there.
    observed: dict[str, Value | None] = field(default_factory=dict)
    #: Records that the vendor says are the same human: conversion, merge losers, native-sync counterparts.
    same_as: tuple[VendorLink, ...] = ()
    #: Counters that stand for activities which the CRM does not give one by one.
    counters: tuple[CounterValue, ...] = ()
    #: False for converted, archived or otherwise read-only records; the reason is shown to the admin.
    writable: bool = True
    unwritable_reason: str | None = None


class LinkReason(StrEnum):
    """Why a vendor says that two records are one human."""

    CONVERSION = "conversion"
    MERGE = "merge"
    NATIVE_SYNC = "native_sync"


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorLink:
    """A vendor's statement that another record is the same human; `crm` names the other CRM's kind, if it is another."""

    ref: Ref
    reason: LinkReason
    crm: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRecord:
    """One CRM row of a company."""

    ref: Ref
    created_at: datetime | None
    modified_at: datetime
    attributes: dict[str, Value]
    observed: dict[str, Value | None] = field(default_factory=dict)
    same_as: tuple[VendorLink, ...] = ()
    writable: bool = True
    unwritable_reason: str | None = None


class Precision(StrEnum):
    """How exactly the CRM knows when something happened."""

    INSTANT = "instant"
    DAY = "day"
    DERIVED = "derived"


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityRecord:
    """Something that happened with one or more contacts. `kind` is of the closed list of scoring.md section 5."""

    ref: Ref
    kind: str
    at: datetime
    modified_at: datetime
    #: When the CRM learnt of it, if it tells (created date); as-of reads use it.
    recorded_at: datetime | None = None
    precision: Precision = Precision.INSTANT
    contacts: tuple[Ref, ...] = ()
    #: E-mail addresses that stand for a contact where the CRM names no record (form submissions, e-mail events).
    emails: tuple[str, ...] = ()
    url: str | None = None
    asset: str | None = None
    campaign: str | None = None
    product: str | None = None
    direction: str | None = None
    outcome: str | None = None
    duration_s: int | None = None
    message_id: str | None = None
    link: str | None = None
    machine: bool = False
    count: int = 1
    #: Another record of the same CRM that tells of the same event (the task that mirrors a message); this one wins.
    supersedes: Ref | None = None


class Outcome(StrEnum):
    """How an opportunity stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class LinkStrength(StrEnum):
    """How surely a contact belongs to an opportunity, strongest first."""

    ROLE = "role"
    CONVERTED = "converted"
    SOLE_CONTACT = "sole_contact"
    ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True, slots=True)
class StageEntry:
    """One stage of an opportunity's history."""

    stage: str
    entered: datetime
    left: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunityRecord:
    """Opportunity or deal."""

    ref: Ref
    created_at: datetime | None
    modified_at: datetime
    stage: str
    outcome: Outcome
    name: str | None = None
    account: Ref | None = None
    amount: Decimal | None = None
    currency: str | None = None
    closed_at: datetime | None = None
    stages: tuple[StageEntry, ...] = ()
    contacts: tuple[tuple[Ref, LinkStrength], ...] = ()


Record: TypeAlias = ContactRecord | AccountRecord | ActivityRecord | OpportunityRecord


class DeletionKind(StrEnum):
    """How a record went away."""

    DELETED = "deleted"
    MERGED = "merged"
    #: Without a trace, neither in the bin nor merged: a privacy deletion, or a bin that was emptied.
    VANISHED = "vanished"
    RESTORED = "restored"


@dataclass(frozen=True, kw_only=True, slots=True)
class Deletion:
    """A record that is gone (or back); `moved_to` is the winner of a merge."""

    ref: Ref
    kind: DeletionKind = DeletionKind.DELETED
    at: datetime | None = None
    moved_to: Ref | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRecord:
    """A record that came back malformed: quarantined, never fatal. `reason` holds no personal data."""

    ref: Ref | None
    code: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The unit of one transaction: records, deletions and where to go on.

    `next` is the position after this page (JSON text, opaque to everyone but the connector). `more` is False when the
    stream has reached the present; the next cycle then reads on from `next`.
    """

    records: tuple[Record, ...]
    next: str
    more: bool
    deletions: tuple[Deletion, ...] = ()
    bad: tuple[BadRecord, ...] = ()
    #: Activity types, campaign statuses, forms… that the activity map does not name, with how often they came.
    unmapped: tuple[tuple[str, int], ...] = ()
    #: Rows expected in this stream in all, when the CRM tells (progress bars).
    expected: int | None = None
    #: Counters whose activities this stream now brings one by one: those that were derived from them are superfluous.
    replaces: tuple[str, ...] = ()
