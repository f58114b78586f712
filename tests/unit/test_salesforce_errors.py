"""Every exception of the vendor's libraries becomes an error that says what to do next."""

from __future__ import annotations

import inspect

import pytest
import requests
import simple_salesforce
import simple_salesforce.exceptions
import urllib3.exceptions

from connectors.errors import (
    ConnectorError,
    Contended,
    Gone,
    NeedsAttention,
    QuotaSpent,
    Throttled,
    Unavailable,
)
from connectors.salesforce.errors import first_error, from_answer, renewable, salesforce_errors, translate


def _classes(module: object, root: type[BaseException]) -> list[type[BaseException]]:
    found = [item for _, item in inspect.getmembers(module, inspect.isclass) if issubclass(item, root)]
    return sorted({item for item in found if not issubclass(item, Warning)}, key=lambda item: item.__name__)


SALESFORCE = _classes(simple_salesforce.exceptions, Exception)
REQUESTS = _classes(requests.exceptions, requests.exceptions.RequestException)
URLLIB3 = _classes(urllib3.exceptions, urllib3.exceptions.HTTPError)


def _made(kind: type[BaseException]) -> Exception:
    if issubclass(kind, simple_salesforce.SalesforceAuthenticationFailed):
        return kind("invalid_client", "invalid client credentials")
    if issubclass(kind, simple_salesforce.SalesforceError):
        return kind("https://acme.my.salesforce.com/x", 400, "query", [{"errorCode": "X", "message": "y"}])
    if issubclass(kind, requests.exceptions.JSONDecodeError):
        return kind("no JSON", "", 0)
    error = kind.__new__(kind)
    Exception.__init__(error, "broken")
    assert isinstance(error, Exception)
    return error


@pytest.mark.parametrize(
    "kind", [*SALESFORCE, *REQUESTS, *URLLIB3], ids=lambda kind: f"{kind.__module__}.{kind.__name__}"
)
def test_every_foreign_exception_is_mapped(kind: type[BaseException]) -> None:
    error = translate(_made(kind))

    assert isinstance(error, ConnectorError)
    assert str(error)


def test_the_list_of_foreign_exceptions_is_not_empty() -> None:
    assert len(SALESFORCE) >= 10
    assert len(REQUESTS) >= 20
    assert len(URLLIB3) >= 20


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", QuotaSpent),
        (400, "INVALID_FIELD", NeedsAttention),
        (400, "INVALID_TYPE", NeedsAttention),
        (400, "MALFORMED_QUERY", NeedsAttention),
        (400, "INVALID_QUERY_LOCATOR", Unavailable),
        (400, "QUERY_TIMEOUT", Unavailable),
        (400, "UNABLE_TO_LOCK_ROW", Contended),
        (404, "ENTITY_IS_DELETED", Gone),
        (403, "API_DISABLED_FOR_ORG", NeedsAttention),
        (403, "API_CURRENTLY_DISABLED", NeedsAttention),
        (403, "INSUFFICIENT_ACCESS", NeedsAttention),
        (401, "INVALID_SESSION_ID", NeedsAttention),
        (404, "NOT_FOUND", NeedsAttention),
        (414, "", NeedsAttention),
        (431, "", NeedsAttention),
        (302, "", NeedsAttention),
        (406, "", Unavailable),
        (420, "", Unavailable),
        (429, "", Throttled),
        (500, "", Unavailable),
        (503, "SERVER_UNAVAILABLE", Unavailable),
    ],
)
def test_codes_and_statuses_say_what_to_do_next(status: int, code: str, kind: type[ConnectorError]) -> None:
    error = from_answer(status, [{"errorCode": code, "message": "words"}] if code else "")

    assert type(error) is kind
    if isinstance(error, NeedsAttention):
        assert error.next_step


def test_too_many_long_requests_at_once_are_no_spent_quota() -> None:
    words = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."

    assert isinstance(from_answer(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": words}]), Throttled)


@pytest.mark.parametrize(
    ("message", "again"),
    [
        ("Session expired or invalid", True),
        ("This session is not valid for use with the REST API", False),
        ("Connected app is not attached to Agent", False),
    ],
)
def test_only_an_ended_session_is_worth_a_new_one(message: str, again: bool) -> None:
    assert renewable([{"errorCode": "INVALID_SESSION_ID", "message": message}]) is again


@pytest.mark.parametrize("content", [None, "", b"<html>", [], {}, [1], "Unauthorized", 7])
def test_an_answer_of_any_shape_is_understood_as_far_as_it_goes(content: object) -> None:
    assert first_error(content) == ("", "")
    assert not renewable(content)
    assert isinstance(from_answer(401, content), NeedsAttention)


def test_a_bug_of_ours_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), salesforce_errors():
        raise ZeroDivisionError


def test_the_cause_is_kept() -> None:
    with pytest.raises(Unavailable) as caught, salesforce_errors("Lead"):
        raise requests.exceptions.ReadTimeout

    assert isinstance(caught.value.__cause__, requests.exceptions.ReadTimeout)
