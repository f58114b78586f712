"""Whatever is sent to the sandbox's HubSpot, it answers in HubSpot's form: an exception would be a bug of the sandbox."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.wire import WireRequest
from tests.contract.hubspot_portal import BEARER, Portal

KEYS = (
    "inputs", "id", "properties", "filterGroups", "filters", "propertyName", "operator", "value", "values", "highValue",
    "sorts", "direction", "limit", "after", "query", "from", "to", "types", "associationTypeId", "associationCategory",
    "associations", "name", "label", "type", "fieldType", "groupName", "options", "primaryObjectId", "objectIdToMerge",
    "objectId", "idProperty", "propertiesWithHistory", "objectWriteTraceId",
)  # fmt: skip
WORDS = (
    "email", "jobtitle", "createdate", "lifecyclestage", "hs_object_id", "EQ", "IN", "BETWEEN", "GTE", "1010000007", "tier",
    "contactinformation", "enumeration", "select", "", "x", "279", "HUBSPOT_DEFINED", "2026-11-20",
)  # fmt: skip
PATHS = (
    "/crm/v3/objects/contacts", "/crm/v3/objects/contacts/search", "/crm/v3/objects/contacts/1010000007",
    "/crm/v3/objects/contacts/merge", "/crm/v3/objects/contacts/gdpr-delete", "/crm/v3/objects/deals/batch/read",
    "/crm/v3/objects/contacts/batch/read", "/crm/v3/objects/contacts/batch/update",
    "/crm/v3/objects/contacts/batch/create", "/crm/v3/objects/contacts/batch/archive",
    "/crm/v4/associations/contacts/companies/batch/read", "/crm/v4/associations/contacts/companies/batch/create",
    "/crm/v4/associations/contacts/companies/batch/associate/default",
    "/crm/v4/associations/contacts/companies/batch/archive", "/crm/v3/properties/contacts",
    "/crm/v3/objects/contacts/batch/upsert", "/crm/v4/objects/contacts/1010000007/associations/companies",
    "/crm/v4/objects/contacts/1010000007/associations/companies/1",
    "/crm/v4/objects/contacts/1010000007/associations/default/companies/1", "/crm/v3/properties/contacts/batch/read",
    "/crm/v3/properties/contacts/batch/create", "/crm/v3/properties/contacts/batch/archive",
    "/crm/v3/properties/contacts/tier", "/crm/v3/properties/contacts/groups", "/crm/v3/properties/contacts/groups/x",
    "/events/v3/events", "/email/public/v1/events", "/marketing/v3/forms", "/form-integrations/v1/submissions/forms/x",
    "/crm/v3/owners", "/crm/v3/pipelines/deals", "/account-info/v3/details", "/crm/limits/2026-09/custom-properties",
    "/crm/v3/objects/nothing", "/", "/crm",
)  # fmt: skip
QUERIES = ("limit", "after", "offset", "properties", "propertiesWithHistory", "associations", "archived", "eventType",
           "objectId", "occurredAfter", "startTimestamp", "recipient", "idProperty", "sort")  # fmt: skip

leaves = st.none() | st.booleans() | st.integers(-5, 300) | st.sampled_from(WORDS) | st.floats(allow_nan=False)
bodies = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
filters = st.fixed_dictionaries(
    {"propertyName": st.sampled_from(WORDS), "operator": st.sampled_from(WORDS)},
    optional={"value": leaves, "values": bodies, "highValue": leaves},
)
searches = st.fixed_dictionaries({"filterGroups": st.lists(st.fixed_dictionaries({"filters": st.lists(filters)}))})
batches = st.fixed_dictionaries({"inputs": st.lists(st.dictionaries(st.sampled_from(KEYS), bodies, max_size=4))})


@settings(max_examples=120, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"]),
    path=st.sampled_from(PATHS),
    query=st.lists(st.tuples(st.sampled_from(QUERIES), st.sampled_from(WORDS)), max_size=3),
    payload=bodies | searches | batches,
)
def test_every_request_is_answered(method: str, path: str, query: list[tuple[str, str]], payload: Any) -> None:
    portal = Portal()
    portal.people(2)
    company = portal.org.create("companies", {"name": "Acme"})
    portal.org.associate("contacts", "1010000007", "companies", company.id, edge=("HUBSPOT_DEFINED", 279))

    response = portal.dialect.handle(
        WireRequest(
            method=method,
            path=path,
            query=query,
            headers=WireRequest.to("GET", "/", headers=BEARER).headers,
            body=json.dumps(payload).encode(),
        )
    )

    assert response.status in {200, 201, 204, 207, 400, 403, 404, 409, 414, 429}
    if response.status >= 400:
        assert response.json()["status"] == "error"
