"""The port: what every CRM connector offers to `sync`. One instance serves one connection and one worker at a time.

All methods block, raise only `connectors.errors`, set timeouts on every call and hold no state that a crash could lose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from connectors.records import Ref, Stream, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connectors.errors import RefusalScope
    from connectors.records import Page


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgIdentity:
    """Who answers: pinned at first contact, compared ever after."""

    org_id: str
    host: str
    sandbox: bool
    name: str
    #: The CRM's own clock at the moment of the call (its Date header).
    now: datetime
    currency: str | None = None
    time_zone: str | None = None


class Presence(StrEnum):
    """What the CRM says of a field that we read or write."""

    OK = "ok"
    MISSING = "missing"
    READ_ONLY = "read_only"
    WRONG_TYPE = "wrong_type"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldCheck:
    """One mapped or written field, checked against the CRM's own description of itself."""

    object: str
    field: str
    #: Canonical attribute or output name.
    name: str
    written: bool
    presence: Presence
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of `doctor`."""

    code: str
    ok: bool
    message: str
    next_step: str | None = None


class OutputType(StrEnum):
    """Types of the fields that Leadgrade writes, vendor-neutral."""

    NUMBER = "number"
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHECKBOX = "checkbox"
    DATE_TIME = "date_time"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldStep:
    """One step of `fields plan|apply|clear`: create a field, grant access, clear a value…"""

    action: str
    object: str
    field: str
    #: What an admin without the right must click, in words.
    manual: str
    done: bool = False
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteRequest:
    """New values for one record, by output name; None clears the field. Only changed values are given."""

    ref: Ref
    values: dict[str, Value | None]
    #: Rows that share a parent are written in order, against lock contention.
    account: Ref | None = None


class WriteOutcome(StrEnum):
    """What became of one request."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteResult:
    """The result of one request. REJECTED carries the CRM's code and words; DEFERRED is worth another try later."""

    ref: Ref
    outcome: WriteOutcome
    code: str | None = None
    message: str | None = None
    fields: tuple[str, ...] = ()
    scope: RefusalScope | None = None
    #: The successor of a record that is GONE.
    moved_to: Ref | None = None
    #: Seconds to wait before a DEFERRED request is tried again.
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """API calls: ours since this connector was made, and the day's as the CRM counts them."""

    calls: int
    calls_by_kind: dict[str, int] = field(default_factory=dict)
    day_used: int | None = None
    day_limit: int | None = None
    #: Our own calls of the last day, by the hour (UTC) in which they were made.
    by_hour: dict[datetime, int] = field(default_factory=dict)


class Connector(Protocol):
    """One connection to one CRM account."""

    #: "salesforce" or "hubspot".
    kind: str

    def identify(self) -> OrgIdentity:
        """Ask who answers. The cheapest authenticated call; raises NeedsAttention(code="credentials")."""
        ...

    def check_fields(self) -> list[FieldCheck]:
        """Compare the field map with the CRM's own description. Never raises for a missing field: it reports it."""
        ...

    def mapping_digest(self, stream: Stream) -> str:
        """Digest of what is read of a stream; a change starts a backfill."""
        ...

    def start(self, stream: Stream) -> str:
        """The cursor of a first load that begins now, by the CRM's clock."""
        ...

    def since(self, stream: Stream, instant: datetime) -> str:
        """The cursor of an incremental read of everything changed at or after an instant."""
        ...

    def refresh(self, stream: Stream) -> str | None:
        """The cursor of a read of all records that may have changed without a stamp (formulas); None: there are none.

        Asked for once a week, beside the ordinary cursor, which does not wait for it.
        """
        ...

    def read(self, stream: Stream, cursor: str) -> Page:
        """The next page at or after a cursor. A stream with nothing new costs one call and returns an empty last page."""
        ...

    def read_records(self, stream: Stream, ids: Sequence[Ref]) -> Page:
        """Named records as they are now (for a one-record resync); absent ones come back as deletions."""
        ...

    def activities_of(self, contacts: Sequence[Ref]) -> Iterator[Page]:
        """All activities of named contacts (for a one-record resync)."""
        ...

    def present_ids(self, stream: Stream) -> Iterator[list[Ref]]:
        """Ids of all records that exist now, in blocks (for the sweep).

        Objects of which no id comes are not swept: events that cannot vanish, such as page views.
        """
        ...

    def write(self, requests: Sequence[WriteRequest]) -> list[WriteResult]:
        """Write one batch (at most `write_batch` requests); exactly one result per request, in their order.

        Raises only when nothing was written: NeedsAttention, QuotaSpent, Throttled, Unavailable.
        """
        ...

    @property
    def write_batch(self) -> int:
        """Largest number of requests per call of `write`."""
        ...

    def plan_fields(self) -> list[FieldStep]:
        """What `fields apply` would do; empty when all is there."""
        ...

    def apply_fields(self) -> list[FieldStep]:
        """Create what is missing; idempotent; a step that is refused carries its error and the manual way."""
        ...

    def clear_request(self, ref: Ref) -> WriteRequest:
        """A request that clears all written fields of one record."""
        ...

    def doctor(self) -> list[Finding]:
        """Checks that only this CRM knows (permissions, plan, quota, clock, API version ends)."""
        ...

    def use_currency(self, code: str | None) -> None:
        """The currency in which attributes of money are wanted from now on; None: as they come.

        A CRM that knows rates converts. It is part of the mapping's digest there: another currency starts a backfill.
        """
        ...

    def usage(self) -> Usage:
        """API calls so far."""
        ...

    def recall_calls(self, by_hour: Mapping[datetime, int]) -> None:
        """Calls that other processes made for this connection in the last day: they count towards its share."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...
