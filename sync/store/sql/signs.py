"""Signs of life: what waits, what was done lately, and what is new since somebody looked last. Cheap: asked every minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync.store.run_rows import RunKind, RunStatus
from sync.store.tables import api_calls, delivery, outbox, quarantine, slice_, sync_run

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """What waits in one connection."""

    #: Entries that could be written.
    due: int = 0
    #: Since when the oldest of them could be.
    since: datetime | None = None
    #: Dead letters.
    refused: int = 0
    quarantined: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A slice that counted something, or is not at its end."""

    slice_no: int
    stage: str
    connection_no: int | None
    started_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A run, as far as somebody counts runs."""

    run_no: int
    kind: str
    status: RunStatus
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    """Deliveries of one kind."""

    connection_no: int
    outcome: str
    code: str | None
    many: int


_DONE = (RunStatus.SUCCEEDED.value, RunStatus.PARTIAL.value)
_STRETCH = tuple(slice_.c[name] for name in Stretch.__dataclass_fields__)
_ENDED = tuple(sync_run.c[name] for name in Ended.__dataclass_fields__)


class Signs:
    """Queries of whoever watches."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # ------------------------------------------------------------ how things are

    def waiting(self, connection_no: int) -> Waiting:
        """What waits: by partial indexes, whatever the size of the database."""
        mine = outbox.c.connection_no == connection_no
        since = sa.func.min(sa.func.coalesce(outbox.c.due_at, outbox.c.claimed_at))
        due = sa.select(sa.func.count(), sa.type_coerce(since, outbox.c.due_at.type)).where(
            mine, outbox.c.due.is_(True), outbox.c.refusal.is_(None)
        )
        many, oldest = tuple(self._sql.rows(due)[0])
        refused = sa.select(sa.func.count()).select_from(outbox).where(mine, outbox.c.refusal.is_not(None))
        kept = sa.select(sa.func.count()).select_from(quarantine).where(quarantine.c.connection_no == connection_no)
        return Waiting(
            due=int(many),
            since=oldest,
            refused=int(self._sql.value(refused)),
            quarantined=int(self._sql.value(kept)),
        )

    def stretches(self, connection_no: int, since: datetime) -> list[Stretch]:
        """Slices of a connection that ended since then and did something, oldest first: idle ones are many."""
        query = sa.select(*_STRETCH).where(
            slice_.c.connection_no == connection_no, slice_.c.ended_at >= since, slice_.c.counts != {}
        )
        return [Stretch(**row) for row in self._sql.mappings(query.order_by(slice_.c.ended_at))]

    def last_round(self, workspace_no: int, connection_no: int) -> tuple[datetime, datetime] | None:
        """(asked for, ended) of the last incremental run with this connection in it that came to its end."""
        query = (
            sa.select(sync_run.c.requested_at, sync_run.c.ended_at)
            .where(
                sync_run.c.kind == RunKind.INCREMENTAL.value,
                sync_run.c.workspace_no == workspace_no,
                sa.or_(sync_run.c.connection_no == connection_no, sync_run.c.connection_no.is_(None)),
                sync_run.c.status.in_(_DONE),
            )
            .order_by(sync_run.c.run_no.desc())
        )
        row = self._sql.first(query.limit(1))
        return None if row is None else (row.requested_at, row.ended_at)

    # ------------------------------------------------------------ what is new

    def newest(self) -> tuple[int, int, int]:
        """The highest numbers of runs, slices and deliveries."""
        run, part, sent = (
            int(self._sql.value(sa.select(sa.func.max(column))) or 0)
            for column in (sync_run.c.run_no, slice_.c.slice_no, delivery.c.delivery_no)
        )
        return run, part, sent

    def open_numbers(self) -> tuple[set[int], set[int]]:
        """Runs and slices that are not at their end; slices of runs that are were left behind by a kill."""
        going = [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.SUSPENDED, RunStatus.HELD]
        runs = {
            int(row.run_no)
            for row in self._sql.rows(
                sa.select(sync_run.c.run_no).where(sync_run.c.status.in_([status.value for status in going]))
            )
        }
        query = sa.select(slice_.c.slice_no).where(slice_.c.ended_at.is_(None))
        return runs, {int(row.slice_no) for row in self._sql.within(query, slice_.c.run_no, runs)}

    def runs_of(self, after: int, numbers: Collection[int]) -> list[Ended]:
        """Runs with higher numbers, and some that are known."""
        return [
            Ended(**{**row, "status": RunStatus(row["status"])})
            for row in self._new(_ENDED, sync_run.c.run_no, after, numbers)
        ]

    def slices_of(self, after: int, numbers: Collection[int]) -> list[Stretch]:
        """Slices with higher numbers, and some that are known."""
        return [Stretch(**row) for row in self._new(_STRETCH, slice_.c.slice_no, after, numbers)]

    def deliveries_after(self, after: int) -> tuple[int, list[Attempts]]:
        """Attempts with higher numbers, by connection, outcome and code; and the highest number."""
        columns = delivery.c.connection_no, delivery.c.outcome, delivery.c.code
        many, last = sa.func.count().label("many"), sa.func.max(delivery.c.delivery_no).label("last")
        rows = self._sql.rows(sa.select(*columns, many, last).where(delivery.c.delivery_no > after).group_by(*columns))
        found = [
            Attempts(connection_no=row.connection_no, outcome=row.outcome, code=row.code, many=int(row.many))
            for row in rows
        ]
        return max([after, *(int(row.last) for row in rows)]), found

    def calls_since(self, day: date) -> dict[tuple[int, date], int]:
        """(connection, day) -> API calls, of the last days."""
        rows = self._sql.rows(sa.select(api_calls).where(api_calls.c.day >= day))
        return {(int(row.connection_no), row.day): int(row.calls) for row in rows}

    def _new(self, columns: Any, number: sa.Column[int], after: int, numbers: Collection[int]) -> list[dict[str, Any]]:
        known = self._sql.within(sa.select(*columns), number, numbers)
        newer = self._sql.rows(sa.select(*columns).where(number > after).order_by(number))
        return [dict(row._mapping) for row in (*known, *newer)]  # noqa: SLF001
