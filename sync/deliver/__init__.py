"""From the outbox to the CRM: guard, claim, send, settle. The only caller of `Connector.write`."""

from __future__ import annotations
