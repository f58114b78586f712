"""The sandbox's Salesforce over real HTTP: header names as clients look for them, faults on demand, each told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.server import SandboxServer, Site, Vendor

DATA = "/services/data/v66.0"
QUERY = f"{DATA}/query?q=SELECT+Id,LastName,SystemModstamp+FROM+Lead+ORDER+BY+Id"


class Caller:
    """A client over HTTP and, beside it, whoever scripts the faults."""

    def __init__(self, site: Site, session: requests.Session) -> None:
        self.site, self.org, self._session = site, site.org, session
        self.ids = [self.org.create("Lead", {"LastName": f"Léa {number}", "Company": "Acme"}).id for number in range(5)]

    def __call__(self, method: str, path: str, payload: Any = None) -> requests.Response:
        return self._session.request(method, f"{self.site.url}{path}", json=payload, timeout=30)

    def fault(self, fault: str, **more: Any) -> None:
        answer = self("POST", "/_faults", {"fault": fault, **more})
        assert (answer.status_code, answer.json()) == (201, {"added": fault})

    def stamps(self) -> dict[str, str]:
        return {row["LastName"]: row["SystemModstamp"] for row in self("GET", QUERY).json()["records"]}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def call(server: SandboxServer) -> Iterator[Caller]:
    org = empty_salesforce_org(clock=OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC)))
    org.sessions["S"] = org.clock.now() + 7_200_000
    site = server.mount("org", vendor=Vendor.SALESFORCE, org=org, dialect=SalesforceDialect(org))
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = "Bearer S"
        yield Caller(site, session)
    server.unmount("org")


def test_header_names_are_written_as_the_vendor_writes_them(call: Caller) -> None:
    names = set(dict(call("GET", QUERY).headers))

    # A connector that keeps headers in a plain dict finds Content-Type, and would misread content-type.
    assert {"Content-Type", "Sforce-Limit-Info", "Date"} <= names
    assert "content-type" not in names


def test_the_root_address_serves_clients_that_keep_only_the_host(server: SandboxServer, call: Caller) -> None:
    form = {"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    granted = requests.post(f"{server.url}/services/oauth2/token", data=form, timeout=30).json()
    headers = {"Authorization": f"Bearer {granted['access_token']}"}

    identity = requests.get(granted["id"], headers=headers, timeout=30).json()

    assert (granted["instance_url"], identity["organization_id"]) == (server.url, call.org.id)


def test_an_outage_while_a_job_is_polled(call: Caller) -> None:
    job = call("POST", f"{DATA}/jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    call.fault("unavailable", path="/jobs/query/750", times=2)

    statuses = [call("GET", f"{DATA}/jobs/query/{job}") for _ in range(3)]

    assert [answer.status_code for answer in statuses] == [503, 503, 200]
    assert statuses[0].json()[0]["errorCode"] == "SERVER_UNAVAILABLE"


def test_a_connection_that_breaks_while_a_job_is_polled(call: Caller) -> None:
    job = call("POST", f"{DATA}/jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    call.fault("drop", path="/jobs/query/750")

    with pytest.raises(requests.ConnectionError):
        call("GET", f"{DATA}/jobs/query/{job}")
    assert call("GET", f"{DATA}/jobs/query/{job}").status_code == 200


def test_sessions_that_end_and_a_day_that_is_spent(call: Caller) -> None:
    call.fault("exhaust_quota", path="/query", after=1)

    assert [call("GET", QUERY).status_code for _ in range(2)] == [200, 403]
    call.fault("expire_sessions")
    assert call("GET", QUERY).status_code == 401


def test_locked_rows_are_free_again_after_so_many_writes(call: Caller) -> None:
    call.fault("lock_rows", record_ids=call.ids[:1], writes=2)
    rows = [{"attributes": {"type": "Lead"}, "id": record_id, "Title": "CEO"} for record_id in call.ids[:2]]

    results = [call("PATCH", f"{DATA}/composite/sobjects", {"records": rows}).json() for _ in range(3)]

    assert [[row["success"] for row in result] for result in results] == [[False, True], [False, True], [True, True]]
    assert results[0][0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


def test_a_late_commit_appears_with_a_stamp_of_before(call: Caller) -> None:
    call.org.clock.advance(600)
    call.fault("late_commit", after=1, name="Lead", record_id=call.ids[0], values={"LastName": "Late"}, seconds=300)

    before, after = call.stamps(), call.stamps()

    assert "Late" not in before
    assert after["Late"] == "2026-11-20T12:05:00.000+0000"


def test_equal_stamps_and_small_pages(call: Caller) -> None:
    call.org.clock.advance(60)
    call.fault("equal_stamps", name="Lead", record_ids=call.ids)
    call.fault("small_pages", rows=2)

    page = call("GET", QUERY).json()

    assert ([row["SystemModstamp"][11:16] for row in page["records"]], page["done"]) == (["12:01"] * 2, False)


def test_a_body_in_latin_1_says_so_and_a_slow_answer_takes_the_orgs_time(call: Caller) -> None:
    call.fault("latin1", path="/query")
    call.fault("slow", seconds=90)

    answer = call("GET", QUERY)

    assert answer.headers["Content-Type"] == "application/json; charset=ISO-8859-1"
    assert "Léa 0".encode("latin-1") in answer.content
    assert answer.headers["Date"].endswith("12:01:30 GMT")


def test_faults_can_be_listed_and_cleared_and_unknown_ones_are_refused(call: Caller) -> None:
    call.fault("unavailable", times=None)

    assert "late_commit" in call("GET", "/_faults").json()["faults"]
    assert call("DELETE", "/_faults").status_code == 204
    assert call("GET", QUERY).status_code == 200
    assert call("POST", "/_faults", {"fault": "earthquake"}).status_code == 400
    assert call("POST", "/_faults", {"fault": "slow", "colour": "red"}).status_code == 400
    assert call("POST", "/_faults", ["slow"]).status_code == 400
