"""The SOAP sign-in of the Partner API, as old clients use it: login and logout. All other calls are refused as faults.

Versions 31.0 to 64.0; from 65.0 on login() is gone, and an org may have it switched off (`settings["soap_login"]` False).
"""

from __future__ import annotations

from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import auth
from connectors.sandbox.wire import WireRequest, WireResponse

_LAST_VERSION = 64.0
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_NAMESPACES = {"u": "urn:partner.soap.sforce.com", "c": "urn:enterprise.soap.sforce.com"}


def answer(org: Org, request: WireRequest, kind: str, version: str) -> WireResponse:
    """POST /services/Soap/u/VERSION (Partner) or /c/VERSION (Enterprise)."""
    namespace = _NAMESPACES[kind]
    try:
        # Without a document type there are no entities to expand; who sends here is on this machine.
        envelope = ET.fromstring(request.body) if b"<!DOCTYPE" not in request.body else None  # noqa: S314
    except ET.ParseError:
        envelope = None
    body = None if envelope is None else envelope.find(f"{{{_ENVELOPE}}}Body")
    call = None if body is None else next(iter(body), None)
    if envelope is None or call is None:
        return _fault("soapenv:Client", "The SOAP envelope cannot be read")
    name = call.tag.rpartition("}")[2]
    if name == "login":
        return _login(org, call, namespace, version, f"{request.base_url}/services/Soap/{kind}/{version}")
    if name == "logout":
        return _logout(org, envelope, namespace)
    return _fault("sf:FUNCTIONALITY_NOT_ENABLED", f"The sandbox does not emulate the SOAP call {name}.")


def _login(org: Org, call: ET.Element, namespace: str, version: str, server: str) -> WireResponse:
    if version not in org.settings["api_versions"] or float(version) > _LAST_VERSION:
        return _fault(
            "sf:UNSUPPORTED_API_VERSION", f"UNSUPPORTED_API_VERSION: login() is not available in API version {version}"
        )
    if not org.settings.get("soap_login", True):
        return _fault("sf:INVALID_OPERATION", "INVALID_OPERATION: SOAP API login() is disabled by default in this org.")
    username, password = (call.findtext(f"{{{namespace}}}{name}") or "" for name in ("username", "password"))
    if not auth.knows_password(org, username, password):
        return _fault(
            "sf:INVALID_LOGIN", "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
        )
    session, user = auth.open_session(org), org.get("User", org.api_user)
    organization = org.get("Organization", org.id)
    about = {
        "organizationId": org.id,
        "organizationName": str(organization.get("Name", "")),
        "sessionSecondsValid": str(auth.session_seconds(org)),
        "userEmail": str(user.get("Email", "")),
        "userFullName": str(user.get("Name", "")),
        "userId": user.id,
        "userLanguage": "en_US",
        "userLocale": "en_US",
        "userName": str(user.get("Username", "")),
        "userTimeZone": str(user.get("TimeZoneSidKey", "")),
        "userType": "Standard",
    }
    result = {
        "metadataServerUrl": f"{server}/{org.id[:15]}".replace("/Soap/u/", "/Soap/m/").replace("/Soap/c/", "/Soap/m/"),
        "passwordExpired": "false",
        "sandbox": "true" if organization.get("IsSandbox") else "false",
        "serverUrl": f"{server}/{org.id[:15]}",
        "sessionId": session,
        "userId": user.id,
    }
    inner = f"{_elements(result)}<userInfo>{_elements(about)}</userInfo>"
    return _enveloped(f'<loginResponse xmlns="{namespace}"><result>{inner}</result></loginResponse>')


def _logout(org: Org, envelope: ET.Element, namespace: str) -> WireResponse:
    session = envelope.findtext(f"{{{_ENVELOPE}}}Header/{{{namespace}}}SessionHeader/{{{namespace}}}sessionId")
    if org.sessions.pop(session or "", None) is None:
        return _fault("sf:INVALID_SESSION_ID", "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader")
    return _enveloped(f'<logoutResponse xmlns="{namespace}"/>')


def _elements(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())


def _fault(code: str, text: str) -> WireResponse:
    spoken = f"<faultcode>{code}</faultcode><faultstring>{escape(text)}</faultstring>"
    detail = ""
    if code.startswith("sf:"):
        name, message = code.removeprefix("sf:"), text.partition(": ")[2] or text
        detail = (
            '<detail><sf:LoginFault xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="sf:LoginFault">'
            f"<sf:exceptionCode>{name}</sf:exceptionCode><sf:exceptionMessage>{escape(message)}</sf:exceptionMessage>"
            "</sf:LoginFault></detail>"
        )
    return _enveloped(f"<soapenv:Fault>{spoken}{detail}</soapenv:Fault>", status=500)


def _enveloped(content: str, *, status: int = 200) -> WireResponse:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns:sf="urn:fault.partner.soap.sforce.com">'
        f"<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )
    return WireResponse(status=status, headers={"Content-Type": "text/xml; charset=utf-8"}, body=text.encode())
