"""How clients of all kinds sign in to the sandbox's Salesforce: OAuth grants, the SOAP call, who they are then."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.wire import WireRequest, WireResponse

DATA = "/services/data/v66.0"
PASSWORD = "sandbox-passwordsandboxtoken"


class Door:
    """A client without a session."""

    def __init__(self) -> None:
        self.org: Org = empty_salesforce_org(clock=OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC)))
        self.dialect = SalesforceDialect(self.org)

    def token(self, grant: str, **form: str) -> WireResponse:
        wanted = {"grant_type": grant, "client_id": "sandbox-client", "client_secret": "sandbox-secret", **form}
        return self.dialect.handle(WireRequest.to("POST", "/services/oauth2/token", body=urlencode(wanted).encode()))

    def soap(self, call: str, *, version: str = "59.0", header: str = "", kind: str = "u") -> WireResponse:
        text = (
            '<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/">'
            f"<se:Header>{header}</se:Header><se:Body>{call}</se:Body></se:Envelope>"
        )
        return self.dialect.handle(WireRequest.to("POST", f"/services/Soap/{kind}/{version}", body=text.encode()))

    def login(self, password: str = PASSWORD, **more: Any) -> WireResponse:
        spoken = {"c": "enterprise"}.get(more.get("kind", "u"), "partner")
        name = escape(self.org.credentials["username"])
        inner = f"<username>{name}</username><password>{escape(password)}</password>"
        return self.soap(f'<login xmlns="urn:{spoken}.soap.sforce.com">{inner}</login>', **more)

    def get(self, path: str, session: str, method: str = "GET", **more: Any) -> WireResponse:
        headers = {"Authorization": f"Bearer {session}", **more.pop("headers", {})}
        return self.dialect.handle(WireRequest.to(method, path, headers=headers, **more))


@pytest.fixture
def door() -> Door:
    return Door()


def _text(answer: WireResponse, name: str) -> str | None:
    found = next((item for item in ET.fromstring(answer.body).iter() if item.tag.rpartition("}")[2] == name), None)
    return None if found is None else found.text


# ---- OAuth ----


def test_a_user_name_with_password_and_token_signs_in_and_without_the_token_does_not(door: Door) -> None:
    name = door.org.credentials["username"]

    session = door.token("password", username=name.upper(), password=PASSWORD).json()["access_token"]
    refused = door.token("password", username=name, password="sandbox-password")

    assert door.get(f"{DATA}/limits", session).status == 200
    assert (refused.status, refused.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_signs_in_again_and_again_unless_it_rotates(door: Door) -> None:
    held = door.org.credentials["refresh_token"]

    assert [door.token("refresh_token", refresh_token=held).status for _ in range(2)] == [200, 200]
    door.org.settings["rotate_refresh_tokens"] = True
    following = door.token("refresh_token", refresh_token=held).json()["refresh_token"]
    assert door.token("refresh_token", refresh_token=held).json()["error"] == "invalid_grant"
    assert door.token("refresh_token", refresh_token=following).status == 200


def test_a_session_can_be_revoked(door: Door) -> None:
    session = door.token("client_credentials").json()["access_token"]
    body = f"token={session}".encode()

    answers = [
        door.dialect.handle(WireRequest.to("POST", "/services/oauth2/revoke", body=body)).status for _ in range(2)
    ]

    assert answers == [200, 400]
    assert door.get(f"{DATA}/limits", session).status == 401


def test_the_map_of_resources_leads_to_the_identity(door: Door) -> None:
    granted = door.token("client_credentials").json()
    session, root = granted["access_token"], granted["instance_url"]

    found = door.get(f"{DATA}/", session).json()
    identity = door.get(found["identity"].removeprefix(root), session).json()

    assert found["sobjects"] == f"{DATA}/sobjects"
    assert found["identity"] == granted["id"]
    assert (identity["organization_id"], identity["user_id"]) == (door.org.id, door.org.api_user)
    assert identity["urls"]["rest"] == f"{root}/services/data/v{{version}}/"
    assert door.get(f"/id/{door.org.id}/005000000000000AAA", session).status == 403
    assert door.get(f"/id/{door.org.id}/{door.org.api_user}", "wrong").status == 401


# ---- SOAP ----


@pytest.mark.parametrize("kind", ["u", "c"])
def test_soap_login_gives_a_session_for_rest(door: Door, kind: str) -> None:
    answer = door.login(kind=kind)

    session, server = _text(answer, "sessionId"), _text(answer, "serverUrl")
    assert (answer.status, _text(answer, "passwordExpired")) == (200, "false")
    assert _text(answer, "organizationId") == door.org.id
    assert server == f"http://127.0.0.1/services/Soap/{kind}/59.0/{door.org.id[:15]}"
    assert door.get(f"{DATA}/limits", session or "").status == 200


def test_a_wrong_password_is_a_fault_in_soaps_form(door: Door) -> None:
    answer = door.login("wrong & <odd>")

    assert (answer.status, _text(answer, "faultcode")) == (500, "sf:INVALID_LOGIN")
    assert _text(answer, "faultstring") == (
        "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
    )
    assert _text(answer, "exceptionCode") == "INVALID_LOGIN"


@pytest.mark.parametrize("version", ["65.0", "68.0", "30.0"])
def test_newer_and_retired_versions_have_no_soap_login(door: Door, version: str) -> None:
    assert _text(door.login(version=version), "faultcode") == "sf:UNSUPPORTED_API_VERSION"


def test_an_org_may_have_switched_soap_login_off(door: Door) -> None:
    door.org.settings["soap_login"] = False

    assert _text(door.login(), "faultcode") == "sf:INVALID_OPERATION"


def test_soap_logout_ends_the_session(door: Door) -> None:
    session = _text(door.login(), "sessionId") or ""
    space = 'xmlns="urn:partner.soap.sforce.com"'
    header = f"<SessionHeader {space}><sessionId>{session}</sessionId></SessionHeader>"

    answers = [door.soap(f"<logout {space}/>", header=header) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 500]
    assert _text(answers[1], "exceptionCode") == "INVALID_SESSION_ID"
    assert door.get(f"{DATA}/limits", session).status == 401


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('<query xmlns="urn:partner.soap.sforce.com"/>', "sf:FUNCTIONALITY_NOT_ENABLED"),
        ("", "soapenv:Client"),
        ("<unclosed>", "soapenv:Client"),
    ],
)
def test_other_soap_calls_are_refused_loudly(door: Door, call: str, code: str) -> None:
    assert _text(door.soap(call), "faultcode") == code


# ---- what goes for every request ----


def test_all_versions_in_service_are_listed_with_their_release(door: Door) -> None:
    listed = door.dialect.handle(WireRequest.to("GET", "/services/data")).json()

    labels = {item["version"]: item["label"] for item in listed}
    assert (next(iter(labels)), list(labels)[-1]) == ("31.0", "68.0")
    assert [labels[version] for version in ("31.0", "59.0", "62.0", "67.0", "68.0")] == [
        "Summer '14",
        "Winter '24",
        "Winter '25",
        "Summer '26",
        "Winter '27",
    ]


def test_addresses_and_headers_have_a_limit(door: Door) -> None:
    session = door.token("client_credentials").json()["access_token"]
    query = urlencode({"q": "SELECT Id FROM Lead WHERE LastName = '" + "x" * 16_400 + "'"})

    assert door.get(f"{DATA}/query?{query}", session).status == 414
    assert door.get(f"{DATA}/limits", session, headers={"X-Long": "x" * 16_300}).status == 431


def test_bodies_may_be_packed_and_a_post_may_mean_another_method(door: Door) -> None:
    session = door.token("client_credentials").json()["access_token"]
    lead = door.org.create("Lead", {"LastName": "Lee", "Company": "Acme"}).id
    body = gzip.compress(json.dumps({"Title": "CEO"}).encode())

    answer = door.get(
        f"{DATA}/sobjects/Lead/{lead}?_HttpMethod=PATCH",
        session,
        method="POST",
        body=body,
        headers={"Content-Encoding": "gzip"},
    )

    assert answer.status == 204
    assert door.org.get("Lead", lead).get("Title") == "CEO"
    spoiled = door.get(f"{DATA}/query", session, body=b"x", headers={"Content-Encoding": "gzip"})
    assert spoiled.status == 400


def test_what_the_vendor_has_and_the_sandbox_has_not_is_said_loudly(door: Door) -> None:
    session = door.token("client_credentials").json()["access_token"]
    literal = urlencode({"q": "SELECT Id FROM Lead WHERE CreatedDate = THIS_MONTH"})

    answers = [
        door.get(f"{DATA}/limits", session, headers={"Accept": "application/xml"}),
        door.get(f"{DATA}/query?{literal}", session),
        door.get(
            f"{DATA}/composite/sobjects",
            session,
            "POST",
            payload={
                "allOrNone": True,
                "records": [{"attributes": {"type": "Lead"}, "LastName": "Lee", "Company": "Acme"}],
            },
        ),
    ]

    assert {answer.status for answer in answers} == {501}
    assert {answer.json()[0]["errorCode"] for answer in answers} == {"FUNCTIONALITY_NOT_ENABLED"}
