"""The store and its units: one unit is one transaction, `unit.<subject>` its queries.

A write unit is alone: everything committed before it is visible in it, nothing is written beside it. SQLite gives that
with BEGIN IMMEDIATE, PostgreSQL with one advisory lock (docs/decisions/0001). Keep write units under a second, keep the
network out of them. A read unit sees one snapshot and cannot write.

To add a subject: import its class, add one line to `Unit`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sync.errors import StoreBusy
from sync.store import frames
from sync.store.failures import translated
from sync.store.sql.accounts import Accounts
from sync.store.sql.activities import Activities
from sync.store.sql.activity_blocks import ActivityBlocks
from sync.store.sql.audit import Audit
from sync.store.sql.bulk import Sql
from sync.store.sql.checkpoints import Checkpoints
from sync.store.sql.companies import Companies
from sync.store.sql.company_scores import CompanyScores
from sync.store.sql.connections import Connections
from sync.store.sql.contacts import Contacts
from sync.store.sql.counters import Counters
from sync.store.sql.enrichment import Enrichment
from sync.store.sql.forgetting import Forgetting
from sync.store.sql.identity import Identity
from sync.store.sql.leases import Leases
from sync.store.sql.markers import Markers
from sync.store.sql.models import Models
from sync.store.sql.opportunities import Opportunities
from sync.store.sql.outbox import Outbox
from sync.store.sql.overview import Overview
from sync.store.sql.past import Past
from sync.store.sql.people import People
from sync.store.sql.quarantine import Quarantine
from sync.store.sql.runs import Runs
from sync.store.sql.scores import Scores
from sync.store.sql.scoring_inputs import ScoringInputs
from sync.store.sql.signs import Signs
from sync.store.sql.vendor_links import VendorLinks
from sync.store.statistics import Statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl
    import sqlalchemy as sa

    from sync.clock import Clock

T = TypeVar("T")


class _Subject(Generic[T]):
    """A query class, made at its first use in a unit."""

    def __init__(self, make: Callable[[Sql], T]) -> None:
        self._make = make

    def __set_name__(self, owner: type[Unit], name: str) -> None:
        self._name = name

    def __get__(self, unit: Unit, owner: type[Unit] | None = None) -> T:
        subject = self._make(unit.sql)
        unit.__dict__[self._name] = subject
        return subject


class Unit:
    """One transaction."""

    accounts = _Subject(Accounts)
    activities = _Subject(Activities)
    activity_blocks = _Subject(ActivityBlocks)
    audit = _Subject(Audit)
    checkpoints = _Subject(Checkpoints)
    companies = _Subject(Companies)
    company_scores = _Subject(CompanyScores)
    connections = _Subject(Connections)
    contacts = _Subject(Contacts)
    counters = _Subject(Counters)
    enrichment = _Subject(Enrichment)
    forgetting = _Subject(Forgetting)
    identity = _Subject(Identity)
    leases = _Subject(Leases)
    models = _Subject(Models)
    opportunities = _Subject(Opportunities)
    markers = _Subject(Markers)
    outbox = _Subject(Outbox)
    overview = _Subject(Overview)
    past = _Subject(Past)
    people = _Subject(People)
    quarantine = _Subject(Quarantine)
    runs = _Subject(Runs)
    scores = _Subject(Scores)
    scoring_inputs = _Subject(ScoringInputs)
    signs = _Subject(Signs)
    vendor_links = _Subject(VendorLinks)

    def __init__(self, sql: Sql) -> None:
        #: For the query classes of sync.store alone.
        self.sql = sql


class Store:
    """A database that is open; made by `open_store`, shared by all threads of a process."""

    def __init__(
        self,
        *,
        writer: sa.Engine,
        reader: sa.Engine,
        clock: Clock,
        place: str,
        busy_seconds: float,
        bulk_reader: frames.BulkReader | None = None,
    ) -> None:
        self.clock = clock
        #: Where it is, for people: never with a password.
        self.place = place
        #: "sqlite" or "postgresql".
        self.backend = writer.dialect.name
        self._writer = writer
        self._reader = reader
        self._bulk_reader = bulk_reader
        self._busy_seconds = busy_seconds
        self._turn = threading.Lock()
        self._here = threading.local()
        self._statistics = Statistics(writer)

    @property
    def engine(self) -> sa.Engine:
        """For migrations alone."""
        return self._writer

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """A unit that writes: committed at the end of the block, rolled back by any exception."""
        if getattr(self._here, "writing", False):
            message = "a write unit inside a write unit of the same thread would wait for itself"
            raise RuntimeError(message)
        if not self._turn.acquire(timeout=self._busy_seconds):
            raise StoreBusy(f"{self.place}: another thread has been writing for {self._busy_seconds:g} s")
        self._here.writing = True
        try:
            with translated(self.place):
                with self._writer.begin() as connection:
                    unit = Unit(Sql(connection, self.clock))
                    yield unit
                self._statistics.note(unit.sql.inserted)
        finally:
            self._here.writing = False
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """A unit that reads one snapshot."""
        with translated(self.place), self._reader.begin() as connection:
            yield Unit(Sql(connection, self.clock, self._bulk_reader))

    def read_frame(self, query: sa.Select[Any], schema: Mapping[str, pl.DataType] | None = None) -> pl.DataFrame:
        """All rows of a query as a frame: the one door for bulk reads."""
        with self.read() as unit:
            return unit.sql.frame(query, schema)

    def read_batches(
        self, query: sa.Select[Any], schema: Mapping[str, pl.DataType] | None = None, size: int = frames.BATCH
    ) -> Iterator[pl.DataFrame]:
        """The rows of a query as frames of at most `size` rows, from one snapshot, in bounded memory."""
        with translated(self.place), self._reader.begin() as connection:
            yield from frames.batches(connection, query, schema, size)

    def close(self) -> None:
        """Give all connections back; on SQLite the last one folds the write-ahead log into the file."""
        if self._bulk_reader is not None:
            self._bulk_reader.close()
        self._reader.dispose()
        self._writer.dispose()
