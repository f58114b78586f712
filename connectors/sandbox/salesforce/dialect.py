"""Salesforce's APIs on an `Org`: sessions, versions, calls counted. What is not here answers as an unknown resource does."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import replace
from urllib.parse import quote, urlencode

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import access, auth, identity, limits, soap
from connectors.sandbox.salesforce.assignment import define_rules
from connectors.sandbox.salesforce.errors import Refusal, no_such_resource, not_emulated
from connectors.sandbox.salesforce.routes import Resources
from connectors.sandbox.wire import WireRequest, WireResponse

_DATA = re.compile(r"/services/data/v(?P<version>\d+\.\d+)(?P<rest>/.*)?")
_SOAP = re.compile(r"/services/Soap/(?P<kind>[uc])/(?P<version>\d+\.\d+)(/.*)?")
_IDENTITY = re.compile(r"/id/(?P<org>\w+)/(?P<user>\w+)")
_SEASONS = ("Winter", "Spring", "Summer")
_OVERRIDE = "_HttpMethod"
#: Of the address, and of the address with all headers.
_MAX_REQUEST_LINE = 16_384


class SalesforceDialect:
    """One org behind Salesforce's REST API, and the SOAP sign-in."""

    def __init__(self, org: Org) -> None:
        self.org = org
        access.define_setup_objects(org)
        define_rules(org)
        self._resources = Resources(org, self._answer)

    def handle(self, request: WireRequest) -> WireResponse:
        """Answers one request."""
        with self.org.lock:
            self._resources.ingest_jobs.keep_going()
            try:
                request = _unpacked(request)
                door = self._door(request)
                if door is not None:
                    return door
                _measured(request)
                _spoken(request)
                auth.authenticate(self.org, request)
                limits.take_call(self.org)
                response = self._answer(request)
            except Refusal as refusal:
                response = refusal.response()
            headers = {**response.headers, **limits.limit_header(self.org)}
            return WireResponse(status=response.status, headers=headers, body=response.body)

    def _door(self, request: WireRequest) -> WireResponse | None:
        """What needs no session and counts as no call: sign-ins and the list of versions."""
        if request.path == "/services/oauth2/token" and request.method == "POST":
            return auth.token(self.org, request)
        if request.path == "/services/oauth2/revoke" and request.method in ("GET", "POST"):
            return auth.revoke(self.org, request)
        if request.path.rstrip("/") == "/services/data" and request.method == "GET":
            return WireResponse.of_json(self._versions())
        found = _SOAP.fullmatch(request.path)
        if found is not None and request.method == "POST":
            return soap.answer(self.org, request, found["kind"], found["version"])
        return None

    def _answer(self, request: WireRequest) -> WireResponse:
        """One request, or one part of a composite request, whose errors stay its own."""
        try:
            if request.path == "/services/oauth2/userinfo" and request.method in ("GET", "POST"):
                return WireResponse.of_json(identity.userinfo(self.org, request))
            who = _IDENTITY.fullmatch(request.path)
            if who is not None and request.method == "GET":
                return WireResponse.of_json(identity.identity(self.org, request, who["org"], who["user"]))
            found = _DATA.fullmatch(request.path)
            if found is None or found["version"] not in self.org.settings["api_versions"]:
                raise no_such_resource()
            override = request.param(_OVERRIDE) if request.method == "POST" else None
            meant = replace(request, method=override.upper()) if override else request
            return self._resources.answer(meant, found["version"], found["rest"] or "/")
        except Refusal as refusal:
            return refusal.response()

    def _versions(self) -> list[dict[str, str]]:
        return [
            {"label": _release(version), "url": f"/services/data/v{version}", "version": version}
            for version in self.org.settings["api_versions"]
        ]


def _release(version: str) -> str:
    """Three releases a year; 59.0 was Winter '24."""
    years, season = divmod(round(float(version)) - 59, len(_SEASONS))
    return f"{_SEASONS[season]} '{24 + years}"


def _unpacked(request: WireRequest) -> WireRequest:
    if request.headers.get("Content-Encoding", "").casefold() != "gzip":
        return request
    try:
        return replace(request, body=gzip.decompress(request.body))
    except (OSError, EOFError, zlib.error) as error:
        raise Refusal(400, "INVALID_CONTENT", "The body is not gzip") from error


def _spoken(request: WireRequest) -> None:
    """Salesforce speaks XML too; whoever wants nothing else is told."""
    accepted = [kind.partition(";")[0].strip() for kind in request.headers.get("Accept", "*/*").split(",")]
    if accepted and all(kind.endswith("/xml") for kind in accepted):
        raise not_emulated("answers in XML")


def _measured(request: WireRequest) -> None:
    address = len(quote(request.path)) + len(urlencode(request.query)) + 1
    if address > _MAX_REQUEST_LINE:
        raise Refusal(414, "URI_TOO_LONG", f"The address is longer than {_MAX_REQUEST_LINE} bytes")
    if address + sum(len(name) + len(value) + 4 for name, value in request.headers.items()) > _MAX_REQUEST_LINE:
        raise Refusal(431, "HEADERS_TOO_LONG", f"Address and headers are longer than {_MAX_REQUEST_LINE} bytes")
