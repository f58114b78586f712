"""Salesforce's API on the sandbox's org."""

from __future__ import annotations

from connectors.sandbox.salesforce.dialect import SalesforceDialect

__all__ = ["SalesforceDialect"]
