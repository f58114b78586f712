"""Settings, secrets and the files that Leadgrade ships: presets of scoring models and default field maps."""

from __future__ import annotations
