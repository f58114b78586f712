"""What every call to Salesforce carries, whoever makes it; and signing in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.errors import NeedsAttention, Throttled, Unavailable
from connectors.salesforce import SalesforceSettings
from connectors.salesforce.auth import sign_in
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.session import SalesforceSession

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "https://acme.my.salesforce.com/services/oauth2/token"
QUERY = "https://acme.my.salesforce.com/services/data/v66.0/query/"
GRANTED = {"access_token": "T1", "instance_url": "https://acme.my.salesforce.com", "id": "https://x/id/00D/005USER"}
ENDED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
EMPTY = {"records": [], "done": True, "totalSize": 0}


def _settings(**more: object) -> SalesforceSettings:
    given = {"name": "sales", "domain": "acme", "client_id": "ID", "client_secret": "SECRET", **more}
    return SalesforceSettings(**given)  # type: ignore[arg-type]


def _client(**more: object) -> SalesforceClient:
    return SalesforceClient(_settings(**more), clock=lambda: NOW)


@responses.activate
def test_every_call_has_timeouts_and_no_redirects_and_never_assigns() -> None:
    responses.post(TOKEN, json=GRANTED)
    responses.get(QUERY, json=EMPTY)
    client = _client(connect_timeout=3, timeout=7)

    client.query("SELECT Id FROM Lead")

    for call in responses.calls:
        assert call.request.req_kwargs["timeout"] == (3, 7)
        assert call.request.headers["Sforce-Auto-Assign"] == "FALSE"
        assert "X-PrettyPrint" not in call.request.headers


@responses.activate
def test_a_redirect_is_not_followed_with_our_token() -> None:
    responses.post(TOKEN, json=GRANTED)
    responses.get(QUERY, status=302, headers={"Location": "https://elsewhere.example/"})

    with pytest.raises(NeedsAttention) as caught:
        _client().query("SELECT Id FROM Lead")

    assert caught.value.code == "configuration"
    assert len(responses.calls) == 2


@responses.activate
def test_a_netrc_entry_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.my.salesforce.com login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    responses.post(TOKEN, json=GRANTED)
    responses.get(QUERY, json=EMPTY)

    _client().query("SELECT Id FROM Lead")

    assert responses.calls[1].request.headers["Authorization"] == "Bearer T1"


@responses.activate
def test_the_headers_survive_a_renewed_session() -> None:
    responses.post(TOKEN, json=GRANTED)
    responses.post(TOKEN, json={**GRANTED, "access_token": "T2"})
    responses.get(QUERY, status=401, json=ENDED)
    responses.get(QUERY, json=EMPTY)

    _client().query("SELECT Id FROM Lead")

    last = responses.calls[-1].request
    assert last.headers["Authorization"] == "Bearer T2"
    assert last.headers["Sforce-Auto-Assign"] == "FALSE"


@responses.activate
def test_a_session_that_stays_invalid_is_renewed_once_and_no_more() -> None:
    responses.post(TOKEN, json=GRANTED)
    responses.get(QUERY, status=401, json=ENDED)

    with pytest.raises(NeedsAttention) as caught:
        _client().query("SELECT Id FROM Lead")

    assert caught.value.code == "credentials"
    assert [call.request.method for call in responses.calls] == ["POST", "GET", "POST", "GET"]


@responses.activate
def test_a_session_that_is_not_meant_for_the_api_is_not_renewed() -> None:
    responses.post(TOKEN, json=GRANTED)
    words = "This session is not valid for use with the REST API"
    responses.get(QUERY, status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": words}])

    with pytest.raises(NeedsAttention):
        _client().query("SELECT Id FROM Lead")

    assert len(responses.calls) == 2


@responses.activate
def test_a_401_that_is_no_json_is_still_an_error_with_a_next_step() -> None:
    responses.post(TOKEN, json=GRANTED)
    responses.get(QUERY, status=401, body="<html>no</html>")

    with pytest.raises(NeedsAttention) as caught:
        _client().query("SELECT Id FROM Lead")

    assert caught.value.next_step


@responses.activate
def test_an_answer_that_is_no_json_is_a_server_that_fails() -> None:
    responses.post(TOKEN, json=GRANTED)
    responses.get(QUERY, body="<html>maintenance</html>")

    with pytest.raises(Unavailable):
        _client().query("SELECT Id FROM Lead")


@responses.activate
def test_a_query_that_is_too_long_is_not_even_sent() -> None:
    with pytest.raises(NeedsAttention) as caught:
        _client().query("SELECT " + ", ".join(f"Field_{number}__c" for number in range(2000)) + " FROM Lead")

    assert "too" in caught.value.message or "longer" in caught.value.message
    assert len(responses.calls) == 0


def test_the_sandbox_takes_the_place_of_the_host_with_its_prefix() -> None:
    session = SalesforceSession(_settings(), host="http://127.0.0.1:8080/orgs/x/")
    with responses.RequestsMock() as mock:
        mock.get("http://127.0.0.1:8080/orgs/x/services/data/", json=[])
        session.get("https://acme.my.salesforce.com/services/data/")

    assert session.trust_env is False


@responses.activate
def test_the_clock_of_the_crm_comes_from_its_answers() -> None:
    session = SalesforceSession(_settings())
    responses.get("https://acme.my.salesforce.com/a", headers={"Date": "Fri, 20 Nov 2026 12:00:05 GMT"})
    responses.get("https://acme.my.salesforce.com/b", headers={"Date": "nonsense"})

    session.get("https://acme.my.salesforce.com/a")
    session.get("https://acme.my.salesforce.com/b")

    assert session.crm_now == NOW + timedelta(seconds=5)


# ---- signing in ----


@responses.activate
def test_client_credentials_are_sent_to_my_domain() -> None:
    responses.post(TOKEN, json=GRANTED)

    token = sign_in(_settings(), SalesforceSession(_settings()), now=NOW)

    assert (token.session_id, token.host, token.user_id) == ("T1", "acme.my.salesforce.com", "005USER")
    assert responses.calls[0].request.headers["Authorization"].startswith("Basic ")
    assert responses.calls[0].request.body == "grant_type=client_credentials"


@responses.activate
def test_jwt_bearer_is_signed_for_three_minutes() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    settings = _settings(client_secret=None, username="integration@acme.example", private_key=pem)
    responses.post(TOKEN, json=GRANTED)

    sign_in(settings, SalesforceSession(settings), now=NOW)

    body = responses.calls[0].request.body
    assert isinstance(body, str)
    assertion = body.rpartition("assertion=")[2]
    claims = jwt.decode(
        assertion,
        key.public_key(),
        algorithms=["RS256"],
        audience="https://login.salesforce.com",
        options={"verify_exp": False},
    )
    assert claims["exp"] == int((NOW + timedelta(minutes=3)).timestamp())
    assert (claims["iss"], claims["sub"]) == ("ID", "integration@acme.example")


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (
            400,
            {"error": "invalid_client", "error_description": "invalid client credentials"},
            NeedsAttention,
            "credentials",
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "no client credentials user"},
            NeedsAttention,
            "credentials",
        ),
        (400, {"error": "login_rate_exceeded"}, Throttled, None),
        (429, {}, Throttled, None),
        (503, {"error": "temporarily_unavailable"}, Unavailable, None),
        (302, {}, NeedsAttention, "configuration"),
        (404, {}, NeedsAttention, "configuration"),
    ],
)
@responses.activate
def test_a_refused_sign_in_says_why(status: int, body: dict[str, str], kind: type, code: str | None) -> None:
    responses.post(TOKEN, json=body, status=status)

    with pytest.raises(kind) as caught:
        sign_in(_settings(), SalesforceSession(_settings()), now=NOW)

    assert getattr(caught.value, "code", None) == code
    assert "SECRET" not in str(caught.value)


@responses.activate
def test_a_token_endpoint_that_answers_with_a_page_is_unavailable() -> None:
    responses.post(TOKEN, body="<html>maintenance</html>")

    with pytest.raises(Unavailable):
        sign_in(_settings(), SalesforceSession(_settings()), now=NOW)


def test_incomplete_credentials_need_attention() -> None:
    settings = _settings(client_secret=None)

    with pytest.raises(NeedsAttention, match="neither"):
        sign_in(settings, SalesforceSession(settings), now=NOW)


def test_a_key_that_is_none_needs_attention_and_is_not_shown() -> None:
    settings = _settings(client_secret=None, username="u", private_key="not a key")

    with pytest.raises(NeedsAttention) as caught:
        sign_in(settings, SalesforceSession(settings), now=NOW)

    assert "not a key" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    settings = _settings(private_key="KEY", session_id="SESSION")

    assert not {"SECRET", "KEY", "SESSION"} & set(repr(settings).replace("'", " ").split())


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("acme", "acme.my.salesforce.com"),
        ("acme.my", "acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com/", "acme--uat.sandbox.my.salesforce.com"),
        ("acme.my.salesforce.mil", "acme.my.salesforce.mil"),
    ],
)
def test_my_domain_may_be_written_in_several_ways(domain: str, host: str) -> None:
    assert _settings(domain=domain).host == host
