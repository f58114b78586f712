"""Sending: claim a batch, write it, settle each result. The only caller of `Connector.write`; no network inside a unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from connectors.errors import ConnectorError, connection_context
from connectors.port import WriteOutcome, WriteRequest, WriteResult
from connectors.records import Ref
from sync.deliver.sample import in_sample
from sync.deliver.settle import settled
from sync.store.sql.connections import WriteMode
from sync.values import changed, to_write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from config.settings import Sample
    from connectors.port import Connector
    from sync.clock import Clock
    from sync.store.sql.outbox import Entry
    from sync.store.unit import Store, Unit
    from sync.values import Values

#: Due entries that are looked at for one batch while only a sample may be written.
_SAMPLE_LOOK = 2000


@dataclass(kw_only=True)
class Delivery:
    """Sends the due entries of one connection, batch by batch."""

    store: Store
    clock: Clock
    connector: Connector
    connection: str
    connection_no: int
    deadband: int
    sample: Sample
    run_no: int | None
    claim: str
    #: Checks the lease inside each commit; raises when somebody else took over.
    fence: Callable[[Unit], None] = field(default=lambda _unit: None)
    #: These records alone, each once, although first loads of others are under way; absent: whatever is due.
    only: list[Ref] | None = None
    chance: Random = field(default_factory=Random)

    def batch(self) -> Counter[str] | None:
        """Send one batch: counts by outcome, or None when nothing is to be sent (or writes are off).

        Raises ConnectorError when nothing was written; the entries are due again.
        """
        entries = self._claimed()
        if not entries:
            return None
        requests, attempts = self._requests(entries)
        try:
            with connection_context(self.connection):
                results = self.connector.write(requests)
        except ConnectorError:
            # Unknown what was written: due again, the same values twice change nothing.
            self._release(entries)
            raise
        return self._settle(entries, attempts, results)

    def _claimed(self) -> list[Entry]:
        now = self.clock.now()
        with self.store.write() as unit:
            self.fence(unit)
            mode = unit.connections.writes(self.connection_no)
            if mode is WriteMode.OFF:
                return []
            entries = self._sampled(unit) if mode is WriteMode.SAMPLE else self._due(unit, self.connector.write_batch)
            unit.outbox.claim(entries, self.claim, now=now)
        return entries

    def _due(self, unit: Unit, limit: int, after: tuple[str, str] | None = None) -> list[Entry]:
        if self.only is not None:
            return self._named(unit, self.only, limit)
        return unit.outbox.due(self.connection_no, now=self.clock.now(), limit=limit, after=after)

    def _named(self, unit: Unit, only: list[Ref], limit: int) -> list[Entry]:
        found: list[Entry] = []
        while only and len(found) < limit:
            block = only[: limit - len(found)]
            del only[: len(block)]
            entries = unit.outbox.of_refs(self.connection_no, block).values()
            found += [entry for entry in entries if entry.due and entry.refusal is None]
        return found

    def _sampled(self, unit: Unit) -> list[Entry]:
        found: list[Entry] = []
        after: tuple[str, str] | None = ("", "")
        while after is not None and len(found) < self.connector.write_batch:
            block = self._due(unit, _SAMPLE_LOOK, after)
            found += in_sample(unit, block, self.sample)
            after = (block[-1].object, block[-1].record_id) if len(block) == _SAMPLE_LOOK else None
        return found[: self.connector.write_batch]

    def _requests(self, entries: Sequence[Entry]) -> tuple[list[WriteRequest], list[Values]]:
        with self.store.read() as unit:
            contacts = unit.contacts.get(entry.contact_no for entry in entries if entry.contact_no is not None)
        requests, attempts = [], []
        for entry in entries:
            desired = entry.desired or {}
            attempt = {name: desired[name] for name in changed(desired, entry.sent)}
            # What drifted is written again, although we sent the same before.
            attempt |= {
                name: desired[name] for name in changed(desired, entry.observed) if entry.observed and name in desired
            }
            contact = contacts.get(entry.contact_no or 0)
            requests.append(
                WriteRequest(
                    ref=Ref(object=entry.object, id=entry.record_id),
                    values={name: to_write(name, value) for name, value in attempt.items()},
                    account=contact.account if contact else None,
                )
            )
            attempts.append(attempt)
        return requests, attempts

    def _release(self, entries: Sequence[Entry]) -> None:
        with self.store.write() as unit:
            unit.outbox.unclaim([entry.key for entry in entries], self.claim)

    def _settle(
        self, entries: Sequence[Entry], attempts: Sequence[Values], results: Sequence[WriteResult]
    ) -> Counter[str]:
        now = self.clock.now()
        counts: Counter[str] = Counter()
        with self.store.write() as unit:
            current = unit.outbox.of_refs(self.connection_no, [Ref(object=e.object, id=e.record_id) for e in entries])
            rows, gone, log = [], [], []
            for entry, attempt, result in zip(entries, attempts, results, strict=True):
                counts[result.outcome.value] += 1
                log.append(self._log_row(entry, attempt, result))
                present = current.get((entry.object, entry.record_id))
                if present is None:
                    continue
                if result.outcome is WriteOutcome.GONE:
                    gone.append(present)
                    continue
                rows.append(
                    settled(
                        present,
                        attempt,
                        entry.desired or {},
                        result,
                        deadband=self.deadband,
                        now=now,
                        chance=self.chance,
                    )
                )
            unit.outbox.settle(rows)
            unit.outbox.log(log)
            unit.outbox.drop(entry.key for entry in gone)
            reason = "gone in the CRM when we wrote"
            unit.contacts.set_unwritable({each.contact_no: reason for each in gone if each.contact_no is not None})
            unit.accounts.set_unwritable(each.account_no for each in gone if each.account_no is not None)
            self.fence(unit)
        return counts

    def _log_row(self, entry: Entry, attempt: Values, result: WriteResult) -> dict[str, object]:
        return {
            "connection_no": entry.connection_no,
            "object": entry.object,
            "record_id": entry.record_id,
            "run_no": self.run_no,
            "at": self.clock.now(),
            "outcome": result.outcome.value,
            "code": result.code,
            "message": result.message,
            "outputs": sorted(attempt),
        }
