"""The sandbox's HubSpot: properties, groups, events, facts about the account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hubspot_portal import Portal, refused


@pytest.fixture
def portal() -> Portal:
    return Portal()


# ---- properties ----


def a_property(**changes: Any) -> dict[str, Any]:
    made = {
        "name": "tier",
        "label": "Tier",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "contactinformation",
        "options": [{"label": "One", "value": "1", "displayOrder": 0, "hidden": False}],
    }
    return {**made, **changes}


def test_a_property_is_created_changed_archived_and_brought_back(portal: Portal) -> None:
    root = "/crm/v3/properties/contacts"
    assert portal.ask("POST", root, a_property()).status == 201
    taken = refused(portal.ask("POST", root, a_property()), 409)
    assert taken["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"

    changed = portal.ask("PATCH", f"{root}/tier", {"options": [{"label": "Two", "value": "2"}]}).json()

    assert [option["value"] for option in changed["options"]] == ["2"]
    assert portal.ask("DELETE", f"{root}/tier").status == 204
    assert refused(portal.ask("GET", f"{root}/tier"), 404)["category"] == "OBJECT_NOT_FOUND"
    assert portal.ask("POST", root, a_property()).status == 201


@pytest.mark.parametrize(
    "changes",
    [
        {"label": ""},
        {"name": "Tier One"},
        {"groupName": "nowhere"},
        {"type": "number", "fieldType": "select"},
        {"type": "bool", "fieldType": "booleancheckbox"},
        {"options": [{"label": "One"}]},
        {"options": [{"label": "One", "value": "1"}, {"label": "One", "value": "2"}]},
    ],
)
def test_definitions_are_checked(portal: Portal, changes: dict[str, Any]) -> None:
    refused(portal.ask("POST", "/crm/v3/properties/contacts", a_property(**changes)), 400)


def test_the_limit_of_custom_properties_is_told_and_kept(portal: Portal) -> None:
    portal.org.settings["custom_properties"] = 3
    root = "/crm/v3/properties/contacts"

    statuses = [portal.ask("POST", root, a_property(name=f"tier_{number}")).status for number in range(2)]

    assert statuses == [201, 400]
    rows = portal.ask("GET", "/crm/limits/2026-09/custom-properties").json()["byObjectType"]
    assert rows[0] == {"objectTypeId": "0-1", "objectTypeName": "contacts", "limit": 3, "usage": 3}


def test_hubspots_own_properties_say_that_they_are_read_only(portal: Portal) -> None:
    rows = portal.ask("GET", "/crm/v3/properties/contacts").json()["results"]
    held = {row["name"]: row["modificationMetadata"] for row in rows}

    assert held["hs_object_id"]["readOnlyValue"] is True
    assert held["jobtitle"]["readOnlyValue"] is False
    refused(portal.ask("DELETE", "/crm/v3/properties/contacts/jobtitle"), 400)


def test_groups_are_made_and_kept_while_properties_are_in_them(portal: Portal) -> None:
    root = "/crm/v3/properties/contacts/groups"
    group = {"name": "leadgrade", "label": "Leadgrade"}
    assert portal.ask("POST", root, group).status == 201
    refused(portal.ask("POST", root, group), 409)
    portal.ask("POST", "/crm/v3/properties/contacts", a_property(groupName="leadgrade"))

    refused(portal.ask("DELETE", f"{root}/leadgrade"), 400)

    assert [row["name"] for row in portal.ask("GET", root).json()["results"]] == ["contactinformation", "leadgrade"]


# ---- events and account ----


def test_mail_events_come_newest_first_through_an_opaque_offset(portal: Portal) -> None:
    for number in range(3):
        values = {"recipient": "p@acme.example", "type": "OPEN", "created": str(1_000 + number), "emailCampaignId": "7"}
        portal.org.create("email_events", values)

    first = portal.ask("GET", "/email/public/v1/events?limit=2&startTimestamp=1000").json()
    second = portal.ask("GET", f"/email/public/v1/events?limit=2&offset={first['offset']}").json()

    assert [event["created"] for event in first["events"] + second["events"]] == [1_002, 1_001, 1_000]
    assert (first["hasMore"], second["hasMore"]) == (True, False)
    portal.org.settings["plan"] = "free"
    refused(portal.ask("GET", "/email/public/v1/events"), 403)


def test_occurrences_need_the_plan_and_filter_by_time(portal: Portal) -> None:
    for hour in ("08", "09", "10"):
        values = {"objectId": "5", "eventType": "e_visited_page", "occurredAt": f"2026-11-20T{hour}:00:00.000Z"}
        portal.org.create("page_events", {**values, "hs_url": "https://acme.example/pricing"})
    url = "/events/event-occurrences/2026-09?eventType=e_visited_page&occurredAfter=2026-11-20T09:00:00Z&limit=1"

    first = portal.ask("GET", url).json()
    second = portal.ask("GET", f"{url}&after={first['paging']['next']['after']}").json()

    rows = first["results"] + second["results"]
    assert [row["occurredAt"][11:13] for row in rows] == ["10", "09"]
    assert rows[0]["properties"] == {"hs_url": "https://acme.example/pricing"}
    assert "paging" not in second
    portal.org.settings["plan"] = "professional"
    refused(portal.ask("GET", url), 403)


def test_the_account_its_owners_and_pipelines(portal: Portal) -> None:
    details = portal.ask("GET", "/account-info/2026-09/details").json()
    owners = portal.ask("GET", "/crm/owners/2026-09?limit=2").json()
    pipelines = portal.ask("GET", "/crm/v3/pipelines/deals").json()["results"]

    assert (details["portalId"], details["timeZone"]) == (int(portal.org.id), "Europe/Berlin")
    assert len(owners["results"]) == 2
    assert owners["paging"]["next"]["after"] == owners["results"][1]["id"]
    won = {stage["id"]: stage["metadata"] for stage in pipelines[0]["stages"]}["closedwon"]
    assert won == {"isClosed": "true", "probability": "1.0"}
