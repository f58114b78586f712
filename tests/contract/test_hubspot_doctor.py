"""What doctor finds on a HubSpot portal, and that each finding says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.errors import NeedsAttention
from connectors.hubspot import Feature, HubSpotConnector, HubSpotSettings, Paths
from connectors.hubspot.budget import Budget
from connectors.hubspot.doctor import outlook
from connectors.port import Finding
from connectors.sandbox.faults import Reply
from connectors.sandbox.server import SandboxServer
from tests.contract.hubspot_case import NOW, HubSpotCase, shipped_map


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer) -> Iterator[HubSpotCase]:
    made = HubSpotCase(server, "doctor", Paths.DATED, count=45)
    yield made
    made.close()
    server.unmount("doctor")


def wrong(connector: HubSpotConnector) -> dict[str, Finding]:
    findings = [finding for finding in connector.doctor() if not finding.ok]
    assert all(finding.next_step for finding in findings)
    return {finding.code: finding for finding in findings}


def test_a_portal_that_is_ready_has_nothing_wrong(case: HubSpotCase) -> None:
    case.connector().apply_fields()

    assert wrong(case.connector()) == {}


def test_properties_that_are_missing_lead_to_the_plan(case: HubSpotCase) -> None:
    found = wrong(case.connector())

    assert set(found) == {"output_field"}
    assert "fields plan" in (found["output_field"].next_step or "")


def test_scopes_that_are_missing_are_named(case: HubSpotCase) -> None:
    case.connector().apply_fields()
    case.org.settings["denied"] = {"deals", "emails"}

    found = wrong(case.connector())

    assert "crm.objects.deals.read" in (found["read_deals"].next_step or "")
    assert "sales-email-read" in (found["read_emails"].next_step or "")


def test_a_plan_without_events_is_told_and_no_fault(case: HubSpotCase) -> None:
    case.connector().apply_fields()
    case.org.settings["plan"] = "free"

    findings = {finding.code: finding for finding in case.connector().doctor()}

    assert findings["source_e_visited_page"].ok
    assert "left out" in findings["source_e_visited_page"].message
    assert "left out" in findings["source_email_events"].message


def test_what_stands_for_a_source_that_is_left_out_is_named(case: HubSpotCase) -> None:
    case.connector().apply_fields()
    case.org.settings["plan"] = "free"
    settings = case.settings(forms=Feature.OFF, events=Feature.ON)

    findings = {finding.code: finding for finding in case.made(settings).doctor()}

    assert "switched off" in findings["source_form_submissions"].message
    assert "num_conversion_events" in findings["source_form_submissions"].message
    assert "hs_email_open, hs_email_click" in findings["source_email_events"].message
    assert findings["source_email_events"].ok
    assert not findings["source_e_visited_page"].ok  # the settings insist


def test_a_name_that_no_source_can_have_is_a_mistake_of_the_map(case: HubSpotCase) -> None:
    case.connector().apply_fields()
    odd = shipped_map().model_copy(deep=True)
    odd.activities["page_views"] = odd.activities["e_visited_page"]

    found = wrong(case.made(case.settings(), odd))

    assert "field map" in (found["source_page_views"].next_step or "")


def test_a_full_portal_is_told_before_a_property_is_refused(case: HubSpotCase) -> None:
    case.org.settings["custom_properties"] = 2

    assert "property_limit" in wrong(case.connector())


def test_a_limit_that_may_not_be_asked_for_is_no_fault(case: HubSpotCase) -> None:
    case.connector().apply_fields()
    case.faults.add(Reply(status=403, payload={"category": "MISSING_SCOPES"}), path="limits", times=None)

    assert wrong(case.connector()) == {}


def test_a_clock_that_is_off_is_noticed(case: HubSpotCase) -> None:
    case.connector().apply_fields()
    late = HubSpotConnector(
        case.settings(), shipped_map(), clock=lambda: NOW - timedelta(minutes=10), sleep=case.org.clock.advance
    )

    assert "NTP" in (wrong(late)["clock"].next_step or "")
    late.close()


def test_wrong_credentials_stop_the_examination(case: HubSpotCase) -> None:
    with pytest.raises(NeedsAttention):
        case.connector(wrong_credentials=True).doctor()


@pytest.mark.parametrize(
    ("paths", "today", "told"),
    [
        (Paths.LEGACY, date(2026, 11, 20), []),
        (Paths.LEGACY, date(2026, 12, 15), ["v4 associations"]),
        (Paths.LEGACY, date(2027, 6, 1), ["v4 associations", "v1 to v3 paths"]),
        (Paths.DATED, date(2027, 1, 1), []),
        (Paths.DATED, date(2028, 1, 1), ["2026-09", "v1 e-mail events"]),
    ],
)
def test_the_end_of_an_api_version_is_told_four_months_ahead(paths: Paths, today: date, told: list[str]) -> None:
    budget = Budget(clock=lambda: datetime(2026, 11, 20, tzinfo=UTC), sleep=lambda _: None)

    findings = outlook(HubSpotSettings(token="t", paths=paths), budget, today)

    near = [finding.message for finding in findings if not finding.ok]
    assert len(near) == len(told)
    assert all(any(name in message for message in near) for name in told)
