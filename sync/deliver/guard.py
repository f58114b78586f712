"""The guard: what would this run change in the CRM, and is that too much to do unasked?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.values import changed

if TYPE_CHECKING:
    from config.settings import Guard
    from sync.store.unit import Unit
    from sync.values import Values

_WATCHED = frozenset({"grade", "qualified", "disqualified"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a delivery would do to records that were written before."""

    written: int
    changes: int
    blanks: int
    #: Why it is held; None: go ahead.
    reason: str | None = None

    @property
    def held(self) -> bool:
        """Whether an admin must look first."""
        return self.reason is not None


def judge(unit: Unit, connection_no: int, limits: Guard) -> Verdict:
    """Weigh all due entries of a connection against what was written there before."""
    written = unit.outbox.counts(connection_no)["written"]
    changes = blanks = 0
    for desired, sent in unit.outbox.due_changes(connection_no):
        blanks += _blanks(desired, sent)
        changes += not _WATCHED.isdisjoint(changed(desired, sent))
    reason = None
    if written >= limits.at_least:
        if _percent(blanks, written) > limits.blanks:
            reason = _sentence("would blank the score of", blanks, written, limits.blanks)
        elif _percent(changes, written) > limits.changes:
            reason = _sentence("would change grade, qualified or disqualified of", changes, written, limits.changes)
    return Verdict(written=written, changes=changes, blanks=blanks, reason=reason)


def _blanks(desired: Values, sent: Values) -> bool:
    return any(sent.get(name) is not None and desired.get(name) is None for name in ("score", "company_score"))


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _sentence(what: str, part: int, whole: int, limit: float) -> str:
    return f"{what} {part} of {whole} written records ({_percent(part, whole):.1f} %, the guard allows {limit:g} %)"
