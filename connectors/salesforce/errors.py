"""Every way in which simple-salesforce, requests and Salesforce itself can fail, as an error that says what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
import urllib3
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError, SalesforceOperationError

from connectors.errors import (
    ConnectorError,
    Contended,
    Gone,
    NeedsAttention,
    QuotaSpent,
    Scope,
    Throttled,
    Unavailable,
)

#: 401 answers that no new session cures; renewing on them would never end.
_FINAL_401 = ("not valid for use with the rest api", "connected app is not attached to agent")

_PERMISSION = {
    "API_DISABLED_FOR_ORG": "enable the API for the integration user (permission 'API Enabled')",
    "API_CURRENTLY_DISABLED": "enable the API for the integration user (permission 'API Enabled')",
    "INSUFFICIENT_ACCESS": "give the integration user access to the object, then run: leadgrade doctor",
    "INSUFFICIENT_ACCESS_OR_READONLY": "give the integration user access to the object, then run: leadgrade doctor",
    "FUNCTIONALITY_NOT_ENABLED": "enable the feature in Salesforce Setup or take its object out of the field map",
    "FORBIDDEN": "check the permissions of the integration user, then run: leadgrade doctor",
}
_SCHEMA = {"INVALID_FIELD", "INVALID_TYPE"}
_BUSY = {
    "SERVER_UNAVAILABLE",
    "QUERY_TIMEOUT",
    "UNKNOWN_EXCEPTION",
    "INVALID_QUERY_LOCATOR",
    "TXN_SECURITY_METERING_ERROR",
}
_RETRY_STATUS = {406, 408, 409, 420, 425, 428}
_CONFIGURATION = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidProxyURL,
    requests.exceptions.InvalidHeader,
    requests.exceptions.TooManyRedirects,
)


@contextmanager
def salesforce_errors(subject: str | None = None) -> Iterator[None]:
    """Turn foreign exceptions into connector errors; `subject` is the object that is spoken of."""
    try:
        yield
    except ConnectorError:
        raise
    except Exception as error:
        translated = translate(error, subject=subject)
        if translated is None:
            raise
        raise translated from error


def translate(error: Exception, *, subject: str | None = None) -> ConnectorError | None:
    """The connector error of a foreign exception; None for what is a bug of ours."""
    if isinstance(error, SalesforceAuthenticationFailed):
        return _credentials(f"Salesforce refuses the sign-in ({error.code}).")
    if isinstance(error, SalesforceError):
        return from_answer(error.status, error.content, subject=subject)
    if isinstance(error, SalesforceOperationError):
        return Unavailable("A bulk job did not come to its end; it is asked for again.")
    if isinstance(error, requests.exceptions.SSLError):
        return NeedsAttention(
            "The server's certificate is not accepted.",
            code="configuration",
            next_step="check `domain`, `verify` and `proxy` of the connection, then run: leadgrade doctor",
        )
    if isinstance(error, _CONFIGURATION):
        return NeedsAttention(
            f"The address of the connection cannot be used ({type(error).__name__}).",
            code="configuration",
            next_step="check `domain` and `proxy` of the connection, then run: leadgrade doctor",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return Unavailable("Salesforce did not answer in time.")
    if isinstance(error, (requests.exceptions.RequestException, urllib3.exceptions.HTTPError)):
        return Unavailable(f"Salesforce could not be reached or broke off ({type(error).__name__}).")
    return None


def first_error(content: Any) -> tuple[str, str]:
    """(errorCode, message) of an error body: a list of errors, an OAuth error, or anything else."""
    item = content[0] if isinstance(content, list) and content else content
    if isinstance(item, Mapping):
        code = item.get("errorCode") or item.get("statusCode") or item.get("error") or ""
        message = item.get("message") or item.get("error_description") or ""
        return str(code), str(message)
    return "", ""


def renewable(content: Any) -> bool:
    """Whether a 401 means that the session ended, so that a new one helps."""
    code, message = first_error(content)
    return code == "INVALID_SESSION_ID" and not any(text in message.casefold() for text in _FINAL_401)


def from_answer(status: int, content: Any, *, subject: str | None = None) -> ConnectorError:
    """The connector error of a refused request: HTTP status and parsed body."""
    code, message = first_error(content)
    known = _BY_CODE.get(code)
    if known:
        return known(message)
    about = f" ({subject})" if subject else ""
    if code in _SCHEMA:
        return NeedsAttention(
            f"{code}{about}: {_short(message)}",
            code="schema",
            scope=Scope.OBJECT if subject else Scope.CONNECTION,
            subject=subject,
            next_step="run: leadgrade doctor",
        )
    if code in _PERMISSION:
        return NeedsAttention(
            f"{code}{about}: {_short(message)}",
            code="permission",
            scope=Scope.OBJECT if subject else Scope.CONNECTION,
            subject=subject,
            next_step=_PERMISSION[code],
        )
    if code in _BUSY or status >= 500 or status in _RETRY_STATUS:
        return Unavailable(f"Salesforce answered {status} {code}".strip() + ".")
    if status == 429:
        return Throttled("Salesforce asked to slow down.")
    if status == 401:
        return _credentials(f"Salesforce does not accept the session: {code} {_short(message)}".strip())
    if status in (414, 431):
        return NeedsAttention(
            f"The query{about} is too long for Salesforce.",
            code="configuration",
            next_step="map fewer fields of this object",
        )
    if 300 <= status < 400:
        return NeedsAttention(
            f"Salesforce redirects ({status}) instead of answering.",
            code="configuration",
            next_step="set `domain` to the org's My Domain, then run: leadgrade doctor",
        )
    return NeedsAttention(
        f"Salesforce refuses a request{about}: {status} {code} {_short(message)}".strip(),
        code="permission" if status == 403 else "refused",
        scope=Scope.OBJECT if subject else Scope.CONNECTION,
        subject=subject,
        next_step="run: leadgrade doctor",
    )


def _limit(message: str) -> ConnectorError:
    if "concurrent" in message.casefold():
        return Throttled("Too many long requests run in the org at once.", retry_after=30.0)
    return QuotaSpent("The org's API calls of the day are spent.")


def _credentials(message: str) -> NeedsAttention:
    return NeedsAttention(
        message,
        code="credentials",
        next_step="check client id, secret (or key) and the app's policies in Salesforce, then run: leadgrade doctor",
    )


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 300 else line[:299] + "…"


_BY_CODE: dict[str, Callable[[str], ConnectorError]] = {
    "REQUEST_LIMIT_EXCEEDED": _limit,
    "UNABLE_TO_LOCK_ROW": lambda _: Contended("Another transaction holds the row."),
    "ENTITY_IS_DELETED": lambda _: Gone("The record is deleted."),
    "login_rate_exceeded": lambda _: Throttled("Too many sign-ins.", retry_after=60.0),
    "TOO_MANY_REQUESTS": lambda _: Throttled("Salesforce asked to slow down."),
}
