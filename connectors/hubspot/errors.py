"""Foreign errors to ours: HubSpot's answers, the vendor library's exceptions, urllib3 and requests.

* 401, 530, token not printable   -> NeedsAttention(credentials)
* 402, 403                        -> NeedsAttention(permission)
* 3xx, 404 without a record, URL  -> NeedsAttention(configuration)
* 404 of a record                 -> Gone
* 423                             -> Contended
* 429 DAILY                       -> QuotaSpent;  other 429, 477 -> Throttled
* 400, 409, 413, 414, 4xx         -> Refused, a Rejected that carries HubSpot's own words
* 408, 5xx, network, not JSON     -> Unavailable
* anything else of the library    -> ConnectorError: a bug of ours

Every sub-API of the library has exception classes of its own without a common parent: they are told by their shape.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from typing import Any

import requests
import urllib3

from connectors.errors import (
    ConnectorError,
    Contended,
    Gone,
    NeedsAttention,
    QuotaSpent,
    RefusalScope,
    Rejected,
    Scope,
    Throttled,
    Unavailable,
)

#: Codes that no other value will heal: the object's properties or rights must change.
_OBJECT_CODES = frozenset(
    {"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE", "PROPERTY_NOT_FOUND", "MISSING_SCOPES", "READ_ONLY_PROPERTY"}
)
#: Codes that another property of the same record must heal.
_RECORD_CODES = frozenset({"MISSING_CONDITIONAL_REQUIRED_PROPERTY", "MISSING_REQUIRED_PROPERTY"})

_LONGEST_WORDS = 500

_BAD_ADDRESS: tuple[type[Exception], ...] = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidProxyURL,
    requests.exceptions.TooManyRedirects,
    urllib3.exceptions.LocationValueError,
    urllib3.exceptions.URLSchemeUnknown,
    urllib3.exceptions.ProxySchemeUnknown,
    urllib3.exceptions.ProxySchemeUnsupported,
)
_BUGS: tuple[type[Exception], ...] = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidJSONError,
    requests.exceptions.UnrewindableBodyError,
    requests.exceptions.StreamConsumedError,
    urllib3.exceptions.UnrewindableBodyError,
    urllib3.exceptions.BodyNotHttplibCompatible,
)


class Refused(Rejected):
    """HubSpot will not accept the request."""

    def __init__(self, message: str, *, code: str, fields: tuple[str, ...] = (), words: str = "") -> None:
        super().__init__(message, code=code, fields=fields, scope=scope_of(code))
        #: HubSpot's own sentence. It quotes the values it refuses: to be shown only where those values are ours.
        self.words = words or message


def error_from_exception(error: BaseException) -> ConnectorError:
    """The connector's error for any exception that a call to HubSpot can raise."""
    if isinstance(error, ConnectorError):
        return error
    status = getattr(error, "status", None)
    if isinstance(status, int) and hasattr(error, "body") and hasattr(error, "headers"):
        return error_from_answer(status, error.headers or {}, error.body)
    if isinstance(error.__context__, Exception) and hasattr(error.__context__, "body"):
        # The library decodes the body of an error without looking: no body, or one that is not UTF-8, makes it stumble.
        return error_from_exception(error.__context__)
    if isinstance(error, _BAD_ADDRESS):
        return NeedsAttention(
            f"HubSpot's address cannot be used ({type(error).__name__}).",
            code="configuration",
            next_step="check host and proxy of the connection",
        )
    if isinstance(error, _BUGS):
        return ConnectorError(f"The request to HubSpot could not be made ({type(error).__name__}).")
    if _certificate_refused(error):
        return NeedsAttention(
            "HubSpot's certificate was not accepted.",
            code="tls",
            next_step="check the system's certificates, its clock, and any proxy in between",
        )
    if isinstance(error, requests.exceptions.RequestException | urllib3.exceptions.HTTPError | OSError):
        return Unavailable(f"HubSpot could not be reached ({type(error).__name__}).")
    return ConnectorError(f"The client library refused the request to HubSpot ({type(error).__name__}).")


def error_from_answer(status: int, headers: Mapping[str, str], body: Any) -> ConnectorError:
    """The connector's error for an answer that is not a success."""
    content = _content(body)
    message = _message(status, content)
    category = str(content.get("category") or "")
    if status == 0:
        return Unavailable("HubSpot could not be reached (TLS).")
    if status in (401, 530):
        return NeedsAttention(
            message, code="credentials", next_step="check the service key or private-app token of the connection"
        )
    if status in (402, 403):
        return _forbidden(message, content)
    if status == 404:
        if category == "OBJECT_NOT_FOUND" or content.get("subCategory"):
            return Gone(message)
        return NeedsAttention(
            message, code="configuration", next_step="check host and paths of the connection: leadgrade doctor"
        )
    if status == 423:
        return Contended(message)
    if status == 429:
        return _throttled(message, headers, content)
    if status == 477:
        return Throttled(message, retry_after=_seconds(headers, default=3600.0))
    if 300 <= status < 400:
        return NeedsAttention(message, code="configuration", next_step="check the host of the connection")
    if status == 408 or status >= 500:
        return Unavailable(message)
    code, fields = refusal_of(content)
    return Refused(message, code=code, fields=fields, words=_words(content))


