"""Stars as people read them: a field that Salesforce computes from the number, provisioned and never written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import NeedsAttention
from connectors.mapping import load_field_map
from connectors.port import WriteOutcome, WriteRequest
from connectors.salesforce.formulas import star_formula
from connectors.sandbox.faults import Reply
from connectors.sandbox.server import SandboxServer
from tests.contract.salesforce_case import SalesforceCase, shipped_map

_STARS = "Leadgrade_Star_Rating__c"


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


def test_the_star_field_is_computed_from_the_number_and_may_be_read(case: SalesforceCase) -> None:
    steps = case.connector().apply_fields()

    assert all(step.done for step in steps)
    for name in ("Lead", "Contact"):
        field = case.org.type(name).fields[_STARS]
        assert field.extra["formula"] == star_formula("Leadgrade_Stars__c")
        assert (field.type, field.read_only, field.visible) == ("string", True, True)
        (grant,) = case.org.where("FieldPermissions", "Field", f"{name}.{_STARS}")
        assert (grant.get("PermissionsRead"), grant.get("PermissionsEdit")) == (True, False)
    assert _STARS not in case.org.type("Account").fields


def test_the_formula_comes_behind_the_number_it_looks_at(case: SalesforceCase) -> None:
    plan = [(step.action, step.object, step.field) for step in case.connector().plan_fields()]

    for name in ("Lead", "Contact"):
        number = plan.index(("create_field", name, "Leadgrade_Stars__c"))
        assert number < plan.index(("create_formula", name, _STARS)) < plan.index(("grant_formula", name, _STARS))


def test_the_plan_says_in_words_what_to_click_and_the_formula_itself(case: SalesforceCase) -> None:
    (step,) = [
        step for step in case.connector().plan_fields() if (step.action, step.object) == ("create_formula", "Lead")
    ]

    assert "Object Manager > Lead" in step.manual
    assert star_formula("Leadgrade_Stars__c") in step.manual


def test_the_star_field_is_never_written(case: SalesforceCase) -> None:
    connector = case.connector()
    connector.apply_fields()
    (ref,) = case.pick(1)

    (result,) = connector.write([WriteRequest(ref=ref, values={"stars": 3})])
    cleared = connector.clear_request(ref)

    assert result.outcome is WriteOutcome.ACCEPTED
    assert _STARS not in {shipped_map().outputs["Lead"][output] for output in cleared.values}
    assert _STARS not in {check.field for check in connector.check_fields()}


def test_a_refused_star_field_stops_nothing_else(case: SalesforceCase) -> None:
    body = [{"message": "Formula is not allowed", "errorCode": "FIELD_INTEGRITY_EXCEPTION"}]
    numbers = sum(len(fields) for fields in shipped_map().outputs.values())
    case.faults.add(Reply(status=400, payload=body), method="POST", path="/tooling/", after=numbers, times=2)

    steps = case.connector().apply_fields()

    assert {step.action for step in steps if not step.done} == {"create_formula", "grant_formula"}
    assert {step.action for step in case.connector().plan_fields()} == {"create_formula", "grant_formula"}


def test_without_the_line_there_is_no_star_field(case: SalesforceCase) -> None:
    plain = shipped_map().model_copy(update={"formulas": {}})

    steps = case.made(case.settings(), plain).plan_fields()

    assert _STARS not in {step.field for step in steps}


@pytest.mark.parametrize(
    ("formulas", "words"),
    [
        ("{Lead: {score: X__c}}", "only stars have a formula"),
        ("{Account: {stars: X__c}}", "stars is not among the outputs of Account"),
    ],
)
def test_a_formula_that_nobody_can_compute_is_refused_with_its_place(formulas: str, words: str) -> None:
    text = f"crm: salesforce\ncontacts: {{}}\naccounts: {{}}\nformulas: {formulas}\n"

    with pytest.raises(NeedsAttention, match=words):
        load_field_map(text, name="mine.yaml")
