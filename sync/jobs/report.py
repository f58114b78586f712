"""What a run did, for doors: the run, its issues, and what each connection would get or got."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.jobs.issues import Issue
    from sync.store.run_rows import Run


@dataclass(kw_only=True)
class ConnectionReport:
    """One connection's part of a run."""

    name: str
    #: Whether the CRM answered and is the one that it should be.
    reached: bool = False
    pulled: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    calls_by_kind: dict[str, int] = field(default_factory=dict)
    #: Entries still to be written when the run ended; a daemon does not count them.
    due: int = 0
    writes: str = "off"
    held: str | None = None


@dataclass(kw_only=True)
class RunReport:
    """A finished (or waiting) run."""

    run: Run
    rescored: Counter[str] = field(default_factory=Counter)
    connections: dict[str, ConnectionReport] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
