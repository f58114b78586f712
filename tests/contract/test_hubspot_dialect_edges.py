"""Associations of one record, upserts and batches of properties, in the shapes that HubSpot's API description gives them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hubspot_portal import Portal, refused

DATED = "/crm/objects/2026-09"


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def ends(portal: Portal) -> tuple[str, str]:
    return portal.people(1)[0], portal.org.create("companies", {"name": "Acme"}).id


def test_one_edge_is_made_read_and_removed(portal: Portal, ends: tuple[str, str]) -> None:
    contact, company = ends
    root = f"/crm/v4/objects/contacts/{contact}/associations"

    made = portal.ask("PUT", f"{root}/default/companies/{company}")
    assert made.status == 200
    assert made.json()["results"] == [
        {
            "from": {"id": contact},
            "to": {"id": company},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279},
        },
        {
            "from": {"id": company},
            "to": {"id": contact},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280},
        },
    ]
    labelled = portal.ask(
        "PUT",
        f"{root}/companies/{company}",
        [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}],
    )
    assert labelled.status == 201
    assert labelled.json() == {
        "fromObjectTypeId": "0-1",
        "fromObjectId": contact,
        "toObjectTypeId": "0-2",
        "toObjectId": company,
        "labels": ["Primary"],
    }
    (edge,) = portal.ask("GET", f"{root}/companies").json()["results"]
    assert edge["toObjectId"] == company
    assert {kind["typeId"] for kind in edge["associationTypes"]} == {1, 279}

    assert portal.ask("DELETE", f"{root}/companies/{company}").status == 204
    assert portal.ask("GET", f"{root}/companies").json() == {"results": []}


def test_edges_of_one_record_come_by_pages(portal: Portal) -> None:
    contact = portal.people(1)[0]
    companies = [portal.org.create("companies", {"name": f"C{number}"}).id for number in range(5)]
    root = f"/crm/v4/objects/contacts/{contact}/associations"
    for company in companies:
        portal.ask("PUT", f"{DATED}/contacts/{contact}/associations/default/companies/{company}")

    found: list[str] = []
    query = "limit=2"
    while query:
        content = portal.ask("GET", f"{root}/companies?{query}").json()
        found += [edge["toObjectId"] for edge in content["results"]]
        query = f"limit=2&after={content['paging']['next']['after']}" if "paging" in content else ""

    assert found == companies


def test_dated_paths_do_not_list_the_edges_of_one_record(portal: Portal, ends: tuple[str, str]) -> None:
    assert portal.ask("GET", f"{DATED}/contacts/{ends[0]}/associations/companies").status == 404


@pytest.mark.parametrize(
    ("method", "path", "payload", "status"),
    [
        ("GET", "/crm/v4/objects/contacts/99/associations/companies", None, 404),
        ("PUT", "/crm/v4/objects/contacts/99/associations/default/companies/1", None, 400),
        ("PUT", "/crm/v4/objects/contacts/99/associations/companies/1", {"associationTypeId": 1}, 400),
        ("PUT", "/crm/v4/objects/contacts/99/associations/nothing/1", [], 400),
    ],
)
def test_edges_that_cannot_be_are_refused(portal: Portal, method: str, path: str, payload: Any, status: int) -> None:
    refused(portal.ask(method, path, payload), status)


@pytest.mark.parametrize(("root", "created"), [("/crm/v4/associations", 201), ("/crm/associations/2026-09", 200)])
def test_batches_of_edges_answer_as_their_version_does(
    portal: Portal, ends: tuple[str, str], root: str, created: int
) -> None:
    contact, company = ends
    pair = {"from": {"id": contact}, "to": {"id": company}}
    kinds = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]

    made = portal.ask("POST", f"{root}/contacts/companies/batch/create", {"inputs": [{**pair, "types": kinds}]})
    read = portal.ask("POST", f"{root}/contacts/companies/batch/read", {"inputs": [{"id": contact}]})
    gone = portal.ask(
        "POST",
        f"{root}/contacts/companies/batch/archive",
        {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]},
    )

    assert made.status == created
    assert made.json()["results"][0]["fromObjectTypeId"] == "0-1"
    assert read.json()["results"][0]["to"][0]["toObjectId"] == company
    assert gone.status == (204 if created == 201 else 200)


def test_an_upsert_tells_which_are_new(portal: Portal) -> None:
    contact = portal.people(1)[0]
    inputs = [
        {"id": "p0@acme.example", "idProperty": "email", "properties": {"lastname": "A"}},
        {"id": "other@acme.example", "idProperty": "email", "properties": {"lastname": "B"}},
    ]

    answer = portal.ask("POST", f"{DATED}/contacts/batch/upsert", {"inputs": inputs})

    assert answer.status == 200
    known, fresh = answer.json()["results"]
    assert (known["id"], known["new"], known["properties"]["lastname"]) == (contact, False, "A")
    assert (fresh["new"], portal.org.get("contacts", fresh["id"]).get("email")) == (True, "other@acme.example")
    twice = portal.ask("POST", f"{DATED}/contacts/batch/upsert", {"inputs": inputs[:1] * 2})
    assert "Duplicate IDs" in refused(twice, 400)["message"]
    unknown = portal.ask("POST", f"{DATED}/contacts/batch/upsert", {"inputs": [{"id": "99", "properties": {}}]})
    assert unknown.status == 207
    assert unknown.json()["errors"][0]["context"] == {"ids": ["99"]}


@pytest.mark.parametrize(("root", "created"), [("/crm/v3/properties", 201), ("/crm/properties/2026-09", 200)])
def test_batches_of_properties(portal: Portal, root: str, created: int) -> None:
    root = f"{root}/contacts"
    tier = {"name": "tier", "label": "Tier", "type": "string", "fieldType": "text", "groupName": "contactinformation"}

    made = portal.ask("POST", f"{root}/batch/create", {"inputs": [tier]})
    again = portal.ask("POST", f"{root}/batch/create", {"inputs": [tier]})
    read = portal.ask("POST", f"{root}/batch/read", {"archived": False, "inputs": [{"name": "tier"}, {"name": "none"}]})
    gone = portal.ask("POST", f"{root}/batch/archive", {"inputs": [{"name": "tier"}, {"name": "none"}]})
    binned = portal.ask("POST", f"{root}/batch/read", {"archived": True, "inputs": [{"name": "tier"}]})

    assert (made.status, again.status, read.status, gone.status) == (created, 207, 207, 204)
    assert [row["name"] for row in read.json()["results"]] == ["tier"]
    assert read.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert [row["archived"] for row in binned.json()["results"]] == [True]


def test_a_groups_label_can_be_changed(portal: Portal) -> None:
    groups = "/crm/v3/properties/contacts/groups"
    portal.ask("POST", groups, {"name": "ours", "label": "Ours"})

    assert portal.ask("PATCH", f"{groups}/ours", {"label": "Mine"}).json()["label"] == "Mine"
    assert portal.ask("GET", f"{groups}/ours").json()["label"] == "Mine"
    refused(portal.ask("PATCH", f"{groups}/none", {"label": "Mine"}), 404)


def test_a_batch_read_of_the_bin_gives_only_what_is_in_it(portal: Portal) -> None:
    there, binned = portal.people(2)
    portal.org.delete("contacts", binned)
    body = {"inputs": [{"id": there}, {"id": binned}], "properties": ["hs_object_id"]}

    content = portal.ask("POST", f"{DATED}/contacts/batch/read?archived=true", body).json()

    assert [(row["id"], row["archived"], "archivedAt" in row) for row in content["results"]] == [(binned, True, True)]
    assert content["errors"][0]["context"]["ids"] == [there]


@pytest.mark.parametrize(
    "name",
    [
        "communications",
        "postal_mail",
        "tickets",
        "products",
        "line_items",
        "quotes",
        "goal_targets",
        "feedback_submissions",
    ],
)
def test_who_copies_a_whole_portal_finds_the_other_objects_empty(portal: Portal, name: str) -> None:
    assert portal.ask("GET", f"/crm/v3/objects/{name}?limit=100").json() == {"results": []}
    assert portal.ask("POST", f"/crm/v3/objects/{name}/search", {"filterGroups": []}).json()["total"] == 0
    known = {row["name"] for row in portal.ask("GET", f"/crm/v3/properties/{name}").json()["results"]}
    created = "createdate" if name in {"tickets", "products", "line_items", "quotes"} else "hs_createdate"
    assert {"hs_object_id", "hs_lastmodifieddate", created} <= known
