"""Salesforce behind the port, on simple-salesforce. Here `Lead` is Salesforce's object."""

from __future__ import annotations

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import SalesforceSettings

__all__ = ["SalesforceConnector", "SalesforceSettings"]
