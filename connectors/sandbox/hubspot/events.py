"""Events by plan: occurrences (page views), marketing e-mail events of v1, forms and their submissions."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.clock import Stamp, iso
from connectors.sandbox.hubspot.errors import Refusal, invalid, missing_scopes
from connectors.sandbox.hubspot.objects import names, number
from connectors.sandbox.hubspot.search import stamp_in
from connectors.sandbox.hubspot.timeline import Timeline, timeline
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.wire import WireRequest, WireResponse

_TYPES = ("e_visited_page",)


def list_occurrences(org: Org, request: WireRequest) -> WireResponse:
    """Newest first unless `sort=ASCENDING`; needs an Enterprise plan."""
    if org.settings.get("plan") != "enterprise":
        raise missing_scopes("business-intelligence", "oauth")
    kind = request.param("eventType")
    object_id = request.param("objectId")
    if kind is None and object_id is None:
        raise invalid("Either eventType or objectId must be given.")
    if object_id is not None and request.param("objectType") is None:
        raise invalid("objectType must be given with objectId.")
    low, high = stamp_in(request.param("occurredAfter")), stamp_in(request.param("occurredBefore"))
    limit = number(request, "limit", default=20, most=100)
    if object_id is None:
        events = timeline(org, "page_events", _occurred)
    else:
        events = Timeline(org.where("page_events", "objectId", object_id), _occurred)
    page, following = events.page(
        limit,
        low=low,
        high=high,
        after=request.param("after"),
        ascending="ASCENDING" in request.params("sort"),
        wanted=lambda record: kind in (None, record.get("eventType")),
    )
    content: dict[str, Any] = {"results": [_occurrence(record) for record in page]}
    if following:
        link = f"{request.base_url}{request.path}?after={following}"
        content["paging"] = {"next": {"after": following, "link": link}}
    return WireResponse.of_json(content)


def list_event_types(org: Org, request: WireRequest) -> WireResponse:  # noqa: ARG001
    """Names of the event types."""
    if org.settings.get("plan") != "enterprise":
        raise missing_scopes("business-intelligence", "oauth")
    return WireResponse.of_json({"eventTypes": list(_TYPES)})


def list_email_events(org: Org, request: WireRequest) -> WireResponse:
    """Newest first, paged by an opaque `offset`."""
    if org.settings.get("plan") == "free":
        raise missing_scopes("content")
    low, high = stamp_in(request.param("startTimestamp")), stamp_in(request.param("endTimestamp"))
    recipient, kind = request.param("recipient"), request.param("eventType")
    limit = number(request, "limit", default=10, most=1_000)
    if recipient is None:
        events = timeline(org, "email_events", _created)
    else:
        events = Timeline(org.where("email_events", "recipient", recipient), _created)
    page, following = events.page(
        limit,
        low=low,
        high=high,
        after=_unwrapped(request.param("offset")),
        wanted=lambda record: kind in (None, record.get("type")),
    )
    content: dict[str, Any] = {"hasMore": following is not None}
    if page:
        content["offset"] = f"Ch{following or page[-1].id}"
    content["events"] = [_email_event(org, record) for record in page]
    return WireResponse.of_json(content)


def list_forms(org: Org, request: WireRequest) -> WireResponse:
    """Form definitions, without their fields."""
    _forms_allowed(org)
    limit = number(request, "limit", default=20, most=500)
    forms = Timeline(org.scan("forms"), lambda record: record.created_at)
    kinds = names(request, "formTypes")
    page, following = forms.page(
        limit,
        after=request.param("after"),
        ascending=True,
        wanted=lambda record: not kinds or record.get("formType", "hubspot") in kinds,
    )
    content: dict[str, Any] = {
        "results": [
            {
                "id": record.id,
                "name": record.get("name"),
                "formType": record.get("formType", "hubspot"),
                "createdAt": iso(record.created_at),
                "updatedAt": iso(record.modified_at),
                "archived": False,
            }
            for record in page
        ]
    }
    if following:
        content["paging"] = {"next": {"after": following}}
    return WireResponse.of_json(content)


def list_submissions(org: Org, request: WireRequest, form_id: str) -> WireResponse:
    """Submissions of one form, newest first; the contact is known by what was typed in."""
    _forms_allowed(org)
    if org.find("forms", form_id) is None:
        raise Refusal(404, f"Form {form_id} does not exist", category="OBJECT_NOT_FOUND")
    limit = number(request, "limit", default=20, most=50)
    submissions = Timeline(org.where("form_submissions", "formGuid", form_id), _submitted)
    page, following = submissions.page(limit, after=request.param("after"))
    content: dict[str, Any] = {"results": [_submission(record) for record in page]}
    if following:
        content["paging"] = {"next": {"after": following}}
    return WireResponse.of_json(content)


def _forms_allowed(org: Org) -> None:
    if "forms" in org.settings.get("denied", ()):
        raise missing_scopes("forms")


def _occurred(record: Record) -> Stamp:
    return stamp_in(record.get("occurredAt")) or record.created_at


def _created(record: Record) -> Stamp:
    return int(record.get("created"))


def _submitted(record: Record) -> Stamp:
    return int(record.get("submittedAt"))


def _unwrapped(offset: str | None) -> str | None:
    return offset.removeprefix("Ch") if offset else None


def _occurrence(record: Record) -> dict[str, Any]:
    outside = ("objectId", "eventType", "occurredAt")
    return {
        "objectType": "CONTACT",
        "objectId": record.get("objectId"),
        "eventType": record.get("eventType"),
        "occurredAt": record.get("occurredAt"),
        "id": f"00000000-0000-4000-8000-{record.id:0>12}",
        "properties": {name: value for name, value in record.values.items() if name not in outside},
    }


def _email_event(org: Org, record: Record) -> dict[str, Any]:
    kind = record.get("type")
    content: dict[str, Any] = {
        "id": f"10000000-0000-4000-8000-{record.id:0>12}",
        "type": kind,
        "created": int(record.get("created")),
        "recipient": record.get("recipient"),
        "portalId": int(org.id),
        "appName": record.get("appName"),
        "emailCampaignId": int(record.get("emailCampaignId") or 0),
    }
    for name in ("subject", "url"):
        if record.get(name) is not None:
            content[name] = record.get(name)
    if record.get("sentId") is not None:
        content["sentBy"] = {"id": record.get("sentId"), "created": int(record.get("created"))}
    if kind == "STATUSCHANGE":
        content["portalSubscriptionStatus"] = record.get("portalSubscriptionStatus", "UNSUBSCRIBED")
        content["source"] = "SOURCE_RECIPIENT"
    if kind in ("OPEN", "CLICK"):
        content["filteredEvent"] = record.get("filteredEvent") == "true"
    return content


def _submission(record: Record) -> dict[str, Any]:
    return {
        "conversionId": f"20000000-0000-4000-8000-{record.id:0>12}",
        "submittedAt": int(record.get("submittedAt")),
        "values": record.get("values", []),
        "pageUrl": record.get("pageUrl"),
    }
