"""Plain values that the queries on people and companies take and give. No queries, nothing of SQLAlchemy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Reason(StrEnum):
    """Why two contacts are (or, by UNLINK, are not) one person; strongest first."""

    OPERATOR = "operator"
    CONVERSION = "conversion"
    MERGE = "merge"
    NATIVE_SYNC = "native_sync"
    EMAIL = "email"
    UNLINK = "unlink"


class Cause(StrEnum):
    """What made a person dirty last."""

    ACTIVITY = "activity"
    PROFILE = "profile"
    OVERRIDE = "override"
    IDENTITY = "identity"


class Pair(NamedTuple):
    """Two contact numbers, the smaller first."""

    a: int
    b: int


def pair(one: int, other: int) -> Pair:
    """The pair of two different contacts."""
    return Pair(min(one, other), max(one, other))


class Link(NamedTuple):
    """An edge between two contacts."""

    pair: Pair
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredLink:
    """An edge with its history."""

    link: Link
    since: datetime
    diverged_at: datetime | None
    ended_at: datetime | None


class Target(NamedTuple):
    """A record as a vendor link names it: the kind of its CRM, its object, its id."""

    crm: str
    object: str
    record_id: str


def by_object(targets: Iterable[Target]) -> dict[tuple[str, str], set[str]]:
    """(CRM, object) -> ids: how records are looked up."""
    found: dict[tuple[str, str], set[str]] = {}
    for target in targets:
        found.setdefault((target.crm, target.object), set()).add(target.record_id)
    return found


class Statement(NamedTuple):
    """A contact's vendor says that another record is the same human."""

    contact_no: int
    target: Target
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """What identity looks at in a contact."""

    contact_no: int
    connection_no: int
    object: str
    record_id: str
    email: str | None
    last_name: str | None
    live: bool
    #: Created in the CRM, else first seen.
    born_at: datetime
    person_no: int | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """The record, whatever the order of arrival."""
        return (self.connection_no, self.object, self.record_id)

    @property
    def age(self) -> tuple[datetime, tuple[int, str, str]]:
        """Oldest first."""
        return (self.born_at, self.key)


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRow:
    """A person as it stands in the store."""

    person_no: int
    workspace_no: int
    alias_of: int | None
    profile: dict[str, str]
    profile_version: int
    company_no: int | None
    contacts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrichmentRow:
    """One value of a source for a subject (`domain:…` or `contact:…`); confidence in thousandths."""

    source: str
    subject: str
    attribute: str
    value: str
    confidence: int | None
    at: datetime
