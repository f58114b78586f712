"""Salesforce's REST API on an `Org`: paths to resources. What is not here answers as an unknown resource does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import access, auth, batches, limits, replication
from connectors.sandbox.salesforce.bulk import QueryJobs
from connectors.sandbox.salesforce.describe import all_objects, describe, summary
from connectors.sandbox.salesforce.errors import Refusal, no_such_resource
from connectors.sandbox.salesforce.query import Queries
from connectors.sandbox.salesforce.rows import one_record
from connectors.sandbox.salesforce.saving import Saving
from connectors.sandbox.wire import WireRequest, WireResponse

_DATA = re.compile(r"/services/data/v(?P<version>\d+\.\d+)(?P<rest>/.*)?")
_RELEASES = {
    "59.0": "Winter '24",
    "60.0": "Spring '24",
    "66.0": "Spring '26",
    "67.0": "Summer '26",
    "68.0": "Winter '27",
}
_RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects", "tooling")

Route = Callable[[WireRequest, str, tuple[str, ...]], Any]


class SalesforceDialect:
    """One org behind Salesforce's REST API."""

    def __init__(self, org: Org) -> None:
        self.org = org
        access.define_setup_objects(org)
        self._queries = Queries(org)
        self._saving = Saving(org)
        self._jobs = QueryJobs(org)
        self._routes: list[tuple[str, re.Pattern[str], Route]] = [
            (method, re.compile(pattern), route)
            for method, pattern, route in (
                ("GET", r"/?", self._resources),
                ("GET", r"/limits/?", lambda *_: limits.limits(org)),
                (
                    "GET",
                    r"/limits/recordCount/?",
                    lambda request, *_: limits.record_count(org, request.param("sObjects")),
                ),
                ("GET", r"/query/?", lambda request, version, _: self._queries.start(request, version, deleted=False)),
                (
                    "GET",
                    r"/queryAll/?",
                    lambda request, version, _: self._queries.start(request, version, deleted=True),
                ),
                ("GET", r"/query(?:All)?/([^/]+)", lambda _, version, parts: self._queries.more(parts[0], version)),
                ("GET", r"/sobjects/?", lambda _, version, __: all_objects(org, version)),
                ("GET", r"/sobjects/(\w+)/describe/?", self._describe),
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
                ("GET", r"/sobjects/(\w+)/(\w+)", self._get),
                ("POST", r"/sobjects/(\w+)/?", self._create),
                ("PATCH", r"/sobjects/(\w+)/(\w+)", self._update),
                ("DELETE", r"/sobjects/(\w+)/(\w+)", self._delete),
                ("POST", r"/composite/?", self._composite),
                ("POST", r"/composite/sobjects/?", self._save_all),
                ("PATCH", r"/composite/sobjects/?", self._save_all),
                ("DELETE", r"/composite/sobjects/?", self._delete_all),
                ("POST", r"/jobs/query/?", lambda request, version, _: self._jobs.create(self._json(request), version)),
                ("GET", r"/jobs/query/?", lambda *_: self._jobs.all()),
                ("GET", r"/jobs/query/(\w+)/?", lambda _, __, parts: self._jobs.status(parts[0])),
                (
                    "PATCH",
                    r"/jobs/query/(\w+)/?",
                    lambda request, _, parts: self._jobs.change(parts[0], self._json(request)),
                ),
                ("DELETE", r"/jobs/query/(\w+)/?", lambda _, __, parts: self._jobs.delete(parts[0])),
                (
                    "GET",
                    r"/jobs/query/(\w+)/results/?",
                    lambda request, version, parts: self._jobs.results(parts[0], request, version),
                ),
                ("GET", r"/tooling/query/?", self._tooling_query),
                ("POST", r"/tooling/sobjects/CustomField/?", self._create_field),
            )
        ]

    def handle(self, request: WireRequest) -> WireResponse:
        """Answers one request."""
        with self.org.lock:
            try:
                if request.path == "/services/oauth2/token" and request.method == "POST":
                    return auth.token(self.org, request)
                if request.path.rstrip("/") == "/services/data" and request.method == "GET":
                    return WireResponse.of_json(self._versions())
                auth.authenticate(self.org, request)
                limits.take_call(self.org)
                response = self._answer(request)
            except Refusal as refusal:
                response = refusal.response()
            headers = {**response.headers, **limits.limit_header(self.org)}
            return WireResponse(status=response.status, headers=headers, body=response.body)

    # ---- routing ----

    def _answer(self, request: WireRequest) -> WireResponse:
        """One request, or one part of a composite request, whose errors stay its own."""
        try:
            if request.path == "/services/oauth2/userinfo":
                return WireResponse.of_json(auth.userinfo(self.org))
            found = _DATA.fullmatch(request.path)
            if found is None or found["version"] not in self.org.settings["api_versions"]:
                raise no_such_resource()
            return self._routed(request, found["version"], found["rest"] or "/")
        except Refusal as refusal:
            return refusal.response()

    def _routed(self, request: WireRequest, version: str, path: str) -> WireResponse:
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

    # ---- resources ----

    def _versions(self) -> list[dict[str, str]]:
        return [
            {"label": _RELEASES.get(version, version), "url": f"/services/data/v{version}", "version": version}
            for version in self.org.settings["api_versions"]
        ]

    def _resources(self, _request: WireRequest, version: str, _parts: tuple[str, ...]) -> dict[str, str]:
        return {name: f"/services/data/v{version}/{name}" for name in _RESOURCES}

    def _describe(self, _request: WireRequest, version: str, parts: tuple[str, ...]) -> dict[str, Any]:
        return describe(self._found(parts[0]), version)

    def _summary(self, _request: WireRequest, version: str, parts: tuple[str, ...]) -> dict[str, Any]:
        return {"objectDescribe": summary(self._found(parts[0]), version), "recentItems": []}

    def _get(self, request: WireRequest, version: str, parts: tuple[str, ...]) -> dict[str, Any]:
        wanted = request.param("fields")
        names = [name.strip() for name in wanted.split(",")] if wanted else None
        return one_record(self._saving, self._found(parts[0]), parts[1], names, version)

    def _create(self, request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        self._found(parts[0])
        record_id = self._saving.create(parts[0], self._body(request), assign=_assigns(request))
        return WireResponse.of_json({"id": record_id, "success": True, "errors": []}, status=201)

    def _update(self, request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        self._found(parts[0])
        self._saving.update(parts[0], parts[1], self._body(request), assign=_assigns(request))
        return WireResponse.empty()

    def _delete(self, _request: WireRequest, _version: str, parts: tuple[str, ...]) -> WireResponse:
        self._found(parts[0])
        self._saving.delete(parts[0], parts[1])
        return WireResponse.empty()

    def _composite(self, request: WireRequest, _version: str, _parts: tuple[str, ...]) -> dict[str, Any]:
        return batches.composite(request, self._answer)

    def _save_all(self, request: WireRequest, _version: str, _parts: tuple[str, ...]) -> list[dict[str, Any]]:
        return batches.save_collection(
            self._saving, self._json(request), create=request.method == "POST", assign=_assigns(request)
        )

    def _delete_all(self, request: WireRequest, _version: str, _parts: tuple[str, ...]) -> list[dict[str, Any]]:
        return batches.delete_collection(self._saving, request.param("ids"))

    def _tooling_query(self, request: WireRequest, version: str, _parts: tuple[str, ...]) -> dict[str, Any]:
        page = self._queries.start(request, version, deleted=False, tooling=True)
        return {"size": len(page["records"]), "entityTypeName": "CustomField", **page}

    def _create_field(self, request: WireRequest, _version: str, _parts: tuple[str, ...]) -> WireResponse:
        field_id = access.create_custom_field(self.org, self._json(request))
        return WireResponse.of_json({"id": field_id, "success": True, "errors": []}, status=201)

    # ---- inside ----

    def _found(self, name: str) -> Any:
        try:
            return self._saving.columns.object(name)
        except Refusal as refusal:
            raise no_such_resource() from refusal

    def _body(self, request: WireRequest) -> Mapping[str, Any]:
        body = self._json(request)
        if not isinstance(body, Mapping):
            raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body must be an sObject")
        return {name: value for name, value in body.items() if name != "attributes"}

    def _json(self, request: WireRequest) -> Any:
        try:
            return request.json()
        except ValueError as error:
            raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body is not JSON") from error


def _assigns(request: WireRequest) -> bool:
    """Assignment rules run unless the header says FALSE: Salesforce's default is TRUE, on updates too."""
    return request.headers.get("Sforce-Auto-Assign", "TRUE").strip().casefold() != "false"
