"""What only Salesforce does to a writer: assignment rules, converted leads, locks, the customer's own rules; provisioning."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from connectors.errors import NeedsAttention, RefusalScope, Unavailable
from connectors.port import WriteOutcome, WriteRequest, WriteResult
from connectors.records import Ref, Stream
from connectors.salesforce import SalesforceConnector
from connectors.sandbox.conversion import convert_lead
from connectors.sandbox.faults import Drop, Fault, Reply, expire_sessions
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.server import SandboxServer
from tests.contract.salesforce_case import SalesforceCase, shipped_map

_SAVE = "/composite/sobjects"


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


@pytest.fixture
def connector(case: SalesforceCase) -> SalesforceConnector:
    made = case.connector()
    made.apply_fields()
    return made


def _write(connector: SalesforceConnector, *refs: Ref, **values: object) -> list[WriteResult]:
    return connector.write([WriteRequest(ref=ref, values=dict(values)) for ref in refs])  # type: ignore[arg-type]


def _reassigning(case: SalesforceCase) -> str:
    other = case.org.create("User", {"LastName": "Queue"}).id

    def rule(_org: Org, _record: Record) -> dict[str, str]:
        return {"OwnerId": other}

    case.org.assignment_rules["Lead"] = rule
    return other


# ---- owners ----


def test_a_score_does_not_reassign_a_lead(case: SalesforceCase, connector: SalesforceConnector) -> None:
    other = _reassigning(case)
    (lead,) = case.pick(1)

    _write(connector, lead, score=70)

    assert case.held(lead, "score") == 70
    assert case.org.get("Lead", lead.id).get("OwnerId") != other


def test_a_score_written_over_a_renewed_session_does_not_reassign_either(
    case: SalesforceCase, connector: SalesforceConnector
) -> None:
    other = _reassigning(case)
    (lead,) = case.pick(1)
    fault: Fault = case.faults.add(expire_sessions(), method="PATCH", path=_SAVE)

    (result,) = _write(connector, lead, score=70)

    assert fault.seen == 2
    assert result.outcome is WriteOutcome.ACCEPTED
    assert case.org.get("Lead", lead.id).get("OwnerId") != other


def test_without_the_header_the_owner_would_change(case: SalesforceCase, connector: SalesforceConnector) -> None:
    other = _reassigning(case)
    (lead,) = case.pick(1)
    del connector._client.session.headers["Sforce-Auto-Assign"]

    _write(connector, lead, score=70)

    assert case.org.get("Lead", lead.id).get("OwnerId") == other


# ---- rows ----


def test_each_row_is_settled_for_itself(case: SalesforceCase, connector: SalesforceConnector) -> None:
    good, converted, merged, winner, deleted, purged, locked, ruled = case.pick(8)
    contact = convert_lead(case.org, converted.id).contact
    case.merge(winner, merged)
    case.delete(deleted)
    case.org.purge("Lead", purged.id)
    case.org.settings["locked_rows"] = {locked.id}
    case.org.settings["validation_rules"] = {"Lead": lambda record, _: "No" if record.id == ruled.id else None}

    results = _write(connector, good, converted, merged, deleted, purged, locked, ruled, score=5)

    assert [(result.outcome, result.moved_to, result.scope) for result in results] == [
        (WriteOutcome.ACCEPTED, None, None),
        (WriteOutcome.GONE, Ref(object="Contact", id=contact), None),
        (WriteOutcome.GONE, winner, None),
        (WriteOutcome.GONE, None, None),
        (WriteOutcome.GONE, None, None),
        (WriteOutcome.DEFERRED, None, None),
        (WriteOutcome.REJECTED, None, RefusalScope.RECORD),
    ]
    assert results[-1].code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert results[-1].message == "No"
    assert results[-2].retry_after


def test_a_value_that_does_not_fit_is_refused_as_a_value(case: SalesforceCase, connector: SalesforceConnector) -> None:
    first, second, third = case.pick(3)

    (long,) = _write(connector, first, reasons="x" * 256)
    (big,) = _write(connector, second, stars=Decimal(10))
    case.org.type("Lead").alter("Leadgrade_Grade__c", restricted=True)
    (odd,) = _write(connector, third, grade="Z9")

    assert [(result.code, result.scope) for result in (long, big, odd)] == [
        ("STRING_TOO_LONG", RefusalScope.VALUE),
        ("NUMBER_OUTSIDE_VALID_RANGE", RefusalScope.VALUE),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", RefusalScope.VALUE),
    ]
    assert long.fields == ("Leadgrade_Reasons__c",)


def test_a_field_that_is_gone_refuses_its_object_and_no_other(
    case: SalesforceCase, connector: SalesforceConnector
) -> None:
    (lead,) = case.pick(1)
    contact = Ref(object="Contact", id=next(case.org.scan("Contact")).id)
    _write(connector, lead, contact, score=1)
    case.org.type("Lead").alter("Leadgrade_Score__c", visible=False)

    answered = _write(connector, lead, contact, score=2)
    known = _write(connector, lead, contact, score=3)

    assert [result.outcome for result in answered] == [WriteOutcome.REJECTED, WriteOutcome.ACCEPTED]
    assert (answered[0].code, answered[0].scope) == ("INVALID_FIELD", RefusalScope.OBJECT)
    assert (known[0].code, known[0].scope) == ("FIELD_NOT_WRITABLE", RefusalScope.OBJECT)
    assert case.held(contact, "score") == 3


def test_a_field_that_may_only_be_read_is_not_even_sent(case: SalesforceCase, connector: SalesforceConnector) -> None:
    (lead,) = case.pick(1)
    case.org.type("Lead").alter("Leadgrade_Score__c", editable=False)
    before = case.org.requests.count(method="PATCH")

    (result,) = _write(case.connector(), lead, score=2)

    assert (result.outcome, result.scope) == (WriteOutcome.REJECTED, RefusalScope.OBJECT)
    assert case.org.requests.count(method="PATCH") == before


def test_a_request_refused_as_a_whole_is_taken_apart_by_object(
    case: SalesforceCase, connector: SalesforceConnector
) -> None:
    (lead,) = case.pick(1)
    contact = Ref(object="Contact", id=next(case.org.scan("Contact")).id)
    body = [{"message": "No such column 'X' on sobject of type Contact", "errorCode": "INVALID_FIELD"}]
    case.faults.add(Reply(status=400, payload=body), method="PATCH", path=_SAVE, times=2)

    results = _write(connector, lead, contact, score=4)

    assert {result.ref: result.outcome for result in results} == {
        contact: WriteOutcome.REJECTED,
        lead: WriteOutcome.ACCEPTED,
    }


def test_a_write_that_breaks_off_is_unknown_and_may_be_repeated(
    case: SalesforceCase, connector: SalesforceConnector
) -> None:
    (lead,) = case.pick(1)
    case.faults.add(Drop(apply=True), method="PATCH", path=_SAVE)

    with pytest.raises(Unavailable):
        _write(connector, lead, score=8)
    (result,) = _write(connector, lead, score=8)

    assert result.outcome is WriteOutcome.ACCEPTED
    assert case.held(lead, "score") == 8


def test_two_hundred_records_are_one_call(case: SalesforceCase, connector: SalesforceConnector) -> None:
    leads = [case.org.create("Lead", {"LastName": "L", "Company": "C"}).id for _ in range(200)]
    before = connector.usage().calls

    results = _write(connector, *(Ref(object="Lead", id=lead) for lead in leads), score=3)

    assert {result.outcome for result in results} == {WriteOutcome.ACCEPTED}
    assert connector.usage().calls - before <= 2  # describe, then one collections call
    with pytest.raises(ValueError, match="201"):
        _write(connector, *(Ref(object="Lead", id=leads[0]) for _ in range(201)), score=3)


# ---- fields ----


def test_without_the_right_each_step_carries_its_error_and_what_to_click(case: SalesforceCase) -> None:
    body = [{"message": "You do not have permission", "errorCode": "INSUFFICIENT_ACCESS"}]
    case.faults.add(Reply(status=403, payload=body), method="POST", path="/tooling/", times=None)

    steps = case.connector().apply_fields()

    refused = [step for step in steps if step.action == "create_field"]
    assert len(refused) == sum(len(outputs) for outputs in shipped_map().outputs.values())
    assert all(not step.done and step.error and "Object Manager" in step.manual for step in refused)


def test_provisioning_goes_on_where_it_was_interrupted(case: SalesforceCase) -> None:
    case.faults.add(Reply(status=503), method="POST", path="/sobjects/", after=20, times=8)
    first = case.connector().apply_fields()

    second = case.connector().apply_fields()

    assert any(not step.done for step in first)
    assert len(second) < len(first)
    assert all(step.done for step in second)
    assert case.connector().plan_fields() == []


def test_a_field_that_exists_unseen_is_only_granted(case: SalesforceCase) -> None:
    connector = case.connector()
    connector.apply_fields()
    case.org.type("Contact").alter("Leadgrade_Score__c", visible=False, editable=False)
    grants = case.org.where("FieldPermissions", "Field", "Contact.Leadgrade_Score__c")
    case.org.purge("FieldPermissions", grants[0].id)

    assert [(step.action, step.object, step.field) for step in connector.plan_fields()] == [
        ("grant_field", "Contact", "Leadgrade_Score__c")
    ]


# ---- doctor ----


def test_a_healthy_connection_has_no_complaints(case: SalesforceCase, connector: SalesforceConnector) -> None:
    findings = connector.doctor()

    assert [finding for finding in findings if not finding.ok] == []
    assert {"api_version", "credentials", "clock", "quota", "object", "object_write", "fields"} <= {
        finding.code for finding in findings
    }


def test_the_doctor_names_each_problem_with_the_next_step(case: SalesforceCase) -> None:
    case.hide_field()
    del case.org.schema["EmailMessage"]
    case.org.quotas["daily"].spend(case.org.clock.now(), 96_000)
    connector = case.made(case.settings(org_ceiling=0.97, api_version="67.0"))
    case.org.settings["api_versions"] = ["66.0", "67.0"]

    problems = {finding.code: finding for finding in connector.doctor() if not finding.ok}

    assert {"object", "field"} <= set(problems)
    assert "EmailMessage" in problems["object"].message
    assert all(finding.next_step for finding in problems.values())


def test_the_doctor_sees_wrong_credentials_and_an_old_version(case: SalesforceCase) -> None:
    wrong = case.connector(wrong_credentials=True).doctor()
    old = case.made(case.settings(api_version="30.0")).doctor()

    assert [finding.code for finding in wrong if not finding.ok] == ["credentials"]
    assert "api_version" in [finding.code for finding in old if not finding.ok]


def test_an_api_version_that_the_org_lacks_reads_nothing_silently(case: SalesforceCase) -> None:
    connector = case.made(case.settings(api_version="30.0"))

    for stream in Stream:
        with pytest.raises(NeedsAttention):
            connector.read(stream, connector.start(stream))
