"""What a reader of Salesforce must not fall for: pages, faults, missing objects and fields, refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import NeedsAttention, Unavailable
from connectors.records import Stream
from connectors.sandbox.faults import Drop, Reply, Rewrite, Truncate, expire_sessions
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.wire import WireResponse
from tests.contract.connector_case import Replica
from tests.contract.salesforce_case import SalesforceCase, equals


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


def test_the_four_kinds_of_activities_come_in_one_call(case: SalesforceCase) -> None:
    connector = case.connector()
    connector.mapping_digest(Stream.ACTIVITIES)
    cursor = connector.since(Stream.ACTIVITIES, connector.identify().now)
    before = connector.usage().calls

    connector.read(Stream.ACTIVITIES, cursor)

    assert connector.usage().calls == before + 1


@pytest.mark.parametrize("stream", list(Stream))
def test_pages_smaller_than_asked_for_lose_nothing(case: SalesforceCase, stream: Stream) -> None:
    case.org.settings["query_page"] = 7
    replica = Replica()
    connector = case.connector(page_size=60)

    replica.drain(connector, stream, connector.start(stream))

    equals(case, replica, stream)


@pytest.mark.parametrize("stream", list(Stream))
def test_every_stream_survives_faults_and_ended_sessions(case: SalesforceCase, stream: Stream) -> None:
    for after, effect in enumerate((Reply(status=503), Drop(), Truncate(keep=300), expire_sessions(), Drop(keep=100))):
        case.faults.add(effect, path=case.paged_path(), after=after * 2 + 1)
    replica = Replica()
    connector = case.connector(page_size=60)

    replica.drain(connector, stream, connector.start(stream), faulty=True)

    equals(case, replica, stream)


def test_a_longer_usage_header_does_not_switch_the_quota_off(case: SalesforceCase) -> None:
    case.org.settings["limit_info_suffix"] = "; api-bursts=1/750"
    connector = case.connector()
    connector.identify()

    assert connector.usage().day_limit == 100_000


def test_an_object_that_may_not_be_read_stops_its_stream_alone(case: SalesforceCase) -> None:
    del case.org.schema["Account"]
    connector = case.connector()

    with pytest.raises(NeedsAttention) as caught:
        connector.read(Stream.ACCOUNTS, connector.start(Stream.ACCOUNTS))

    assert (caught.value.scope.value, caught.value.subject, caught.value.stream) == ("object", "Account", "accounts")


def test_activities_of_an_object_that_is_not_there_are_left_out(case: SalesforceCase) -> None:
    del case.org.schema["EmailMessage"]
    connector, replica = case.connector(), Replica()

    replica.drain(connector, Stream.ACTIVITIES, connector.start(Stream.ACTIVITIES))

    assert {ref.object for ref in replica.records} == {"Task", "Event", "CampaignMember"}
    assert any(check.object == "EmailMessage" and check.detail for check in connector.check_fields())


def test_a_field_hidden_in_the_middle_of_a_load_needs_attention(case: SalesforceCase) -> None:
    connector = case.connector(page_size=20)
    page = connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS))
    case.hide_field()

    with pytest.raises(NeedsAttention) as caught:
        connector.read(Stream.CONTACTS, page.next)

    assert (caught.value.code, caught.value.subject) == ("schema", "Lead")


def test_a_hidden_field_changes_the_digest_of_its_stream_alone(case: SalesforceCase) -> None:
    before = {stream: case.connector().mapping_digest(stream) for stream in Stream}
    case.hide_field()
    after = {stream: case.connector().mapping_digest(stream) for stream in Stream}

    assert {stream for stream in Stream if before[stream] != after[stream]} == {Stream.CONTACTS}


def test_an_empty_page_that_is_not_the_last_is_asked_for_again(case: SalesforceCase) -> None:
    def empty(response: WireResponse) -> WireResponse:
        content = response.json()
        for item in content["compositeResponse"]:
            item["body"] = {"totalSize": 0, "done": False, "records": []}
        return WireResponse.of_json(content)

    case.faults.add(Rewrite(change=empty), path="/composite$", times=1)
    connector = case.connector()
    cursor = connector.start(Stream.CONTACTS)

    with pytest.raises(Unavailable):
        connector.read(Stream.CONTACTS, cursor)

    replica = Replica()
    replica.drain(connector, Stream.CONTACTS, cursor)
    equals(case, replica, Stream.CONTACTS)


def test_an_org_that_refuses_composite_calls_is_read_query_by_query(case: SalesforceCase) -> None:
    body = [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]
    case.faults.add(Reply(status=404, payload=body), path="/composite$", times=None)
    connector, replica = case.connector(page_size=60), Replica()

    replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))

    assert case.org.requests.count(path="/composite") == 1
    equals(case, replica, Stream.CONTACTS)


def test_the_whole_schema_is_checked_in_one_call(case: SalesforceCase) -> None:
    connector = case.connector()
    connector.identify()
    before = connector.usage().calls

    connector.check_fields()

    assert connector.usage().calls == before + 1
    for stream in Stream:
        connector.mapping_digest(stream)
    assert connector.usage().calls == before + 1


def test_a_first_load_says_how_many_rows_to_expect(case: SalesforceCase) -> None:
    connector = case.connector(page_size=20)
    page = connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS))

    assert page.expected == len(case.truth(Stream.CONTACTS))
    assert connector.read(Stream.CONTACTS, page.next).expected is None
