"""Facts about the account: details, owners, pipelines, limits of custom properties."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.clock import iso
from connectors.sandbox.hubspot.errors import Refusal
from connectors.sandbox.hubspot.objects import flag, number
from connectors.sandbox.org import Org
from connectors.sandbox.wire import WireRequest, WireResponse

_CUSTOM = 1_000


def account_details(org: Org, request: WireRequest) -> WireResponse:  # noqa: ARG001
    """Who answers."""
    return WireResponse.of_json(
        {
            "portalId": int(org.id),
            "accountType": org.settings.get("account_type", "STANDARD"),
            "timeZone": org.settings.get("time_zone", "UTC"),
            "companyCurrency": org.settings.get("currency", "EUR"),
            "additionalCurrencies": [],
            "utcOffset": "+01:00",
            "utcOffsetMilliseconds": 3_600_000,
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        }
    )


def list_owners(org: Org, request: WireRequest) -> WireResponse:
    """People to whom records belong."""
    limit = number(request, "limit", default=100, most=500)
    after = request.param("after")
    archived = flag(request, "archived")
    page: list[dict[str, Any]] = []
    following = None
    for record in org.scan("owners", after=after):
        if (record.get("archived") == "true") is not archived:
            continue
        if len(page) == limit:
            following = page[-1]["id"]
            break
        page.append(_owner(record.id, record.values, iso(record.created_at), iso(record.modified_at)))
    content: dict[str, Any] = {"results": page}
    if following:
        content["paging"] = {"next": {"after": following}}
    return WireResponse.of_json(content)


def get_owner(org: Org, request: WireRequest, owner_id: str) -> WireResponse:  # noqa: ARG001
    """One owner."""
    record = org.find("owners", owner_id)
    if record is None:
        raise Refusal(404, "Owner not found", category="OBJECT_NOT_FOUND")
    return WireResponse.of_json(_owner(record.id, record.values, iso(record.created_at), iso(record.modified_at)))


def list_pipelines(org: Org, request: WireRequest, object_name: str) -> WireResponse:  # noqa: ARG001
    """All pipelines with their stages."""
    return WireResponse.of_json({"results": org.settings["pipelines"].get(object_name, [])})


def get_pipeline(org: Org, request: WireRequest, object_name: str, pipeline_id: str) -> WireResponse:  # noqa: ARG001
    """One pipeline."""
    for pipeline in org.settings["pipelines"].get(object_name, []):
        if pipeline["id"] == pipeline_id:
            return WireResponse.of_json(pipeline)
    raise Refusal(404, f"Pipeline {pipeline_id} does not exist", category="OBJECT_NOT_FOUND")


def custom_property_limits(org: Org, request: WireRequest) -> WireResponse:  # noqa: ARG001
    """How many custom properties each object has and may have."""
    limit = int(org.settings.get("custom_properties", _CUSTOM))
    rows = []
    for name in ("contacts", "companies", "deals"):
        held = org.type(name)
        usage = sum(1 for field in held.fields.values() if field.custom)
        rows.append({"objectTypeId": held.prefix, "objectTypeName": name, "limit": limit, "usage": usage})
    return WireResponse.of_json({"byObjectType": rows})


def _owner(owner_id: str, values: dict[str, Any], created: str, updated: str) -> dict[str, Any]:
    return {
        "id": owner_id,
        "email": values.get("email"),
        "type": "PERSON",
        "firstName": values.get("firstName"),
        "lastName": values.get("lastName"),
        "userId": int(values.get("userId") or 0),
        "createdAt": created,
        "updatedAt": updated,
        "archived": values.get("archived") == "true",
    }
