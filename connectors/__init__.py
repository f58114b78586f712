"""Connectors speak to the CRMs: records in, values out. They know nothing of scoring, storage or settings."""

from __future__ import annotations
