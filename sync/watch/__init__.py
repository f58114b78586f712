"""Looking on while others work: health that notices silence, numbers for Prometheus, alerts that go out. Nothing here works."""

from __future__ import annotations
