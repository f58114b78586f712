"""Signing in: client credentials or JWT bearer, by one token request on our own session.

The library's login is not used: it insists on `.salesforce.com` hosts and cannot tell a refused sign-in from a server that
is down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
import requests

from connectors.errors import ConnectorError, NeedsAttention, Throttled, Unavailable
from connectors.salesforce.errors import first_error, salesforce_errors
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.settings import SalesforceSettings

_JWT_LIFE = timedelta(minutes=3)
_NEXT = "check client id, secret (or key) and the app's policies in Salesforce, then run: leadgrade doctor"


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One session of the API."""

    session_id: str = field(repr=False)
    #: Host of the instance that answers.
    host: str
    user_id: str | None = None


def sign_in(
    settings: SalesforceSettings, session: SalesforceSession, *, now: datetime, sandboxed: bool = False
) -> Token:
    """A new session. `sandboxed` keeps the configured host, because the session rewrites every address anyway.

    Raises:
        NeedsAttention: The credentials are refused or incomplete (code "credentials").
        Unavailable, Throttled: Salesforce cannot answer now.
    """
    if settings.session_id:
        return Token(session_id=settings.session_id, host=settings.host)
    session.kind = "auth"
    with salesforce_errors():
        response = _ask(settings, session, now)
        content = _content(response)
        if response.status_code != 200:
            raise _refused(response.status_code, content)
        return _token(content, settings, sandboxed=sandboxed)


def _ask(settings: SalesforceSettings, session: SalesforceSession, now: datetime) -> requests.Response:
    url = f"https://{settings.host}/services/oauth2/token"
    if settings.client_id and settings.client_secret:
        form = {"grant_type": "client_credentials"}
        basic = requests.auth.HTTPBasicAuth(settings.client_id, settings.client_secret)
        return session.post(url, data=form, auth=basic)
    if settings.client_id and settings.username and settings.private_key:
        claims = {
            "iss": settings.client_id,
            "sub": settings.username,
            "aud": settings.audience,
            "exp": int((now + _JWT_LIFE).timestamp()),
        }
        try:
            assertion = jwt.encode(claims, settings.private_key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise NeedsAttention(
                "The private key of the connection is not an RSA key in PEM.", code="credentials", next_step=_NEXT
            ) from error
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return session.post(url, data=form)
    raise NeedsAttention(
        "The connection has neither client id and secret nor client id, user name and private key.",
        code="credentials",
        next_step="complete the connection in the configuration, then run: leadgrade doctor",
    )


def _content(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.exceptions.JSONDecodeError:
        return None


def _refused(status: int, content: Any) -> ConnectorError:
    code, message = first_error(content)
    if code == "login_rate_exceeded" or status == 429:
        return Throttled("Too many sign-ins in a short time.", retry_after=60.0)
    if status >= 500:
        return Unavailable(f"Salesforce answered {status} to the sign-in.")
    if 300 <= status < 400 or not code:
        return NeedsAttention(
            f"The host does not sign in ({status}).",
            code="configuration",
            next_step="set `domain` to the org's My Domain, then run: leadgrade doctor",
        )
    return NeedsAttention(
        f"Salesforce refuses the sign-in: {code} {message}".strip() + ".", code="credentials", next_step=_NEXT
    )


def _token(content: Any, settings: SalesforceSettings, *, sandboxed: bool) -> Token:
    if not isinstance(content, dict) or not isinstance(content.get("access_token"), str):
        raise Unavailable("The answer to the sign-in holds no token.")
    instance = content.get("instance_url")
    host = instance.partition("://")[2].split("/")[0] if isinstance(instance, str) else ""
    identity = content.get("id")
    user_id = identity.rstrip("/").rpartition("/")[2] if isinstance(identity, str) else None
    return Token(
        session_id=content["access_token"],
        host=settings.host if sandboxed or not host else host,
        user_id=user_id,
    )
