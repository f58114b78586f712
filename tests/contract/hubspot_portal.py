"""An empty HubSpot portal, asked without sockets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.accounts import empty_hubspot_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.hubspot import HubSpotDialect
from connectors.sandbox.org import Org
from connectors.sandbox.wire import WireRequest, WireResponse

CONTACTS = "/crm/v3/objects/contacts"
BEARER = {"Authorization": "Bearer pat-eu1-sandbox"}


class Portal:
    """An empty portal with a frozen clock, asked without sockets."""

    def __init__(self) -> None:
        self.org: Org = empty_hubspot_org(clock=OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC)))
        self.dialect = HubSpotDialect(self.org)

    def ask(self, method: str, url: str, payload: Any = None, *, headers: dict[str, str] | None = None) -> WireResponse:
        return self.dialect.handle(WireRequest.to(method, url, payload=payload, headers=headers or BEARER))

    def people(self, count: int) -> list[str]:
        return [self.org.create("contacts", {"email": f"p{number}@acme.example"}).id for number in range(count)]


def refused(response: WireResponse, status: int) -> Any:
    assert response.status == status
    content = response.json()
    assert content["status"] == "error"
    assert content["message"]
    return content
