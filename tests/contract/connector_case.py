"""What the connector suite needs of a CRM, and how it keeps what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.errors import Contended, Throttled, Unavailable
from connectors.port import Connector
from connectors.records import (
    AccountRecord,
    ActivityRecord,
    BadRecord,
    ContactRecord,
    DeletionKind,
    Page,
    Record,
    Ref,
    Stream,
)
from connectors.sandbox.faults import Faults
from connectors.sandbox.org import Org

#: Errors that end a read but not the load: it goes on at the last cursor.
PASSING = (Unavailable, Throttled, Contended)


class ConnectorCase(Protocol):
    """One CRM on the sandbox, as the suite needs it."""

    org: Org
    faults: Faults

    def connector(
        self, *, page_size: int | None = None, wrong_credentials: bool = False, daily_share: float = 1.0
    ) -> Connector:
        """A connector as a new process would make it, on the shipped field map, with no allowance by default."""
        ...

    def truth(self, stream: Stream) -> dict[Ref, dict[str, object]]:
        """Every live record of a stream with some facts about it (see `facts`), taken from the org, not over HTTP."""
        ...

    def advance(self, seconds: float) -> None:
        """Moves the org's clock and the connector's."""
        ...

    def pick(self, number: int) -> list[Ref]:
        """Live, writable contacts of one object without a partner, always the same."""
        ...

    def rename(self, ref: Ref, last_name: str, *, at: datetime | None = None) -> None:
        """Changes a contact's last name; `at` back-dates the stamps, as a transaction that commits late does."""
        ...

    def delete(self, ref: Ref) -> None:
        """Deletes a contact in the CRM."""
        ...

    def merge(self, winner: Ref, loser: Ref) -> Ref:
        """Merges two contacts in the CRM and gives the id that survives."""
        ...

    def hide_field(self) -> tuple[str, str]:
        """Makes a mapped contact field invisible to us: (object, field)."""
        ...

    def expire_sessions(self) -> bool:
        """Ends our sessions; False where the CRM knows none."""
        ...

    def malform(self, ref: Ref) -> None:
        """From now on this contact comes back malformed."""
        ...

    def exhaust_quota(self) -> None:
        """Someone else uses up the day's calls."""
        ...

    def held(self, ref: Ref, output: str) -> object:
        """What the org holds in an output field of a record, as plain text, number or boolean; None when empty."""
        ...

    def idle_calls(self, stream: Stream) -> int:
        """Calls that an unchanged stream costs."""
        ...

    def paged_path(self) -> str:
        """Regular expression for the requests that read pages of contacts."""
        ...


def facts(record: Record) -> dict[str, object]:
    """The part of a record that a case tells the truth about."""
    if isinstance(record, ContactRecord):
        return {**record.attributes, "account": record.account}
    if isinstance(record, AccountRecord):
        return dict(record.attributes)
    if isinstance(record, ActivityRecord):
        return {"kind": record.kind, "contacts": frozenset(record.contacts), "at": record.at}
    return {
        "stage": record.stage,
        "outcome": record.outcome,
        "account": record.account,
        "amount": record.amount,
        "contacts": frozenset(ref for ref, _ in record.contacts),
        "stages": tuple(entry.stage for entry in record.stages),
    }


@dataclass
class Replica:
    """What a reader of pages holds, the way the store keeps it."""

    records: dict[Ref, Record] = field(default_factory=dict)
    bad: list[BadRecord] = field(default_factory=list)
    moved: dict[Ref, Ref] = field(default_factory=dict)
    pages: int = 0
    rows: int = 0

    def apply(self, page: Page) -> None:
        """Takes one page in."""
        self.pages += 1
        self.rows += len(page.records)
        for record in page.records:
            self.records[record.ref] = record
        for deletion in page.deletions:
            self.records.pop(deletion.ref, None)
            if deletion.kind is DeletionKind.MERGED and deletion.moved_to:
                self.moved[deletion.ref] = deletion.moved_to
        self.bad.extend(page.bad)

    def drain(self, connector: Connector, stream: Stream, cursor: str, *, faulty: bool = False) -> str:
        """Reads until the stream has reached the present; `faulty` goes on at the same cursor after passing errors."""
        failures = 0
        while True:
            try:
                page = connector.read(stream, cursor)
            except PASSING:
                failures += 1
                if not faulty or failures > 50:
                    raise
                continue
            self.apply(page)
            cursor = page.next
            assert self.pages < 5_000, "the stream never ends"
            if not page.more:
                return cursor

    def facts(self, like: Mapping[Ref, Mapping[str, object]]) -> dict[Ref, dict[str, object]]:
        """The same facts that the truth tells, of everything held."""
        return {
            ref: {name: facts(record).get(name) for name in like.get(ref, {})} for ref, record in self.records.items()
        }
