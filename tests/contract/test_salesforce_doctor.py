"""What the doctor finds in an org: each finding is right, and each problem has its next step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.port import Finding
from connectors.salesforce import SalesforceConnector
from connectors.sandbox.faults import Reply
from connectors.sandbox.salesforce.rights import grant_rights
from connectors.sandbox.schema import Field
from connectors.sandbox.server import SandboxServer
from tests.contract.salesforce_case import SalesforceCase

_SHARED = ("Lead", "Contact", "Account", "Opportunity", "Campaign")


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


def _found(connector: SalesforceConnector, code: str) -> Finding:
    (finding,) = [finding for finding in connector.doctor() if finding.code == code]
    return finding


def _problems(connector: SalesforceConnector) -> list[Finding]:
    return [finding for finding in connector.doctor() if not finding.ok]


# ---- rows ----


def test_a_user_who_sees_all_rows_is_healthy(case: SalesforceCase, connector: SalesforceConnector) -> None:
    grant_rights(case.org, all_rows=_SHARED)

    assert _found(connector, "view_all").message.startswith("The integration user sees every row of")
    assert _problems(connector) == []


def test_view_all_data_is_as_good(case: SalesforceCase, connector: SalesforceConnector) -> None:
    grant_rights(case.org, system=("ApiEnabled", "ViewAllData"))

    assert _found(connector, "view_all").ok


def test_objects_of_which_sharing_may_hold_rows_back_are_named(
    case: SalesforceCase, connector: SalesforceConnector
) -> None:
    grant_rights(case.org, all_rows=("Lead", "Account", "Opportunity"))

    finding = _found(connector, "view_all")

    assert not finding.ok
    assert "rows of Contact, Campaign back" in finding.message
    assert finding.next_step == "give the integration user View All on Contact, Campaign, or View All Data"


def test_objects_that_are_public_in_the_org_need_no_view_all(
    case: SalesforceCase, connector: SalesforceConnector
) -> None:
    grant_rights(case.org, all_rows=("Lead", "Opportunity", "Campaign"), open_to_all=("Account", "Contact"))

    assert _found(connector, "view_all").ok


def test_an_org_that_does_not_tell_is_no_problem_but_a_hint(connector: SalesforceConnector) -> None:
    finding = _found(connector, "view_all")

    assert finding.ok
    assert finding.next_step is not None
    assert "View All" in finding.next_step


def test_a_refused_question_about_rights_is_no_problem_either(
    case: SalesforceCase, connector: SalesforceConnector
) -> None:
    grant_rights(case.org, all_rows=_SHARED)
    body = [{"message": "no access", "errorCode": "INSUFFICIENT_ACCESS"}]
    case.faults.add(Reply(status=403, payload=body), path="/query.*ObjectPermissions", times=None)
    case.faults.add(Reply(status=403, payload=body), path="/composite$", times=None)

    assert _found(connector, "view_all").ok
    assert _problems(connector) == []


# ---- converted leads ----


@pytest.mark.parametrize(("system", "word"), [(("AllowViewEditConvertedLeads",), "may edit"), ((), "may not edit")])
def test_the_right_to_edit_converted_leads_is_told(
    case: SalesforceCase, connector: SalesforceConnector, system: tuple[str, ...], word: str
) -> None:
    grant_rights(case.org, all_rows=_SHARED, system=system)

    finding = _found(connector, "converted_leads")

    assert (finding.ok, word in finding.message) == (True, True)


# ---- HubSpot's own sync ----


def test_hubspots_native_sync_is_noticed(case: SalesforceCase, connector: SalesforceConnector) -> None:
    assert "does not show" in _found(connector, "native_sync").message
    name = "HubSpot_Inc__HubSpot_Intelligence__c"
    case.org.type("Lead").add([Field(name=name, label="HubSpot Intelligence", type="string", custom=True)])

    finding = _found(connector, "native_sync")

    assert "is installed" in finding.message
    assert finding.next_step is not None


# ---- versions, clock, quota ----


def test_a_version_that_is_about_to_end_is_told_before_it_does(case: SalesforceCase) -> None:
    case.org.settings["api_versions"] = [f"{number}.0" for number in range(57, 69)]
    young = case.made(case.settings(api_version="60.0"))
    old = case.made(case.settings(api_version="59.0"))

    finding = _found(old, "api_version")

    assert _found(young, "api_version").ok
    assert not finding.ok
    assert finding.next_step == "set api_version to one of 66.0, 67.0, 68.0"


def test_a_version_that_the_org_does_not_offer_is_a_problem(case: SalesforceCase) -> None:
    finding = _found(case.made(case.settings(api_version="99.0")), "api_version")

    assert not finding.ok
    assert finding.next_step is not None


def test_clocks_that_differ_are_told_with_the_seconds(case: SalesforceCase, connector: SalesforceConnector) -> None:
    now = connector._clock
    connector._clock = lambda: now() + timedelta(minutes=5)

    finding = _found(connector, "clock")

    assert not finding.ok
    assert "by 300 seconds" in finding.message
    assert finding.next_step is not None


def test_an_org_that_has_nearly_spent_its_day_is_told_once(case: SalesforceCase) -> None:
    case.org.quotas["daily"].spend(case.org.clock.now(), 96_000)

    (finding,) = _problems(case.connector())

    assert (finding.code, finding.next_step is not None) == ("quota", True)


def test_an_org_that_is_down_is_told_once(case: SalesforceCase) -> None:
    case.faults.add(Reply(status=503), times=None)

    (finding,) = _problems(case.connector())

    assert finding.code == "unavailable"
    assert finding.next_step is not None


# ---- rights on the API, objects and fields ----


def test_a_user_without_the_api_is_told_what_to_enable(case: SalesforceCase, connector: SalesforceConnector) -> None:
    body = [{"message": "The REST API is not enabled for this Organization.", "errorCode": "API_DISABLED_FOR_ORG"}]
    case.faults.add(Reply(status=403, payload=body), path="/limits/recordCount", times=None)

    finding = _found(connector, "permission")

    assert not finding.ok
    assert finding.next_step is not None
    assert "API Enabled" in finding.next_step


def test_an_object_without_edit_is_told(case: SalesforceCase, connector: SalesforceConnector) -> None:
    case.org.type("Lead").writable = False

    (finding,) = [each for each in _problems(connector) if each.code == "object_write"]

    assert finding.message == "The integration user may not edit Lead."
    assert finding.next_step == "give the integration user Edit on Lead"


def test_an_object_without_read_is_told(case: SalesforceCase, connector: SalesforceConnector) -> None:
    del case.org.schema["Event"]

    (finding,) = [each for each in _problems(connector) if each.code == "object"]

    assert "Event" in finding.message
    assert finding.next_step is not None
    assert "View All on Event" in finding.next_step


@pytest.mark.parametrize(
    ("field", "change", "word", "step"),
    [
        ("Industry", {"visible": False}, "missing", "grant access"),
        ("Leadgrade_Score__c", {"visible": False}, "missing", "leadgrade fields plan"),
        ("Leadgrade_Score__c", {"editable": False}, "read_only", "leadgrade fields plan"),
    ],
)
def test_a_field_that_may_not_be_read_or_edited_is_told(
    case: SalesforceCase, connector: SalesforceConnector, field: str, change: dict[str, bool], word: str, step: str
) -> None:
    case.org.type("Lead").alter(field, **change)

    (finding,) = _problems(connector)

    assert f"Lead.{field}" in finding.message
    assert word in finding.message
    assert finding.next_step is not None
    assert step in finding.next_step
