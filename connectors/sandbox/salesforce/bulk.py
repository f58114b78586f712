"""Bulk API 2.0 query jobs: created, worked on, polled, read page by page as CSV, kept for seven days.

A job moves one state further each time somebody asks for it, not before `settings["bulk_seconds"]` have passed on the org's
clock; `settings["bulk_fails"]` makes the next so many jobs fail.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.clock import Stamp
from connectors.sandbox.org import Org
from connectors.sandbox.quota import Window
from connectors.sandbox.salesforce.bulk_csv import DELIMITERS, LINE_ENDINGS, CsvResult
from connectors.sandbox.salesforce.columns import NOT_IN_BULK
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.jobs import ENDED, State, job_of, kept, next_id, shown
from connectors.sandbox.salesforce.soql import Evaluator, parse
from connectors.sandbox.salesforce.soql.tree import Path, Query
from connectors.sandbox.wire import WireRequest, WireResponse

_MAX_JOBS = 10_000
_PAGE = 50_000
_RESULT_PAGES = 5
#: Rows that a job gets done between two polls: nobody waits for one answer for minutes.
_PORTION = 200_000


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
        if query.source in NOT_IN_BULK:
            raise Refusal(400, "INVALIDENTITY", f"Entity '{query.source}' is not supported by the Bulk API.")
        _refuse_unsupported(query)
        columns = Evaluator(self._org, version=version).columns(query)
        if not columns:
            raise Refusal(400, "API_ERROR", "The query selects nothing")
        if any(column.field.type == "address" for column in columns):
            raise Refusal(400, "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
        now = self._org.clock.now()
        if not self._org.quotas["bulk_query_jobs"].take(now):
            raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "DailyBulkV2QueryJobs Limit exceeded.")
        self._forget()
        job = _Job(
            id=next_id(self._org),
            operation=operation,
            query=query,
            object=query.source,
            version=version,
            delimiter=delimiter,
            line_ending=ending,
            created=now,
        )
        self._jobs[job.id] = job
        return shown(self._org, job)

    def all(self) -> dict[str, Any]:
        """GET /jobs/query."""
        self._forget()
        return {
            "done": True,
            "nextRecordsUrl": None,
            "records": [shown(self._org, job) for job in self._jobs.values()],
        }

    def status(self, job_id: str) -> dict[str, Any]:
        """GET /jobs/query/ID: asking moves it on."""
        job = self._found(job_id)
        self._advance(job)
        rows = {"numberRecordsProcessed": job.result.total if job.result else 0}
        failure = {"errorMessage": job.error} if job.state is State.FAILED else {}
        more = {"jobType": "V2Query", "retries": 0, "totalProcessingTime": max(0, job.ended - job.created)}
        return {**shown(self._org, job), **more, **rows, **failure, "isPkChunkingSupported": not job.query.order}

    def change(self, job_id: str, body: Any) -> dict[str, Any]:
        """PATCH /jobs/query/ID: aborts."""
        job = self._found(job_id)
        if not isinstance(body, Mapping) or body.get("state") != State.ABORTED:
            raise Refusal(400, "INVALIDJOBSTATE", "state can only be set to Aborted")
        if job.state in ENDED:
            raise Refusal(400, "INVALIDJOBSTATE", f"Aborting already {job.state} Job not allowed")
        job.state, job.ended = State.ABORTED, self._org.clock.now()
        return shown(self._org, job)

    def delete(self, job_id: str) -> WireResponse:
        """DELETE /jobs/query/ID."""
        job = self._found(job_id)
        if job.state is State.IN_PROGRESS:
            raise Refusal(400, "INVALIDJOBSTATE", f"Deleting {job.state} Job not allowed")
        del self._jobs[job.id]
        return WireResponse.empty()

    def results(self, job_id: str, request: WireRequest, version: str) -> WireResponse:
        """GET /jobs/query/ID/results?maxRecords=...&locator=..."""
        _, result = self._result(job_id, version)
        first = _offset(request.param("locator"), result.total)
        page = result.page(first, self._size(request.param("maxRecords")))
        following = first + page.rows
        headers = {
            "Content-Type": "text/csv",
            "Sforce-NumberOfRecords": str(page.rows),
            "Sforce-Locator": _locator(following) if following < result.total else "null",
        }
        return WireResponse(headers=headers, body=page.body)

    def result_pages(self, job_id: str, request: WireRequest, version: str) -> dict[str, Any]:
        """GET /jobs/query/ID/resultPages: addresses of up to five pages, to be read side by side, and of the next five."""
        job, result = self._result(job_id, version)
        first, size = _offset(request.param("locator"), result.total), self._size(request.param("maxRecords"))
        starts = list(range(first, max(result.total, first + 1), size))
        base = f"/services/data/v{version}/jobs/query/{job.id}"
        more = {"maxRecords": str(size)} if request.param("maxRecords") else {}

        def address(resource: str, start: int) -> str:
            query = urlencode({**({"locator": _locator(start)} if start else {}), **more})
            return f"{base}/{resource}{f'?{query}' if query else ''}"

        pages = [{"resultLink": address("results", start)} for start in starts[:_RESULT_PAGES]]
        left = starts[_RESULT_PAGES : _RESULT_PAGES + 1]
        following = address("resultPages", left[0]) if left else None
        return {"resultPages": pages, "nextRecordsUrl": following, "done": not left}

    # ---- inside ----

    def _result(self, job_id: str, version: str) -> tuple[_Job, CsvResult]:
        job = self._found(job_id)
        if version != job.version:
            raise Refusal(409, "VERSION_MISMATCH", f"The job was created with API version {job.version}")
        if job.state in (State.UPLOAD_COMPLETE, State.IN_PROGRESS):
            raise Refusal(412, "JOB_NOT_COMPLETE", f"Job is {job.state}; its results are not there yet")
        if job.result is None or job.state is not State.JOB_COMPLETE:
            raise Refusal(400, "INVALIDJOBSTATE", f"Job is {job.state}; it has no results")
        return job, job.result

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
        return job_of(self._jobs, job_id)

    def _forget(self) -> None:
        self._jobs = kept(self._jobs, self._org.clock.now())


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
