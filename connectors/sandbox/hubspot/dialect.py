"""The dialect: authentication, allowances, routes. Legacy and dated paths are two names of the same resources."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from connectors.sandbox.hubspot import account, associations, batch, events, limits, objects, properties, search
from connectors.sandbox.hubspot.errors import Refusal, missing_scopes, unauthorized, unknown_path
from connectors.sandbox.org import Org
from connectors.sandbox.wire import WireRequest, WireResponse

Answerer = Callable[..., WireResponse]

_DATE = r"20\d\d-(?:03|09)"
#: Legacy path -> dated path of the same family; both lead to the name on the right.
_FAMILIES = tuple(
    (re.compile(f"^(?:{legacy}|{dated})(?=/|$)"), name)
    for legacy, dated, name in (
        (r"/crm/v[34]/objects", rf"/crm/objects/{_DATE}", "/objects"),
        (r"/crm/v4/associations", rf"/crm/associations/{_DATE}", "/associations"),
        (r"/crm/v3/properties", rf"/crm/properties/{_DATE}", "/properties"),
        (r"/crm/v3/pipelines", rf"/crm/pipelines/{_DATE}", "/pipelines"),
        (r"/crm/v3/owners", rf"/crm/owners/{_DATE}", "/owners"),
        (r"/events/v3/events", rf"/events/event-occurrences/{_DATE}", "/events"),
        (r"/account-info/v3", rf"/account-info/{_DATE}", "/account"),
        (r"/marketing/v3/forms", rf"/marketing/forms/{_DATE}-beta", "/forms"),
        (r"/form-integrations/v1/submissions/forms", r"/form-integrations/v1/submissions/forms", "/submissions"),
        (r"/email/public/v1/events", r"/email/public/v1/events", "/email-events"),
        (r"/crm/v3/limits", rf"/crm/limits/{_DATE}", "/limits"),
    )
)
#: The associations of one record, both objects first: `/objects/deals/7/associations/default/contacts/8`.
_EDGE = re.compile(r"^/objects/([^/]+)/([^/]+)/associations(/default)?/([^/]+)(/[^/]+)?$")
_TYPE = "([A-Za-z0-9_-]+)"
_PART = "([^/]+)"
_CRM_OBJECTS = frozenset(
    {
        *("contacts", "companies", "deals", "calls", "emails", "meetings", "notes", "tasks", "communications"),
        *("postal_mail", "tickets", "products", "line_items", "quotes", "goal_targets", "feedback_submissions"),
    }
)
_ROUTES: tuple[tuple[str, re.Pattern[str], Answerer], ...] = tuple(
    (method, re.compile(f"^{pattern}$"), answer)
    for method, pattern, answer in (
        ("POST", f"/objects/{_TYPE}/search", search.search_objects),
        ("POST", f"/objects/{_TYPE}/batch/read", batch.batch_read),
        ("POST", f"/objects/{_TYPE}/batch/update", batch.batch_update),
        ("POST", f"/objects/{_TYPE}/batch/create", batch.batch_create),
        ("POST", f"/objects/{_TYPE}/batch/upsert", batch.batch_upsert),
        ("POST", f"/objects/{_TYPE}/batch/archive", batch.batch_archive),
        ("POST", f"/objects/{_TYPE}/merge", objects.merge_objects),
        ("POST", f"/objects/{_TYPE}/gdpr-delete", objects.gdpr_delete),
        ("GET", f"/objects/{_TYPE}", objects.list_objects),
        ("POST", f"/objects/{_TYPE}", objects.create_object),
        ("GET", f"/objects/{_TYPE}/{_PART}", objects.get_object),
        ("PATCH", f"/objects/{_TYPE}/{_PART}", objects.update_object),
        ("DELETE", f"/objects/{_TYPE}/{_PART}", objects.archive_object),
        ("GET", f"/edges/{_TYPE}/{_TYPE}/{_PART}", associations.list_edges),
        ("PUT", f"/edges/{_TYPE}/{_TYPE}/{_PART}/default/{_PART}", associations.put_default_edge),
        ("PUT", f"/edges/{_TYPE}/{_TYPE}/{_PART}/{_PART}", associations.put_edge),
        ("DELETE", f"/edges/{_TYPE}/{_TYPE}/{_PART}/{_PART}", associations.archive_edge),
        ("POST", f"/associations/{_TYPE}/{_TYPE}/batch/read", associations.read_associations),
        ("POST", f"/associations/{_TYPE}/{_TYPE}/batch/create", associations.create_associations),
        ("POST", f"/associations/{_TYPE}/{_TYPE}/batch/associate/default", associations.create_default),
        ("POST", f"/associations/{_TYPE}/{_TYPE}/batch/archive", associations.archive_associations),
        ("GET", f"/associations/{_TYPE}/{_TYPE}/labels", associations.association_labels),
        ("GET", f"/properties/{_TYPE}", properties.list_properties),
        ("POST", f"/properties/{_TYPE}", properties.create_property),
        ("GET", f"/properties/{_TYPE}/groups", properties.list_groups),
        ("POST", f"/properties/{_TYPE}/groups", properties.create_group),
        ("POST", f"/properties/{_TYPE}/batch/read", properties.batch_read_properties),
        ("POST", f"/properties/{_TYPE}/batch/create", properties.batch_create_properties),
        ("POST", f"/properties/{_TYPE}/batch/archive", properties.batch_archive_properties),
        ("GET", f"/properties/{_TYPE}/groups/{_PART}", properties.get_group),
        ("PATCH", f"/properties/{_TYPE}/groups/{_PART}", properties.update_group),
        ("DELETE", f"/properties/{_TYPE}/groups/{_PART}", properties.archive_group),
        ("GET", f"/properties/{_TYPE}/{_PART}", properties.get_property),
        ("PATCH", f"/properties/{_TYPE}/{_PART}", properties.update_property),
        ("DELETE", f"/properties/{_TYPE}/{_PART}", properties.archive_property),
        ("GET", f"/pipelines/{_TYPE}", account.list_pipelines),
        ("GET", f"/pipelines/{_TYPE}/{_PART}", account.get_pipeline),
        ("GET", "/owners", account.list_owners),
        ("GET", f"/owners/{_PART}", account.get_owner),
        ("GET", "/account/details", account.account_details),
        ("GET", "/limits/custom-properties", account.custom_property_limits),
        ("GET", "/events", events.list_occurrences),
        ("GET", "/events/event-types", events.list_event_types),
        ("GET", "/email-events", events.list_email_events),
        ("GET", "/forms", events.list_forms),
        ("GET", f"/submissions/{_PART}", events.list_submissions),
    )
)


class HubSpotDialect:
    """HubSpot's API over one org.

    `org.settings`: `plan` (enterprise has events, free no e-mail events), `denied` (objects, `forms` or `properties` that the
    token may not touch), `custom_properties` (their limit), `association_page`.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self._answered = 0

    def handle(self, request: WireRequest) -> WireResponse:
        """Answers one request."""
        with self._org.lock:
            self._answered += 1
            searching = request.method == "POST" and request.path.rstrip("/").endswith("/search")
            try:
                response = self._answer(request, searching=searching)
            except Refusal as refusal:
                response = refusal.response(self._correlation_id())
            headers = {**limits.headers(self._org, search=searching), **response.headers}
            return WireResponse(status=response.status, headers=headers, body=response.body)

    def _answer(self, request: WireRequest, *, searching: bool) -> WireResponse:
        token = (request.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
        if token != self._org.credentials["access_token"]:
            raise unauthorized()
        limits.take(self._org, search=searching)
        path = _canonical(request.path)
        for method, pattern, answer in _ROUTES:
            found = pattern.match(path)
            if found and method == request.method:
                return answer(self._org, request, *self._names(path, found.groups()))
        raise unknown_path()

    def _names(self, path: str, parts: tuple[Any, ...]) -> list[str]:
        family = path.split("/")[1]
        if family not in {"objects", "associations", "edges", "properties", "pipelines"}:
            return list(parts)
        count = 2 if family in {"associations", "edges"} else 1
        names = [self._object_name(str(part)) for part in parts[:count]]
        denied = self._org.settings.get("denied", ())
        for name in (*names, family):
            if name in denied:
                raise missing_scopes(f"crm.objects.{name}.read")
        return [*names, *map(str, parts[count:])]

    def _object_name(self, given: str) -> str:
        for name in _CRM_OBJECTS:
            singular = "company" if name == "companies" else name.removesuffix("s")
            if given.lower() in (name, singular, self._org.type(name).prefix):
                return name
        raise Refusal(400, f"Unable to infer object type from: {given}", category="VALIDATION_ERROR")

    def _correlation_id(self) -> str:
        return f"{self._answered:08x}-0000-4000-8000-000000000000"


def _canonical(path: str) -> str:
    trimmed = path.rstrip("/")
    for pattern, name in _FAMILIES:
        found = pattern.match(trimmed)
        if found:
            return _EDGE.sub(r"/edges/\1/\4/\2\3\5", name + trimmed[found.end() :])
    return trimmed
