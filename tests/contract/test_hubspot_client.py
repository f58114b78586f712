"""The traps of the vendor's client library that our use of it could meet, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from connectors.errors import NeedsAttention, QuotaSpent, Throttled, Unavailable
from connectors.hubspot import HubSpotSettings, Paths
from connectors.hubspot.calls import Client
from connectors.hubspot.client import Transport
from connectors.records import Ref, Stream
from connectors.sandbox.clock import instant_of
from connectors.sandbox.faults import Drop, Reply, Rewrite, Truncate
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.wire import WireResponse
from tests.contract.hubspot_case import NOW, HubSpotCase

LIMITED = {"status": "error", "message": "You have reached your ten_secondly_rolling limit."}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture(params=list(Paths))
def case(server: SandboxServer, request: pytest.FixtureRequest) -> Iterator[HubSpotCase]:
    made = HubSpotCase(server, "client", request.param, count=45)
    yield made
    made.close()
    server.unmount("client")


def client_of(case: HubSpotCase, **changes: object) -> Client:
    return case.made(case.settings(**changes))._client


def test_all_apis_share_one_connection(case: HubSpotCase) -> None:
    client = client_of(case)

    for _ in range(3):
        client.list_page("contacts", properties=["email"])
        client.search("deals", {"filterGroups": []})
        client.properties("companies")
        client.pipelines("deals")

    pool = client._wire._pool
    held = [pool.pools.get(key) for key in pool.pools.keys()]  # noqa: SIM118 - urllib3's container has no iteration
    assert [item.num_connections for item in held] == [1]


def test_the_librarys_post_is_tried_again_by_us_alone(case: HubSpotCase) -> None:
    case.faults.add(Reply(status=503), method="POST", path="/search", times=None)
    before = case.org.requests.total

    with pytest.raises(Unavailable):
        client_of(case, attempts=3).search("contacts", {"filterGroups": []})

    assert case.org.requests.total - before == 3


def test_retry_after_is_left_to_us(case: HubSpotCase) -> None:
    reply = Reply(status=429, payload=LIMITED, headers={"Retry-After": "3"})
    case.faults.add(reply, path="contacts", times=None)
    before = case.org.requests.total

    with pytest.raises(Throttled) as caught:
        client_of(case, attempts=1).list_page("contacts", properties=["email"])

    assert case.org.requests.total - before == 1
    assert caught.value.retry_after == 3


def test_a_short_throttle_is_waited_out_and_a_long_one_is_not(case: HubSpotCase) -> None:
    case.faults.add(Reply(status=429, payload=LIMITED), path="contacts")
    began = case.org.clock.now()

    client_of(case).list_page("contacts", properties=["email"])

    assert case.org.clock.now() - began >= 10_000
    case.faults.add(Reply(status=477, headers={"Retry-After": "86400"}), path="contacts")
    with pytest.raises(Throttled):
        client_of(case).list_page("contacts", properties=["email"])


def test_the_daily_limit_says_when_the_accounts_day_begins_anew(case: HubSpotCase) -> None:
    connector = case.connector()
    connector.identify()
    case.exhaust_quota()

    with pytest.raises(QuotaSpent) as caught:
        connector._client.list_page("contacts", properties=["email"])

    assert caught.value.until is not None
    assert caught.value.until.isoformat() == "2026-11-20T23:00:00+00:00"  # midnight in Berlin


def test_a_rotated_token_is_read_again_and_nothing_is_lost(case: HubSpotCase) -> None:
    held = {"token": "pat-eu1-sandbox"}
    client = client_of(case, token=lambda: held["token"])
    client.list_page("contacts", properties=["email"])
    case.org.credentials["access_token"] = "pat-eu1-rotated"
    held["token"] = "pat-eu1-rotated"

    assert client.list_page("contacts", properties=["email"]).results()
    assert client.account().body["portalId"]


def test_a_token_that_stays_wrong_is_tried_once(case: HubSpotCase) -> None:
    client = client_of(case, token="pat-eu1-wrong")
    before = case.org.requests.total

    with pytest.raises(NeedsAttention) as caught:
        client.list_page("contacts", properties=["email"])

    assert caught.value.code == "credentials"
    assert case.org.requests.total - before == 1


@pytest.mark.parametrize("token", ["", "  \n", "pat-eu1-ünknown", "pat eu1", "pat-eu1-a\nb"])
def test_a_token_that_cannot_be_sent_is_refused_before_it_gets_into_a_message(case: HubSpotCase, token: str) -> None:
    with pytest.raises(NeedsAttention) as caught:
        client_of(case, token=token).account()

    assert caught.value.code == "credentials"
    assert not token.strip() or token.strip() not in str(caught.value)


def test_the_token_is_in_no_repr_and_in_no_error(case: HubSpotCase) -> None:
    settings = HubSpotSettings(token="pat-eu1-secret", host="http://127.0.0.1:1")
    connector = case.made(settings)

    with pytest.raises(Unavailable) as caught:
        connector.identify()

    for text in (repr(settings), repr(connector), str(caught.value), repr(caught.value)):
        assert "secret" not in text


def test_a_token_file_with_a_line_end_works(case: HubSpotCase) -> None:
    assert client_of(case, token="pat-eu1-sandbox\n").account().body["portalId"]


def test_an_error_that_is_no_utf8_does_not_stumble(case: HubSpotCase) -> None:
    case.faults.add(Reply(status=502, body=b"\xff\xfe\xfa"), path="contacts", times=None)

    with pytest.raises(Unavailable):
        client_of(case).list_page("contacts", properties=["email"])


@pytest.mark.parametrize(
    "effect", [Truncate(keep=100), Drop(), Drop(keep=50), Reply(status=200, body=b"<html>ok</html>")]
)
def test_a_broken_answer_is_unavailable_whatever_carried_it(case: HubSpotCase, effect: object) -> None:
    case.faults.add(effect, times=None)  # type: ignore[arg-type]
    client = client_of(case)

    with pytest.raises(Unavailable):
        client.list_page("contacts", properties=["email"])
    with pytest.raises(Unavailable):
        client.account()


def test_a_broken_answer_is_asked_for_again(case: HubSpotCase) -> None:
    case.faults.add(Truncate(keep=100), path="contacts")

    assert client_of(case).list_page("contacts", properties=["email"]).results()


def test_a_redirect_is_not_followed_with_our_token(case: HubSpotCase) -> None:
    reply = Reply(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"})
    case.faults.add(reply, times=None)
    client = client_of(case)

    for call in (lambda: client.list_page("contacts", properties=["email"]), client.account):
        with pytest.raises(NeedsAttention) as caught:
            call()
        assert caught.value.code == "configuration"


def test_a_netrc_does_not_replace_our_token(case: HubSpotCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    assert client_of(case).account().body["portalId"]


def test_a_missing_date_header_is_replaced_by_what_is_known_of_hubspots_clock(case: HubSpotCase) -> None:
    def undated(response: WireResponse) -> WireResponse:
        return replace(response, headers={**response.headers, "Date": ""})

    client = client_of(case)
    client.account()
    case.faults.add(Rewrite(change=undated))

    answer = client.list_page("contacts", properties=["email"])

    assert answer.date == instant_of(case.org.clock.now())
    case.faults.add(Rewrite(change=undated))
    with pytest.raises(NeedsAttention) as caught:
        client_of(case).account()
    assert caught.value.code == "clock"


def test_a_partial_answer_of_a_batch_is_not_taken_for_absence(case: HubSpotCase) -> None:
    def partly_failed(response: WireResponse) -> WireResponse:
        content = {**response.json(), "errors": [{"status": "error", "category": "INTERNAL_ERROR", "context": {}}]}
        return WireResponse.of_json(content, status=207)

    (ref,) = case.pick(1)
    case.faults.add(Rewrite(change=partly_failed), path="batch/read")

    with pytest.raises(Unavailable):
        case.connector().read_records(Stream.CONTACTS, [ref])


def test_every_call_carries_both_timeouts() -> None:
    seen: list[object] = []

    class FakeApiClient:
        def __init__(self, configuration: object) -> None:
            self.rest_client = SimpleNamespace(pool_manager=None)

        def set_default_header(self, name: str, value: str) -> None:
            pass

        def call_api(self, path: str, method: str, **options: object) -> SimpleNamespace:
            seen.append((path, options["_request_timeout"], options["_preload_content"]))
            return SimpleNamespace(status=200, headers={"Date": "Fri, 20 Nov 2026 12:00:00 GMT"}, data=b"{}")

    package = SimpleNamespace(Configuration=SimpleNamespace, ApiClient=FakeApiClient, Api=lambda api_client: api_client)
    settings = HubSpotSettings(token="t", connect_timeout=3.0, read_timeout=9.0)
    transport = Transport(settings, SimpleNamespace(learn=lambda _: None), clock=lambda: NOW, sleep=None)  # type: ignore[arg-type]

    transport._make(package, "Api", {}).call_api("/crm/v3/objects/contacts", "GET")

    assert seen == [("/crm/objects/2026-09/contacts", (3.0, 9.0), False)]


def test_on_dated_paths_nothing_legacy_is_called_but_what_has_no_dated_path(server: SandboxServer) -> None:
    case = HubSpotCase(server, "dated", Paths.DATED, count=45)
    connector = case.connector()
    connector.identify()
    connector.check_fields()
    connector.apply_fields()
    connector.doctor()
    for stream in Stream:
        page = connector.read(stream, connector.start(stream))
        while page.more:
            page = connector.read(stream, page.next)
        connector.read(stream, page.next)
    list(connector.activities_of([Ref(object="contacts", id=case.pick(1)[0].id)]))

    legacy = {call.path for call in case.org.requests.recent if "/2026-09/" not in f"{call.path}/"}

    assert {path.rstrip("/").split("/forms")[0] for path in legacy} == {
        "/email/public/v1/events",
        "/marketing/v3",
        "/form-integrations/v1/submissions",
    }
    case.close()
    server.unmount("dated")
