"""Runs and their slices: asking for, claiming by urgency, showing signs of life, ending, cancelling, releasing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync.store.run_rows import OPEN, Run, RunKind, RunStatus, Slice
from sync.store.tables import slice_, sync_run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from sync.store.sql.bulk import Sql

_URGENCY = sa.case({kind.value: place for place, kind in enumerate(RunKind)}, value=sync_run.c.kind, else_=99)
_WAITING = (RunStatus.QUEUED.value, RunStatus.SUSPENDED.value)


class Runs:
    """Queries on runs."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def ask(
        self,
        workspace_no: int,
        kind: RunKind,
        *,
        connection_no: int | None = None,
        requested_by: str,
        options: Mapping[str, Any] | None = None,
        parent_no: int | None = None,
        released_by: str | None = None,
    ) -> int:
        """Queue a run; its number. A part of another run passes the guard when that one was released."""
        return self._sql.add(
            sync_run,
            {
                "workspace_no": workspace_no,
                "connection_no": connection_no,
                "parent_no": parent_no,
                "released_by": released_by,
                "kind": kind.value,
                "status": RunStatus.QUEUED.value,
                "requested_by": requested_by,
                "requested_at": self._sql.now(),
                "options": dict(options or {}),
                "counts": {},
                "cancel_asked": False,
            },
        )

    def get(self, run_no: int) -> Run:
        """One run; KeyError for an unknown number."""
        found = self._listed(sa.select(sync_run).where(sync_run.c.run_no == run_no))
        if not found:
            raise KeyError(run_no)
        return found[0]

    def recent(
        self, *, limit: int = 20, connection_no: int | None = None, statuses: Collection[RunStatus] = ()
    ) -> list[Run]:
        """Runs, the newest first."""
        query = sa.select(sync_run).order_by(sync_run.c.run_no.desc()).limit(limit)
        if connection_no is not None:
            query = query.where(sync_run.c.connection_no == connection_no)
        if statuses:
            query = query.where(sync_run.c.status.in_([status.value for status in statuses]))
        return self._listed(query)

    def open(self, *, connection_no: int | None = None) -> list[Run]:
        """Runs that are not at their end, the most urgent first, then the oldest."""
        query = sa.select(sync_run).where(sync_run.c.status.in_([status.value for status in sorted(OPEN)]))
        if connection_no is not None:
            query = query.where(sync_run.c.connection_no == connection_no)
        return self._listed(query.order_by(_URGENCY, sync_run.c.run_no))

    def parts(self, run_no: int) -> list[Run]:
        """The runs that are parts of another one, oldest first."""
        return self._listed(sa.select(sync_run).where(sync_run.c.parent_no == run_no).order_by(sync_run.c.run_no))

    def last_of(self, kind: RunKind, *, workspace_no: int, connection_no: int, limit: int = 8) -> list[Run]:
        """The newest runs of a kind that had a connection in them, the newest first."""
        mine = sa.or_(sync_run.c.connection_no == connection_no, sync_run.c.connection_no.is_(None))
        query = sa.select(sync_run).where(sync_run.c.kind == kind.value, mine, sync_run.c.workspace_no == workspace_no)
        return self._listed(query.order_by(sync_run.c.run_no.desc()).limit(limit))

    def ripe(self, workspace_no: int, now: datetime) -> list[Run]:
        """Runs that could begin or go on now, oldest first."""
        ripe = sa.or_(
            sync_run.c.status == RunStatus.QUEUED.value,
            sa.and_(
                sync_run.c.status == RunStatus.SUSPENDED.value,
                sa.or_(sync_run.c.resume_at.is_(None), sync_run.c.resume_at <= now),
            ),
        )
        query = sa.select(sync_run).where(ripe, sync_run.c.workspace_no == workspace_no)
        return self._listed(query.order_by(sync_run.c.run_no))

    def last_slices(self) -> dict[int, datetime]:
        """connection_no -> when a slice of it ended last."""
        query = (
            sa.select(slice_.c.connection_no, sa.func.max(slice_.c.ended_at).label("at"))
            .where(slice_.c.connection_no.is_not(None), slice_.c.ended_at.is_not(None))
            .group_by(slice_.c.connection_no)
        )
        return {int(row.connection_no): row.at for row in self._sql.rows(query)}

    # ------------------------------------------------------------ working

    def claim(self, run_no: int, holder: str) -> bool:
        """Take a queued or suspended run; False when somebody else has it, or it is at its end."""
        now = self._sql.now()
        statement = (
            sa.update(sync_run)
            .where(sync_run.c.run_no == run_no, sync_run.c.status.in_(_WAITING))
            .values(
                status=RunStatus.RUNNING.value,
                holder=holder,
                heartbeat_at=now,
                started_at=sa.func.coalesce(
                    sync_run.c.started_at, sa.bindparam("now", now, sync_run.c.started_at.type)
                ),
                resume_at=None,
                message=None,
                next_step=None,
            )
        )
        return self._sql.run(statement) == 1

    def claim_next(self, holder: str, *, connection_no: int | None = None, besides: Iterable[int] = ()) -> Run | None:
        """Take the most urgent waiting run of a connection (or of all of them); None when nothing waits."""
        query = sa.select(sync_run.c.run_no).where(
            sync_run.c.status.in_(_WAITING), sync_run.c.run_no.not_in(list(besides))
        )
        if connection_no is not None:
            query = query.where(sync_run.c.connection_no == connection_no)
        run_no = self._sql.value(query.order_by(_URGENCY, sync_run.c.run_no).limit(1))
        if run_no is None or not self.claim(run_no, holder):
            return None
        return self.get(run_no)

    def amend(self, run_no: int, options: Mapping[str, Any]) -> None:
        """Change what a run that has not begun is to do."""
        waits = sync_run.c.run_no == run_no, sync_run.c.status == RunStatus.QUEUED.value
        self._sql.run(sa.update(sync_run).where(*waits).values(options=dict(options)))

    def pin(self, run_no: int, *, day: date, version: str) -> None:
        """Fix the day and the model of a run: they hold to its end, over midnight and restarts."""
        self._set(run_no, day=day, version=version)

    def show_progress(self, run_no: int, progress: Mapping[str, Any]) -> None:
        """Let others see how far a run is."""
        self._set(run_no, progress=dict(progress), heartbeat_at=self._sql.now())

    def cancel_asked(self, run_no: int) -> bool:
        """Whether a run was asked to stop."""
        return bool(self._sql.value(sa.select(sync_run.c.cancel_asked).where(sync_run.c.run_no == run_no)))

    def heartbeat(self, run_no: int, *, stage: str | None = None, counts: Mapping[str, int] | None = None) -> bool:
        """A sign of life that adds to the counts; True when the run was asked to stop."""
        run = self.get(run_no)
        values: dict[str, Any] = {"heartbeat_at": self._sql.now()}
        if stage is not None:
            values["stage"] = stage
        if counts:
            values["counts"] = _sum(run.counts, counts)
        self._set(run_no, **values)
        return run.cancel_asked

    def begin_slice(self, run_no: int, stage: str, connection_no: int | None = None) -> int:
        """Record that a slice begins; its number."""
        now = self._sql.now()
        row = {"run_no": run_no, "stage": stage, "connection_no": connection_no, "started_at": now, "counts": {}}
        self._set(run_no, stage=stage, heartbeat_at=now)
        return self._sql.add(slice_, row)

    def end_slice(self, slice_no: int, counts: Mapping[str, int]) -> bool:
        """Record that a slice ended; its counts go into the run's. True when the run was asked to stop."""
        run_no = int(self._sql.value(sa.select(slice_.c.run_no).where(slice_.c.slice_no == slice_no)))
        ended = {"ended_at": self._sql.now(), "counts": dict(counts)}
        self._sql.run(sa.update(slice_).where(slice_.c.slice_no == slice_no).values(**ended))
        return self.heartbeat(run_no, counts=counts)

    def slices(self, run_no: int) -> list[Slice]:
        """The slices of a run, oldest first."""
        query = sa.select(slice_).where(slice_.c.run_no == run_no).order_by(slice_.c.slice_no)
        return [Slice(**row) for row in self._sql.mappings(query)]

    # ------------------------------------------------------------ ending

    def finish(
        self,
        run_no: int,
        status: RunStatus,
        *,
        message: str | None = None,
        next_step: str | None = None,
        resume_at: datetime | None = None,
    ) -> None:
        """SUCCEEDED, PARTIAL, FAILED or CANCELLED end a run; SUSPENDED and HELD let it wait, the former until `resume_at`."""
        values: dict[str, Any] = {"status": status.value, "message": message, "next_step": next_step, "holder": None}
        values["resume_at"] = resume_at
        if resume_at is not None:
            values["suspensions"] = sync_run.c.suspensions + 1
        if status not in OPEN:
            values["ended_at"] = self._sql.now()
        self._set(run_no, **values)

    def cancel(self, run_no: int) -> RunStatus:
        """Stop a run: a waiting one at once, a running one at its next sign of life; how it stands now."""
        run = self.get(run_no)
        if run.status is RunStatus.RUNNING:
            self._set(run_no, cancel_asked=True)
        elif run.status in OPEN:
            self.finish(run_no, RunStatus.CANCELLED, message="cancelled before it went on")
        for part in self.parts(run_no):
            if part.status in OPEN:
                self.cancel(part.run_no)
        return self.get(run_no).status

    def release(self, run_no: int, released_by: str) -> bool:
        """Let a held run go on; False when it is not held."""
        statement = sa.update(sync_run).where(sync_run.c.run_no == run_no, sync_run.c.status == RunStatus.HELD.value)
        values = {"status": RunStatus.QUEUED.value, "released_by": released_by, "message": None, "next_step": None}
        return self._sql.run(statement.values(**values)) == 1

    def suspend_left(
        self,
        *,
        holder: str | None = None,
        silent_since: datetime | None = None,
        connections: Collection[int | None] | None = None,
        kinds: Collection[RunKind] | None = None,
        workspace_no: int | None = None,
    ) -> list[int]:
        """Runs that a killed process left RUNNING wait again: those of a holder, or without a sign of life since then.

        With `connections`, only theirs; None among them means the runs of all connections together. With `kinds`, only those.
        """
        query = sa.select(sync_run.c.run_no).where(sync_run.c.status == RunStatus.RUNNING.value)
        if connections is not None:
            theirs = sync_run.c.connection_no.in_([number for number in connections if number is not None])
            query = query.where(sa.or_(theirs, sync_run.c.connection_no.is_(None)) if None in connections else theirs)
        if kinds is not None:
            query = query.where(sync_run.c.kind.in_([kind.value for kind in kinds]))
        if workspace_no is not None:
            query = query.where(sync_run.c.workspace_no == workspace_no)
        if holder is not None:
            query = query.where(sync_run.c.holder == holder)
        if silent_since is not None:
            query = query.where(sa.func.coalesce(sync_run.c.heartbeat_at, sync_run.c.requested_at) < silent_since)
        numbers = [int(row.run_no) for row in self._sql.rows(query.order_by(sync_run.c.run_no))]
        statement = sa.update(sync_run).values(
            status=RunStatus.SUSPENDED.value, holder=None, message="its process ended; it goes on from its checkpoint"
        )
        self._sql.update_within(statement, sync_run.c.run_no, numbers)
        return numbers

    def _listed(self, query: sa.Select[Any]) -> list[Run]:
        return [
            Run(**{**row, "kind": RunKind(row["kind"]), "status": RunStatus(row["status"])})
            for row in self._sql.mappings(query)
        ]

    def _set(self, run_no: int, **values: Any) -> None:
        self._sql.run(sa.update(sync_run).where(sync_run.c.run_no == run_no).values(**values))


def _sum(old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, int]:
    return {name: old.get(name, 0) + new.get(name, 0) for name in (*old, *(key for key in new if key not in old))}
