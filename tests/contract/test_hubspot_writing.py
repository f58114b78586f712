"""Writing to HubSpot: one result per request, whatever HubSpot does with the batch; properties made without losing any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.errors import NeedsAttention, QuotaSpent, RefusalScope, Throttled, Unavailable
from connectors.hubspot import HubSpotConnector, Paths
from connectors.outputs import output_of
from connectors.port import FieldStep, OutputType, Presence, WriteOutcome, WriteRequest
from connectors.records import Ref
from connectors.sandbox.faults import Drop, Reply, Rewrite
from connectors.sandbox.schema import Option
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.wire import WireResponse
from tests.contract.hubspot_case import HubSpotCase, shipped_map

LOCKED = {"status": "error", "message": "The resource is locked", "correlationId": "c"}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture(params=list(Paths))
def case(server: SandboxServer, request: pytest.FixtureRequest) -> Iterator[HubSpotCase]:
    made = HubSpotCase(server, "writing", request.param)
    made.connector().apply_fields()
    yield made
    made.close()
    server.unmount("writing")


def score(ref: Ref, value: object = 7) -> WriteRequest:
    return WriteRequest(ref=ref, values={"score": value})  # type: ignore[dict-item]


def outcomes(connector: HubSpotConnector, requests: list[WriteRequest]) -> list[WriteOutcome]:
    results = connector.write(requests)
    assert [result.ref for result in results] == [request.ref for request in requests]
    return [result.outcome for result in results]


def updates(case: HubSpotCase) -> int:
    return case.org.requests.count(path="batch/update")


def test_one_bad_value_refuses_a_whole_batch_and_only_its_row_is_rejected(case: HubSpotCase) -> None:
    refs = case.pick(50)
    requests = [score(ref) for ref in refs]
    requests[17] = WriteRequest(ref=refs[17], values={"score": 1, "grade": "Z9"})

    results = case.connector().write(requests)

    assert [result.outcome for result in results].count(WriteOutcome.ACCEPTED) == 49
    refused = results[17]
    assert (refused.outcome, refused.code) == (WriteOutcome.REJECTED, "INVALID_OPTION")
    assert (refused.fields, refused.scope) == (("grade",), RefusalScope.VALUE)
    assert "allowed options" in (refused.message or "")
    assert case.held(refs[16], "score") == 7
    assert case.held(refs[17], "score") is None
    assert updates(case) <= 13  # 1 + 2 per halving


def test_a_property_that_is_gone_refuses_all_that_carry_it_in_two_calls(case: HubSpotCase) -> None:
    refs = case.pick(40)
    held = case.org.type("contacts")
    held.archived_fields["leadgrade_fit"] = held.fields.pop("leadgrade_fit")
    requests = [
        WriteRequest(ref=ref, values={"score": 1} if place % 2 else {"fit": 1}) for place, ref in enumerate(refs)
    ]

    results = case.connector().write(requests)

    assert [result.outcome for result in results] == [WriteOutcome.REJECTED, WriteOutcome.ACCEPTED] * 20
    assert {(result.code, result.scope, result.fields) for result in results[::2]} == {
        ("PROPERTY_DOESNT_EXIST", RefusalScope.OBJECT, ("fit",))
    }
    assert updates(case) == 2


def test_a_merged_record_is_gone_and_names_its_winner(case: HubSpotCase) -> None:
    first, second, third = case.pick(3)
    survivor = case.merge(first, second)

    results = case.connector().write([score(second), score(third)])

    assert [result.outcome for result in results] == [WriteOutcome.GONE, WriteOutcome.ACCEPTED]
    assert results[0].moved_to == survivor


def test_winner_and_loser_in_one_batch_are_both_answered(case: HubSpotCase) -> None:
    first, second = case.pick(2)
    survivor = case.merge(first, second)

    results = case.connector().write([score(first, 1), score(survivor, 2)])

    assert [result.outcome for result in results] == [WriteOutcome.GONE, WriteOutcome.ACCEPTED]


def test_a_record_twice_in_one_call_is_written_in_order(case: HubSpotCase) -> None:
    first, second = case.pick(2)

    found = outcomes(case.connector(), [score(first, 1), score(second, 2), score(first, 3)])

    assert found == [WriteOutcome.ACCEPTED] * 3
    assert (case.held(first, "score"), case.held(second, "score")) == (3, 2)


def test_more_than_a_batch_is_cut_into_hundreds(case: HubSpotCase) -> None:
    refs = case.pick(105)

    found = outcomes(case.connector(), [score(ref) for ref in refs])

    assert found == [WriteOutcome.ACCEPTED] * 105
    assert updates(case) == 2


def test_a_lock_is_waited_for_and_then_deferred(case: HubSpotCase) -> None:
    (ref,) = case.pick(1)
    case.faults.add(Reply(status=423, payload=LOCKED), path="batch/update")
    began = case.org.clock.now()
    assert outcomes(case.connector(), [score(ref)]) == [WriteOutcome.ACCEPTED]
    assert case.org.clock.now() - began >= 2_000
    case.faults.add(Reply(status=423, payload=LOCKED), path="batch/update", times=None)

    (result,) = case.connector().write([score(ref)])

    assert (result.outcome, result.code) == (WriteOutcome.DEFERRED, "contended")
    assert (result.retry_after or 0) >= 2


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        (Reply(status=503), Unavailable),
        (Drop(apply=True), Unavailable),
        (Reply(status=401, payload=LOCKED), NeedsAttention),
        (Reply(status=429, payload={"policyName": "DAILY"}), QuotaSpent),
        (Reply(status=477, headers={"Retry-After": "600"}), Throttled),
    ],
)
def test_when_nothing_is_written_the_error_is_raised(case: HubSpotCase, effect: Reply, error: type[Exception]) -> None:
    case.faults.add(effect, path="batch/update", times=None)

    with pytest.raises(error):
        case.connector().write([score(ref) for ref in case.pick(3)])


def test_when_something_is_written_the_rest_is_deferred(case: HubSpotCase) -> None:
    case.faults.add(Reply(status=503), path="batch/update", after=1, times=None)
    refs = case.pick(103)

    found = outcomes(case.connector(), [score(ref) for ref in refs])

    assert found == [WriteOutcome.ACCEPTED] * 100 + [WriteOutcome.DEFERRED] * 3


def test_a_write_whose_answer_is_lost_is_sent_again(case: HubSpotCase) -> None:
    (ref,) = case.pick(1)
    case.faults.add(Drop(apply=True), path="batch/update")

    assert outcomes(case.connector(), [score(ref)]) == [WriteOutcome.ACCEPTED]
    assert case.held(ref, "score") == 7


def test_an_answer_that_forgets_a_record_defers_it(case: HubSpotCase) -> None:
    first, second = case.pick(2)

    def forgetful(response: WireResponse) -> WireResponse:
        content = response.json()
        content["results"] = [row for row in content["results"] if row["id"] != second.id]
        return replace(response, body=WireResponse.of_json(content).body)

    case.faults.add(Rewrite(change=forgetful), path="batch/update")

    results = case.connector().write([score(first), score(second)])

    assert [result.outcome for result in results] == [WriteOutcome.ACCEPTED, WriteOutcome.DEFERRED]
    assert results[1].code == "no_result"


def test_outputs_and_ids_that_hubspot_cannot_have_are_rejected_without_a_call(case: HubSpotCase) -> None:
    (ref,) = case.pick(1)
    company = Ref(object="companies", id="12")
    odd = Ref(object="contacts", id="003Ws000")

    results = case.connector().write([score(company), score(odd), score(ref)])

    assert [(result.outcome, result.code) for result in results] == [
        (WriteOutcome.REJECTED, "unmapped_output"),
        (WriteOutcome.REJECTED, "bad_id"),
        (WriteOutcome.ACCEPTED, None),
    ]
    assert updates(case) == 1


def test_nothing_to_write_is_no_call(case: HubSpotCase) -> None:
    assert case.connector().write([]) == []
    assert updates(case) == 0


# ---- properties ----


def steps(made: list[FieldStep], action: str) -> list[str]:
    return [step.field for step in made if step.action == action]


def test_applying_twice_changes_nothing(case: HubSpotCase) -> None:
    connector = case.connector()
    before = case.org.requests.count(method="POST", path="properties")

    assert connector.plan_fields() == []
    assert connector.apply_fields() == []
    assert case.org.requests.count(method="POST", path="properties") == before


def test_missing_options_are_added_and_the_admins_own_stay(case: HubSpotCase) -> None:
    own = (Option(value="A1", label="Top of the shop"), Option(value="Z", label="Zoo", hidden=True))
    case.org.type("contacts").alter("leadgrade_grade", options=own)
    connector = case.connector()
    assert steps(connector.plan_fields(), "add_options") == ["leadgrade_grade"]

    connector.apply_fields()

    options = case.org.type("contacts").fields["leadgrade_grade"].options
    assert options[:2] == own
    assert len(options) == 17
    assert connector.plan_fields() == []


def test_an_archived_property_comes_back(case: HubSpotCase) -> None:
    held = case.org.type("contacts")
    held.archived_fields["leadgrade_fit"] = held.fields.pop("leadgrade_fit")

    made = case.connector().apply_fields()

    assert steps(made, "create_field") == ["leadgrade_fit"]
    assert all(step.done for step in made)


def test_a_property_of_another_type_is_for_the_admin_to_resolve(case: HubSpotCase) -> None:
    case.org.type("contacts").alter("leadgrade_score", type="string", field_type="text")
    connector = case.connector()

    made = connector.apply_fields()

    (step,) = made
    assert (step.action, step.done) == ("resolve", False)
    assert "field map" in step.manual
    (check,) = [item for item in connector.check_fields() if item.written and item.presence is not Presence.OK]
    assert (check.field, check.presence) == ("leadgrade_score", Presence.WRONG_TYPE)


def test_without_the_right_every_step_says_what_to_click(server: SandboxServer) -> None:
    case = HubSpotCase(server, "rights", Paths.DATED)
    forbidden = {"status": "error", "category": "MISSING_SCOPES", "message": "no"}
    case.faults.add(Reply(status=403, payload=forbidden), method="POST", path="properties", times=None)

    made = case.connector().apply_fields()

    assert made
    assert all(step.error and step.manual and not step.done for step in made)
    case.close()
    server.unmount("rights")


def test_every_type_of_output_is_made_as_hubspot_wants_it(case: HubSpotCase) -> None:
    fields = case.org.type("contacts").fields
    expected = {
        OutputType.NUMBER: ("number", "number"),
        OutputType.TEXT: ("string", "text"),
        OutputType.LONG_TEXT: ("string", "textarea"),
        OutputType.CHOICE: ("enumeration", "select"),
        OutputType.CHECKBOX: ("bool", "booleancheckbox"),
        OutputType.DATE_TIME: ("datetime", "date"),
    }
    for name, property_name in shipped_map().outputs["contacts"].items():
        output, field = output_of(name), fields[property_name]
        assert (field.type, field.field_type) == expected[output.type]
        assert field.group == "leadgrade"


def test_a_cleared_record_holds_none_of_our_values(case: HubSpotCase) -> None:
    (ref,) = case.pick(1)
    connector = case.connector()
    connector.write([WriteRequest(ref=ref, values={"score": 4, "qualified": False, "grade": "B2", "breakdown": "x"})])

    request = connector.clear_request(ref)
    connector.write([request])

    assert set(request.values) == set(shipped_map().outputs["contacts"])
    assert not [name for name in case.org.get("contacts", ref.id).values if name.startswith("leadgrade_")]
