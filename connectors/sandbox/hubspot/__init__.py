"""HubSpot's API on top of an `Org`: the paths that connectors call, legacy and dated, with HubSpot's limits and errors."""

from __future__ import annotations

from connectors.sandbox.hubspot.dialect import HubSpotDialect

__all__ = ["HubSpotDialect"]
