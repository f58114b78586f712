from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import requests

from connectors.sandbox.accounts import empty_hubspot_org, empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.faults import Drop, Meanwhile, Reply, Rewrite, Truncate, delay, exhaust_quota, expire_sessions
from connectors.sandbox.server import SandboxServer, Vendor
from connectors.sandbox.wire import WireRequest, WireResponse

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Echo:
    """A dialect that says what it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.handled = 0

    def handle(self, request: WireRequest) -> WireResponse:
        self.handled += 1
        if request.path == "/boom":
            raise LookupError("this dialect is broken")
        if request.method == "DELETE":
            return WireResponse.empty()
        answer = {
            "dialect": self.name,
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "token": request.headers.get("AUTHORIZATION"),
            "body": request.body.decode(),
            "base_url": request.base_url,
        }
        return WireResponse.of_json(answer, headers={"Sforce-Limit-Info": "api-usage=1/100"})


@pytest.fixture(scope="module")
def server():
    with SandboxServer() as running:
        yield running


@pytest.fixture
def session():
    with requests.Session() as held:
        held.trust_env = False
        yield held


@pytest.fixture
def site(server):
    org = empty_hubspot_org(clock=OrgClock.frozen_at(NOON))
    org.sessions["token"] = org.now() + 1
    mounted = server.mount("hubspot", vendor=Vendor.HUBSPOT, org=org, dialect=Echo("hubspot"))
    other = empty_salesforce_org()
    server.mount("salesforce", vendor=Vendor.SALESFORCE, org=other, dialect=Echo("salesforce"))
    yield mounted
    server.unmount("hubspot")
    server.unmount("salesforce")


def test_a_request_arrives_whole(site, session):
    answer = session.post(
        f"{site.url}/crm/v3/a%40b?properties=x&properties=y&empty=",
        data="hällo".encode(),
        headers={"Authorization": "Bearer t"},
    )

    assert answer.json() == {
        "dialect": "hubspot",
        "method": "POST",
        "path": "/crm/v3/a@b",
        "query": [["properties", "x"], ["properties", "y"], ["empty", ""]],
        "token": "Bearer t",
        "body": "hällo",
        "base_url": site.url,
    }
    assert answer.headers["sforce-limit-info"] == "api-usage=1/100"


def test_the_date_header_is_the_orgs_clock(site, session):
    site.org.clock.advance(3_600)

    answer = session.get(f"{site.url}/crm")

    assert parsedate_to_datetime(answer.headers["Date"]) == datetime(2026, 11, 20, 13, tzinfo=UTC)


def test_at_the_root_the_path_tells_the_vendor(site, server, session):
    assert session.get(f"{server.url}/services/data").json()["dialect"] == "salesforce"
    assert session.get(f"{server.url}/crm/v3/objects/contacts").json()["dialect"] == "hubspot"


def test_orgs_are_reached_by_name_and_unknown_names_are_refused(site, server, session):
    assert session.get(f"{server.url}/orgs/salesforce/anything").json()["path"] == "/anything"
    assert session.get(f"{server.url}/orgs/nobody/services/data").status_code == 404


def test_connections_are_kept_alive(site, session):
    session.get(f"{site.url}/crm")
    pools = session.get_adapter(site.url).poolmanager.pools
    (pool,) = [pools[key] for key in pools.keys()]  # noqa: SIM118 - urllib3's container cannot be iterated

    for _ in range(5):
        session.post(f"{site.url}/crm", data=b"x")
        session.delete(f"{site.url}/crm")

    assert (pool.num_connections, pool.num_requests) == (1, 11)


def test_many_clients_at_once_are_served(site):
    def ask(number: int) -> str:
        return requests.get(f"{site.url}/crm/{number}", timeout=30).json()["path"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(64))) == [f"/crm/{number}" for number in range(64)]
    assert site.org.requests.count(path="/crm/{id}") == 64


def test_an_answer_without_a_body(site, session):
    answer = session.delete(f"{site.url}/crm/1")

    assert (answer.status_code, answer.content) == (204, b"")


def test_the_nth_matching_call_gets_another_answer(site, session):
    rule = site.faults.add(
        Reply(status=503, payload={"message": "down"}), method="GET", path=r"/objects", after=1, times=2
    )

    statuses = [session.get(f"{site.url}/objects").status_code for _ in range(5)]
    session.post(f"{site.url}/objects")

    assert statuses == [200, 503, 503, 200, 200]
    assert rule.seen == 5
    assert site.org.requests.count(status=503) == 2


def test_a_query_can_be_matched(site, session):
    site.faults.add(Reply(status=500, body=b"oops"), path=r"after=20$", times=None)

    assert session.get(f"{site.url}/objects?after=10").status_code == 200
    assert session.get(f"{site.url}/objects?after=20").content == b"oops"


def test_a_dropped_connection_is_an_error_of_the_connection_and_the_next_call_works(site, session):
    site.faults.add(Drop())

    with pytest.raises(requests.ConnectionError):
        session.get(f"{site.url}/crm")

    assert session.get(f"{site.url}/crm").status_code == 200
    assert site.dialect.handled == 1
    assert site.org.requests.count(status=0) == 1


def test_a_call_can_be_carried_out_though_the_client_sees_it_fail(site, session):
    site.faults.add(Drop(apply=True))
    site.faults.add(Reply(status=504, body=b"", apply=True), after=1)

    with pytest.raises(requests.ConnectionError):
        session.patch(f"{site.url}/crm")
    assert session.patch(f"{site.url}/crm").status_code == 504

    assert site.dialect.handled == 2


def test_a_connection_may_break_in_the_middle_of_a_body(site, session):
    site.faults.add(Drop(keep=10))

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="10 bytes read"):
        session.get(f"{site.url}/crm")


def test_a_body_may_be_cut_without_the_client_noticing(site, session):
    site.faults.add(Truncate(keep=10))

    answer = session.get(f"{site.url}/crm")

    assert answer.content == b'{"dialect"'
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_an_answer_may_be_rewritten(site, session):
    def latin(response: WireResponse) -> WireResponse:
        return WireResponse(headers={"Content-Type": "text/csv"}, body=response.body.decode().encode("latin-1"))

    site.faults.add(Rewrite(change=latin))

    assert session.get(f"{site.url}/é").text.count("é") == 1


def test_things_happen_in_the_org_before_a_call(site, session):
    site.faults.add(delay(125))
    site.faults.add(expire_sessions())
    site.faults.add(exhaust_quota("search"))
    site.faults.add(Meanwhile(act=lambda org: org.create("contacts", {"lastname": "Late"})))

    session.get(f"{site.url}/crm")

    org = site.org
    assert org.now() == int(NOON.timestamp() * 1000) + 125_000
    assert org.sessions == {}
    assert org.quotas["search"].remaining(org.now()) == 0
    assert org.count("contacts") == 1


def test_faults_can_be_cleared(site, session):
    site.faults.add(Reply(status=500, body=b""), times=None)
    site.faults.clear()

    assert session.get(f"{site.url}/crm").status_code == 200


def test_a_bug_of_a_dialect_is_an_error_500_and_is_raised_at_the_end():
    server = SandboxServer()
    site = server.mount("a", vendor=Vendor.HUBSPOT, org=empty_hubspot_org(), dialect=Echo("a"))
    server.start()

    answer = requests.get(f"{site.url}/boom", timeout=30)
    with pytest.raises(RuntimeError, match="sandbox itself failed") as caught:
        server.stop()

    assert (answer.status_code, answer.text) == (500, "LookupError: this dialect is broken\n")
    assert isinstance(caught.value.__cause__, LookupError)


def test_servers_start_and_stop_without_leaving_a_thread():
    before = set(threading.enumerate())
    for _ in range(3):
        with SandboxServer() as server:
            site = server.mount("a", vendor=Vendor.HUBSPOT, org=empty_hubspot_org(), dialect=Echo("a"))
            assert json.loads(requests.get(site.url + "/crm", timeout=30).content)["dialect"] == "a"

    assert set(threading.enumerate()) <= before


def test_a_port_in_use_is_refused_at_once():
    with SandboxServer() as server, pytest.raises(OSError, match="in use"):
        SandboxServer(port=server.port)


def test_a_server_that_was_never_started_closes_its_socket():
    SandboxServer().stop()
