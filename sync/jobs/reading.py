"""The reading part of a run for one connection: streams in order, track by track, slice by slice, errors by the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.errors import ConnectorError, NeedsAttention, Scope
from connectors.records import Ref, Stream
from sync.jobs.issues import Issue, issue_of, note_pause
from sync.jobs.patience import patiently
from sync.jobs.vanished import Vanished
from sync.pull.observed import HEALS_A_DAY
from sync.pull.sweep import Sweep
from sync.recovery import Access, Act
from sync.store.run_rows import RunKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from connectors.mapping import FieldMap
    from sync.app import App
    from sync.clock import Clock
    from sync.jobs.progress import Progress
    from sync.jobs.slices import Shift
    from sync.pull.cycle import Puller
    from sync.pull.observed import Drift
    from sync.store.run_rows import Run
    from sync.store.sql.checkpoints import Track
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Store, Unit

#: Named records that are asked for at once.
_BLOCK = 100


@dataclass(kw_only=True)
class Reading:
    """Reads one connection."""

    store: Store
    clock: Clock
    puller: Puller
    shift: Shift
    progress: Progress
    #: Streams that must not be read now: a mapped field of theirs is gone.
    paused: frozenset[Stream] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)
    issues: list[Issue] = field(default_factory=list)

    def read(
        self,
        kind: RunKind,
        *,
        records: Mapping[Stream, Sequence[Ref]] | None = None,
        quarantined: bool = False,
        since: datetime | None = None,
        loads: bool = True,
        rest: bool = False,
    ) -> None:
        """Do the reading of a run; what goes wrong is in `issues`, and ends as little as possible.

        Args:
            kind: What the run does.
            records: Named records, contacts with all that they did; nothing else is read.
            quarantined: Only what could not be mapped.
            since: Read again what changed since then.
            loads: Whether readings that may take a day (first loads, backfills) are gone on with, too.
            rest: Whether only those that were begun are gone on with.
        """
        if records:
            for stream in Stream:
                if stream in records and not self._guarded(stream, partial(self._records, stream, records[stream])):
                    return
            return
        for stream in Stream:
            if stream in self.paused:
                continue
            if quarantined:
                if not self._guarded(stream, partial(self._quarantined, stream)):
                    return
                continue
            if not self._guarded(stream, partial(self._stream, stream, kind, since, loads=loads, rest=rest)):
                return

    def _stream(self, stream: Stream, kind: RunKind, since: datetime | None, *, loads: bool, rest: bool) -> None:
        if kind is RunKind.SWEEP:
            self._sweep(stream)
            return
        tracks = patiently(
            lambda: self.puller.tracks(stream, full=kind is RunKind.FULL and not rest, since=since),
            Access.READ,
            self.clock,
        )
        if not loads:
            tracks = tracks[:1]
        for track in tracks:
            self._track(stream, track)

    def _track(self, stream: Stream, track: Track) -> None:
        more = True
        here = 0

        def step() -> Counter[str] | None:
            nonlocal more, here
            if not more:
                return None
            pulled = patiently(lambda: self.puller.page(stream, track), Access.READ, self.clock)
            more = pulled.more
            here += pulled.counts["pulled"]
            self._note_drifts(pulled.drifts)
            # A load that goes on after a kill shows all of it; a daily round shows what came today.
            done = here if pulled.expected is None else pulled.rows
            self.progress.step(f"pull {stream.value}", self.puller.connection.name, done, pulled.expected)
            return pulled.counts

        for counts in self.shift.steps(f"pull {stream.value}", self.puller.connection.connection_no, step):
            self.counts += counts

    def forget_vanished(self, days: int | None) -> None:
        """Forget contacts that left without a trace so many days ago."""
        if days is None:
            return
        vanished = Vanished(store=self.store, clock=self.clock, puller=self.puller, shift=self.shift, days=days)

        def forget() -> None:
            self.counts += vanished.forget()

        self._guarded(Stream.CONTACTS, forget)

    def _records(self, stream: Stream, refs: Sequence[Ref]) -> None:
        """Named records as they are now, contacts with all that they did."""
        waiting: list[Callable[[], Counter[str]]] = []
        for start in range(0, len(refs), _BLOCK):
            block = refs[start : start + _BLOCK]
            waiting.append(partial(self._named, stream, block))
            if stream is Stream.CONTACTS:
                waiting.append(partial(self.puller.activities_of, block))

        def step() -> Counter[str] | None:
            return patiently(waiting.pop(0), Access.READ, self.clock) if waiting else None

        for counts in self.shift.steps("pull record", self.puller.connection.connection_no, step):
            self.counts += counts

    def _named(self, stream: Stream, refs: Sequence[Ref]) -> Counter[str]:
        return self.puller.records(stream, refs).counts

    def _quarantined(self, stream: Stream) -> None:
        """Records that could not be mapped, as they are now; those that came without an id cannot be asked for."""
        number = self.puller.connection.connection_no
        with self.store.read() as unit:
            kept = unit.quarantine.records(number)
        refs = [Ref(object=each.object, id=each.record_id) for each in kept if each.stream is stream and each.record_id]
        waiting = [refs[start : start + _BLOCK] for start in range(0, len(refs), _BLOCK)]

        def step() -> Counter[str] | None:
            if not waiting:
                return None
            counts = patiently(lambda: self.puller.records(stream, waiting[0]).counts, Access.READ, self.clock)
            waiting.pop(0)
            return counts

        for counts in self.shift.steps(f"pull {stream.value} again", number, step):
            self.counts += counts

    def _sweep(self, stream: Stream) -> None:
        puller = self.puller
        sweep = Sweep(
            store=self.store,
            clock=self.clock,
            connector=puller.connector,
            connection=puller.connection,
            rules=puller.rules,
            fence=self.shift.fence,
            between=self.shift.pause,
        )
        todo = [stream]

        def step() -> Counter[str] | None:
            # Not popped inside the call: it may be called again.
            return patiently(partial(sweep.stream, todo.pop()), Access.READ, self.clock) if todo else None

        for counts in self.shift.steps(f"sweep {stream.value}", puller.connection.connection_no, step):
            self.counts += counts

    def _guarded(self, stream: Stream, call: Callable[[], None]) -> bool:
        """Whether the connection's other streams should go on."""
        connection = self.puller.connection
        try:
            call()
        except ConnectorError as error:
            issue = issue_of(error, connection.name, Access.READ, stream=stream.value)
            self.issues.append(issue)
            if isinstance(error, NeedsAttention):
                with self.store.write() as unit:
                    note_pause(unit, connection.connection_no, error, Access.READ, now=self.clock.now())
                return error.scope is not Scope.CONNECTION
            return issue.act in {Act.QUARANTINE, Act.TOMBSTONE}
        return True

    def _note_drifts(self, drifts: tuple[Drift, ...]) -> None:
        """Something else writes our fields again and again: somebody must look."""
        connection = self.puller.connection
        names = sorted({f"{drift.ref.object}.{output}" for drift in drifts for output in drift.outputs})
        for name in names:
            error = NeedsAttention(
                f"something else writes {name}: healed {HEALS_A_DAY} times today on a record, left alone now",
                code="drift",
                scope=Scope.FIELD,
                subject=name,
                next_step="find the workflow, sync or user that writes it; then: leadgrade sync --kind rewrite",
            )
            self.issues.append(issue_of(error, connection.name, Access.READ))
            with self.store.write() as unit:
                note_pause(unit, connection.connection_no, error, Access.READ, now=self.clock.now())


