"""One page into the store: records, deletions, people, dirty marks, observed values, quarantine. All in the caller's unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.records import (
    AccountRecord,
    ActivityRecord,
    ContactRecord,
    Deletion,
    DeletionKind,
    OpportunityRecord,
    Ref,
    Stream,
)
from sync.people.accounts import touch_accounts
from sync.people.companies import record_account_links
from sync.people.forget import without_suppressed
from sync.people.links import record_links
from sync.people.resolve import resolve_contacts
from sync.pull.counters import rises
from sync.pull.observed import note_observed
from sync.pull.rows import account_row, activity_row, contact_row, opportunity_row
from sync.store.backup import restored_marker
from sync.store.contact_rows import Arrival, ChangeSource
from sync.store.people_rows import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from connectors.records import Page
    from sync.people.profiles import Rules
    from sync.pull.observed import Drift
    from sync.store.contact_rows import ContactArrival, GoneContact
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What a page meant."""

    counts: Counter[str]
    drifts: tuple[Drift, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Applier:
    """Applies the pages of one stream of one connection."""

    connection: ConnectionRow
    stream: Stream
    rules: Rules
    source: ChangeSource = ChangeSource.PULL
    #: Activities before this instant are not kept.
    oldest: datetime | None = None

    def apply(self, unit: Unit, page: Page, *, read_at: datetime, now: datetime) -> Applied:
        """Store a page; the caller moves the checkpoint in the same unit."""
        number = self.connection.connection_no
        pulled = len(page.records)
        page, kept_out = without_suppressed(unit, self.connection, page)
        counts = Counter(pulled=pulled, kept_out=kept_out, quarantined=len(page.bad), deleted=len(page.deletions))
        unit.quarantine.put(number, self.stream, page.bad)
        unit.quarantine.release(number, self.stream, [each.ref for each in (*page.records, *page.deletions)])
        unit.quarantine.count_unmapped(number, self.stream, dict(page.unmapped))
        drifts: list[Drift] = []
        match self.stream:
            case Stream.CONTACTS:
                drifts = self._contacts(unit, page, counts, read_at, now)
            case Stream.ACCOUNTS:
                drifts = self._accounts(unit, page, counts, read_at, now)
            case Stream.ACTIVITIES:
                self._activities(unit, page, counts)
            case Stream.OPPORTUNITIES:
                self._opportunities(unit, page, counts)
        return Applied(counts=+counts, drifts=tuple(drifts))

    def _contacts(self, unit: Unit, page: Page, counts: Counter[str], read_at: datetime, now: datetime) -> list[Drift]:
        number = self.connection.connection_no
        records = [record for record in page.records if isinstance(record, ContactRecord)]
        arrivals = unit.contacts.upsert(number, [contact_row(record) for record in records], source=self.source)
        counts += _arrivals(arrivals)
        links = {record.ref: record.same_as for record in records}
        relinked = record_links(unit, self.connection.kind, {each.contact_no: links[each.row.ref] for each in arrivals})
        gone = self._gone_contacts(unit, page.deletions)
        touched = resolve_contacts(unit, [*arrivals, *gone], now=now, relinked=relinked, rules=self.rules)
        waiting = unit.activities.resolve(number, _may_have_orphans(arrivals))
        counted = rises(unit, {each.row.ref: each.contact_no for each in arrivals}, records)
        derived = unit.activities.upsert(number, [activity_row(record) for record in counted])
        active = waiting | derived.people
        unit.people.mark_dirty(dict.fromkeys(active, Cause.ACTIVITY))
        counts.update(derived=derived.new)
        counts["dirty"] += len(touched.dirty | dict.fromkeys(active))
        revived = [
            (number, each.row.ref.object, each.row.ref.id) for each in arrivals if each.arrival is Arrival.CHANGED
        ]
        unit.outbox.revive(revived, "record")
        return self._observed(unit, records, read_at, now)

    def _observed(
        self, unit: Unit, records: Sequence[ContactRecord] | Sequence[AccountRecord], read_at: datetime, now: datetime
    ) -> list[Drift]:
        number = self.connection.connection_no
        restored = unit.markers.get(restored_marker(number, self.stream.value)) is not None
        return note_observed(unit, number, records, read_at=read_at, now=now, restored=restored)

    def _gone_contacts(self, unit: Unit, deletions: Sequence[Deletion]) -> list[GoneContact]:
        """Tombstones and restorations; a merge's loser is told to identity as the same human as its winner."""
        number = self.connection.connection_no
        back = [each.ref for each in deletions if each.kind is DeletionKind.RESTORED]
        gone = [each for each in deletions if each.kind is not DeletionKind.RESTORED]
        return [*unit.contacts.tombstone(number, gone), *unit.contacts.restore(number, back)]

    def _accounts(self, unit: Unit, page: Page, counts: Counter[str], read_at: datetime, now: datetime) -> list[Drift]:
        number = self.connection.connection_no
        records = [record for record in page.records if isinstance(record, AccountRecord)]
        arrivals = unit.accounts.upsert(number, [account_row(record) for record in records])
        counts += Counter(each.arrival.value for each in arrivals)
        gone = unit.accounts.tombstone(
            number, [each for each in page.deletions if each.kind is not DeletionKind.RESTORED]
        )
        back = unit.accounts.restore(
            number, [each.ref for each in page.deletions if each.kind is DeletionKind.RESTORED]
        )
        changed = [each.account_no for each in arrivals if each.arrival is not Arrival.UNCHANGED]
        changed += [each.account_no for each in (*gone, *back)]
        links = {record.ref: record.same_as for record in records}
        same_as = {each.account_no: links[each.row.ref] for each in arrivals}
        changed += record_account_links(unit, self.connection.kind, same_as)
        touched = touch_accounts(unit, changed, now=now, rules=self.rules)
        counts["dirty"] += len(touched.dirty)
        revived = [
            (number, each.row.ref.object, each.row.ref.id) for each in arrivals if each.arrival is Arrival.CHANGED
        ]
        unit.outbox.revive(revived, "record")
        return self._observed(unit, records, read_at, now)

    def _activities(self, unit: Unit, page: Page, counts: Counter[str]) -> None:
        number = self.connection.connection_no
        records = [record for record in page.records if isinstance(record, ActivityRecord)]
        old = [record.ref for record in records if self.oldest is not None and record.at < self.oldest]
        rows = [activity_row(record) for record in records if self.oldest is None or record.at >= self.oldest]
        stored = unit.activities.upsert(number, rows)
        people = set(stored.people)
        if old:
            # One that was moved back in time may be here.
            people |= unit.activities.erase_records(number, old)
            counts["too_old"] = len(old)
        people |= unit.activities.tombstone(
            number, [each for each in page.deletions if each.kind is not DeletionKind.RESTORED]
        )
        people |= unit.activities.restore(
            number, [each.ref for each in page.deletions if each.kind is DeletionKind.RESTORED]
        )
        for counter in page.replaces:
            for block in unit.activities.present(number, counter):
                people |= unit.activities.tombstone(number, deletions_of(block))
        unit.people.mark_dirty(dict.fromkeys(people, Cause.ACTIVITY))
        counts.update(new=stored.new, changed=stored.changed, unchanged=stored.unchanged, dirty=len(people))

    def _opportunities(self, unit: Unit, page: Page, counts: Counter[str]) -> None:
        number = self.connection.connection_no
        rows = [opportunity_row(record) for record in page.records if isinstance(record, OpportunityRecord)]
        stored = unit.opportunities.upsert(number, rows)
        unit.opportunities.tombstone(
            number, [each for each in page.deletions if each.kind is not DeletionKind.RESTORED]
        )
        unit.opportunities.restore(number, [each.ref for each in page.deletions if each.kind is DeletionKind.RESTORED])
        counts.update(new=stored.new, changed=stored.changed, unchanged=stored.unchanged)


def deletions_of(refs: Iterable[Ref], kind: DeletionKind = DeletionKind.DELETED) -> tuple[Deletion, ...]:
    """Records that are gone in the same way."""
    return tuple(Deletion(ref=ref, kind=kind) for ref in refs)


def _arrivals(arrivals: Sequence[ContactArrival]) -> Counter[str]:
    return Counter(each.arrival.value for each in arrivals)


def _may_have_orphans(arrivals: Sequence[ContactArrival]) -> list[int]:
    """Contacts that activities may have waited for: new ones, returned ones, and those with another address."""
    return [
        each.contact_no
        for each in arrivals
        if each.arrival in {Arrival.NEW, Arrival.RESTORED}
        or "email" in each.changed
        or each.email_before != each.row.email
    ]
