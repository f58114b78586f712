"""The HubSpot connector. `client.py` alone knows the vendor's library; everything else speaks in raw JSON and records."""

from __future__ import annotations

from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.settings import Feature, HubSpotSettings, Paths

__all__ = ["Feature", "HubSpotConnector", "HubSpotSettings", "Paths"]
