"""What the CSV of bulk jobs must not do to a reader: charsets, quoted newlines, lost headers, locators that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import Unavailable
from connectors.records import ContactRecord, Stream
from connectors.sandbox.faults import Rewrite
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.wire import WireResponse
from tests.contract.connector_case import Replica
from tests.contract.salesforce_case import SalesforceBulkCase, equals


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


def _jobs(case: SalesforceBulkCase) -> tuple[int, int]:
    """Jobs made and jobs deleted."""
    made = case.org.requests.count(method="POST", path="/jobs/query", status=200)
    return made, case.org.requests.count(method="DELETE", path="/jobs/query", status=204)


def _load(case: SalesforceBulkCase, stream: Stream, *, page_size: int = 60) -> Replica:
    replica, connector = Replica(), case.connector(page_size=page_size)
    replica.drain(connector, stream, connector.start(stream), faulty=True)
    return replica


def test_texts_of_all_kinds_come_whole_though_no_charset_is_named(case: SalesforceBulkCase) -> None:
    names = [
        'Zoë "Zo" Müller, Łódź',
        "two\nlines",
        "three\r\nwindows\r\nlines",
        "日本語 \u2028 \x1d",
        "a;b|c\td",
        "=1+1",
    ]
    refs = case.pick(len(names))
    for ref, name in zip(refs, names, strict=True):
        case.rename(ref, name)

    replica = _load(case, Stream.CONTACTS, page_size=40)

    found = [replica.records[ref] for ref in refs]
    read = [record.attributes["last_name"] for record in found if isinstance(record, ContactRecord)]
    assert read == [name.replace("\r\n", "\n").strip() for name in names]


@pytest.mark.parametrize("charset", ["text/csv", "text/csv;charset=ISO-8859-1", "text/csv; charset=UTF-8"])
def test_what_the_header_says_of_the_charset_changes_nothing(case: SalesforceBulkCase, charset: str) -> None:
    (ref,) = case.pick(1)
    case.rename(ref, "Café")
    case.faults.add(
        Rewrite(
            change=lambda response: WireResponse(
                status=response.status, headers={**response.headers, "Content-Type": charset}, body=response.body
            )
        ),
        path="/results",
        times=None,
    )

    record = _load(case, Stream.CONTACTS).records[ref]

    assert isinstance(record, ContactRecord)
    assert record.attributes["last_name"] == "Café"


def _without(name: str) -> Rewrite:
    def change(response: WireResponse) -> WireResponse:
        headers = {held: value for held, value in response.headers.items() if held != name}
        return WireResponse(status=response.status, headers=headers, body=response.body)

    return Rewrite(change=change)


def test_a_locator_lost_on_the_way_is_not_taken_for_the_end(case: SalesforceBulkCase) -> None:
    case.faults.add(_without("Sforce-Locator"), path="/results")
    connector = case.connector(page_size=40)
    page = connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS))

    with pytest.raises(Unavailable):
        connector.read(Stream.CONTACTS, page.next)

    replica = Replica()
    replica.drain(connector, Stream.CONTACTS, page.next)
    equals(case, replica, Stream.CONTACTS)


@pytest.mark.parametrize("name", ["Sforce-Locator", "Sforce-NumberOfRecords"])
def test_without_a_header_a_whole_result_is_still_whole(case: SalesforceBulkCase, name: str) -> None:
    case.faults.add(_without(name), path="/results", times=None)

    replica = _load(case, Stream.CONTACTS, page_size=2000)

    equals(case, replica, Stream.CONTACTS)


def test_results_that_lead_nowhere_end_with_rest(case: SalesforceBulkCase) -> None:
    def change(response: WireResponse) -> WireResponse:
        return WireResponse(
            status=response.status, headers={**response.headers, "Sforce-Locator": "NDA"}, body=response.body
        )

    case.faults.add(Rewrite(change=change), path="/results", times=None)

    replica = _load(case, Stream.ACCOUNTS, page_size=40)

    assert _jobs(case)[0] == 3
    equals(case, replica, Stream.ACCOUNTS)


def test_results_smaller_than_asked_for_lose_nothing(case: SalesforceBulkCase) -> None:
    case.org.settings["bulk_page"] = 7

    equals(case, _load(case, Stream.ACTIVITIES, page_size=60), Stream.ACTIVITIES)
