"""What goes first: a worker always does the most urgent run, and a longer one waits between two of its steps."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from sync.store.run_rows import RunKind

if TYPE_CHECKING:
    from sync.store.run_rows import Run

#: Kinds that the worker for rescoring does, whatever connection they name.
RESCORES = frozenset({RunKind.RESCORE, RunKind.REWRITE})
#: Kinds that the worker of a connection does.
OF_CONNECTIONS = frozenset(RunKind) - RESCORES
#: Who asks for runs that nobody asked for.
SCHEDULE = "schedule"


class Urgency(IntEnum):
    """The most urgent first; before all of them comes a stop."""

    RECORD = 0
    URGENT_DELIVERY = 1
    INCREMENTAL = 2
    DELIVERY = 3
    LOAD = 4
    SWEEP = 5


def urgency(run: Run, *, loaded: bool) -> Urgency:
    """How urgent a run of a connection is.

    Args:
        run: The run.
        loaded: Whether the first load of its connection is complete: before, a round is that load.
    """
    match run.kind:
        case RunKind.RECORD:
            return Urgency.RECORD
        case RunKind.DELIVER:
            return Urgency.URGENT_DELIVERY if run.options.get("urgent") else Urgency.DELIVERY
        case RunKind.INCREMENTAL if loaded and not run.options.get("since"):
            return Urgency.INCREMENTAL
        case RunKind.SWEEP:
            return Urgency.SWEEP
        case _:
            return Urgency.LOAD
