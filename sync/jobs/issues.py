"""What went wrong in a run, for the operator: one entry per connection and place, with the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import NeedsAttention, QuotaSpent, Scope
from sync.recovery import Access, Act, decide
from sync.store.run_rows import RunKind
from sync.store.sql.connections import PauseRow

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.errors import ConnectorError
    from sync.store.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One thing that an operator should see."""

    connection: str
    access: Access
    act: Act
    code: str
    message: str
    stream: str | None = None
    next_step: str | None = None
    #: When it goes on by itself.
    until: datetime | None = None

    @property
    def needs_attention(self) -> bool:
        """Whether a human must act."""
        return self.act is Act.PAUSE


def issue_of(error: ConnectorError, connection: str, access: Access, *, stream: str | None = None) -> Issue:
    """The issue that a connector's error makes."""
    act = decide(error, access)
    return Issue(
        connection=connection,
        access=access,
        act=act,
        code=error.code if isinstance(error, NeedsAttention) else type(error).__name__,
        message=error.message,
        stream=error.stream or stream,
        next_step=error.next_step or _next_step(act),
        until=error.until if isinstance(error, QuotaSpent) else None,
    )


def note_pause(unit: Unit, connection_no: int, error: NeedsAttention, access: Access, *, now: datetime) -> None:
    """Keep a pause until its cause is gone; doctor and status show it."""
    unit.connections.pause(
        PauseRow(
            connection_no=connection_no,
            scope=error.scope,
            subject=error.subject or "",
            access=access,
            code=error.code,
            reason=error.message,
            next_step=error.next_step,
            since=now,
        )
    )


def lift_read_pauses(unit: Unit, connection_no: int, kind: RunKind) -> None:
    """Objects that are about to be read again are paused again if their cause is still there."""
    for pause in unit.connections.pauses(connection_no):
        again = pause.scope is Scope.OBJECT and pause.access is Access.READ
        if (again and (pause.code != "sweep_brake" or kind is RunKind.SWEEP)) or (
            pause.code == "drift" and kind is RunKind.REWRITE
        ):
            unit.connections.resume(
                connection_no, scope=pause.scope, subject=pause.subject, access=pause.access, code=pause.code
            )


def _next_step(act: Act) -> str | None:
    return {
        Act.PAUSE: "run: leadgrade doctor",
        Act.BACK_OFF: "nothing is lost; the next run goes on at the checkpoint (leadgrade doctor shows whether the CRM answers)",
        Act.SUSPEND: "it resumes by itself when the quota is back; daily_share in the settings says how much of it is ours",
    }.get(act)
