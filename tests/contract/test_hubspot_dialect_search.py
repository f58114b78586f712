"""The sandbox's HubSpot: search, batches, associations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hubspot_portal import CONTACTS, Portal, refused


@pytest.fixture
def portal() -> Portal:
    return Portal()


# ---- search ----


def searched(portal: Portal, **body: Any) -> Any:
    portal.org.clock.advance(1)
    return portal.ask("POST", f"{CONTACTS}/search", body)


def one(name: str, operator: str, **operand: Any) -> list[Any]:
    return [{"filters": [{"propertyName": name, "operator": operator, **operand}]}]


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        (one("jobtitle", "EQ", value="CEO"), [0]),
        (one("jobtitle", "NEQ", value="ceo"), [1, 2]),
        (one("jobtitle", "IN", values=["ceo", "cfo"]), [0, 1]),
        (one("jobtitle", "NOT_IN", values=["ceo"]), [1]),
        (one("jobtitle", "HAS_PROPERTY"), [0, 1]),
        (one("jobtitle", "NOT_HAS_PROPERTY"), [2]),
        (one("jobtitle", "CONTAINS_TOKEN", value="cf*"), [1]),
        (one("jobtitle", "NOT_CONTAINS_TOKEN", value="cf"), [0, 2]),
        (one("hs_email_open", "GT", value="9"), [1]),
        (one("hs_email_open", "GTE", value="9"), [0, 1]),
        (one("hs_email_open", "LT", value="10"), [0]),
        (one("hs_email_open", "LTE", value="10"), [0, 1]),
        (one("hs_email_open", "BETWEEN", value="9", highValue="9.5"), [0]),
        (one("jobtitle", "EQ", value="ceo") + one("jobtitle", "EQ", value="cfo"), [0, 1]),
        (one("createdate", "GTE", value="1795176000000"), [0, 1, 2]),
        (one("createdate", "GT", value="1795176000000"), []),
    ],
)
def test_every_operator_of_search(portal: Portal, groups: list[Any], found: list[int]) -> None:
    ids = [
        portal.org.create("contacts", values).id
        for values in ({"jobtitle": "CEO", "hs_email_open": "9"}, {"jobtitle": "CFO", "hs_email_open": "10"}, {})
    ]

    content = searched(portal, filterGroups=groups).json()

    assert [row["id"] for row in content["results"]] == [ids[place] for place in found]
    assert content["total"] == len(found)


def test_search_pages_by_offset_sorts_once_and_leaves_out_archived(portal: Portal) -> None:
    ids = portal.people(5)
    portal.org.delete("contacts", ids[2])

    first = searched(portal, limit=2, sorts=["-hs_object_id"], properties=["email"]).json()
    second = searched(portal, limit=2, sorts=["-hs_object_id"], after=first["paging"]["next"]["after"]).json()

    assert [row["id"] for row in first["results"] + second["results"]] == [ids[4], ids[3], ids[1], ids[0]]
    assert first["paging"]["next"]["after"] == "2"
    assert "paging" not in second


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 200, "after": "9801"},
        {"after": "next"},
        {"sorts": ["email", "createdate"]},
        {"filterGroups": one("email", "EQ", value="x" * 3_000)},
        {"filterGroups": one("email", "EQ", value="x") * 6},
        {"filterGroups": [{"filters": one("email", "HAS_PROPERTY")[0]["filters"] * 7}]},
        {"filterGroups": one("nothing", "EQ", value="x")},
        {"filterGroups": one("email", "LIKE", value="x")},
        {"filterGroups": one("email", "EQ")},
    ],
)
def test_limits_of_search_are_kept(portal: Portal, body: dict[str, Any]) -> None:
    assert refused(searched(portal, **body), 400)["category"] == "VALIDATION_ERROR"


def test_search_trails_behind_writes(portal: Portal) -> None:
    portal.org.search_lag = 30_000
    (record_id,) = portal.people(1)
    portal.org.clock.advance(60)
    portal.org.update("contacts", record_id, {"jobtitle": "CEO"})

    before = searched(portal, filterGroups=one("jobtitle", "EQ", value="ceo")).json()["total"]
    portal.org.clock.advance(60)

    assert before == 0
    assert searched(portal, filterGroups=one("jobtitle", "EQ", value="ceo")).json()["total"] == 1


# ---- batches ----


def test_a_batch_read_tells_missing_records_beside_the_others(portal: Portal) -> None:
    held, gone = portal.people(2)
    portal.org.delete("contacts", gone)

    answer = portal.ask("POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": held}, {"id": gone}, {"id": "7"}]})

    content = answer.json()
    assert answer.status == 207
    assert [row["id"] for row in content["results"]] == [held]
    assert content["errors"][0]["context"]["ids"] == [gone, "7"]
    assert content["errors"][0]["category"] == "OBJECT_NOT_FOUND"


@pytest.mark.parametrize("verb", ["read", "update", "create", "archive"])
def test_batches_have_at_most_a_hundred_inputs(portal: Portal, verb: str) -> None:
    inputs = [{"id": str(number), "properties": {}} for number in range(101)]

    refused(portal.ask("POST", f"{CONTACTS}/batch/{verb}", {"inputs": inputs}), 400)


def test_doubles_refuse_a_batch_update(portal: Portal) -> None:
    (held,) = portal.people(1)
    item = {"id": held, "properties": {"jobtitle": "CEO"}}

    content = refused(portal.ask("POST", f"{CONTACTS}/batch/update", {"inputs": [item, item]}), 400)

    assert "Duplicate IDs found in batch input" in content["message"]
    assert portal.org.get("contacts", held).get("jobtitle") is None


def test_one_bad_value_refuses_a_batch_update_unless_rows_are_traced(portal: Portal) -> None:
    first, second = portal.people(2)
    inputs = [
        {"id": first, "properties": {"jobtitle": "CEO"}},
        {"id": second, "properties": {"lifecyclestage": "king"}},
    ]
    refused(portal.ask("POST", f"{CONTACTS}/batch/update", {"inputs": inputs}), 400)
    assert portal.org.get("contacts", first).get("jobtitle") is None
    traced = [{**item, "objectWriteTraceId": str(place)} for place, item in enumerate(inputs)]

    answer = portal.ask("POST", f"{CONTACTS}/batch/update", {"inputs": traced})

    assert answer.status == 207
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["1"]
    assert portal.org.get("contacts", first).get("jobtitle") == "CEO"


# ---- associations ----


def test_associations_are_created_read_and_told_when_absent(portal: Portal) -> None:
    first, second = portal.people(2)
    company = portal.org.create("companies", {"name": "Acme"}).id
    stamp = portal.org.get("contacts", first).modified_at
    portal.org.clock.advance(60)
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    root = "/crm/v4/associations/contacts/companies/batch"
    made = portal.ask(
        "POST", f"{root}/create", {"inputs": [{"from": {"id": first}, "to": {"id": company}, "types": types}]}
    )

    answer = portal.ask("POST", f"{root}/read", {"inputs": [{"id": first}, {"id": second}]})

    assert made.status == 201
    assert answer.status == 207
    (row,) = answer.json()["results"]
    assert row["to"] == [
        {
            "toObjectId": company,
            "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}],
        }
    ]
    assert answer.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert portal.org.get("contacts", first).modified_at == stamp
    refused(portal.ask("POST", f"{root}/read", {"inputs": [{"id": first}] * 1_001}), 400)
