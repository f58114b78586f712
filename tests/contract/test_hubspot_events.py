"""Sources by plan: page tokens that do not live long, forms that vanish, malformed events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.errors import Rejected
from connectors.hubspot import Paths
from connectors.hubspot.cursor import StreamCursor
from connectors.records import ActivityRecord, Stream
from connectors.sandbox.faults import Reply, Rewrite
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.wire import WireResponse
from tests.contract.connector_case import Replica
from tests.contract.hubspot_case import HubSpotCase, shipped_map

STALE = Reply(status=400, payload={"status": "error", "category": "VALIDATION_ERROR", "message": "stale token"})


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotCase]:
    monkeypatch.setattr("connectors.hubspot.events._EMAIL_PAGE", 40)
    made = HubSpotCase(server, "events", Paths.DATED, count=60)
    yield made
    made.close()
    server.unmount("events")


def loaded(case: HubSpotCase) -> Replica:
    connector, replica = case.connector(), Replica()
    replica.drain(connector, Stream.ACTIVITIES, connector.start(Stream.ACTIVITIES))
    return replica


@pytest.mark.parametrize(
    "path",
    [r"email/public/v1/events.*offset=", r"event-occurrences/.*after=", r"submissions/forms/.*after="],
    ids=["e-mail events", "page views", "form submissions"],
)
def test_a_page_token_that_died_loses_nothing(case: HubSpotCase, path: str) -> None:
    form = next(case.org.scan("forms"))
    for number in range(120):
        values = {"formGuid": form.id, "submittedAt": str(1_700_000_000_000 + number), "email": "x"}
        case.org.create(
            "form_submissions", {**values, "values": [{"name": "email", "value": f"f{number}@acme.example"}]}
        )
    rule = case.faults.add(STALE, path=path, after=1)

    replica = loaded(case)

    assert rule.seen >= 2
    truth = case.truth(Stream.ACTIVITIES)
    assert replica.facts(truth) == truth


def test_page_tokens_of_mail_events_that_all_die_are_done_without(case: HubSpotCase) -> None:
    rule = case.faults.add(STALE, path=r"email/public/v1/events.*offset=", times=None)

    replica = loaded(case)

    assert rule.seen > 3
    truth = case.truth(Stream.ACTIVITIES)
    assert replica.facts(truth) == truth


def test_a_source_that_breaks_in_the_middle_is_not_taken_for_absent(case: HubSpotCase) -> None:
    case.faults.add(STALE, path=r"event-occurrences/.*after=", times=None)

    with pytest.raises(Rejected):
        loaded(case)


@pytest.mark.parametrize("status", [400, 404])
def test_a_form_without_submissions_of_its_own_is_passed_over(case: HubSpotCase, status: int) -> None:
    form = next(case.org.scan("forms"))
    case.faults.add(Reply(status=status, payload={"status": "error", "message": "no"}), path=form.id, times=None)

    replica = loaded(case)

    held = {ref.id for ref in replica.records if ref.object == "form_submissions"}
    lost = {
        f"20000000-0000-4000-8000-{item.id:0>12}" for item in case.org.where("form_submissions", "formGuid", form.id)
    }
    every = {ref.id for ref in case.truth(Stream.ACTIVITIES) if ref.object == "form_submissions"}
    assert held == every - lost


def test_malformed_events_are_named_and_the_others_read(case: HubSpotCase) -> None:
    def spoilt(response: WireResponse) -> WireResponse:
        content = response.json()
        content["events"][0] = {"id": "spoilt", "type": "OPEN", "created": "yesterday", "recipient": "a@b.example"}
        content["events"][1] = None
        return replace(response, body=WireResponse.of_json(content).body)

    case.faults.add(Rewrite(change=spoilt), path="email/public/v1/events")

    replica = loaded(case)

    assert [(bad.ref and bad.ref.id, bad.code) for bad in replica.bad] == [("spoilt", "malformed"), (None, "malformed")]
    assert not any("@" in bad.reason for bad in replica.bad)
    assert len(replica.records) == len(case.truth(Stream.ACTIVITIES)) - 2


def test_clicks_know_their_link_and_their_message_and_scanners_are_marked(case: HubSpotCase) -> None:
    click = next(item for item in case.org.scan("email_events") if item.get("type") == "CLICK")
    click.values |= {"sentId": "sent-1", "filteredEvent": "true"}

    records = loaded(case).records.values()

    (record,) = [item for item in records if isinstance(item, ActivityRecord) and item.message_id == "sent-1"]
    assert (record.kind, record.machine, record.link) == ("email_clicked", True, click.get("url"))
    assert record.emails == (click.get("recipient"),)


def test_what_the_map_does_not_name_is_counted_by_what_it_calls_itself(case: HubSpotCase) -> None:
    case.org.create("calls", {"hs_timestamp": "2026-11-01T08:00:00.000Z", "hs_call_status": "ODD"})
    connector = case.connector()
    page = connector.read(Stream.ACTIVITIES, connector.start(Stream.ACTIVITIES))

    assert page.unmapped == (("calls: (empty) / ODD", 1),)


def test_open_tasks_are_no_activities_and_a_booked_meeting_counts_when_it_was_booked(case: HubSpotCase) -> None:
    stamp = "2026-12-24T08:00:00.000Z"
    task = case.org.create("tasks", {"hs_timestamp": stamp, "hs_task_status": "NOT_STARTED"})
    meeting = case.org.create("meetings", {"hs_timestamp": stamp, "hs_meeting_outcome": "SCHEDULED"})

    replica = loaded(case)

    assert task.id not in {ref.id for ref in replica.records}
    (booked,) = [record for ref, record in replica.records.items() if ref.id == meeting.id]
    assert isinstance(booked, ActivityRecord)
    assert (booked.kind, booked.at.day) == ("meeting_booked", 20)


def test_a_source_that_is_mapped_later_is_loaded_from_its_beginning(case: HubSpotCase) -> None:
    narrow = shipped_map().model_copy(deep=True)
    del narrow.activities["calls"]
    connector, replica = case.made(case.settings(), narrow), Replica()
    cursor = replica.drain(connector, Stream.ACTIVITIES, connector.start(Stream.ACTIVITIES))
    assert "calls" not in StreamCursor.load(cursor).parts

    replica.drain(case.connector(), Stream.ACTIVITIES, cursor)

    truth = case.truth(Stream.ACTIVITIES)
    assert replica.facts(truth) == truth