def named_records(options: Mapping[str, Any], field_map: FieldMap) -> dict[Stream, list[Ref]]:
    """The records that a run names, by the stream that they are read in."""
    record = options.get("record")
    pairs = [record] if record else options.get("records", ())
    streams = {
        Stream.ACCOUNTS: field_map.accounts,
        Stream.CONTACTS: field_map.contacts,
        Stream.OPPORTUNITIES: field_map.opportunities,
    }
    found: dict[Stream, list[Ref]] = {}
    for object_name, record_id in pairs:
        for stream, objects in streams.items():
            if object_name in objects:
                found.setdefault(stream, []).append(Ref(object=object_name, id=record_id))
    return found


def people_behind(unit: Unit, connection_no: int, records: Mapping[Stream, Sequence[Ref]]) -> set[int]:
    """The people behind named contacts and accounts."""
    contacts = unit.contacts.at(connection_no, records.get(Stream.CONTACTS, ())).values()
    people = {each.person_no for each in contacts if each.person_no is not None}
    return people | unit.contacts.people_of_accounts(connection_no, records.get(Stream.ACCOUNTS, ()))


def records_to_write(app: App, row: ConnectionRow, run: Run) -> list[Ref] | None:
    """What a run on named records writes: all records here of the people behind them. None: whatever is due."""
    if run.kind is not RunKind.RECORD:
        return None
    records = named_records(run.options, app.field_map(row.name))
    with app.store.read() as unit:
        entries = unit.outbox.of_people(people_behind(unit, row.connection_no, records))
    return [Ref(object=each.object, id=each.record_id) for each in entries if each.connection_no == row.connection_no]
