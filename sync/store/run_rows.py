"""Runs and slices as the store has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class RunKind(StrEnum):
    """What a run does, the most urgent first: a long load blocks neither one record nor the daily round."""

    RECORD = "record"
    INCREMENTAL = "incremental"
    #: Only writes what is due: what another connection's run has rescored, what was deferred.
    DELIVER = "deliver"
    RESCORE = "rescore"
    REWRITE = "rewrite"
    FULL = "full"
    SWEEP = "sweep"


class RunStatus(StrEnum):
    """How a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    #: Waits by itself: for quota, for a CRM that is down, for its next slice after a restart.
    SUSPENDED = "suspended"
    SUCCEEDED = "succeeded"
    #: Done, except for parts that are paused, quarantined or refused.
    PARTIAL = "partial"
    #: Waits for the admin's release.
    HELD = "held"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: Runs that still have something to do.
OPEN = frozenset({RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.SUSPENDED, RunStatus.HELD})


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A job: made of slices of at most 30 s."""

    run_no: int
    workspace_no: int
    #: None: all connections.
    connection_no: int | None
    #: The run that this one is a part of.
    parent_no: int | None
    kind: RunKind
    status: RunStatus
    requested_by: str
    requested_at: datetime
    options: dict[str, Any]
    started_at: datetime | None
    ended_at: datetime | None
    heartbeat_at: datetime | None
    day: date | None
    version: str | None
    stage: str | None
    counts: dict[str, int]
    #: What whoever watches is shown: stage, connection, done, expected.
    progress: dict[str, Any] | None
    #: When a suspended run goes on by itself.
    resume_at: datetime | None
    #: How often in a row it was suspended.
    suspensions: int
    message: str | None
    next_step: str | None
    cancel_asked: bool
    released_by: str | None
    holder: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """A part of a run that was worked on in one go."""

    slice_no: int
    run_no: int
    stage: str
    connection_no: int | None
    started_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]
