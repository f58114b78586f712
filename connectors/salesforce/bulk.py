"""Bulk API 2.0 query jobs over our own session: made, waited for, read cut by cut, deleted.

The library's own helper hides job ids, gives a job up at the first dropped connection and never renews a session; here
every call is an ordinary one of the client, and whoever holds job id and locator can go on in another process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import requests

from connectors.errors import ConnectorError, NeedsAttention, QuotaSpent, Unavailable
from connectors.salesforce.bulk_csv import Table, read_table
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.errors import from_answer

#: Seconds that one call of `wait` may take; the first polls come quickly, later ones every so often.
PATIENCE: Final = 20.0
_FIRST_PAUSE = 0.25
_PATH = "jobs/query"
#: Answers that mean: this job, or this place in it, cannot be had any more (409: made with another API version).
_LOST = frozenset({400, 404, 409})
_NOT_READY = 412
#: What keeps every request from working is no reason to try another way.
_HOPELESS = frozenset({"credentials", "configuration"})


class JobLost(Exception):
    """The job failed, was aborted, has expired or does not know the locator: a new one must be made."""


class JobNotReady(Exception):
    """Results were asked for too early."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewJob:
    """A job that Salesforce has taken on."""

    id: str
    #: The CRM's clock when the job was asked for, at the latest.
    asked_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """Some rows of a job and the place of the next ones; None: these were the last."""

    table: Table
    following: str | None
    #: Whether Salesforce said so itself; without the header only the job's count tells.
    told: bool


class BulkJobs:
    """The query jobs of one connection; what it remembers is only how long to wait between two polls."""

    def __init__(self, client: SalesforceClient, *, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._sleep = sleep
        self._polls: dict[str, int] = {}

    def create(self, soql: str, *, subject: str) -> NewJob | None:
        """A new job, deleted and archived rows included; None when Salesforce refuses it and REST must do."""
        body = {
            "operation": "queryAll",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        try:
            response = self._client.send("POST", _PATH, body=body, kind="bulk", subject=subject)
        except (NeedsAttention, QuotaSpent) as error:
            if isinstance(error, NeedsAttention) and error.code in _HOPELESS:
                raise
            return None  # if the org has no calls left at all, REST will say so
        content = _json(response)
        if not isinstance(content, dict) or not isinstance(content.get("id"), str):
            raise Unavailable("Salesforce took on a bulk job without telling its id.")
        now, took = self._client.session.crm_now, timedelta(seconds=int(self._client.session.took.total_seconds()) + 1)
        return NewJob(id=content["id"], asked_at=now - took if now else None)

    def wait(self, job_id: str, *, subject: str) -> int | None:
        """How many rows the job found; None when it is still at work after `PATIENCE` seconds.

        Raises:
            JobLost: It will never be complete.
        """
        waited = 0.0
        while True:
            polls = self._polls.get(job_id, 0)
            if polls:
                pause = min(PATIENCE, _FIRST_PAUSE * 2 ** (polls - 1))
                if waited and waited + pause > PATIENCE:
                    return None
                self._sleep(pause)
                waited += pause
            content = self._status(job_id, subject)
            self._polls[job_id] = polls + 1
            state = content.get("state")
            if state == "JobComplete":
                self._polls.pop(job_id, None)
                total = content.get("numberRecordsProcessed")
                return total if isinstance(total, int) else 0
            if state in ("Failed", "Aborted"):
                raise JobLost(f"the job is {state}")

    def results(self, job_id: str, locator: str | None, *, size: int, subject: str) -> Cut:
        """Up to `size` rows at a locator, however often.

        Raises:
            JobLost, JobNotReady: There are no results at this place (yet).
        """
        params = {"maxRecords": str(size), **({"locator": locator} if locator else {})}
        path = f"{_PATH}/{job_id}/results"
        response = self._client.send(
            "GET", path, params=params, accept="text/csv", kind="bulk", subject=subject, returned=_LOST | {_NOT_READY}
        )
        if response.status_code == _NOT_READY:
            raise JobNotReady
        if response.status_code in _LOST:
            raise JobLost(f"its results are not there ({response.status_code})")
        count = response.headers.get("Sforce-NumberOfRecords", "")
        table = read_table(response.content, rows=int(count) if count.isdigit() else None)
        following = response.headers.get("Sforce-Locator")
        if following and following == locator:
            raise JobLost("its results come round in a circle")
        ended = following in (None, "", "null")
        return Cut(table=table, following=None if ended else following, told=bool(following))

    def delete(self, job_id: str) -> None:
        """Give the job back; where that fails Salesforce forgets it by itself after seven days."""
        self._polls.pop(job_id, None)
        try:
            self._client.send("DELETE", f"{_PATH}/{job_id}", kind="bulk", returned=_LOST)
        except ConnectorError:
            return

    def _status(self, job_id: str, subject: str) -> dict[str, Any]:
        response = self._client.send("GET", f"{_PATH}/{job_id}", kind="bulk", subject=subject, returned=_LOST)
        if response.status_code in _LOST:
            raise JobLost(f"nobody knows it any more ({response.status_code})")
        content = _json(response)
        if not isinstance(content, dict):
            raise from_answer(500, content, subject=subject)
        return content


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.exceptions.JSONDecodeError as error:
        raise Unavailable("Salesforce's answer about a bulk job is no JSON.") from error
