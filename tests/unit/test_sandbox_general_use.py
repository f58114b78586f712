"""What general clients use of the sandbox's Salesforce, beyond our connector: external ids, several records at once, compound
addresses, pages side by side, Shared Activities, the active assignment rule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.conversion import convert_lead
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.salesforce.shared import add_people, people_of, share_activities
from connectors.sandbox.schema import Field
from connectors.sandbox.wire import WireRequest, WireResponse

DATA = "/services/data/v66.0"


class Client:
    """A signed-in client."""

    def __init__(self) -> None:
        self.org: Org = empty_salesforce_org(clock=OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC)))
        self.dialect = SalesforceDialect(self.org)
        self.org.sessions["S"] = self.org.clock.now() + 86_400_000

    def __call__(self, method: str, path: str, payload: Any = None, **headers: str) -> WireResponse:
        sent = {"Authorization": "Bearer S", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.dialect.handle(WireRequest.to(method, f"{DATA}{path}", headers=sent, payload=payload))

    def rows(self, query: str) -> list[dict[str, Any]]:
        answer = self("GET", f"/query?q={query.replace(' ', '+')}")
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.json()["records"]
        return found

    def error(self, method: str, path: str, payload: Any = None) -> tuple[int, str]:
        answer = self(method, path, payload)
        return answer.status, answer.json()[0]["errorCode"]

    def lead(self, **values: Any) -> str:
        return self.org.create(
            "Lead", {"LastName": "Lee", "Company": "Acme", "OwnerId": self.org.api_user, **values}
        ).id


@pytest.fixture
def client() -> Client:
    return Client()


# ---- external ids, several records at once ----


def _with_key(client: Client) -> None:
    key = Field(name="Key__c", label="Key", type="string", length=40, custom=True, extra={"externalId": True})
    client.org.type("Lead").add([key])


def test_upsert_by_an_external_id_creates_and_then_changes(client: Client) -> None:
    _with_key(client)

    made = client("PATCH", "/sobjects/Lead/Key__c/k1", {"LastName": "Lee", "Company": "Acme"})
    changed = client("PATCH", "/sobjects/Lead/Key__c/k1", {"Title": "CEO"})

    record_id = made.json()["id"]
    assert (made.status, made.json()["created"], changed.status, changed.json()["created"]) == (201, True, 200, False)
    assert client("GET", "/sobjects/Lead/Key__c/k1").json()["Title"] == "CEO"
    assert client.org.get("Lead", record_id).get("Key__c") == "k1"
    assert client.error("PATCH", "/sobjects/Lead/Title/CEO", {}) == (404, "NOT_FOUND")
    assert client.error("GET", "/sobjects/Lead/Key__c/k2") == (404, "NOT_FOUND")


def test_a_key_that_several_records_have_is_no_key(client: Client) -> None:
    _with_key(client)
    for _ in range(2):
        client.lead(Key__c="twice")

    assert client.error("PATCH", "/sobjects/Lead/Key__c/twice", {"Title": "x"}) == (300, "DUPLICATE_EXTERNAL_ID")


def test_many_are_upserted_in_one_call(client: Client) -> None:
    _with_key(client)
    known = client.lead(Key__c="k1")
    rows = [
        {"attributes": {"type": "Lead"}, "Key__c": "k1", "Title": "CEO"},
        {"attributes": {"type": "Lead"}, "Key__c": "k2", "LastName": "Ruiz", "Company": "Acme"},
        {"attributes": {"type": "Lead"}, "LastName": "No", "Company": "Key"},
    ]

    results = client("PATCH", "/composite/sobjects/Lead/Key__c", {"allOrNone": False, "records": rows}).json()

    assert [(result["success"], result.get("created")) for result in results] == [
        (True, False),
        (True, True),
        (False, None),
    ]
    assert client.org.get("Lead", known).get("Title") == "CEO"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_several_records_are_read_in_one_call(client: Client, method: str) -> None:
    first, second, gone = (client.lead(Title=title) for title in ("CEO", "CFO", "x"))
    client.org.delete("Lead", gone)
    ids = [second, gone, first[:15]]

    if method == "GET":
        answer = client("GET", f"/composite/sobjects/Lead?ids={','.join(ids)}&fields=Id,Title")
    else:
        answer = client("POST", "/composite/sobjects/Lead", {"ids": ids, "fields": ["Id", "Title"]})

    assert [row and row["Title"] for row in answer.json()] == ["CFO", None, "CEO"]
    assert client.error("GET", "/composite/sobjects/Lead?ids=") == (400, "MISSING_ARGUMENT")


# ---- compound addresses ----


def test_addresses_are_compound_fields_for_rest_only(client: Client) -> None:
    client.lead(City="Bonn", Country="Germany")
    client.lead()

    found = [row["Address"] for row in client.rows("SELECT Address FROM Lead ORDER BY Id")]
    described = {field["name"]: field for field in client("GET", "/sobjects/Lead/describe").json()["fields"]}

    assert found[0] is not None
    assert {name: value for name, value in found[0].items() if value} == {"city": "Bonn", "country": "Germany"}
    assert found[1] is None
    assert (described["Address"]["type"], described["Address"]["updateable"]) == ("address", False)
    assert described["City"]["compoundFieldName"] == "Address"
    body = {"operation": "query", "query": "SELECT Address FROM Lead"}
    assert client.error("POST", "/jobs/query", body) == (400, "FUNCTIONALITY_NOT_ENABLED")
    for query in ("SELECT+Id+FROM+Lead+WHERE+Address='x'", "SELECT+Id+FROM+Lead+ORDER+BY+Description"):
        assert client.error("GET", f"/query?q={query}") == (400, "INVALID_FIELD")


# ---- pages of a bulk result ----


def test_pages_of_a_bulk_result_may_be_read_side_by_side(client: Client) -> None:
    ids = [client.lead() for _ in range(13)]
    job = client("POST", "/jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    assert client.error("GET", f"/jobs/query/{job}/resultPages") == (412, "JOB_NOT_COMPLETE")
    for _ in range(2):
        client("GET", f"/jobs/query/{job}")

    first = client("GET", f"/jobs/query/{job}/resultPages?maxRecords=2").json()
    second = client("GET", first["nextRecordsUrl"].removeprefix(DATA)).json()

    assert (len(first["resultPages"]), first["done"], len(second["resultPages"]), second["done"]) == (5, False, 2, True)
    assert second["nextRecordsUrl"] is None
    links = [page["resultLink"] for page in reversed(first["resultPages"] + second["resultPages"])]
    found = [client("GET", link.removeprefix(DATA)).body.decode().splitlines()[1:] for link in links]
    assert sorted(line.strip('"') for lines in found for line in lines) == sorted(ids)


# ---- Shared Activities ----


def _task(client: Client, who: str) -> str:
    return client.org.create("Task", {"WhoId": who, "Subject": "Call", "Status": "Completed"}).id


def _contacts(client: Client, number: int) -> list[str]:
    return [client.org.create("Contact", {"LastName": f"C{place}"}).id for place in range(number)]


def test_an_org_without_shared_activities_has_no_such_relations(client: Client) -> None:
    names = [item["relationshipName"] for item in client("GET", "/sobjects/Task/describe").json()["childRelationships"]]

    assert "TaskWhoRelations" not in names
    assert client.error("GET", "/query?q=SELECT+Id+FROM+TaskWhoRelation") == (400, "INVALID_TYPE")


def test_a_shared_task_has_people_beside_the_first(client: Client) -> None:
    contacts = _contacts(client, 3)
    task = _task(client, contacts[0])
    share_activities(client.org)
    add_people(client.org, "Task", task, contacts[1:])
    lone = _task(client, client.lead())

    rows = client.rows("SELECT Id, (SELECT RelationId, Type FROM TaskWhoRelations) FROM Task ORDER BY Id")

    related = [[(item["RelationId"], item["Type"]) for item in row["TaskWhoRelations"]["records"]] for row in rows]
    assert related[0] == [(contact, "Contact") for contact in contacts]
    assert [kind for _, kind in related[1]] == ["Lead"]
    assert len(client.rows(f"SELECT Id FROM TaskRelation WHERE TaskId='{lone}' AND IsWhat=false")) == 1
    body = {"operation": "query", "query": "SELECT Id FROM TaskWhoRelation"}
    assert client.error("POST", "/jobs/query", body) == (400, "INVALIDENTITY")
    with pytest.raises(ValueError, match="at most 50"):
        add_people(client.org, "Task", task, _contacts(client, 48))


def test_people_follow_conversion_merge_and_a_changed_name(client: Client) -> None:
    share_activities(client.org)
    lead, (first, second, third) = client.lead(), _contacts(client, 3)
    converted, merged, renamed = _task(client, lead), _task(client, first), _task(client, second)

    contact = convert_lead(client.org, lead).contact
    client.org.merge("Contact", third, [first])
    client.org.update("Task", renamed, {"WhoId": third})

    assert [people_of(client.org, "Task", task) for task in (converted, merged, renamed)] == [
        [contact],
        [third],
        [third],
    ]


def test_a_shared_event_tells_its_people_too(client: Client) -> None:
    share_activities(client.org)
    contacts = _contacts(client, 2)
    event = client.org.create("Event", {"WhoId": contacts[0], "Subject": "Demo"}).id
    add_people(client.org, "Event", event, contacts)

    rows = client.rows("SELECT Id, (SELECT RelationId FROM EventWhoRelations) FROM Event")

    assert [item["RelationId"] for item in rows[0]["EventWhoRelations"]["records"]] == contacts


# ---- assignment ----


def test_the_org_has_an_active_assignment_rule_that_updates_run(client: Client) -> None:
    rules = client.rows("SELECT Name FROM AssignmentRule WHERE SobjectType='Lead' AND Active=true")
    lead = client.lead(Country="Germany")

    client("PATCH", f"/sobjects/Lead/{lead}", {"Title": "CEO"}, Sforce_Auto_Assign="FALSE")
    kept = client.org.get("Lead", lead).get("OwnerId")
    client("PATCH", f"/sobjects/Lead/{lead}", {"Title": "CFO"})

    assert [rule["Name"] for rule in rules] == ["Sellers by country"]
    assert kept == client.org.api_user
    assert client.org.get("Lead", lead).get("OwnerId") in client.org.settings["sellers"]
