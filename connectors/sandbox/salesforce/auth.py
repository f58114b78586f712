"""OAuth: client credentials, JWT bearer, refresh token, user name and password; sessions that end; who am I."""

from __future__ import annotations

import base64
import binascii
import hashlib

import jwt

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
    if grant in ("password", "refresh_token"):
        wanted = (org.credentials.get("client_id"), org.credentials.get("client_secret"))
        if _client(request, form) != wanted:
            return _refused("invalid_client_id", "client identifier invalid")
        return _password(org, request, form) if grant == "password" else _refresh(org, request, form)
    return _refused("unsupported_grant_type", "grant type not supported")


def revoke(org: Org, request: WireRequest) -> WireResponse:
    """/services/oauth2/revoke: ends a session."""
    token = request.form().get("token") or request.param("token") or ""
    if org.sessions.pop(token, None) is None:
        return _refused("invalid_token", "the token is not known")
    return WireResponse.empty(200)


def authenticate(org: Org, request: WireRequest) -> None:
    """Checks the session of a request.

    Raises:
        Refusal: 401 INVALID_SESSION_ID.
    """
    scheme, _, session = request.headers.get("Authorization", "").partition(" ")
    ends = org.sessions.get(session) if scheme.casefold() in ("bearer", "oauth") else None
    if ends is None or ends <= org.clock.now():
        raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")


def knows_password(org: Org, username: str, password: str) -> bool:
    """Whether the API user signs in with this name and this password, followed by their security token."""
    held = org.credentials
    known = bool(held.get("username")) and bool(held.get("password"))
    return known and (username.casefold(), password) == (
        held["username"].casefold(),
        held["password"] + held.get("security_token", ""),
    )


def open_session(org: Org) -> str:
    """The id of a new session of the API user."""
    now = org.clock.now()
    number = int(org.settings.get("tokens", 0)) + 1
    org.settings["tokens"] = number
    session = f"{org.id[:15]}!{hashlib.sha256(f'{org.id}:{number}:{now}'.encode()).hexdigest()}"
    org.sessions[session] = now + session_seconds(org) * 1000
    return session


def session_seconds(org: Org) -> int:
    """How long a session lives."""
    return int(org.settings.get("session_seconds", _SESSION_SECONDS))


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


def _password(org: Org, request: WireRequest, form: dict[str, str]) -> WireResponse:
    if not knows_password(org, form.get("username", ""), form.get("password", "")):
        return _refused("invalid_grant", "authentication failure")
    return _granted(org, request)


def _refresh(org: Org, request: WireRequest, form: dict[str, str]) -> WireResponse:
    held = org.credentials.get("refresh_token")
    if not held or form.get("refresh_token") != held:
        return _refused("invalid_grant", "expired access/refresh token")
    if not org.settings.get("rotate_refresh_tokens"):
        return _granted(org, request)
    org.credentials["refresh_token"] = f"5Aep.{hashlib.sha256(held.encode()).hexdigest()}"
    return _granted(org, request, refresh_token=org.credentials["refresh_token"])


def _granted(org: Org, request: WireRequest, **more: str) -> WireResponse:
    return WireResponse.of_json(
        {
            "access_token": open_session(org),
            "instance_url": request.base_url,
            # The vendor's host is login.salesforce.com; here whoever follows the address stays on this machine.
            "id": f"{request.base_url}/id/{org.id}/{org.api_user}",
            "token_type": "Bearer",
            "scope": "api refresh_token",
            "issued_at": str(org.clock.now()),
            **more,
        },
        headers={"Cache-Control": "no-cache, no-store"},
    )


def _refused(code: str, description: str) -> WireResponse:
    return WireResponse.of_json({"error": code, "error_description": description}, status=400)