def refusal_of(content: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Code and property names of a refusal, from whichever of HubSpot's error shapes it came in."""
    details = [item for item in content.get("errors") or () if isinstance(item, dict)]
    details += _embedded(str(content.get("message") or ""))
    code = next((str(item[key]) for item in details for key in ("code", "error") if item.get(key)), "")
    named: list[str] = []
    for item in details:
        context = item.get("context")
        if isinstance(context, dict) and isinstance(context.get("propertyName"), list):
            named += [str(name) for name in context["propertyName"]]
        elif item.get("name"):
            named.append(str(item["name"]))
    return code or str(content.get("category") or "rejected"), tuple(dict.fromkeys(named))


def scope_of(code: str) -> RefusalScope:
    """What must change before a write refused with this code is worth another try."""
    if code in _OBJECT_CODES:
        return RefusalScope.OBJECT
    return RefusalScope.RECORD if code in _RECORD_CODES else RefusalScope.VALUE


def _forbidden(message: str, content: Mapping[str, Any]) -> NeedsAttention:
    context = content.get("context")
    for item in content.get("errors") or ():
        if not context and isinstance(item, dict):
            context = item.get("context")
    scopes: list[str] = []
    if isinstance(context, dict):
        for key in ("requiredGranularScopes", "requiredScopes"):
            scopes += [str(scope) for scope in context.get(key) or ()]
    wanted = ", ".join(dict.fromkeys(scopes)) or "the scopes that leadgrade doctor lists"
    return NeedsAttention(
        message, code="permission", scope=Scope.OBJECT, next_step=f"give the service key or private app: {wanted}"
    )


def _throttled(message: str, headers: Mapping[str, str], content: Mapping[str, Any]) -> ConnectorError:
    policy = str(content.get("policyName") or "").upper()
    words = str(content.get("message") or "").lower()
    if policy == "DAILY" or "daily limit" in words:
        return QuotaSpent(message)
    one_second = policy == "SECONDLY" or ("secondly limit" in words and "ten_secondly" not in words)
    default = 1.0 if one_second else 10.0
    return Throttled(message, retry_after=_seconds(headers, default=default))


def _seconds(headers: Mapping[str, str], *, default: float) -> float:
    value = next((held for name, held in headers.items() if name.lower() == "retry-after"), None)
    try:
        return max(0.0, float(value)) if value is not None else default
    except ValueError:
        return default


def _words(content: Mapping[str, Any]) -> str:
    details = [item for item in content.get("errors") or () if isinstance(item, dict)]
    details += _embedded(str(content.get("message") or ""))
    found = next((str(item["message"]) for item in details if item.get("message")), None)
    return (found or str(content.get("message") or ""))[:_LONGEST_WORDS]


def _message(status: int, content: Mapping[str, Any]) -> str:
    """HubSpot's code and correlation id. Its sentence stays out: it quotes values, and values are personal data."""
    words = [f"HubSpot answered {status}"]
    words += [str(content[key]) for key in ("category", "errorType", "policyName") if content.get(key)]
    code, fields = refusal_of(content)
    if content.get("errors") and code not in words:
        words.append(code)
    text = " ".join(words) + (f" for {', '.join(fields)}" if fields else "")
    reference = content.get("correlationId")
    return f"{text} (correlation id {reference})." if reference else f"{text}."


def _content(body: Any) -> Mapping[str, Any]:
    if isinstance(body, dict):
        return body
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    try:
        content = json.loads(body) if body else {}
    except (TypeError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _embedded(message: str) -> list[dict[str, Any]]:
    """`Property values were not valid: [{"isValid":false,"error":"INVALID_OPTION","name":"grade",…}]`."""
    start = message.find("[{")
    if start < 0:
        return []
    try:
        found = json.loads(message[start : message.rfind("]") + 1])
    except ValueError:
        return []
    return [item for item in found if isinstance(item, dict)]


def _certificate_refused(error: BaseException) -> bool:
    seen: object = error
    while isinstance(seen, BaseException):
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        inner = [getattr(seen, "reason", None), *seen.args, seen.__cause__]
        seen = next((item for item in inner if isinstance(item, BaseException)), None)
    return False
