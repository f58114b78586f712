"""The command line: translates words into actions and results into tables or JSON."""

from __future__ import annotations
