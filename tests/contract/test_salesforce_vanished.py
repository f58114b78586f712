"""What leaves Salesforce without a trace in its rows: hard-deleted members, removed contact roles, archived activities."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.records import OpportunityRecord, Ref, Stream
from connectors.sandbox.clock import day_of
from connectors.sandbox.faults import Reply
from connectors.sandbox.records import Record
from connectors.sandbox.server import SandboxServer
from tests.contract.connector_case import Replica
from tests.contract.salesforce_case import SalesforceBulkCase, SalesforceCase, equals, loaded

DAY = 86_400


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


def _member(case: SalesforceCase) -> Record:
    return next(iter(case.org.scan("CampaignMember")))


def _deal_with_role(case: SalesforceCase) -> tuple[Ref, Record]:
    role = next(iter(case.org.scan("OpportunityContactRole")))
    return Ref(object="Opportunity", id=str(role.get("OpportunityId"))), role


# ---- campaign members ----


def test_a_removed_campaign_member_is_missing_among_the_present(case: SalesforceCase) -> None:
    gone = _member(case)
    case.org.delete("CampaignMember", gone.id)

    present = {ref for block in case.connector().present_ids(Stream.ACTIVITIES) for ref in block}

    assert Ref(object="CampaignMember", id=gone.id) not in present
    assert set(case.truth(Stream.ACTIVITIES)) <= present


def test_a_removed_campaign_member_is_told_within_a_day(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.ACTIVITIES)
    gone = Ref(object="CampaignMember", id=_member(case).id)
    assert gone in replica.records
    case.advance(3600)
    case.org.delete("CampaignMember", gone.id)
    for _ in range(3):
        case.advance(DAY // 2 + 60)
        cursor = replica.drain(case.connector(), Stream.ACTIVITIES, cursor)

    assert gone not in replica.records
    equals(case, replica, Stream.ACTIVITIES)


def test_the_log_of_deletions_is_asked_once_a_day(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.ACTIVITIES)
    for _ in range(24):
        case.advance(DAY // 8)
        cursor = replica.drain(case.connector(), Stream.ACTIVITIES, cursor)

    assert case.org.requests.count(path="/deleted") == 2


def test_a_member_whose_removal_was_told_to_a_process_that_died_is_told_again(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.ACTIVITIES)
    gone = Ref(object="CampaignMember", id=_member(case).id)
    case.org.delete("CampaignMember", gone.id)
    case.advance(DAY + 60)
    cursor = replica.drain(case.connector(), Stream.ACTIVITIES, cursor)
    case.advance(60)

    died = case.connector().read(Stream.ACTIVITIES, cursor)
    again = case.connector().read(Stream.ACTIVITIES, cursor)

    assert gone in {deletion.ref for deletion in died.deletions}
    assert gone in {deletion.ref for deletion in again.deletions}


def test_an_org_that_keeps_no_log_is_read_all_the_same(case: SalesforceCase) -> None:
    body = [{"message": "not replicateable", "errorCode": "INVALID_TYPE"}]
    case.faults.add(Reply(status=400, payload=body), path="/deleted", times=None)
    replica, cursor = loaded(case, Stream.ACTIVITIES)
    for _ in range(3):
        case.advance(DAY + 60)
        cursor = replica.drain(case.connector(), Stream.ACTIVITIES, cursor)

    equals(case, replica, Stream.ACTIVITIES)


# ---- contact roles ----


def test_a_removed_contact_role_is_noticed_within_a_day(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.OPPORTUNITIES)
    deal, role = _deal_with_role(case)
    person = Ref(object="Contact", id=str(role.get("ContactId")))
    case.advance(3600)
    case.org.delete("OpportunityContactRole", role.id)
    for _ in range(3):
        case.advance(DAY // 2 + 60)
        cursor = replica.drain(case.connector(page_size=10), Stream.OPPORTUNITIES, cursor)

    record = replica.records[deal]
    assert isinstance(record, OpportunityRecord)
    assert person not in {ref for ref, strength in record.contacts if strength.value == "role"}
    equals(case, replica, Stream.OPPORTUNITIES)


def test_without_removed_roles_opportunities_are_not_read_again(case: SalesforceCase) -> None:
    _, cursor = loaded(case, Stream.OPPORTUNITIES)
    case.advance(DAY + 60)
    cursor = Replica().drain(case.connector(), Stream.OPPORTUNITIES, cursor)
    case.advance(DAY + 60)
    fresh = Replica()

    fresh.drain(case.connector(), Stream.OPPORTUNITIES, cursor)

    assert fresh.records == {}


@pytest.mark.parametrize("days", [5, 20, 200])
def test_after_a_pause_longer_than_the_log_opportunities_are_read_again(case: SalesforceCase, days: int) -> None:
    case.org.settings["deleted_days"] = 3
    replica, cursor = loaded(case, Stream.OPPORTUNITIES)
    _, role = _deal_with_role(case)
    case.org.delete("OpportunityContactRole", role.id)
    for pause in (days, 1):
        case.advance(pause * DAY + 60)
        cursor = replica.drain(case.connector(), Stream.OPPORTUNITIES, cursor)
    replica.drain(case.connector(), Stream.OPPORTUNITIES, cursor)

    equals(case, replica, Stream.OPPORTUNITIES)


# ---- archived activities ----


def _aged(case: SalesforceCase, number: int) -> list[Ref]:
    """Closed tasks whose due date has come to lie more than a year back."""
    tasks = [record for record in case.org.scan("Task") if record.get("IsClosed")][:number]
    old = day_of(case.org.now() - 366 * DAY * 1000)
    for task in tasks:
        case.org.overwrite("Task", task, {"ActivityDate": old})
    return [Ref(object="Task", id=task.id) for task in tasks]


@pytest.mark.parametrize("threshold", [0, 10**9], ids=["bulk", "rest"])
def test_activities_archived_by_age_are_part_of_a_first_load(server: SandboxServer, threshold: int) -> None:
    case = SalesforceCase(server, "aged", bulk_threshold=threshold)
    refs = _aged(case, 5)

    replica, _ = loaded(case, Stream.ACTIVITIES)

    assert set(refs) <= set(replica.records)
    equals(case, replica, Stream.ACTIVITIES)
    case.close()
    server.unmount("aged")


def test_activities_that_grow_old_are_still_present(case: SalesforceCase) -> None:
    replica, cursor = loaded(case, Stream.ACTIVITIES)
    case.advance(400 * DAY)
    connector = case.connector()

    present = {ref for block in connector.present_ids(Stream.ACTIVITIES) for ref in block}
    replica.drain(connector, Stream.ACTIVITIES, cursor)

    assert set(replica.records) <= present
    equals(case, replica, Stream.ACTIVITIES)


def test_the_archived_activities_of_one_person_are_found(case: SalesforceCase) -> None:
    (ref,) = _aged(case, 1)
    who = str(case.org.get("Task", ref.id).get("WhoId"))
    person = Ref(object="Contact" if who.startswith("003") else "Lead", id=who)

    found = {record.ref for page in case.connector().activities_of([person]) for record in page.records}

    assert ref in found


def test_a_first_load_by_jobs_starts_the_daily_question_too(server: SandboxServer) -> None:
    case = SalesforceBulkCase(server)
    replica, cursor = loaded(case, Stream.ACTIVITIES)
    gone = Ref(object="CampaignMember", id=_member(case).id)
    case.org.delete("CampaignMember", gone.id)
    for _ in range(2):
        case.advance(DAY + 60)
        cursor = replica.drain(case.connector(), Stream.ACTIVITIES, cursor)

    assert gone not in replica.records
    case.close()
    server.unmount("org")
