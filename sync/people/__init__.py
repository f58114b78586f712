"""Who is who: contacts into people, accounts into companies, which value wins, and forgetting."""

from __future__ import annotations
