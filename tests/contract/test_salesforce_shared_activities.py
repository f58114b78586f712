"""Shared Activities: one task with several contacts belongs to each of them, by REST, by bulk jobs and in later rounds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.records import ActivityRecord, Ref, Stream
from connectors.sandbox.salesforce.shared import add_people, people_of, share_activities
from connectors.sandbox.server import SandboxServer
from tests.contract.connector_case import Replica
from tests.contract.salesforce_case import SalesforceCase


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture(params=[2000, 0], ids=["rest", "bulk"])
def case(request: pytest.FixtureRequest, server: SandboxServer) -> Iterator[SalesforceCase]:
    made = SalesforceCase(server, bulk_threshold=request.param)
    yield made
    made.close()
    server.unmount("org")


def _people(replica: Replica, ref: Ref) -> set[str]:
    record = replica.records[ref]
    assert isinstance(record, ActivityRecord)
    return {person.id for person in record.contacts}


def test_a_shared_task_belongs_to_all_its_contacts_whenever_they_are_added(case: SalesforceCase) -> None:
    share_activities(case.org)
    contacts = [record.id for record in case.org.scan("Contact")][:4]
    task = next(
        record.id
        for record in case.org.scan("Task")
        if record.get("IsClosed") and str(record.get("WhoId")).startswith("003")
    )
    add_people(case.org, "Task", task, contacts[:2])
    ref, replica, connector = Ref(object="Task", id=task), Replica(), case.connector()

    cursor = replica.drain(connector, Stream.ACTIVITIES, connector.start(Stream.ACTIVITIES))
    assert _people(replica, ref) == set(people_of(case.org, "Task", task)) >= set(contacts[:2])

    case.advance(600)
    add_people(case.org, "Task", task, contacts[2:])
    case.advance(30)
    replica.drain(connector, Stream.ACTIVITIES, cursor)
    assert _people(replica, ref) == set(people_of(case.org, "Task", task)) >= set(contacts)
