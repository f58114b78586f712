"""Workspaces and connections: numbers behind names, the pin, the writes mode, pauses, API calls by day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.errors import Scope
from sync.recovery import Access
from sync.store.sql.bulk import as_dict
from sync.store.tables import api_calls, connection, pause, workspace

if TYPE_CHECKING:
    from datetime import date, datetime

    from connectors.port import OrgIdentity
    from sync.store.sql.bulk import Sql


class WriteMode(StrEnum):
    """Whether scores are written into a CRM."""

    OFF = "off"
    SAMPLE = "sample"
    ON = "on"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionRow:
    """One connection as the store knows it."""

    connection_no: int
    workspace_no: int
    name: str
    kind: str
    org_id: str | None
    host: str | None
    is_sandbox: bool | None
    org_name: str | None
    currency: str | None
    pinned_at: datetime | None
    writes: WriteMode
    writes_changed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseRow:
    """A part of a connection that waits for a human."""

    connection_no: int
    scope: Scope
    #: The object, or object.field; blank for the whole connection.
    subject: str = ""
    access: Access
    code: str
    reason: str
    next_step: str | None = None
    since: datetime


class Connections:
    """Queries on workspaces and connections."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def workspace(self, name: str) -> int:
        """The number of a workspace, made at its first mention."""
        self._sql.upsert(workspace, [{"name": name}], key=["name"])
        return int(self._sql.value(sa.select(workspace.c.workspace_no).where(workspace.c.name == name)))

    def register(self, workspace_no: int, name: str, kind: str) -> ConnectionRow:
        """The connection of that name, made at its first mention; its kind is the one it was first registered with."""
        new = {"workspace_no": workspace_no, "name": name, "kind": kind, "writes": WriteMode.OFF.value}
        self._sql.upsert(connection, [new], key=["workspace_no", "name"])
        (row,) = self._select(connection.c.workspace_no == workspace_no, connection.c.name == name)
        return row

    def get(self, connection_no: int) -> ConnectionRow:
        """One connection; KeyError for an unknown number."""
        found = self._select(connection.c.connection_no == connection_no)
        if not found:
            raise KeyError(connection_no)
        return found[0]

    def by_name(self, workspace_no: int, name: str) -> ConnectionRow | None:
        """The connection of a name, if it was ever registered."""
        return next(iter(self._select(connection.c.workspace_no == workspace_no, connection.c.name == name)), None)

    def pinned_to(self, workspace_no: int, kind: str, org_id: str) -> list[ConnectionRow]:
        """Connections that are pinned to an org: more than one, or one of another name, is a renamed connection."""
        return self._select(
            connection.c.workspace_no == workspace_no, connection.c.kind == kind, connection.c.org_id == org_id
        )

    def all(self, workspace_no: int | None = None) -> list[ConnectionRow]:
        """All connections, in the order of their numbers."""
        return self._select(*([] if workspace_no is None else [connection.c.workspace_no == workspace_no]))

    def rename(self, connection_no: int, name: str) -> None:
        """Follow a rename in the settings file: the records stay with the number."""
        self._set(connection_no, name=name)

    def pin(self, connection_no: int, org: OrgIdentity) -> None:
        """Record who answered at first contact."""
        self._set(
            connection_no,
            org_id=org.org_id,
            host=org.host,
            is_sandbox=org.sandbox,
            org_name=org.name,
            currency=org.currency,
            pinned_at=self._sql.now(),
        )

    def set_writes(self, connection_no: int, mode: WriteMode) -> None:
        """The operator's word on writing."""
        self._set(connection_no, writes=mode.value, writes_changed_at=self._sql.now())

    def writes(self, connection_no: int) -> WriteMode:
        """The operator's last word on writing: asked between two batches."""
        return WriteMode(
            self._sql.value(sa.select(connection.c.writes).where(connection.c.connection_no == connection_no))
        )

    # ------------------------------------------------------------ pauses

    def pause(self, row: PauseRow) -> None:
        """Pause a scope; a scope that is paused already keeps its `since`."""
        values = {
            "connection_no": row.connection_no,
            "scope": row.scope.value,
            "subject": row.subject,
            "access": row.access.value,
            "code": row.code,
            "reason": row.reason,
            "next_step": row.next_step,
            "since": row.since,
        }
        self._sql.upsert(pause, [values], update=["code", "reason", "next_step"])

    def resume(
        self,
        connection_no: int,
        *,
        scope: Scope | None = None,
        subject: str | None = None,
        access: Access | None = None,
        code: str | None = None,
    ) -> int:
        """End the pauses that match; how many there were."""
        statement = sa.delete(pause).where(pause.c.connection_no == connection_no)
        wanted = {pause.c.scope: scope, pause.c.subject: subject, pause.c.access: access, pause.c.code: code}
        for column, value in wanted.items():
            if value is not None:
                statement = statement.where(column == str(value))
        return self._sql.run(statement)

    def pauses(self, connection_no: int | None = None) -> list[PauseRow]:
        """What waits for a human, oldest first."""
        query = sa.select(pause).order_by(pause.c.since, pause.c.connection_no, pause.c.scope, pause.c.subject)
        if connection_no is not None:
            query = query.where(pause.c.connection_no == connection_no)
        return [
            PauseRow(**{**as_dict(row), "scope": Scope(row.scope), "access": Access(row.access)})
            for row in self._sql.rows(query)
        ]

    # ------------------------------------------------------------ API calls

    def count_calls(self, connection_no: int, day: date, calls: int) -> None:
        """Add to the API calls of a day."""
        if calls:
            self._sql.upsert(
                api_calls,
                [{"connection_no": connection_no, "day": day, "calls": calls}],
                also=lambda new: {"calls": api_calls.c.calls + new.calls},
            )

    def calls_on(self, connection_no: int, day: date) -> int:
        """API calls of a day so far."""
        query = sa.select(api_calls.c.calls).where(api_calls.c.connection_no == connection_no, api_calls.c.day == day)
        return int(self._sql.value(query) or 0)

    def _select(self, *conditions: sa.ColumnElement[bool]) -> list[ConnectionRow]:
        query = sa.select(connection).where(*conditions).order_by(connection.c.connection_no)
        return [ConnectionRow(**{**as_dict(row), "writes": WriteMode(row.writes)}) for row in self._sql.rows(query)]

    def _set(self, connection_no: int, **values: Any) -> None:
        self._sql.run(connection.update().where(connection.c.connection_no == connection_no).values(**values))
