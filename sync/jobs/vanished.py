"""Contacts that left without a trace are forgotten after the days that the settings give: in HubSpot a privacy deletion looks so.

Each is asked for once more before: one that was merged, archived or given back in the meantime is not forgotten.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from connectors.records import DeletionKind, Stream
from sync.jobs.patience import patiently
from sync.people.forget import forget_contact
from sync.recovery import Access

if TYPE_CHECKING:
    from sync.clock import Clock
    from sync.jobs.slices import Shift
    from sync.pull.cycle import Puller
    from sync.store.unit import Store

_BLOCK: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Vanished:
    """Forgets the vanished contacts of one connection."""

    store: Store
    clock: Clock
    puller: Puller
    shift: Shift
    #: After this many days.
    days: int

    def forget(self) -> Counter[str]:
        """Forget who is due; how many."""
        counts: Counter[str] = Counter()
        for each in self.shift.steps("forget vanished", self.puller.connection.connection_no, self._step):
            counts += each
        return counts

    def _step(self) -> Counter[str] | None:
        number = self.puller.connection.connection_no
        limit = self.clock.now() - timedelta(days=self.days)
        with self.store.read() as unit:
            due = {row.contact_no: row.ref for row in unit.contacts.vanished_before(number, limit, limit=_BLOCK)}
        if not due:
            return None
        patiently(lambda: self.puller.records(Stream.CONTACTS, list(due.values())), Access.READ, self.clock)
        forgotten = 0
        with self.store.write() as unit:
            self.shift.fence(unit)
            now = unit.contacts.get(due)
            for contact_no, row in now.items():
                if row.gone_at is not None and row.gone_kind == DeletionKind.VANISHED:
                    forgotten += forget_contact(unit, contact_no, now=self.clock.now()) is not None
            unit.audit.note("daemon", "vanished contacts forgotten", {"contacts": forgotten, "connection": number})
        return Counter(forgotten=forgotten)
