"""Every exception that a call to HubSpot can raise becomes one of ours, by what to do next."""

from __future__ import annotations

import importlib.util
import inspect
import json
import ssl
from pathlib import Path
from types import ModuleType, SimpleNamespace

import hubspot
import pytest
import requests
import urllib3
from urllib3.connectionpool import HTTPConnectionPool

from connectors.errors import (
    ConnectorError,
    Contended,
    Gone,
    NeedsAttention,
    QuotaSpent,
    RefusalScope,
    Rejected,
    Throttled,
    Unavailable,
)
from connectors.hubspot.errors import Refused, error_from_answer, error_from_exception

_NOTHING = SimpleNamespace(co_varnames=())
ENVELOPE = {"status": "error", "message": "no", "correlationId": "c-1"}


def exception_modules() -> list[ModuleType]:
    """Loaded file by file: importing their packages would load the whole library."""
    root = Path(hubspot.__file__).parent
    found = []
    for place, path in enumerate(sorted(root.rglob("exceptions.py"))):
        if path.parent == root:
            continue
        spec = importlib.util.spec_from_file_location(f"vendor_exceptions_{place}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(module)
    return found


def classes_of(module: ModuleType) -> list[type[Exception]]:
    return [
        held
        for _, held in inspect.getmembers(module, inspect.isclass)
        if issubclass(held, Exception) and held.__module__ == module.__name__
    ]


def answer(status: int, content: object) -> SimpleNamespace:
    """What the vendor's exceptions are built from."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SimpleNamespace(status=status, reason="r", data=body, getheaders=lambda: {"Retry-After": "7"})


@pytest.fixture(scope="module")
def modules() -> list[ModuleType]:
    found = exception_modules()
    assert len(found) > 40
    return found


def takes_an_answer(held: type[Exception]) -> bool:
    return issubclass(held, Exception) and "http_resp" in getattr(held.__init__, "__code__", _NOTHING).co_varnames


def test_every_exception_class_of_the_vendor_is_mapped_by_its_status(modules: list[ModuleType]) -> None:
    expected = {401: NeedsAttention, 403: NeedsAttention, 404: NeedsAttention, 429: Throttled, 503: Unavailable}
    seen = 0
    for module in modules:
        for held in classes_of(module):
            if not takes_an_answer(held):
                continue
            for status, kind in expected.items():
                error = held(http_resp=answer(status, ENVELOPE))
                error.body = error.body.decode()
                assert type(error_from_exception(error)) is kind, f"{module.__name__}.{held.__name__} {status}"
                seen += 1
    assert seen > 1_000


def test_the_vendors_complaints_about_arguments_are_bugs_of_ours(modules: list[ModuleType]) -> None:
    for module in modules:
        for held in classes_of(module):
            if takes_an_answer(held):
                continue
            mapped = error_from_exception(held("private"))
            assert type(mapped) is ConnectorError
            assert "private" not in str(mapped)


def urllib3_errors() -> list[Exception]:
    pool = HTTPConnectionPool("localhost")
    arguments = (
        ("x",),
        (pool, "x"),
        (pool, "/", "x"),
        (1, 2),
        ("x", ValueError("x")),
        (pool, "/", ValueError("x")),
        (SimpleNamespace(tell=lambda: 0, length_remaining=1), b"x"),
    )
    made = []
    for held in vars(urllib3.exceptions).values():
        if not (inspect.isclass(held) and issubclass(held, urllib3.exceptions.HTTPError)):
            continue
        for given in arguments:
            try:
                made.append(held(*given))
                break
            except (TypeError, AttributeError, ValueError):
                continue
        else:
            pytest.fail(f"{held.__name__} could not be made")
    return made


def test_every_exception_of_urllib3_is_mapped() -> None:
    for error in urllib3_errors():
        mapped = error_from_exception(error)
        assert isinstance(mapped, ConnectorError), error
        if isinstance(error, urllib3.exceptions.TimeoutError | urllib3.exceptions.ProtocolError):
            assert isinstance(mapped, Unavailable)


def test_every_exception_of_requests_is_mapped() -> None:
    held = [
        item
        for item in vars(requests.exceptions).values()
        if inspect.isclass(item) and issubclass(item, requests.exceptions.RequestException)
    ]
    assert len(held) > 15
    for kind in held:
        error = kind("x", "y", 0) if issubclass(kind, requests.exceptions.JSONDecodeError) else kind("x")
        assert isinstance(error_from_exception(error), ConnectorError)
    assert isinstance(error_from_exception(requests.exceptions.ReadTimeout("x")), Unavailable)
    assert isinstance(error_from_exception(requests.exceptions.MissingSchema("x")), NeedsAttention)


def test_a_refused_certificate_needs_attention_and_another_tls_failure_does_not() -> None:
    pool = HTTPConnectionPool("localhost")
    verification = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("CERTIFICATE_VERIFY_FAILED"))
    refused = urllib3.exceptions.MaxRetryError(pool, "/", verification)
    cut = urllib3.exceptions.SSLError("EOF occurred")

    assert isinstance(error_from_exception(refused), NeedsAttention)
    assert isinstance(error_from_exception(requests.exceptions.SSLError(refused)), NeedsAttention)
    assert isinstance(error_from_exception(cut), Unavailable)


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (0, {}, Unavailable),
        (302, {}, NeedsAttention),
        (400, ENVELOPE, Rejected),
        (401, ENVELOPE, NeedsAttention),
        (402, ENVELOPE, NeedsAttention),
        (403, ENVELOPE, NeedsAttention),
        (404, ENVELOPE, NeedsAttention),
        (404, {**ENVELOPE, "category": "OBJECT_NOT_FOUND"}, Gone),
        (408, {}, Unavailable),
        (409, {**ENVELOPE, "category": "CONFLICT"}, Rejected),
        (414, b"<html>", Rejected),
        (423, ENVELOPE, Contended),
        (429, {**ENVELOPE, "policyName": "DAILY"}, QuotaSpent),
        (429, {"message": "You have reached your daily limit."}, QuotaSpent),
        (429, {**ENVELOPE, "policyName": "TEN_SECONDLY_ROLLING"}, Throttled),
        (477, ENVELOPE, Throttled),
        (500, b"\xff\xfe", Unavailable),
        (502, b"", Unavailable),
        (521, {}, Unavailable),
        (530, {}, NeedsAttention),
    ],
)
def test_each_status_says_what_to_do_next(status: int, content: object, kind: type[ConnectorError]) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content)

    assert isinstance(error_from_answer(status, {}, body), kind)


@pytest.mark.parametrize(
    ("content", "headers", "seconds"),
    [
        (
            {"policyName": "TEN_SECONDLY_ROLLING", "message": "You have reached your ten_secondly_rolling limit."},
            {},
            10.0,
        ),
        ({"policyName": "SECONDLY", "message": "You have reached your secondly limit."}, {}, 1.0),
        ({"message": "You have reached your secondly limit."}, {}, 1.0),
        ({"message": "You have reached your ten_secondly_rolling limit."}, {}, 10.0),
        ({"category": "RATE_LIMITS"}, {"retry-after": "3"}, 3.0),
        ({"category": "RATE_LIMITS"}, {"Retry-After": "soon"}, 10.0),
    ],
)
def test_a_throttle_says_how_long(content: dict[str, str], headers: dict[str, str], seconds: float) -> None:
    error = error_from_answer(429, headers, content)

    assert isinstance(error, Throttled)
    assert error.retry_after == seconds


def test_a_migration_asks_for_hours() -> None:
    error = error_from_answer(477, {"Retry-After": "86400"}, {})

    assert isinstance(error, Throttled)
    assert error.retry_after == 86_400


def test_missing_scopes_are_named_in_the_next_step() -> None:
    content = {
        **ENVELOPE,
        "category": "MISSING_SCOPES",
        "errors": [{"message": "x", "context": {"requiredGranularScopes": ["crm.objects.deals.read"]}}],
    }

    error = error_from_answer(403, {}, content)

    assert "crm.objects.deals.read" in (error.next_step or "")


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        ("PROPERTY_DOESNT_EXIST", RefusalScope.OBJECT),
        ("READ_ONLY_VALUE", RefusalScope.OBJECT),
        ("MISSING_CONDITIONAL_REQUIRED_PROPERTY", RefusalScope.RECORD),
        ("INVALID_OPTION", RefusalScope.VALUE),
    ],
)
def test_a_refusal_names_code_properties_and_scope_in_either_shape(code: str, scope: RefusalScope) -> None:
    listed = {**ENVELOPE, "errors": [{"message": "m", "code": code, "context": {"propertyName": ["leadgrade_score"]}}]}
    embedded = {
        **ENVELOPE,
        "category": "VALIDATION_ERROR",
        "message": f'Property values were not valid: [{{"isValid":false,"message":"m","error":"{code}","name":"leadgrade_score"}}]',
    }

    for content in (listed, embedded):
        error = error_from_answer(400, {}, content)
        assert isinstance(error, Refused)
        assert (error.code, error.fields, error.scope, error.words) == (code, ("leadgrade_score",), scope, "m")


def test_messages_keep_hubspots_sentence_out_because_it_quotes_values() -> None:
    error = error_from_answer(409, {}, {**ENVELOPE, "message": "Contact jane@acme.example already exists"})

    assert "jane" not in str(error)
    assert "c-1" in str(error)
