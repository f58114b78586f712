"""The sweep: ids that exist in the store but not in the CRM any more are tombstoned, unless there are suspiciously many."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from connectors.errors import NeedsAttention, Scope, connection_context
from connectors.records import DeletionKind, Page, Ref, Stream
from sync.pull.apply import Applier, deletions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.port import Connector
    from sync.clock import Clock
    from sync.people.profiles import Rules
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Store, Unit

#: More than this percentage of known ids gone at once is rather a lost permission than a clean-up.
BRAKE_PERCENT: Final = 2.0
#: So few may always vanish.
BRAKE_LEAST: Final = 20
_BLOCK: Final = 500


@dataclass(kw_only=True)
class Sweep:
    """Compares the ids of one connection's streams."""

    store: Store
    clock: Clock
    connector: Connector
    connection: ConnectionRow
    rules: Rules
    fence: Callable[[Unit], None] = lambda _unit: None
    #: Called between two blocks of ids: a list of a million ids takes longer than anybody who is in a hurry would wait.
    between: Callable[[], None] = lambda: None

    def stream(self, stream: Stream) -> Counter[str]:
        """Tombstone what vanished from a stream.

        Raises:
            NeedsAttention: more than BRAKE_PERCENT vanished; nothing was tombstoned.
        """
        present = self._present(stream)
        counts: Counter[str] = Counter()
        for name, hashes in present.items():
            known = vanished = 0
            gone: list[Ref] = []
            for block in self._stored(stream, name):
                known += len(block)
                ids = pl.Series([ref.id for ref in block], dtype=pl.String)
                missing = ~ids.hash().is_in(hashes.implode())
                gone += [ref for ref, is_missing in zip(block, missing.to_list(), strict=True) if is_missing]
            vanished = len(gone)
            if vanished > BRAKE_LEAST and vanished > known * BRAKE_PERCENT / 100:
                raise NeedsAttention(
                    f"{vanished} of {known} known {name} records do not exist in the CRM any more; nothing was removed",
                    code="sweep_brake",
                    scope=Scope.OBJECT,
                    subject=name,
                    next_step="check that the integration user still sees all records (leadgrade doctor), then sweep again",
                )
            for start in range(0, vanished, _BLOCK):
                self._tombstone(stream, gone[start : start + _BLOCK])
            counts.update(swept=known, vanished=vanished)
        return counts

    def _present(self, stream: Stream) -> dict[str, pl.Series]:
        """Object -> hashes of the ids that exist: eight bytes an id."""
        parts: defaultdict[str, list[pl.Series]] = defaultdict(list)
        with connection_context(self.connection.name, stream.value):
            for block in self.connector.present_ids(stream):
                self.between()
                by_object: defaultdict[str, list[str]] = defaultdict(list)
                for ref in block:
                    by_object[ref.object].append(ref.id)
                for name, ids in by_object.items():
                    parts[name].append(pl.Series(ids, dtype=pl.String).hash())
        return {name: pl.concat(hashes).unique() for name, hashes in parts.items()}

    def _stored(self, stream: Stream, name: str) -> Iterator[list[Ref]]:
        number = self.connection.connection_no
        with self.store.read() as unit:
            match stream:
                case Stream.CONTACTS:
                    yield from unit.contacts.present(number, name)
                case Stream.ACCOUNTS:
                    yield from unit.accounts.present(number, name)
                case Stream.ACTIVITIES:
                    yield from unit.activities.present(number, name)
                case Stream.OPPORTUNITIES:
                    yield from unit.opportunities.present(number, name)

    def _tombstone(self, stream: Stream, refs: list[Ref]) -> None:
        now = self.clock.now()
        page = Page(records=(), next="", more=False, deletions=deletions_of(refs, DeletionKind.VANISHED))
        applier = Applier(connection=self.connection, stream=stream, rules=self.rules)
        with self.store.write() as unit:
            self.fence(unit)
            applier.apply(unit, page, read_at=now, now=now)
