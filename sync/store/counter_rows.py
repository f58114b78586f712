"""What counters of contacts said, as the store has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenCounters:
    """The counters of one contact when they were last seen."""

    contact_no: int
    #: Counter -> (value, how often it fell).
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: How many records had been merged into the contact.
    merged: int
    #: The CRM's stamp of the contact that told them.
    seen_at: datetime
