"""What query jobs and ingest jobs have alike: states, how long they are kept, how they are found."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol, TypeVar

from connectors.sandbox.clock import Stamp, iso
from connectors.sandbox.ids import salesforce_id
from connectors.sandbox.org import Org
from connectors.sandbox.quota import DAY
from connectors.sandbox.salesforce.errors import Refusal

_KEPT = 7 * DAY


class State(StrEnum):
    """What becomes of a job."""

    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"


ENDED = (State.JOB_COMPLETE, State.FAILED, State.ABORTED)


class Job(Protocol):
    """What every job knows of itself."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def operation(self) -> str:
        """What it does."""
        ...

    @property
    def object(self) -> str:
        """Object of its records."""
        ...

    @property
    def version(self) -> str:
        """API version that it was made with."""
        ...

    @property
    def delimiter(self) -> str:
        """Name of the column delimiter."""
        ...

    @property
    def line_ending(self) -> str:
        """Name of the line ending."""
        ...

    @property
    def created(self) -> Stamp:
        """When it was made."""
        ...

    @property
    def ended(self) -> Stamp:
        """When it ended, or 0."""
        ...

    @property
    def state(self) -> State:
        """How far it is."""
        ...


_AnyJob = TypeVar("_AnyJob", bound=Job)


def kept(jobs: dict[str, _AnyJob], now: Stamp) -> dict[str, _AnyJob]:
    """The jobs that are not older than seven days."""
    return {name: job for name, job in jobs.items() if now - job.created < _KEPT}


def job_of(jobs: dict[str, _AnyJob], job_id: str) -> _AnyJob:
    """A job by its id of 15 or 18 characters.

    Raises:
        Refusal: 404 NOT_FOUND.
    """
    job = jobs.get(job_id) or next((job for name, job in jobs.items() if name[:15] == job_id), None)
    if job is None:
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
    return job


def next_id(org: Org) -> str:
    """The id of a new job; both kinds share their numbers."""
    org.settings["bulk_jobs"] = int(org.settings.get("bulk_jobs", 0)) + 1
    return salesforce_id("750", org.settings["bulk_jobs"])


def shown(org: Org, job: Job) -> dict[str, Any]:
    """What every answer about a job says."""
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": org.api_user,
        "createdDate": iso(job.created, "+0000"),
        "systemModstamp": iso(job.ended or job.created, "+0000"),
        "state": job.state.value,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }
