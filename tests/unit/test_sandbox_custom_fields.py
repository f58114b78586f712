"""Custom fields in the sandbox's Tooling API after their creation, and rules of an org that refuse or hold back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.wire import WireRequest, WireResponse

DATA = "/services/data/v66.0"
FIELDS = "/tooling/sobjects/CustomField"


class Admin:
    """A signed-in client that may do everything."""

    def __init__(self) -> None:
        self.org: Org = empty_salesforce_org(clock=OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC)))
        self.dialect = SalesforceDialect(self.org)
        self.org.sessions["S"] = self.org.clock.now() + 86_400_000

    def __call__(self, method: str, path: str, payload: Any = None, **headers: str) -> WireResponse:
        sent = {"Authorization": "Bearer S", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.dialect.handle(WireRequest.to(method, f"{DATA}{path}", headers=sent, payload=payload))

    def error(self, method: str, path: str, payload: Any = None, **headers: str) -> tuple[int, str]:
        answer = self(method, path, payload, **headers)
        return answer.status, answer.json()[0]["errorCode"]

    def made(self, name: str, **metadata: Any) -> str:
        body = {"FullName": name, "Metadata": {"label": name, **metadata}}
        answer = self("POST", FIELDS, body)
        assert answer.status == 201, answer.body
        field_id: str = answer.json()["id"]
        return field_id

    def grant(self, *names: str) -> None:
        held = self("POST", "/sobjects/PermissionSet", {"Name": "Score", "Label": "Score"}).json()["id"]
        for name in names:
            grant = {"ParentId": held, "SobjectType": name.partition(".")[0], "Field": name, "PermissionsRead": True}
            assert self("POST", "/sobjects/FieldPermissions", {**grant, "PermissionsEdit": True}).status == 201
        link = {"AssigneeId": self.org.api_user, "PermissionSetId": held}
        assert self("POST", "/sobjects/PermissionSetAssignment", link).status == 201

    def lead(self, **values: Any) -> str:
        return self.org.create(
            "Lead", {"LastName": "Lee", "Company": "Acme", "OwnerId": self.org.api_user, **values}
        ).id


@pytest.fixture
def admin() -> Admin:
    return Admin()


def test_a_custom_field_is_shown_as_it_was_made_and_may_be_changed(admin: Admin) -> None:
    field = admin.made("Lead.Points__c", type="Text", length=20, description="How many")
    admin.grant("Lead.Points__c")

    shown = admin("GET", f"{FIELDS}/{field}").json()
    changed = {**shown["Metadata"], "label": "Score points", "length": 40}

    assert (shown["FullName"], shown["Metadata"]["description"]) == ("Lead.Points__c", "How many")
    assert admin("PATCH", f"{FIELDS}/{field}", {"Metadata": changed}).status == 204
    described = {item["name"]: item for item in admin("GET", "/sobjects/Lead/describe").json()["fields"]}
    assert (described["Points__c"]["label"], described["Points__c"]["length"]) == ("Score points", 40)
    assert described["Points__c"]["updateable"] is True


def test_the_type_of_a_custom_field_stays(admin: Admin) -> None:
    field = admin.made("Lead.Points__c", type="Text", length=20)
    other = {"Metadata": {"label": "Points", "type": "Checkbox", "defaultValue": False}}

    assert admin.error("PATCH", f"{FIELDS}/{field}", other) == (501, "FUNCTIONALITY_NOT_ENABLED")
    assert admin.error("PATCH", f"{FIELDS}/{field}", {}) == (400, "REQUIRED_FIELD_MISSING")
    assert admin.error("GET", f"{FIELDS}/00NWs0000000000AAA") == (404, "NOT_FOUND")


def test_a_deleted_field_takes_its_values_and_grants_along(admin: Admin) -> None:
    field = admin.made("Lead.Points__c", type="Number", precision=18, scale=0)
    admin.grant("Lead.Points__c")
    lead = admin.lead(Points__c=5.0)

    assert admin("DELETE", f"{FIELDS}/{field}").status == 204

    assert admin.error("GET", "/query?q=SELECT+Points__c+FROM+Lead") == (400, "INVALID_FIELD")
    assert "Points__c" not in admin.org.get("Lead", lead).values
    assert admin.org.count("FieldPermissions") == 0
    admin.made("Lead.Points__c", type="Number", precision=18, scale=0)


def test_an_external_id_made_by_the_tooling_api_takes_upserts(admin: Admin) -> None:
    admin.made("Lead.Key__c", type="Text", length=40, externalId=True, unique=True)
    admin.grant("Lead.Key__c")

    assert admin("PATCH", "/sobjects/Lead/Key__c/k1", {"LastName": "Lee", "Company": "Acme"}).status == 201
    described = {item["name"]: item for item in admin("GET", "/sobjects/Lead/describe").json()["fields"]}
    assert (described["Key__c"]["externalId"], described["Key__c"]["idLookup"]) == (True, True)


def test_duplicate_rules_refuse_unless_the_header_allows_it(admin: Admin) -> None:
    admin.org.settings["duplicate_rules"] = {"Lead": ("Email",)}
    admin.lead(Email="ada@acme.example")
    lead = admin.lead()
    body = {"Email": "Ada@acme.example"}

    assert admin.error("PATCH", f"/sobjects/Lead/{lead}", body) == (400, "DUPLICATES_DETECTED")
    answer = admin("PATCH", f"/sobjects/Lead/{lead}", body, Sforce_Duplicate_Rule_Header="allowSave=true")
    assert answer.status == 204
    created = {"LastName": "Lee", "Company": "Acme", **body}
    assert admin.error("POST", "/sobjects/Lead", created) == (400, "DUPLICATES_DETECTED")


@pytest.mark.parametrize("resource", ["updated", "deleted"])
def test_a_transaction_that_still_runs_holds_back_what_is_certain(admin: Admin, resource: str) -> None:
    span = "start=2026-11-20T11:00:00%2B00:00&end=2026-11-20T11:58:00%2B00:00"
    path = f"/sobjects/Lead/{resource}?{span}"

    before = admin("GET", path).json()["latestDateCovered"]
    admin.org.settings["transaction_since"] = admin.org.now() - 1_800_000

    assert before == "2026-11-20T11:58:00.000+0000"
    assert admin("GET", path).json()["latestDateCovered"] == "2026-11-20T11:30:00.000+0000"
