"""From the CRM into the store: pages, checkpoints, quarantine, sweeps. Hands changed records on to people."""

from __future__ import annotations
