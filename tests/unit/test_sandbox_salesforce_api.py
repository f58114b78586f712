"""Salesforce's REST API in the sandbox, without sockets: sessions, limits, describe, records, batches, custom fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.conversion import convert_lead
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.wire import WireRequest, WireResponse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DATA = "/services/data/v66.0"


class Api:
    """A signed-in client."""

    def __init__(self) -> None:
        self.org: Org = empty_salesforce_org(clock=OrgClock.frozen_at(NOW))
        self.dialect = SalesforceDialect(self.org)
        self.sign_in()

    def sign_in(self) -> None:
        form = b"grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret"
        answer = self.dialect.handle(WireRequest.to("POST", "/services/oauth2/token", body=form))
        self.token = answer.json()["access_token"]

    def __call__(self, method: str, url: str, payload: Any = None, **headers: str) -> WireResponse:
        sent = {
            "Authorization": f"Bearer {self.token}",
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        return self.dialect.handle(WireRequest.to(method, url, headers=sent, payload=payload))

    def error(self, method: str, url: str, payload: Any = None) -> tuple[int, str]:
        answer = self(method, url, payload)
        return answer.status, answer.json()[0]["errorCode"]

    def save(self, *records: dict[str, Any], method: str = "PATCH") -> list[dict[str, Any]]:
        answer = self(method, f"{DATA}/composite/sobjects", {"allOrNone": False, "records": list(records)})
        assert answer.status == 200
        results: list[dict[str, Any]] = answer.json()
        return results


@pytest.fixture
def api() -> Api:
    return Api()


def _lead(api: Api, **more: Any) -> str:
    return api.org.create("Lead", {"LastName": "Lee", "Company": "Acme", "OwnerId": api.org.api_user, **more}).id


def _row(record_id: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Lead"}, "id": record_id, **values}


# ---- sessions and limits ----


def test_without_a_session_nothing_is_told_but_the_versions(api: Api) -> None:
    api.token = "wrong"

    assert api.error("GET", f"{DATA}/limits") == (401, "INVALID_SESSION_ID")
    versions = api("GET", "/services/data").json()
    assert [item["version"] for item in versions][-1] == "68.0"


def test_sessions_end_after_two_hours_of_the_orgs_clock(api: Api) -> None:
    api.org.clock.advance(7199)
    assert api("GET", f"{DATA}/limits").status == 200
    api.org.clock.advance(1)
    assert api.error("GET", f"{DATA}/limits") == (401, "INVALID_SESSION_ID")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ("grant_type=client_credentials&client_id=x&client_secret=y", "invalid_client_id"),
        ("grant_type=client_credentials&client_id=sandbox-client&client_secret=y", "invalid_client"),
        ("grant_type=authorization_code&code=x", "unsupported_grant_type"),
        ("grant_type=password&username=a&password=b", "invalid_client_id"),
        ("grant_type=refresh_token&refresh_token=x", "invalid_client_id"),
        ("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=x", "invalid_grant"),
    ],
)
def test_wrong_credentials_are_refused_as_oauth_does(api: Api, form: str, error: str) -> None:
    answer = api.dialect.handle(WireRequest.to("POST", "/services/oauth2/token", body=form.encode()))

    assert (answer.status, answer.json()["error"]) == (400, error)


def test_every_call_counts_and_tells_how_many_are_used(api: Api) -> None:
    api("GET", f"{DATA}/limits")
    answer = api("GET", f"{DATA}/limits")

    assert answer.headers["Sforce-Limit-Info"] == "api-usage=2/100000"
    assert answer.json()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_998}


def test_spent_calls_are_refused(api: Api) -> None:
    api.org.quotas["daily"].exhaust(api.org.clock.now())

    assert api.error("GET", f"{DATA}/limits") == (403, "REQUEST_LIMIT_EXCEEDED")


def test_who_am_i(api: Api) -> None:
    found = api("GET", "/services/oauth2/userinfo").json()

    assert (found["organization_id"], found["user_id"]) == (api.org.id, api.org.api_user)


@pytest.mark.parametrize(
    ("method", "path", "error"),
    [
        ("GET", f"{DATA}/nothing", (404, "NOT_FOUND")),
        ("GET", "/services/data/v12.0/limits", (404, "NOT_FOUND")),
        ("GET", "/services/apexrest/x", (404, "NOT_FOUND")),
        ("GET", f"{DATA}/sobjects/Nothing/describe", (404, "NOT_FOUND")),
        ("GET", f"{DATA}/search?q=FIND", (404, "NOT_FOUND")),
        ("GET", f"{DATA}/jobs/ingest/750000000000000", (404, "NOT_FOUND")),
        ("GET", f"{DATA}/sobjects/Lead/describe/layouts", (404, "NOT_FOUND")),
        ("PUT", f"{DATA}/limits", (405, "METHOD_NOT_ALLOWED")),
    ],
)
def test_what_is_not_there_is_refused(api: Api, method: str, path: str, error: tuple[int, str]) -> None:
    assert api.error(method, path) == error


# ---- describe and query ----


def test_objects_and_fields_describe_themselves(api: Api) -> None:
    names = [item["name"] for item in api("GET", f"{DATA}/sobjects").json()["sobjects"]]
    described = api("GET", f"{DATA}/sobjects/Lead/describe").json()
    fields = {field["name"]: field for field in described["fields"]}

    assert {"Lead", "Contact", "PermissionSet"} <= set(names)
    assert "CustomField" not in names
    assert fields["Email"]["type"] == "email"
    assert fields["SystemModstamp"]["updateable"] is False
    assert fields["OwnerId"]["referenceTo"] == ["User"]
    assert {"Tasks", "CampaignMembers"} <= {item["relationshipName"] for item in described["childRelationships"]}


def test_long_results_come_in_pages_whose_locators_end_after_two_days(api: Api) -> None:
    for _ in range(450):
        _lead(api)
    headers = {"Sforce_Query_Options": "batchSize=200"}
    first = api("GET", f"{DATA}/query?q=SELECT+Id+FROM+Lead+ORDER+BY+Id", **headers).json()
    second = api("GET", first["nextRecordsUrl"], **headers).json()
    third = api("GET", second["nextRecordsUrl"], **headers).json()

    sizes = [len(page["records"]) for page in (first, second, third)]
    assert (sizes, first["totalSize"], first["done"], third["done"]) == ([200, 200, 50], 450, False, True)
    assert "nextRecordsUrl" not in third
    api.org.clock.advance(2 * 86_400)
    api.sign_in()
    assert api.error("GET", first["nextRecordsUrl"]) == (400, "INVALID_QUERY_LOCATOR")


def test_a_composite_call_counts_once_and_keeps_errors_apart(api: Api) -> None:
    parts = [
        {"method": "GET", "url": f"{DATA}/query/?q=SELECT+Id+FROM+Lead", "referenceId": "a"},
        {"method": "GET", "url": f"{DATA}/query/?q=SELECT+Id+FROM+Nothing", "referenceId": "b"},
    ]
    answer = api("POST", f"{DATA}/composite", {"compositeRequest": parts})

    found = answer.json()["compositeResponse"]
    assert [(item["referenceId"], item["httpStatusCode"]) for item in found] == [("a", 200), ("b", 400)]
    assert found[1]["body"][0]["errorCode"] == "INVALID_TYPE"
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/100000"


def test_a_composite_call_takes_five_queries_at_most(api: Api) -> None:
    part = {"method": "GET", "url": f"{DATA}/query/?q=SELECT+Id+FROM+Lead"}
    parts = [{**part, "referenceId": f"r{number}"} for number in range(6)]

    assert api.error("POST", f"{DATA}/composite", {"compositeRequest": parts})[0] == 400


# ---- records ----


def test_a_record_lives(api: Api) -> None:
    made = api("POST", f"{DATA}/sobjects/Lead", {"LastName": "Lee", "Company": "Acme"})
    record_id = made.json()["id"]
    url = f"{DATA}/sobjects/Lead/{record_id}"

    assert made.status == 201
    assert api("PATCH", url, {"Title": "CEO"}).status == 204
    assert api("GET", f"{url}?fields=Title,Name").json()["Title"] == "CEO"
    assert api("DELETE", url).status == 204
    assert api.error("GET", url) == (404, "NOT_FOUND")
    assert api.error("PATCH", url, {"Title": "CFO"}) == (404, "ENTITY_IS_DELETED")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Nothing__c": 1}, "INVALID_FIELD"),
        ({"SystemModstamp": "2026-11-20T12:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"IsConverted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"FirstName": "x" * 41}, "STRING_TOO_LONG"),
        ({"NumberOfEmployees": 2**31}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"NumberOfEmployees": "many"}, "JSON_PARSER_ERROR"),
        ({"DoNotCall": None}, "JSON_PARSER_ERROR"),
        ({"LastName": None}, "REQUIRED_FIELD_MISSING"),
        ({"Email": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"OwnerId": "x"}, "MALFORMED_ID"),
        ({"EmailBouncedDate": "soon"}, "JSON_PARSER_ERROR"),
    ],
)
def test_values_are_checked_row_by_row(api: Api, values: dict[str, Any], code: str) -> None:
    good, bad = _lead(api), _lead(api)

    results = api.save(_row(bad, **values), _row(good, Title="CEO"))

    assert [result["success"] for result in results] == [False, True]
    assert results[0]["errors"][0]["statusCode"] == code
    assert api.org.get("Lead", good).get("Title") == "CEO"


def test_restricted_picklists_refuse_other_values(api: Api) -> None:
    api.org.type("Lead").alter("Rating", restricted=True)

    results = api.save(_row(_lead(api), Rating="Tepid"))

    assert results[0]["errors"][0]["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_rows_that_cannot_be_written_say_why(api: Api) -> None:
    converted, deleted, purged, locked, ruled = (_lead(api) for _ in range(5))
    convert_lead(api.org, converted)
    api.org.delete("Lead", deleted)
    api.org.purge("Lead", purged)
    api.org.settings["locked_rows"] = {locked}
    api.org.settings["validation_rules"] = {
        "Lead": lambda record, _: "No changes on Fridays" if record.id == ruled else None
    }

    results = api.save(*(_row(record, Title="CEO") for record in (converted, deleted, purged, locked, ruled, "x")))

    assert [result["errors"][0]["statusCode"] for result in results] == [
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "UNABLE_TO_LOCK_ROW",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "MALFORMED_ID",
    ]


def test_collections_take_two_hundred_rows(api: Api) -> None:
    rows = [_row(_lead(api), Title="x") for _ in range(201)]

    answer = api("PATCH", f"{DATA}/composite/sobjects", {"records": rows})

    assert answer.status == 400


def test_a_write_moves_the_stamps_and_says_who_wrote(api: Api) -> None:
    lead = _lead(api)
    api.org.clock.advance(60)

    api.save(_row(lead, Title="CEO"))

    record = api.org.get("Lead", lead)
    assert record.system_at == record.modified_at == api.org.now()
    assert record.modified_by == api.org.api_user


def test_assignment_rules_run_unless_the_header_forbids_it(api: Api) -> None:
    other = api.org.settings["sellers"][1]
    api.org.assignment_rules["Lead"] = lambda _org, _record: {"OwnerId": other}
    quiet, loud = _lead(api), _lead(api)

    api("PATCH", f"{DATA}/sobjects/Lead/{quiet}", {"Title": "CEO"}, Sforce_Auto_Assign="FALSE")
    api("PATCH", f"{DATA}/sobjects/Lead/{loud}", {"Title": "CEO"})

    assert api.org.get("Lead", quiet).get("OwnerId") == api.org.api_user
    assert api.org.get("Lead", loud).get("OwnerId") == other


# ---- custom fields ----


def test_a_new_field_is_invisible_until_it_is_granted(api: Api) -> None:
    field = {
        "FullName": "Lead.Points__c",
        "Metadata": {"type": "Number", "label": "Points", "precision": 18, "scale": 0},
    }

    assert api("POST", f"{DATA}/tooling/sobjects/CustomField", field).status == 201
    assert api.error("GET", f"{DATA}/query?q=SELECT+Points__c+FROM+Lead") == (400, "INVALID_FIELD")
    known = api(
        "GET", f"{DATA}/tooling/query?q=SELECT+DeveloperName+FROM+CustomField+WHERE+DeveloperName='Points'"
    ).json()
    assert known["totalSize"] == 1

    made = api("POST", f"{DATA}/sobjects/PermissionSet", {"Name": "Score", "Label": "Score"}).json()["id"]
    grant = {"ParentId": made, "SobjectType": "Lead", "Field": "Lead.Points__c", "PermissionsRead": True}
    api("POST", f"{DATA}/sobjects/FieldPermissions", {**grant, "PermissionsEdit": True})
    assert api.error("GET", f"{DATA}/query?q=SELECT+Points__c+FROM+Lead") == (400, "INVALID_FIELD")

    api("POST", f"{DATA}/sobjects/PermissionSetAssignment", {"AssigneeId": api.org.api_user, "PermissionSetId": made})
    assert api("GET", f"{DATA}/query?q=SELECT+Points__c+FROM+Lead").status == 200
    lead = _lead(api)
    assert api.save(_row(lead, Points__c=71.4))[0]["success"] is True
    assert api.org.get("Lead", lead).get("Points__c") == 71.0


@pytest.mark.parametrize(
    ("name", "metadata", "code"),
    [
        ("Lead.Points__c", {"type": "Number", "label": "P", "precision": 19, "scale": 0}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Points__c", {"type": "Text", "label": "P", "length": 256}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Points__c", {"type": "TextArea", "label": "P", "length": 9}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Points__c", {"type": "Text", "length": 9}, "REQUIRED_FIELD_MISSING"),
        ("Lead.Points__c", {"type": "Picklist", "label": "P"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Points", {"type": "Text", "label": "P", "length": 9}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Language__c", {"type": "Text", "label": "P", "length": 9}, "DUPLICATE_DEVELOPER_NAME"),
        ("Nothing.Points__c", {"type": "Text", "label": "P", "length": 9}, "INVALID_TYPE"),
        ("Lead.Points__c", {"type": "Hologram", "label": "P"}, "FUNCTIONALITY_NOT_ENABLED"),
    ],
)
def test_fields_that_cannot_be_made_are_refused(api: Api, name: str, metadata: dict[str, Any], code: str) -> None:
    body = {"FullName": name, "Metadata": metadata}

    assert api.error("POST", f"{DATA}/tooling/sobjects/CustomField", body)[1] == code
