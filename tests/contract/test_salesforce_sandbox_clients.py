"""The sandbox as a vendor's client finds it: plain simple-salesforce, with no more than an address rewritten; JWT sign-in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from connectors.errors import NeedsAttention
from connectors.sandbox.clock import instant_of
from connectors.sandbox.server import SandboxServer
from tests.contract.salesforce_case import SalesforceCase, shipped_map


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer) -> Iterator[SalesforceCase]:
    made = SalesforceCase(server)
    yield made
    made.close()
    server.unmount("org")


class PlainHttp(requests.Session):
    """The library insists on https; nothing else is changed."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.trust_env = False
        self._url = url

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        host = self._url.removeprefix("http://")
        path = url.removeprefix(f"https://{host}").removeprefix("https://sandbox.my.salesforce.com")
        return super().request(method, self._url + path, *args, **kwargs)


@pytest.fixture
def vendor(case: SalesforceCase) -> Iterator[Salesforce]:
    with PlainHttp(case.site.url) as session:
        yield Salesforce(
            domain="sandbox.my",
            consumer_key="sandbox-client",
            consumer_secret="sandbox-secret",
            version="66.0",
            session=session,
        )


def test_it_reads_everything_page_by_page(case: SalesforceCase, vendor: Salesforce) -> None:
    rows = vendor.query_all("SELECT Id, Who.Name, Account.Name FROM Task ORDER BY Id")["records"]

    assert [row["Id"] for row in rows] == [record.id for record in case.org.scan("Task")]


def test_it_follows_locators(case: SalesforceCase, vendor: Salesforce) -> None:
    case.org.settings["query_page"] = 200

    rows = list(vendor.query_all_iter("SELECT Id FROM Task", include_deleted=True))

    assert len(rows) == case.org.count("Task", deleted=None)


@pytest.mark.parametrize("operation", ["query", "query_all"])
def test_it_reads_by_bulk_jobs(case: SalesforceCase, vendor: Salesforce, operation: str) -> None:
    case.org.delete("Lead", next(iter(case.org.scan("Lead"))).id)
    bulk: Any = vendor.bulk2
    read = getattr(bulk.Lead, operation)

    pages = list(read("SELECT Id, LastName FROM Lead", max_records=40, wait=0))

    ids = [row["Id"] for page in pages for row in csv.DictReader(io.StringIO(page, newline=""))]
    assert len(pages) > 1
    deleted = None if operation == "query_all" else False
    assert ids == [record.id for record in case.org.scan("Lead", deleted=deleted)]


def test_it_asks_what_was_deleted(case: SalesforceCase, vendor: Salesforce) -> None:
    lead = next(iter(case.org.scan("Lead")))
    case.org.purge("Lead", lead.id)
    case.advance(120)
    now = instant_of(case.org.clock.now())

    told = vendor.Lead.deleted(now - timedelta(hours=1), now)

    assert [row["id"] for row in told["deletedRecords"]] == [lead.id]


def test_it_describes_limits_and_knows_a_sandbox(vendor: Salesforce) -> None:
    described = vendor.Lead.describe()
    listed = vendor.describe()

    assert described is not None
    assert listed is not None
    assert "Email" in [field["name"] for field in described["fields"]]
    assert "Lead" in [item["name"] for item in listed["sobjects"]]
    assert vendor.limits()["DailyApiRequests"]["Max"] == 100_000
    assert vendor.is_sandbox() is True
    assert vendor.api_usage["api-usage"].total == 100_000


def test_it_creates_reads_changes_and_deletes(vendor: Salesforce) -> None:
    made = vendor.Lead.create({"LastName": "Lee", "Company": "Acme"})
    vendor.Lead.update(made["id"], {"Title": "CEO"})

    assert vendor.Lead.get(made["id"])["Title"] == "CEO"
    vendor.Lead.delete(made["id"])
    with pytest.raises(SalesforceResourceNotFound):
        vendor.Lead.get(made["id"])


def test_it_renews_an_ended_session(case: SalesforceCase, vendor: Salesforce) -> None:
    case.org.expire_sessions()

    assert vendor.query("SELECT COUNT() FROM Lead")["totalSize"] == case.org.count("Lead")


def test_its_errors_are_the_vendors(case: SalesforceCase, vendor: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        vendor.query("SELECT Nothing__c FROM Lead")
    assert caught.value.content[0]["errorCode"] == "INVALID_FIELD"
    with PlainHttp(case.site.url) as session, pytest.raises(SalesforceAuthenticationFailed):
        Salesforce(domain="sandbox.my", consumer_key="sandbox-client", consumer_secret="wrong", session=session)


# ---- JWT bearer and session ids with our connector ----


def _key() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def test_jwt_bearer_signs_in_and_another_key_does_not(case: SalesforceCase) -> None:
    private, public = _key()
    other, _ = _key()
    case.org.credentials["jwt_public_key"] = public
    user = case.org.get("User", case.org.api_user).get("Username")
    settings = case.settings(client_secret=None, username=user, private_key=private)

    assert case.made(settings).identify().org_id == case.org.id
    with pytest.raises(NeedsAttention) as caught:
        case.made(replace(settings, private_key=other)).identify()
    assert caught.value.code == "credentials"


def test_jwt_fails_when_the_clocks_are_far_apart(case: SalesforceCase) -> None:
    private, public = _key()
    case.org.credentials["jwt_public_key"] = public
    user = case.org.get("User", case.org.api_user).get("Username")
    connector = case.made(case.settings(client_secret=None, username=user, private_key=private))
    late = connector._clock()
    connector._client.clock = lambda: late
    case.advance(600)

    with pytest.raises(NeedsAttention):
        connector.identify()


def test_a_session_id_works_until_it_ends_and_is_not_renewed(case: SalesforceCase) -> None:
    case.org.sessions["S1"] = case.org.clock.now() + 60_000
    connector = case.made(case.settings(session_id="S1"), shipped_map())

    assert connector.identify().sandbox is True
    case.advance(61)
    with pytest.raises(NeedsAttention) as caught:
        connector.identify()
    assert caught.value.code == "credentials"
    assert case.org.requests.count(path="oauth2") == 0
