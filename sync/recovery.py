"""The error table: what each kind of connector error means for a run, while reading and while writing. One test per cell.

The columns are design rules, not code paths: whoever catches a ConnectorError asks `decide` and does what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.errors import Contended, Gone, NeedsAttention, QuotaSpent, Rejected, Throttled, Unavailable

if TYPE_CHECKING:
    from connectors.errors import ConnectorError


class Access(StrEnum):
    """What we were doing when it happened."""

    READ = "read"
    WRITE = "write"


class Act(StrEnum):
    """What to do next."""

    #: Pause the error's scope, tell the operator, go on with the rest.
    PAUSE = "pause"
    #: Stop this connection's run; it resumes by itself when the quota is back.
    SUSPEND = "suspend"
    #: Wait as long as asked, then go on; suspend when that is longer than a slice.
    WAIT = "wait"
    #: Try again with growing, jittered pauses; then suspend.
    BACK_OFF = "back_off"
    QUARANTINE = "quarantine"
    DEAD_LETTER = "dead_letter"
    #: Try the same again soon, with jitter.
    RETRY = "retry"
    TOMBSTONE = "tombstone"
    #: Follow the record to its successor, or drop the entry.
    REKEY = "rekey"
    #: A bug: the run fails with its traceback, the daemon lives.
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of the table."""

    reading: Act
    writing: Act


TABLE: dict[type[ConnectorError], Row] = {
    NeedsAttention: Row(reading=Act.PAUSE, writing=Act.PAUSE),
    QuotaSpent: Row(reading=Act.SUSPEND, writing=Act.SUSPEND),
    Throttled: Row(reading=Act.WAIT, writing=Act.WAIT),
    Unavailable: Row(reading=Act.BACK_OFF, writing=Act.BACK_OFF),
    Rejected: Row(reading=Act.QUARANTINE, writing=Act.DEAD_LETTER),
    Contended: Row(reading=Act.RETRY, writing=Act.RETRY),
    Gone: Row(reading=Act.TOMBSTONE, writing=Act.REKEY),
}


def decide(error: BaseException, access: Access) -> Act:
    """What an error means; anything that is not in the table is a bug."""
    for kind, row in TABLE.items():
        if isinstance(error, kind):
            return row.reading if access is Access.READ else row.writing
    return Act.FAIL
