"""Each defect of simple-salesforce 1.12.10 that our use could meet, and what shows that we do not.

`SHOWN` names, defect by defect, the tests; those that stand nowhere else are in this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from config.settings import load_settings
from connectors.port import WriteRequest
from connectors.records import Stream
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.session import SalesforceSession
from connectors.sandbox.faults import Drop, Reply, expire_sessions
from connectors.sandbox.server import SandboxServer
from sync.app import open_app
from tests.contract.connector_case import Replica
from tests.contract.salesforce_case import NOW, SalesforceBulkCase, equals

SHOWN = {
    "1 a renewal drops the headers of the call": (
        "test_the_headers_survive_a_renewed_session",
        "test_a_score_written_over_a_renewed_session_does_not_reassign_either",
    ),
    "2 a session that stays invalid is renewed without end": (
        "test_a_session_that_stays_invalid_is_renewed_once_and_no_more",
        "test_a_session_that_is_not_meant_for_the_api_is_not_renewed",
    ),
    "3 bulk jobs never renew a session": ("test_sessions_that_end_at_every_call_of_a_job_cost_no_job",),
    "4 addresses are computed once and do not follow a changed instance": (
        "test_after_a_renewal_calls_go_to_the_instance_that_answered",
    ),
    "5 one fault while polling aborts the job": ("test_no_fault_aborts_a_job",),
    "6 deleting a job stumbles over the empty answer": ("test_each_object_takes_one_job_that_is_given_back",),
    "7 a text without a charset is read as latin-1": (
        "test_texts_of_all_kinds_come_whole_though_no_charset_is_named",
        "test_what_the_header_says_of_the_charset_changes_nothing",
        "test_after_a_faulty_load_and_a_faulty_cycle_the_reader_equals_the_org",
    ),
    "8 newlines inside quotes are eaten": ("test_texts_of_all_kinds_come_whole_though_no_charset_is_named",),
    "9 None leaves a field as it is": ("test_none_clears_a_field",),
    "10 results are held in memory as a whole": ("test_no_answer_of_a_job_has_more_rows_than_a_page",),
    "11 no timeouts": (
        "test_every_call_has_timeouts_and_no_redirects_and_never_assigns",
        "test_every_call_of_a_load_and_a_write_has_timeouts",
    ),
    "12 a 401 that is no JSON raises something else": (
        "test_a_401_that_is_no_json_is_still_an_error_with_a_next_step",
    ),
    "13 the usage of the day is told by some calls only": (
        "test_calls_of_jobs_tell_the_usage_too",
        "test_the_usage_header_is_read_in_all_its_forms",
    ),
    "14 long queries break the address": (
        "test_a_query_that_is_too_long_is_not_even_sent",
        "test_lists_of_ids_are_cut_into_blocks_that_fit_an_address",
    ),
    "15 every answer is asked for pretty-printed": (
        "test_every_call_has_timeouts_and_no_redirects_and_never_assigns",
        "test_every_call_of_a_load_and_a_write_has_timeouts",
    ),
    "16 an object that does not exist is one all the same": (
        "test_an_object_that_may_not_be_read_stops_its_stream_alone",
    ),
    "17 SOAP sign-in ends": ("test_sign_in_is_by_oauth_alone",),
    "18 a proxy is ignored beside a session of one's own": (
        "test_the_configured_proxy_and_certificates_are_used_whatever_the_environment_says",
    ),
}

TOKEN = "/services/oauth2/token"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer) -> Iterator[SalesforceBulkCase]:
    made = SalesforceBulkCase(server)
    yield made
    made.close()
    server.unmount("org")


def _load(case: SalesforceBulkCase, stream: Stream = Stream.CONTACTS) -> Replica:
    replica, connector = Replica(), case.connector(page_size=60)
    replica.drain(connector, stream, connector.start(stream), faulty=True)
    return replica


def test_every_test_that_is_named_here_exists() -> None:
    folder = Path(__file__).parents[1]
    found = {
        name
        for path in folder.rglob("test_salesforce_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    found |= set(re.findall(r"def (test_\w+)", (folder / "contract" / "connector_writing.py").read_text()))

    assert {name for names in SHOWN.values() for name in names} <= found
    assert [int(defect.split()[0]) for defect in SHOWN] == list(range(1, 19))


def test_sessions_that_end_at_every_call_of_a_job_cost_no_job(case: SalesforceBulkCase) -> None:
    for path in ("/jobs/query$", r"/jobs/query/\w+$", "/results"):
        case.faults.add(expire_sessions(), path=path)
        case.faults.add(expire_sessions(), path=path, after=3)

    equals(case, _load(case), Stream.CONTACTS)

    assert case.org.requests.count(method="POST", path="/jobs/query", status=200) == 2


def test_no_fault_aborts_a_job(case: SalesforceBulkCase) -> None:
    for after, effect in enumerate((Reply(status=503), Drop(), Reply(status=500), expire_sessions())):
        case.faults.add(effect, path=r"/jobs/query/\w+$", after=after * 2)

    equals(case, _load(case), Stream.CONTACTS)

    assert case.org.requests.count(method="PATCH") == 0


def test_no_answer_of_a_job_has_more_rows_than_a_page(
    case: SalesforceBulkCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def noted(self: Any, *arguments: Any, **named: Any) -> requests.Response:
        response = request(self, *arguments, **named)
        sizes.append(int(response.headers.get("Sforce-NumberOfRecords", 0)))
        return response

    request = SalesforceSession.request
    monkeypatch.setattr(SalesforceSession, "request", noted)

    replica = _load(case, Stream.ACTIVITIES)

    assert max(sizes) == 60
    assert len(replica.records) > 600


def test_every_call_of_a_load_and_a_write_has_timeouts(
    case: SalesforceBulkCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, Any, Any]] = []

    def noted(self: Any, request: requests.PreparedRequest, **named: Any) -> requests.Response:
        sent.append((str(request.path_url), named.get("timeout"), request.headers))
        return send(self, request, **named)

    send = requests.Session.send
    monkeypatch.setattr(requests.Session, "send", noted)
    connector = case.connector()
    connector.identify()
    connector.apply_fields()
    connector.doctor()
    for stream in Stream:
        Replica().drain(connector, stream, connector.start(stream))
    connector.write([WriteRequest(ref=ref, values={"score": 1}) for ref in case.pick(2)])

    kinds = {
        part
        for path, _, _ in sent
        for part in (TOKEN, "/jobs/query", "/results", "/tooling/", "/composite")
        if part in path
    }
    assert len(kinds) == 5
    assert {timeout for _, timeout, _ in sent} == {(10.0, 130.0)}
    assert all("X-PrettyPrint" not in headers for _, _, headers in sent)
    assert {headers["Sforce-Auto-Assign"] for _, _, headers in sent} == {"FALSE"}


def test_calls_of_jobs_tell_the_usage_too(case: SalesforceBulkCase) -> None:
    connector = case.connector(page_size=60)
    page = connector.read(Stream.ACCOUNTS, connector.start(Stream.ACCOUNTS))
    before = connector.usage()

    connector.read(Stream.ACCOUNTS, page.next)

    after = connector.usage()
    assert after.calls_by_kind["bulk"] > before.calls_by_kind["bulk"]
    assert after.day_used is not None
    assert before.day_used is not None
    assert after.day_used - before.day_used == after.calls - before.calls


def test_sign_in_is_by_oauth_alone(case: SalesforceBulkCase) -> None:
    case.faults.add(expire_sessions(), path="/results")

    _load(case)

    assert case.org.requests.count(method="POST", path=TOKEN) == 2
    assert case.org.requests.count(path="/services/Soap") == 0


@responses.activate
def test_after_a_renewal_calls_go_to_the_instance_that_answered(case: SalesforceBulkCase) -> None:
    old, new = "https://eu1.my.salesforce.com", "https://eu2.my.salesforce.com"
    token = "https://acme.my.salesforce.com/services/oauth2/token"
    responses.post(token, json={"access_token": "T1", "instance_url": old})
    responses.post(token, json={"access_token": "T2", "instance_url": new})
    ended = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    responses.get(f"{old}/services/data/v66.0/query/", status=401, json=ended)
    responses.get(f"{new}/services/data/v66.0/query/", json={"records": [], "done": True})
    responses.get(f"{new}/services/data/v66.0/jobs/query", json={})
    client = SalesforceClient(case.settings(domain="acme"), clock=lambda: NOW)

    client.query("SELECT Id FROM Lead")
    client.send("GET", "jobs/query", kind="bulk")

    assert [call.request.url.partition("/services")[0] for call in responses.calls if "data" in call.request.url] == [
        old,
        new,
        new,
    ]


@responses.activate
def test_the_configured_proxy_and_certificates_are_used_whatever_the_environment_says(
    case: SalesforceBulkCase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("")
    monkeypatch.setenv("HTTPS_PROXY", "http://environment.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/else.pem")
    token = "https://acme.my.salesforce.com/services/oauth2/token"
    responses.post(token, json={"access_token": "T1", "instance_url": "https://acme.my.salesforce.com"})
    responses.get("https://acme.my.salesforce.com/services/data/v66.0/query/", json={"records": [], "done": True})
    settings = case.settings(domain="acme", proxy="http://proxy.example:8080", verify=str(bundle))

    SalesforceClient(settings, clock=lambda: NOW).query("SELECT Id FROM Lead")

    for call in responses.calls:
        assert call.request.req_kwargs["proxies"]["https"] == "http://proxy.example:8080"
        assert call.request.req_kwargs["verify"] == str(bundle)


def test_proxy_and_certificates_come_from_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF", "x")
    file = tmp_path / "leadgrade.yaml"
    file.write_text(
        "connections:\n  sales: {kind: salesforce, domain: acme, client_id: 'env:SF', client_secret: 'env:SF', "
        "proxy: 'http://proxy.example:8080', ca_bundle: ca.pem}\n"
    )
    app = open_app(load_settings(file))
    try:
        settings = app.connector("sales")._settings  # type: ignore[attr-defined]
    finally:
        app.close()

    assert (settings.proxy, settings.verify) == ("http://proxy.example:8080", str(tmp_path / "ca.pem"))
