"""`leadgrade demo`: the whole loop on a local sandbox of both CRMs, checked over HTTP at the end."""

from __future__ import annotations
