"""Bulk API 2.0 query jobs: created, worked on, polled, read page by page as CSV, kept for seven days.

A job moves one state further each time somebody asks for it, not before `settings["bulk_seconds"]` have passed on the org's
clock; `settings["bulk_fails"]` makes the next so many jobs fail.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connectors.sandbox.clock import Stamp, iso
from connectors.sandbox.ids import salesforce_id
from connectors.sandbox.org import Org
from connectors.sandbox.quota import DAY, Window
from connectors.sandbox.salesforce.bulk_csv import DELIMITERS, LINE_ENDINGS, CsvResult
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.soql import Evaluator, parse
from connectors.sandbox.salesforce.soql.tree import Path, Query
from connectors.sandbox.wire import WireRequest, WireResponse

_KEPT = 7 * DAY
_MAX_JOBS = 10_000
_PAGE = 50_000
#: Rows that a job gets done between two polls: nobody waits for one answer for minutes.
_PORTION = 200_000


class State(StrEnum):
    """What becomes of a job."""

    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"


_ENDED = (State.JOB_COMPLETE, State.FAILED, State.ABORTED)


@dataclass(kw_only=True, slots=True)
class _Job:
    id: str
    operation: str
    query: Query
    object: str
    version: str
    delimiter: str
    line_ending: str
    created: Stamp
    state: State = State.UPLOAD_COMPLETE
    ended: Stamp = 0
    result: CsvResult | None = None
    error: str = ""


class QueryJobs:
    """The query jobs of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._jobs: dict[str, _Job] = {}
        self._number = 0
        org.quotas.setdefault("bulk_query_jobs", Window(_MAX_JOBS))

    def create(self, body: Any, version: str) -> dict[str, Any]:
        """POST /jobs/query."""
        if not isinstance(body, Mapping) or not isinstance(body.get("query"), str):
            raise Refusal(400, "INVALIDJOB", "query is required")
        unknown = sorted(set(body) - {"operation", "query", "contentType", "columnDelimiter", "lineEnding"})
        if unknown:
            raise Refusal(400, "JSON_PARSER_ERROR", f"Unrecognized field: {unknown[0]}")
        operation = body.get("operation")
        delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
        if operation not in ("query", "queryAll"):
            raise Refusal(400, "INVALIDJOB", "operation must be query or queryAll")
        if delimiter not in DELIMITERS or ending not in LINE_ENDINGS or body.get("contentType", "CSV") != "CSV":
            raise Refusal(400, "INVALIDJOB", "unknown contentType, columnDelimiter or lineEnding")
        query = parse(body["query"])
        _refuse_unsupported(query)
        columns = Evaluator(self._org, version=version).columns(query)
        if not columns:
            raise Refusal(400, "API_ERROR", "The query selects nothing")
        now = self._org.clock.now()
        if not self._org.quotas["bulk_query_jobs"].take(now):
            raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "DailyBulkV2QueryJobs Limit exceeded.")
        self._forget()
        self._number += 1
        job = _Job(
            id=salesforce_id("750", self._number),
            operation=operation,
            query=query,
            object=query.source,
            version=version,
            delimiter=delimiter,
            line_ending=ending,
            created=now,
        )
        self._jobs[job.id] = job
        return self._shown(job)

    def all(self) -> dict[str, Any]:
        """GET /jobs/query."""
        self._forget()
        return {
            "done": True,
            "nextRecordsUrl": None,
            "records": [self._shown(job) for job in self._jobs.values()],
        }

    def status(self, job_id: str) -> dict[str, Any]:
        """GET /jobs/query/ID: asking moves it on."""
        job = self._found(job_id)
        self._advance(job)
        rows = {"numberRecordsProcessed": job.result.total if job.result else 0}
        failure = {"errorMessage": job.error} if job.state is State.FAILED else {}
        more = {"jobType": "V2Query", "retries": 0, "totalProcessingTime": max(0, job.ended - job.created)}
        return {**self._shown(job), **more, **rows, **failure, "isPkChunkingSupported": not job.query.order}

    def change(self, job_id: str, body: Any) -> dict[str, Any]:
        """PATCH /jobs/query/ID: aborts."""
        job = self._found(job_id)
        if not isinstance(body, Mapping) or body.get("state") != State.ABORTED:
            raise Refusal(400, "INVALIDJOBSTATE", "state can only be set to Aborted")
        if job.state in _ENDED:
            raise Refusal(400, "INVALIDJOBSTATE", f"Aborting already {job.state} Job not allowed")
        job.state, job.ended = State.ABORTED, self._org.clock.now()
        return self._shown(job)

    def delete(self, job_id: str) -> WireResponse:
        """DELETE /jobs/query/ID."""
        job = self._found(job_id)
        if job.state is State.IN_PROGRESS:
            raise Refusal(400, "INVALIDJOBSTATE", f"Deleting {job.state} Job not allowed")
        del self._jobs[job.id]
        return WireResponse.empty()

    def results(self, job_id: str, request: WireRequest, version: str) -> WireResponse:
        """GET /jobs/query/ID/results?maxRecords=...&locator=..."""
        job = self._found(job_id)
        if version != job.version:
            raise Refusal(409, "VERSION_MISMATCH", f"The job was created with API version {job.version}")
        if job.state in (State.UPLOAD_COMPLETE, State.IN_PROGRESS):
            raise Refusal(412, "JOB_NOT_COMPLETE", f"Job is {job.state}; its results are not there yet")
        if job.result is None or job.state is not State.JOB_COMPLETE:
            raise Refusal(400, "INVALIDJOBSTATE", f"Job is {job.state}; it has no results")
        first = _offset(request.param("locator"), job.result.total)
        page = job.result.page(first, self._size(request.param("maxRecords")))
        following = first + page.rows
        headers = {
            "Content-Type": "text/csv",
            "Sforce-NumberOfRecords": str(page.rows),
            "Sforce-Locator": _locator(following) if following < job.result.total else "null",
        }
        return WireResponse(headers=headers, body=page.body)

    # ---- inside ----

    def _advance(self, job: _Job) -> None:
        now = self._org.clock.now()
        if job.state is State.UPLOAD_COMPLETE:
            job.state = State.IN_PROGRESS
            return
        if job.state is not State.IN_PROGRESS:
            return
        if job.result is None and now - job.created < int(self._org.settings.get("bulk_seconds", 0)) * 1000:
            return
        failing = int(self._org.settings.get("bulk_fails", 0))
        job.ended = now
        if failing and job.result is None:
            self._org.settings["bulk_fails"] = failing - 1
            job.state, job.error = State.FAILED, "QUERY_TIMEOUT: Your query request was running for too long."
            return
        if job.result is None:
            evaluator = Evaluator(self._org, version=job.version)
            found = evaluator.run(job.query, deleted=job.operation == "queryAll")
            job.result = CsvResult(
                evaluator.columns(job.query), found.items, delimiter=job.delimiter, line_ending=job.line_ending
            )
        job.result.work(_PORTION)
        if job.result.complete:
            job.state = State.JOB_COMPLETE

    def _size(self, asked: str | None) -> int:
        """`settings["bulk_page"]` makes pages smaller than asked for, as big rows do."""
        most = int(self._org.settings.get("bulk_page", _PAGE))
        if asked is None:
            return most
        if not asked.isdigit() or int(asked) < 1:
            raise Refusal(400, "INVALID_ARGUMENT", "maxRecords must be a positive number")
        return min(most, int(asked))

    def _found(self, job_id: str) -> _Job:
        self._forget()
        job = self._jobs.get(job_id) or next((job for name, job in self._jobs.items() if name[:15] == job_id), None)
        if job is None:
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    def _forget(self) -> None:
        now = self._org.clock.now()
        self._jobs = {name: job for name, job in self._jobs.items() if now - job.created < _KEPT}

    def _shown(self, job: _Job) -> dict[str, Any]:
        return {
            "id": job.id,
            "operation": job.operation,
            "object": job.object,
            "createdById": self._org.api_user,
            "createdDate": iso(job.created, "+0000"),
            "systemModstamp": iso(job.ended or job.created, "+0000"),
            "state": job.state.value,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(job.version),
            "lineEnding": job.line_ending,
            "columnDelimiter": job.delimiter,
        }


def _refuse_unsupported(query: Query) -> None:
    if any(isinstance(item, Query) for item in query.fields):
        raise Refusal(400, "API_ERROR", "Nested queries (parent-to-child) are not supported in Bulk V2 Query")
    if query.aggregates or query.counts:
        raise Refusal(400, "API_ERROR", "Aggregate Relationships not supported in Bulk V2 Query")
    if query.offset:
        raise Refusal(400, "API_ERROR", "OFFSET is not supported in Bulk V2 Query")
    if any(
        isinstance(item, Path) and item.names[0] == "FIELDS" and item.names[1] != "STANDARD" for item in query.fields
    ):
        raise Refusal(400, "API_ERROR", "FIELDS(ALL) and FIELDS(CUSTOM) are not supported in Bulk V2 Query")


def _locator(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str | None, total: int) -> int:
    if locator in (None, ""):
        return 0
    try:
        found = int(base64.urlsafe_b64decode(str(locator) + "=" * (-len(str(locator)) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from error
    if not 0 < found < total:
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return found
