"""The calls that the connector makes of HubSpot, one method each, all through `client.Transport`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.hubspot.client import VERSION, Answer, Transport

#: Kinds of forms that keep submissions; comments on blogs are no sign of interest.
_FORM_TYPES = ["hubspot", "captured", "flow"]


class Client:
    """Calls of one connection. They raise only connector errors."""

    def __init__(self, transport: Transport) -> None:
        self._wire = transport

    def now(self) -> datetime:
        """HubSpot's clock, as far as its answers told."""
        return self._wire.now()

    def close(self) -> None:
        """Release all connections."""
        self._wire.close()

    # ---- objects ----

    def list_page(
        self,
        object_name: str,
        *,
        properties: Sequence[str],
        after: str | None = None,
        limit: int = 100,
        archived: bool = False,
        history: Sequence[str] = (),
    ) -> Answer:
        """One page of the list endpoint, in the order of ids."""
        api = self._wire.api("objects.basic", lambda library: library.crm.objects.basic_api)
        return self._wire.call(
            "list",
            lambda: api.get_page(
                object_name,
                limit=limit,
                after=after,
                properties=list(properties),
                properties_with_history=list(history) or None,
                archived=archived,
            ),
        )

    def search(self, object_name: str, body: Mapping[str, Any]) -> Answer:
        """One page of a search."""
        api = self._wire.api("objects.search", lambda library: library.crm.objects.search_api)
        return self._wire.call("search", lambda: api.do_search(object_name, dict(body)))

    def batch_read(
        self,
        object_name: str,
        ids: Sequence[str],
        *,
        properties: Sequence[str],
        history: Sequence[str] = (),
        archived: bool = False,
    ) -> Answer:
        """Named records, at most 100 (50 with history); unknown ids are left out or reported in `errors`."""
        api = self._wire.api("objects.batch", lambda library: library.crm.objects.batch_api)
        body = {
            "inputs": [{"id": record_id} for record_id in ids],
            "properties": list(properties),
            "propertiesWithHistory": list(history),
        }
        return self._wire.call("batch_read", lambda: api.read(object_name, body, archived=archived))

    def batch_update(self, object_name: str, inputs: Sequence[Mapping[str, Any]]) -> Answer:
        """Write properties of at most 100 records with unique ids. Safe to repeat: the same value twice is the same."""
        api = self._wire.api("objects.batch", lambda library: library.crm.objects.batch_api)
        body = {"inputs": [dict(item) for item in inputs]}
        return self._wire.call("write", lambda: api.update(object_name, body))

    def associations(self, source: str, target: str, inputs: Sequence[Mapping[str, str]]) -> Answer:
        """Associated records of at most 1,000 records; inputs are `{"id", "after"}`."""
        api = self._wire.api("associations.batch", lambda library: library.crm.associations.v4.batch_api)
        body = {"inputs": [dict(item) for item in inputs]}
        return self._wire.call("associations", lambda: api.get_page(source, target, body))

    # ---- schema ----

    def properties(self, object_name: str) -> Answer:
        """All properties of an object that the token may see."""
        api = self._wire.api("properties", lambda library: library.crm.properties.core_api)
        return self._wire.call("schema", lambda: api.get_all(object_name, archived=False))

    def create_property(self, object_name: str, definition: Mapping[str, Any]) -> Answer:
        """Create one property (201), or bring an archived one of this name back."""
        api = self._wire.api("properties", lambda library: library.crm.properties.core_api)
        return self._wire.call("schema", lambda: api.create(object_name, dict(definition)))

    def update_property(self, object_name: str, name: str, changes: Mapping[str, Any]) -> Answer:
        """Change one property; a list of options replaces the whole list."""
        api = self._wire.api("properties", lambda library: library.crm.properties.core_api)
        return self._wire.call("schema", lambda: api.update(object_name, name, dict(changes)))

    def groups(self, object_name: str) -> Answer:
        """The property groups of an object."""
        api = self._wire.api("groups", lambda library: library.crm.properties.groups_api)
        return self._wire.call("schema", lambda: api.get_all(object_name))

    def create_group(self, object_name: str, definition: Mapping[str, Any]) -> Answer:
        """Create a property group."""
        api = self._wire.api("groups", lambda library: library.crm.properties.groups_api)
        return self._wire.call("schema", lambda: api.create(object_name, dict(definition)))

    def pipelines(self, object_name: str) -> Answer:
        """All pipelines of an object with their stages."""
        api = self._wire.api("pipelines", lambda library: library.crm.pipelines.pipelines_api)
        return self._wire.call("schema", lambda: api.get_all(object_name))

    # ---- events and account ----

    def event_page(self, **query: Any) -> Answer:
        """One page of event occurrences (page views and custom events)."""
        api = self._wire.api("events", lambda library: library.events.events_api)
        return self._wire.call("events", lambda: api.get_page(**query))

    def forms_page(self, after: str | None = None) -> Answer:
        """One page of form definitions."""
        api = self._wire.api("forms", lambda library: library.marketing.forms.forms_api)
        return self._wire.call("events", lambda: api.get_page(limit=100, after=after, form_types=_FORM_TYPES))

    def submissions_page(self, form_id: str, *, after: str | None = None, limit: int = 50) -> Answer:
        """Submissions of one form, newest first."""
        query = {"limit": limit, **({"after": after} if after else {})}
        return self._wire.get("events", f"/form-integrations/v1/submissions/forms/{form_id}", query)

    def email_events_page(self, **query: Any) -> Answer:
        """Events of marketing e-mails (legacy v1: no dated path exists)."""
        held = {name: value for name, value in query.items() if value is not None}
        return self._wire.get("events", "/email/public/v1/events", held)

    def account(self) -> Answer:
        """Which portal answers."""
        return self._wire.get("account", "/account-info/v3/details", {})

    def property_limits(self) -> Answer:
        """How many custom properties each object has and may have (dated paths only)."""
        return self._wire.get("schema", f"/crm/limits/{VERSION}/custom-properties", {})
