"""A sandbox CRM on loopback: one CRM-neutral `Org`, two vendor dialects, a real HTTP server. Real connectors never import it."""

from __future__ import annotations
