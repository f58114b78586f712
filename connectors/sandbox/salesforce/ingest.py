"""Bulk API 2.0 ingest jobs: opened, given one CSV, closed, worked off in batches of 10,000 rows, asked for their results.

A job moves on each time somebody asks for it, not before `settings["bulk_seconds"]` have passed; one that nobody asks for is
done after a minute of the org's clock: it outlives its client. `settings["ingest_fails_after"]` rows are saved, then it fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.clock import Stamp
from connectors.sandbox.org import Org
from connectors.sandbox.quota import Window
from connectors.sandbox.salesforce.bulk_csv import DELIMITERS, LINE_ENDINGS
from connectors.sandbox.salesforce.columns import NOT_IN_BULK
from connectors.sandbox.salesforce.errors import Refusal, no_such_type
from connectors.sandbox.salesforce.field_values import lookup_field
from connectors.sandbox.salesforce.ingest_csv import BadCsv, Upload, read_upload
from connectors.sandbox.salesforce.ingest_results import results_of
from connectors.sandbox.salesforce.ingest_rows import RowWriter, Written
from connectors.sandbox.salesforce.jobs import ENDED, State, job_of, kept, next_id, shown
from connectors.sandbox.salesforce.options import WriteOptions
from connectors.sandbox.salesforce.saving import Saving
from connectors.sandbox.wire import WireRequest, WireResponse

_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_PROPERTIES = frozenset(
    {"object", "operation", "externalIdFieldName", "assignmentRuleId", "contentType", "columnDelimiter", "lineEnding"}
)
#: Rows of one internal batch, and batches of a day.
_BATCH = 10_000
_BATCHES = 15_000
_MAX_BYTES = 150_000_000
_UNATTENDED = 60_000


@dataclass(kw_only=True, slots=True)
class _Job:
    id: str
    object: str
    operation: str
    key: str | None
    rule: str | None
    version: str
    delimiter: str
    line_ending: str
    created: Stamp
    state: State = State.OPEN
    moved: Stamp = 0
    ended: Stamp = 0
    body: bytes = b""
    uploads: int = 0
    upload: Upload | None = None
    writer: RowWriter | None = None
    done: list[Written] = field(default_factory=list)
    error: str = ""


class IngestJobs:
    """The ingest jobs of one org."""

    def __init__(self, org: Org, saving: Saving) -> None:
        self._org = org
        self._saving = saving
        self._jobs: dict[str, _Job] = {}
        org.quotas.setdefault("bulk_batches", Window(_BATCHES))

    def create(self, body: Any, version: str) -> dict[str, Any]:
        """POST /jobs/ingest."""
        if not isinstance(body, Mapping):
            raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body must be a job")
        unknown = sorted(set(body) - _PROPERTIES)
        if unknown:
            raise Refusal(400, "JSON_PARSER_ERROR", f"Unrecognized field: {unknown[0]}")
        operation, delimiter = body.get("operation"), body.get("columnDelimiter") or "COMMA"
        ending = body.get("lineEnding") or "LF"
        if operation not in _OPERATIONS:
            raise Refusal(400, "INVALIDJOB", f"operation must be one of {', '.join(_OPERATIONS)}")
        if delimiter not in DELIMITERS or ending not in LINE_ENDINGS or (body.get("contentType") or "CSV") != "CSV":
            raise Refusal(400, "INVALIDJOB", "unknown contentType, columnDelimiter or lineEnding")
        if operation == "hardDelete" and not self._org.settings.get("hard_delete"):
            message = "hardDelete operation requires special user profile permission, please contact your administrator"
            raise Refusal(400, "FEATURENOTENABLED", message)
        job = _Job(
            id=next_id(self._org),
            object=self._object(body.get("object")),
            operation=str(operation),
            key=None,
            rule=self._rule(body.get("assignmentRuleId")),
            version=version,
            delimiter=delimiter,
            line_ending=ending,
            created=self._org.clock.now(),
        )
        job.key = self._key(job, body.get("externalIdFieldName"))
        self._forget()
        self._jobs[job.id] = job
        return {**self._shown(job), "contentUrl": f"services/data/v{version}/jobs/ingest/{job.id}/batches"}

    def all(self) -> dict[str, Any]:
        """GET /jobs/ingest."""
        self._forget()
        return {"done": True, "nextRecordsUrl": None, "records": [self._shown(job) for job in self._jobs.values()]}

    def upload(self, job_id: str, request: WireRequest) -> WireResponse:
        """PUT /jobs/ingest/ID/batches: once; a second time is taken, but then the job cannot be closed."""
        job = self._found(job_id)
        if job.state is not State.OPEN:
            raise Refusal(400, "INVALIDJOBSTATE", f"Job is {job.state}; data can only be uploaded while it is Open")
        kind = request.headers.get("Content-Type", "").partition(";")[0].strip().casefold()
        if kind != "text/csv":
            raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Type must be text/csv, not {kind or 'missing'}")
        if len(request.body) * 4 / 3 > _MAX_BYTES:
            raise Refusal(413, "REQUEST_LIMIT_EXCEEDED", "at most 150 MB after base64 (100 MB of CSV) in one job")
        job.body, job.uploads = request.body, job.uploads + 1
        return WireResponse.empty(201)

    def change(self, job_id: str, body: Any) -> dict[str, Any]:
        """PATCH /jobs/ingest/ID: closes the upload or aborts."""
        job = self._found(job_id)
        wanted = body.get("state") if isinstance(body, Mapping) else None
        if wanted == State.ABORTED:
            if job.state in ENDED:
                raise Refusal(400, "INVALIDJOBSTATE", f"Aborting already {job.state} Job not allowed")
            self._end(job, State.ABORTED)
        elif wanted == State.UPLOAD_COMPLETE:
            if job.state is not State.OPEN:
                raise Refusal(400, "INVALIDJOBSTATE", f"Closing already {job.state} Job not allowed")
            if job.uploads > 1:
                raise Refusal(
                    400,
                    "INVALIDJOB",
                    f"Found multiple contents for job: <{job.id[:15]}>, please 'Close' / 'Abort' / 'Delete' the current Job "
                    "then create a new Job and make sure you only do 'PUT' once on a given Job.",
                )
            job.state, job.moved = State.UPLOAD_COMPLETE, self._org.clock.now()
        else:
            raise Refusal(400, "INVALIDJOBSTATE", "state can only be set to UploadComplete or Aborted")
        return self._shown(job)

    def status(self, job_id: str) -> dict[str, Any]:
        """GET /jobs/ingest/ID: asking moves it on."""
        job = self._found(job_id)
        self._advance(job)
        failed = sum(1 for written in job.done if written.error)
        told = {"errorMessage": job.error} if job.error else {}
        took = max(0, job.ended - job.created)
        return {
            **self._shown(job),
            "jobType": "V2Ingest",
            "retries": 0,
            "totalProcessingTime": took,
            "apiActiveProcessingTime": took,
            "apexProcessingTime": 0,
            "numberRecordsProcessed": len(job.done),
            "numberRecordsFailed": failed,
            **told,
        }

    def delete(self, job_id: str) -> WireResponse:
        """DELETE /jobs/ingest/ID."""
        job = self._found(job_id)
        if job.state in (State.OPEN, State.IN_PROGRESS):
            raise Refusal(400, "INVALIDJOBSTATE", f"Deleting {job.state} Job not allowed")
        del self._jobs[job.id]
        return WireResponse.empty()

    def results(self, job_id: str, which: str) -> WireResponse:
        """GET /jobs/ingest/ID/successfulResults, failedResults or unprocessedRecords, in any case of letters."""
        job = self._found(job_id)
        if job.state not in ENDED:
            raise Refusal(400, "INVALIDJOBSTATE", f"Job is {job.state}; its results are not there yet")
        upload = job.upload or Upload(header=(), rows=())
        return results_of(upload, job.done, which, delimiter=job.delimiter, line_ending=job.line_ending)

    def keep_going(self) -> None:
        """Works off the jobs that nobody has asked for in a minute; they do not wait for their client."""
        now = self._org.clock.now()
        for job in list(self._jobs.values()):
            while job.state not in (State.OPEN, *ENDED) and now - job.moved >= _UNATTENDED:
                self._step(job)

    # ---- inside ----

    def _advance(self, job: _Job) -> None:
        if job.state in (State.OPEN, *ENDED):
            return
        now = self._org.clock.now()
        late = now - job.created >= int(self._org.settings.get("bulk_seconds", 0)) * 1000
        job.moved = now
        if job.state is State.UPLOAD_COMPLETE or late:
            self._step(job)

    def _step(self, job: _Job) -> None:
        """One state, or one batch, further."""
        if job.state is State.UPLOAD_COMPLETE:
            job.state = State.IN_PROGRESS
            return
        try:
            if job.upload is None:
                self._open(job)
            self._batch(job)
        except BadCsv as bad:
            job.error = str(bad)
            self._end(job, State.FAILED)

    def _open(self, job: _Job) -> None:
        upload = read_upload(job.body, delimiter=job.delimiter, line_ending=job.line_ending)
        job.upload, job.body = upload, b""
        object_type = self._saving.columns.object(job.object)
        job.writer = RowWriter(
            self._saving,
            object_type,
            job.operation,
            job.key,
            upload.header,
            options=WriteOptions(assign=job.rule is not None),
        )

    def _batch(self, job: _Job) -> None:
        upload, writer = job.upload, job.writer
        if upload is None or writer is None:
            return
        most = self._org.settings.get("ingest_fails_after")
        end = len(job.done) + _BATCH if most is None else min(int(most), len(job.done) + _BATCH)
        rows = upload.rows[len(job.done) : end]
        if rows and not self._org.quotas["bulk_batches"].take(self._org.clock.now()):
            raise BadCsv("ExceededQuota : ApiBatchItems Limit exceeded.")
        job.done.extend(writer.write(row) for row in rows)
        if most is not None and len(job.done) >= int(most) and len(job.done) < len(upload.rows):
            del self._org.settings["ingest_fails_after"]
            raise BadCsv("InternalServerError : a batch was not done in time too often")
        if len(job.done) == len(upload.rows):
            self._end(job, State.JOB_COMPLETE)

    def _end(self, job: _Job, state: State) -> None:
        if job.upload is None and job.body:
            try:
                job.upload = read_upload(job.body, delimiter=job.delimiter, line_ending=job.line_ending)
            except BadCsv:
                job.upload = None  # what cannot be read cannot be given back row by row
        job.state, job.ended, job.body, job.writer = state, self._org.clock.now(), b"", None

    def _object(self, name: Any) -> str:
        if not isinstance(name, str):
            raise Refusal(400, "INVALIDJOB", "object is required")
        if name in NOT_IN_BULK:
            raise Refusal(400, "INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
        try:
            return self._saving.columns.object(name).name
        except Refusal as refusal:
            raise no_such_type(name) from refusal

    def _key(self, job: _Job, name: Any) -> str | None:
        if job.operation != "upsert":
            if name is not None:
                raise Refusal(400, "INVALIDJOB", "externalIdFieldName goes with upsert only")
            return None
        if not isinstance(name, str):
            raise Refusal(400, "INVALIDJOB", "externalIdFieldName is required for upsert")
        found = lookup_field(self._saving.columns.object(job.object), name)
        if found is None:
            raise Refusal(
                400,
                "INVALIDJOB",
                f"InvalidJob : Field name provided, {name} does not match an External ID for {job.object}",
            )
        return found.name

    def _rule(self, rule_id: Any) -> str | None:
        if rule_id is None:
            return None
        if not isinstance(rule_id, str) or self._org.find("AssignmentRule", rule_id) is None:
            raise Refusal(400, "INVALIDJOB", f"InvalidJob : unknown assignmentRuleId {rule_id}")
        return rule_id

    def _found(self, job_id: str) -> _Job:
        self._forget()
        return job_of(self._jobs, job_id)

    def _forget(self) -> None:
        self._jobs = kept(self._jobs, self._org.clock.now())

    def _shown(self, job: _Job) -> dict[str, Any]:
        optional = {"externalIdFieldName": job.key, "assignmentRuleId": job.rule}
        return {
            **shown(self._org, job),
            **{name: value for name, value in optional.items() if value is not None},
        }
