"""HubSpot's own client, as it comes and with its checks on, works against the sandbox: its models are the published shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import hubspot
import pytest
from hubspot.crm.contacts import ApiException

from connectors.hubspot import Paths
from connectors.sandbox.server import SandboxServer
from tests.contract.hubspot_case import HubSpotCase


@pytest.fixture(scope="module")
def case() -> Iterator[HubSpotCase]:
    with SandboxServer() as server:
        made = HubSpotCase(server, "vendor", Paths.LEGACY)
        yield made
        made.close()


@pytest.fixture(scope="module")
def vendor(case: HubSpotCase) -> hubspot.HubSpot:
    # The checks refuse an answer that lacks what the vendor's description requires.
    return hubspot.HubSpot(
        access_token="pat-eu1-sandbox", host=case.settings().host, client_side_validation=True, base_url="unused"
    )


@pytest.fixture(autouse=True)
def time_passes(case: HubSpotCase) -> None:
    case.advance(20)


def same_keys(model: Any, raw: Any, *, loose: frozenset[str] = frozenset()) -> None:
    """Every key of the answer is one that the vendor's model knows, all the way down."""
    if isinstance(model, list):
        for item, held in zip(model, raw, strict=True):
            same_keys(item, held, loose=loose)
    elif hasattr(model, "attribute_map"):
        known = {key: name for name, key in model.attribute_map.items()}
        assert set(raw) - set(known) - loose == set()
        for key in set(raw) & set(known):
            same_keys(getattr(model, known[key]), raw[key], loose=loose)


def checked(api: Any, call: str, *arguments: Any, **options: Any) -> Any:
    model = getattr(api, call)(*arguments, **options)
    raw = getattr(api, call)(*arguments, _preload_content=False, **options)
    same_keys(model, json.loads(raw.data))
    return model


@pytest.mark.parametrize("name", ["contacts", "companies", "deals", "calls", "emails", "meetings", "notes", "tasks"])
def test_lists_searches_and_batches_of_every_object(vendor: hubspot.HubSpot, name: str) -> None:
    objects = vendor.crm.objects
    page = checked(objects.basic_api, "get_page", name, limit=1, properties=["hs_object_id"], associations=["contacts"])
    ids = [{"id": row.id} for row in page.results]
    found = checked(objects.search_api, "do_search", name, {"limit": 1, "sorts": ["hs_object_id"]})
    read = checked(objects.batch_api, "read", name, {"inputs": ids, "properties": [], "propertiesWithHistory": []})

    assert len(page.results) == len(read.results) == 1
    assert found.total >= 2
    assert page.paging.next.after


def test_history_comes_as_the_model_wants_it(vendor: hubspot.HubSpot) -> None:
    page = checked(vendor.crm.deals.basic_api, "get_page", properties_with_history=["dealstage"])

    entries = page.results[-1].properties_with_history["dealstage"]
    assert entries[0].timestamp > entries[-1].timestamp


def test_a_batch_with_a_missing_record_is_read_as_207(vendor: hubspot.HubSpot) -> None:
    held = vendor.crm.contacts.basic_api.get_page(limit=1).results[0].id
    body = {"inputs": [{"id": held}, {"id": "1"}], "properties": ["email"], "propertiesWithHistory": []}

    answer = checked(vendor.crm.contacts.batch_api, "read", body)

    assert (answer.num_errors, answer.errors[0].category) == (1, "OBJECT_NOT_FOUND")


def test_updates_one_and_many(vendor: hubspot.HubSpot) -> None:
    held = vendor.crm.contacts.basic_api.get_page(limit=1).results[0].id

    one = checked(vendor.crm.contacts.basic_api, "update", held, {"properties": {"jobtitle": "CTO"}})
    many = checked(
        vendor.crm.contacts.batch_api, "update", {"inputs": [{"id": held, "properties": {"jobtitle": "CEO"}}]}
    )

    assert one.properties["jobtitle"] == "CTO"
    assert many.results[0].properties["jobtitle"] == "CEO"


def test_associations_of_deals(vendor: hubspot.HubSpot) -> None:
    deals = [row.id for row in vendor.crm.deals.basic_api.get_page(limit=30).results]
    body = {"inputs": [{"id": deal} for deal in deals]}

    answer = checked(vendor.crm.associations.v4.batch_api, "get_page", "deals", "contacts", body)

    assert answer.results[0].to[0].association_types[0].type_id == 3


def test_properties_groups_pipelines_owners_events_and_forms(vendor: hubspot.HubSpot) -> None:
    properties = checked(vendor.crm.properties.core_api, "get_all", "contacts")
    groups = checked(vendor.crm.properties.groups_api, "get_all", "contacts")
    pipelines = checked(vendor.crm.pipelines.pipelines_api, "get_all", "deals")
    owners = checked(vendor.crm.owners.owners_api, "get_page", limit=2)
    events = checked(vendor.events.events_api, "get_page", event_type="e_visited_page", limit=2)

    assert all(answer.results for answer in (properties, groups, pipelines, owners, events))


def test_a_property_is_created_and_refused_the_second_time(vendor: hubspot.HubSpot) -> None:
    definition = {
        "name": "seats",
        "label": "Seats",
        "type": "number",
        "fieldType": "number",
        "groupName": "contactinformation",
    }

    made = vendor.crm.properties.core_api.create("contacts", definition)
    with pytest.raises(Exception, match="OBJECT_ALREADY_EXISTS"):
        vendor.crm.properties.core_api.create("contacts", definition)

    assert made.modification_metadata.read_only_value is False


def test_the_vendors_exceptions_carry_status_body_and_headers(vendor: hubspot.HubSpot) -> None:
    with pytest.raises(ApiException) as caught:
        vendor.crm.contacts.basic_api.get_by_id("7")

    assert caught.value.status == 404
    assert json.loads(caught.value.body)["category"] == "OBJECT_NOT_FOUND"
    assert caught.value.headers["X-HubSpot-RateLimit-Max"] == "190"


def test_the_librarys_own_walk_over_all_records_ends(vendor: hubspot.HubSpot, case: HubSpotCase) -> None:
    assert len(vendor.crm.contacts.get_all()) == case.org.count("contacts")
