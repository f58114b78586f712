"""Pulling a stream: page by page, each page and its checkpoint in one transaction. A kill between two pages loses nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from connectors.errors import connection_context
from connectors.records import Stream
from sync.pull.apply import Applier
from sync.store.backup import restored_marker
from sync.store.contact_rows import ChangeSource
from sync.store.sql.checkpoints import Checkpoint, Track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connectors.port import Connector
    from connectors.records import Page, Ref
    from sync.clock import Clock
    from sync.people.profiles import Rules
    from sync.pull.observed import Drift
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Store, Unit

T = TypeVar("T")
#: How often what changes without a stamp is read again.
_REFRESHED = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulled:
    """What one page meant."""

    counts: Counter[str]
    #: Whether the stream has more before the present.
    more: bool
    rows: int
    expected: int | None
    drifts: tuple[Drift, ...] = ()


@dataclass(kw_only=True)
class Puller:
    """Pulls the streams of one connection."""

    store: Store
    clock: Clock
    connector: Connector
    connection: ConnectionRow
    rules: Rules
    #: Activities before this instant are not kept.
    oldest: datetime | None = None
    fence: Callable[[Unit], None] = field(default=lambda _unit: None)
    #: Asked before a page that brings something is stored; False: it is not, and the checkpoint stays where it was.
    may_store: Callable[[Stream], bool] = field(default=lambda _stream: True)

    def tracks(self, stream: Stream, *, full: bool = False, since: datetime | None = None) -> list[Track]:
        """What is to be read of a stream now; starts what has not been started."""
        tracks = [Track.MAIN]
        with self.store.read() as unit:
            all_tracks = unit.checkpoints.all(self.connection.connection_no)
        known = {each.track: each for each in all_tracks if each.stream is stream}
        digest = self.connector.mapping_digest(stream)
        main = known.get(Track.MAIN)
        if main is None:
            self._begin(stream, Track.MAIN, digest, self._context(stream, lambda: self.connector.start(stream)))
            return tracks
        if main.mapping_digest != digest:
            # Another field map: what is new in it must come into records that do not change any more, too.
            self._begin(stream, Track.BACKFILL, digest, self._context(stream, lambda: self.connector.start(stream)))
            with self.store.write() as unit:
                self.fence(unit)
                unit.checkpoints.put(replace(main, mapping_digest=digest))
            known[Track.BACKFILL] = main
        if full and main.baseline_at is not None and Track.FULL not in known:
            self._begin(stream, Track.FULL, digest, self._context(stream, lambda: self.connector.start(stream)))
            known[Track.FULL] = main
        if since is not None and Track.SINCE not in known:
            self._begin(stream, Track.SINCE, digest, self._context(stream, lambda: self.connector.since(stream, since)))
            known[Track.SINCE] = main
        if Track.REFRESH not in known and self._refresh(stream, main, digest):
            known[Track.REFRESH] = main
        return tracks + [track for track in (Track.BACKFILL, Track.FULL, Track.SINCE, Track.REFRESH) if track in known]

    def page(self, stream: Stream, track: Track) -> Pulled:
        """Read and store the next page of a track. Raises ConnectorError; the checkpoint then stands where it was."""
        number = self.connection.connection_no
        with self.store.read() as unit:
            checkpoint = unit.checkpoints.get(number, stream, track)
        if checkpoint is None:
            return Pulled(counts=Counter(), more=False, rows=0, expected=None)
        read_at = self.clock.now()
        page = self._context(stream, lambda: self.connector.read(stream, checkpoint.cursor))
        if (page.records or page.deletions or page.bad) and not self.may_store(stream):
            return Pulled(counts=Counter(), more=False, rows=checkpoint.rows, expected=None)
        source = ChangeSource.BACKFILL if track is Track.BACKFILL else ChangeSource.PULL
        applier = self._applier(stream, source)
        now = self.clock.now()
        with self.store.write() as unit:
            self.fence(unit)
            applied = applier.apply(unit, page, read_at=read_at, now=now)
            rows = self._move(unit, checkpoint, page, now)
        return Pulled(counts=applied.counts, more=page.more, rows=rows, expected=page.expected, drifts=applied.drifts)

    def records(self, stream: Stream, refs: Sequence[Ref]) -> Pulled:
        """Named records as they are now; checkpoints do not move."""
        return self._aside(stream, lambda: self.connector.read_records(stream, refs))

    def activities_of(self, refs: Sequence[Ref]) -> Counter[str]:
        """All activities of named contacts."""
        counts: Counter[str] = Counter()
        pages = iter(self.connector.activities_of(refs))
        while (page := self._context(Stream.ACTIVITIES, lambda: next(pages, None))) is not None:
            counts += self._store_aside(Stream.ACTIVITIES, page, self.clock.now()).counts
        return counts

    def _aside(self, stream: Stream, read: Callable[[], Page]) -> Pulled:
        read_at = self.clock.now()
        return self._store_aside(stream, self._context(stream, read), read_at)

    def _store_aside(self, stream: Stream, page: Page, read_at: datetime) -> Pulled:
        applier = self._applier(stream)
        with self.store.write() as unit:
            self.fence(unit)
            applied = applier.apply(unit, page, read_at=read_at, now=self.clock.now())
        return Pulled(counts=applied.counts, more=False, rows=len(page.records), expected=None, drifts=applied.drifts)

    def _applier(self, stream: Stream, source: ChangeSource = ChangeSource.PULL) -> Applier:
        return Applier(connection=self.connection, stream=stream, rules=self.rules, source=source, oldest=self.oldest)

    def _refresh(self, stream: Stream, main: Checkpoint, digest: str) -> bool:
        """Whether the weekly read of what changes without a stamp begins now."""
        now, marker = self.clock.now(), f"refreshed.{self.connection.connection_no}.{stream.value}"
        with self.store.read() as unit:
            kept = unit.markers.get(marker)
        last = datetime.fromisoformat(kept) if kept else main.baseline_at
        if last is None or now - last < _REFRESHED:
            return False
        cursor = self._context(stream, lambda: self.connector.refresh(stream))
        if cursor is None:
            return False
        self._begin(stream, Track.REFRESH, digest, cursor)
        with self.store.write() as unit:
            self.fence(unit)
            unit.markers.put(marker, now.isoformat())
        return True

    def _begin(self, stream: Stream, track: Track, digest: str, cursor: str) -> None:
        with self.store.write() as unit:
            self.fence(unit)
            unit.checkpoints.put(
                Checkpoint(
                    connection_no=self.connection.connection_no,
                    stream=stream,
                    track=track,
                    cursor=cursor,
                    mapping_digest=digest,
                    moved_at=self.clock.now(),
                )
            )

    def _move(self, unit: Unit, checkpoint: Checkpoint, page: Page, now: datetime) -> int:
        rows = checkpoint.rows + len(page.records)
        if checkpoint.track is not Track.MAIN and not page.more:
            unit.checkpoints.drop(checkpoint.connection_no, checkpoint.stream, checkpoint.track)
            return rows
        if not page.more:
            unit.markers.drop(restored_marker(checkpoint.connection_no, checkpoint.stream.value))
        baseline = checkpoint.baseline_at or (None if page.more else now)
        moved_at = now if page.next != checkpoint.cursor else checkpoint.moved_at
        expected = page.expected if page.expected is not None else checkpoint.expected
        unit.checkpoints.put(
            replace(checkpoint, cursor=page.next, rows=rows, expected=expected, baseline_at=baseline, moved_at=moved_at)
        )
        return rows

    def _context(self, stream: Stream, call: Callable[[], T]) -> T:
        with connection_context(self.connection.name, stream.value):
            return call()
