"""The resources below /services/data/vXX.0 and what answers each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import batches, custom_fields, limits, replication
from connectors.sandbox.salesforce.bulk import QueryJobs
from connectors.sandbox.salesforce.describe import all_objects, describe, summary
from connectors.sandbox.salesforce.errors import Refusal, no_such_resource
from connectors.sandbox.salesforce.ingest import IngestJobs
from connectors.sandbox.salesforce.options import options_of
from connectors.sandbox.salesforce.query import Queries
from connectors.sandbox.salesforce.rows import id_by, one_record, several_records
from connectors.sandbox.salesforce.saving import Saving
from connectors.sandbox.schema import ObjectType
from connectors.sandbox.wire import WireRequest, WireResponse

#: (request, version, parts of the path) to an answer, or to its JSON.
Route = Callable[[WireRequest, str, tuple[str, ...]], Any]
_RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects", "tooling")
_INGEST_RESULTS = r"(?i:successfulResults|failedResults|unprocessedRecords)"


class Resources:
    """The resources of one org."""

    def __init__(self, org: Org, answer: Callable[[WireRequest], WireResponse]) -> None:
        self._org = org
        self._answer = answer
        self._queries = Queries(org)
        self._saving = Saving(org)
        self._query_jobs = QueryJobs(org)
        self.ingest_jobs = IngestJobs(org, self._saving)
        table = (*self._reading(), *self._records(), *self._together(), *self._jobs(), *self._tooling())
        self._routes = [(method, re.compile(pattern), route) for method, pattern, route in table]

    def answer(self, request: WireRequest, version: str, path: str) -> WireResponse:
        """The answer of the resource at a path.

        Raises:
            Refusal: There is none, it knows no such method, or it refuses.
        """
        allowed = []
        for method, pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if method == request.method:
                result = route(request, version, match.groups())
                return result if isinstance(result, WireResponse) else WireResponse.of_json(result)
            allowed.append(method)
        if allowed:
            raise Refusal(
                405,
                "METHOD_NOT_ALLOWED",
                f"HTTP Method '{request.method}' not allowed. Allowed are {','.join(sorted(set(allowed)))}",
            )
        raise no_such_resource()

    # ---- the table ----

    def _reading(self) -> list[tuple[str, str, Route]]:
        org, queries = self._org, self._queries
        return [
            ("GET", r"/?", self._map),
            ("GET", r"/limits/?", lambda *_: limits.limits(org)),
            ("GET", r"/limits/recordCount/?", lambda request, *_: limits.record_count(org, request.param("sObjects"))),
            ("GET", r"/query/?", lambda request, version, _: queries.start(request, version, deleted=False)),
            ("GET", r"/queryAll/?", lambda request, version, _: queries.start(request, version, deleted=True)),
            ("GET", r"/query(?:All)?/([^/]+)", lambda _, version, parts: queries.more(parts[0], version)),
            ("GET", r"/sobjects/?", lambda _, version, __: all_objects(org, version)),
            (
                "GET",
                r"/sobjects/(\w+)/describe/?",
                lambda _, version, parts: describe(org, self._found(parts[0]), version),
            ),
            ("GET", r"/sobjects/(\w+)/?", self._summary),
            (
                "GET",
                r"/sobjects/(\w+)/deleted/?",
                lambda request, _, parts: replication.deleted(org, self._found(parts[0]), request),
            ),
            (
                "GET",
                r"/sobjects/(\w+)/updated/?",
                lambda request, _, parts: replication.updated(org, self._found(parts[0]), request),
            ),
        ]

    def _records(self) -> list[tuple[str, str, Route]]:
        return [
            ("GET", r"/sobjects/(\w+)/(\w+)", self._get),
            ("GET", r"/sobjects/(\w+)/(\w+)/([^/]+)", self._get_by),
            ("POST", r"/sobjects/(\w+)/?", self._create),
            ("PATCH", r"/sobjects/(\w+)/(\w+)", self._update),
            ("PATCH", r"/sobjects/(\w+)/(\w+)/([^/]+)", self._upsert),
            ("DELETE", r"/sobjects/(\w+)/(\w+)", self._delete),
        ]

    def _together(self) -> list[tuple[str, str, Route]]:
        return [
            ("POST", r"/composite/?", lambda request, *_: batches.composite(request, self._answer)),
            ("POST", r"/composite/sobjects/?", self._save_all),
            ("PATCH", r"/composite/sobjects/?", self._save_all),
            ("DELETE", r"/composite/sobjects/?", self._delete_all),
            ("GET", r"/composite/sobjects/(\w+)/?", self._get_all),
            ("POST", r"/composite/sobjects/(\w+)/?", self._get_all),
            ("PATCH", r"/composite/sobjects/(\w+)/(\w+)/?", self._upsert_all),
        ]

    def _jobs(self) -> list[tuple[str, str, Route]]:
        queries, ingest = self._query_jobs, self.ingest_jobs
        return [
            ("POST", r"/jobs/query/?", lambda request, version, _: queries.create(json_of(request), version)),
            ("GET", r"/jobs/query/?", lambda *_: queries.all()),
            ("GET", r"/jobs/query/(\w+)/?", lambda _, __, parts: queries.status(parts[0])),
            ("PATCH", r"/jobs/query/(\w+)/?", lambda request, _, parts: queries.change(parts[0], json_of(request))),
            ("DELETE", r"/jobs/query/(\w+)/?", lambda _, __, parts: queries.delete(parts[0])),
            (
                "GET",
                r"/jobs/query/(\w+)/results/?",
                lambda request, version, parts: queries.results(parts[0], request, version),
            ),
            (
                "GET",
                r"/jobs/query/(\w+)/resultPages/?",
                lambda request, version, parts: queries.result_pages(parts[0], request, version),
            ),
            ("POST", r"/jobs/ingest/?", lambda request, version, _: ingest.create(json_of(request), version)),
            ("GET", r"/jobs/ingest/?", lambda *_: ingest.all()),
            ("GET", r"/jobs/ingest/(\w+)/?", lambda _, __, parts: ingest.status(parts[0])),
            ("PATCH", r"/jobs/ingest/(\w+)/?", lambda request, _, parts: ingest.change(parts[0], json_of(request))),
            ("DELETE", r"/jobs/ingest/(\w+)/?", lambda _, __, parts: ingest.delete(parts[0])),
            ("PUT", r"/jobs/ingest/(\w+)/batches/?", lambda request, _, parts: ingest.upload(parts[0], request)),
            (
                "GET",
                rf"/jobs/ingest/(\w+)/({_INGEST_RESULTS})/?",
                lambda _, __, parts: ingest.results(parts[0], parts[1]),
            ),
        ]

    def _tooling(self) -> list[tuple[str, str, Route]]:
        org, path = self._org, r"/tooling/sobjects/CustomField"
        return [
            ("GET", r"/tooling/query/?", self._tooling_query),
            ("POST", rf"{path}/?", self._create_field),
            ("GET", rf"{path}/(\w+)", lambda _, version, parts: custom_fields.custom_field(org, parts[0], version)),
            ("PATCH", rf"{path}/(\w+)", self._change_field),
            ("DELETE", rf"{path}/(\w+)", self._delete_field),
        ]

    # ---- resources ----

    def _map(self, request: WireRequest, version: str, _parts: tuple[str, ...]) -> dict[str, str]:
        paths = {name: f"/services/data/v{version}/{name}" for name in _RESOURCES}
        return {**paths, "identity": f"{request.base_url}/id/{self._org.id}/{self._org.api_user}"}

    def _summary(self, _request: WireRequest, version: str, parts: tuple[str, ...]) -> dict[str, Any]:
        return {"objectDescribe": summary(self._found(parts[0]), version), "recentItems": []}

    def _get(self, request: WireRequest, version: str, parts: tuple[str, ...]) -> dict[str, Any]:
        wanted = request.param("fields")
        names = [name.strip() for name in wanted.split(",")] if wanted else None
        return one_record(self._saving, self._found(parts[0]), parts[1], names, version)

    def _get_by(self, request: WireRequest, version: str, parts: tuple[str, ...]) -> dict[str, Any]:
        record_id = id_by(self._saving, self._found(parts[0]), parts[1], parts[2])
        return self._get(request, version, (parts[0], record_id))

    def _get_all(self, request: WireRequest, version: str, parts: tuple[str, ...]) -> list[dict[str, Any] | None]:
        ids, names = batches.wanted_rows(request)
        return several_records(self._saving, self._found(parts[0]), ids, names, version)

    def _create(self, request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        self._found(parts[0])
        record_id = self._saving.create(parts[0], _body(request), options=options_of(request))
        return WireResponse.of_json({"id": record_id, "success": True, "errors": []}, status=201)

    def _update(self, request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        self._found(parts[0])
        self._saving.update(parts[0], parts[1], _body(request), options=options_of(request))
        return WireResponse.empty()

    def _upsert(self, request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        self._found(parts[0])
        saved, created = self._saving.upsert(parts[0], parts[1], parts[2], _body(request), options=options_of(request))
        answer = {"id": saved, "success": True, "errors": [], "created": created}
        return WireResponse.of_json(answer, status=201 if created else 200)

    def _delete(self, _request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        self._found(parts[0])
        self._saving.delete(parts[0], parts[1])
        return WireResponse.empty()

    def _save_all(self, request: WireRequest, _version: str, _parts: tuple[str, ...]) -> list[dict[str, Any]]:
        create = request.method == "POST"
        return batches.save_collection(self._saving, json_of(request), create=create, options=options_of(request))

    def _upsert_all(self, request: WireRequest, _version: str, parts: tuple[str, ...]) -> list[dict[str, Any]]:
        found = (self._found(parts[0]).name, parts[1])
        return batches.save_collection(
            self._saving, json_of(request), create=True, options=options_of(request), upsert=found
        )

    def _delete_all(self, request: WireRequest, _version: str, _parts: tuple[str, ...]) -> list[dict[str, Any]]:
        return batches.delete_collection(self._saving, request.param("ids"))

    def _tooling_query(self, request: WireRequest, version: str, _parts: tuple[str, ...]) -> dict[str, Any]:
        page = self._queries.start(request, version, deleted=False, tooling=True)
        return {"size": len(page["records"]), "entityTypeName": "CustomField", **page}

    def _create_field(self, request: WireRequest, _version: str, _parts: tuple[str, ...]) -> WireResponse:
        field_id = custom_fields.create_custom_field(self._org, json_of(request))
        return WireResponse.of_json({"id": field_id, "success": True, "errors": []}, status=201)

    def _change_field(self, request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        custom_fields.change_custom_field(self._org, parts[0], json_of(request))
        return WireResponse.empty()

    def _delete_field(self, _request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        custom_fields.delete_custom_field(self._org, parts[0])
        return WireResponse.empty()

    def _found(self, name: str) -> ObjectType:
        try:
            return self._saving.columns.object(name)
        except Refusal as refusal:
            raise no_such_resource() from refusal


def json_of(request: WireRequest) -> Any:
    """The body as JSON.

    Raises:
        Refusal: JSON_PARSER_ERROR.
    """
    try:
        return request.json()
    except ValueError as error:
        raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body is not JSON") from error


def _body(request: WireRequest) -> Mapping[str, Any]:
    body = json_of(request)
    if not isinstance(body, Mapping):
        raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body must be an sObject")
    return {name: value for name, value in body.items() if name != "attributes"}
