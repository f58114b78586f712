"""OAuth: client credentials and JWT bearer, sessions that end, who am I."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

import jwt

from connectors.sandbox.clock import Stamp
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.wire import WireRequest, WireResponse

#: Sessions end after two hours unless the org says otherwise (`settings["session_seconds"]`).
_SESSION_SECONDS = 7200
_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def token(org: Org, request: WireRequest) -> WireResponse:
    """POST /services/oauth2/token."""
    form = request.form()
    grant = form.get("grant_type")
    if grant == "client_credentials":
        client_id, secret = _client(request, form)
        wanted = (org.credentials.get("client_id"), org.credentials.get("client_secret"))
        if client_id != wanted[0]:
            return _refused("invalid_client_id", "client identifier invalid")
        if secret != wanted[1]:
            return _refused("invalid_client", "invalid client credentials")
        return _granted(org, request)
    if grant == _JWT_GRANT:
        return _jwt(org, request, form.get("assertion", ""))
    return _refused("unsupported_grant_type", "grant type not supported")


def authenticate(org: Org, request: WireRequest) -> None:
    """Checks the session of a request.

    Raises:
        Refusal: 401 INVALID_SESSION_ID.
    """
    scheme, _, session = request.headers.get("Authorization", "").partition(" ")
    ends = org.sessions.get(session) if scheme.casefold() in ("bearer", "oauth") else None
    if ends is None or ends <= org.clock.now():
        raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")


def userinfo(org: Org) -> dict[str, Any]:
    """GET /services/oauth2/userinfo."""
    user = org.get("User", org.api_user)
    return {
        "sub": f"https://login.salesforce.com/id/{org.id}/{user.id}",
        "user_id": user.id,
        "organization_id": org.id,
        "preferred_username": user.get("Username"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "zoneinfo": user.get("TimeZoneSidKey"),
        "user_type": "STANDARD",
        "active": True,
    }


def _client(request: WireRequest, form: dict[str, str]) -> tuple[str | None, str | None]:
    scheme, _, packed = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "basic":
        return form.get("client_id"), form.get("client_secret")
    try:
        client_id, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return client_id, secret


def _jwt(org: Org, request: WireRequest, assertion: str) -> WireResponse:
    key = org.credentials.get("jwt_public_key")
    if not key:
        return _refused("invalid_grant", "user hasn't approved this consumer")
    try:
        claims = jwt.decode(
            assertion, key, algorithms=["RS256"], audience=list(_AUDIENCES), options={"verify_exp": False}
        )
    except jwt.PyJWTError:
        return _refused("invalid_grant", "invalid assertion")
    now = org.clock.now() / 1000
    if not now < float(claims.get("exp", 0)) <= now + 300:
        return _refused("invalid_grant", "expired authorization code")
    user = org.get("User", org.api_user)
    if claims.get("iss") != org.credentials.get("client_id"):
        return _refused("invalid_client_id", "client identifier invalid")
    if claims.get("sub") != user.get("Username"):
        return _refused("invalid_grant", "user hasn't approved this consumer")
    return _granted(org, request)


def _granted(org: Org, request: WireRequest) -> WireResponse:
    now = org.clock.now()
    number = int(org.settings.get("tokens", 0)) + 1
    org.settings["tokens"] = number
    session = f"{org.id[:15]}!{hashlib.sha256(f'{org.id}:{number}:{now}'.encode()).hexdigest()}"
    org.sessions[session] = _end(org, now)
    return WireResponse.of_json(
        {
            "access_token": session,
            "instance_url": request.base_url,
            "id": f"https://login.salesforce.com/id/{org.id}/{org.api_user}",
            "token_type": "Bearer",
            "scope": "api",
            "issued_at": str(now),
        },
        headers={"Cache-Control": "no-cache, no-store"},
    )


def _end(org: Org, now: Stamp) -> Stamp:
    return now + int(org.settings.get("session_seconds", _SESSION_SECONDS)) * 1000


def _refused(code: str, description: str) -> WireResponse:
    return WireResponse.of_json({"error": code, "error_description": description}, status=400)
