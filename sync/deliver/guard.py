"""The guard: what would this run change in the CRM, and is that too much to do unasked?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.values import changed

if TYPE_CHECKING:
    from config.settings import Guard
    from sync.deliver.approval import Approval
    from sync.store.unit import Unit
    from sync.values import Values

_WATCHED = frozenset({"grade", "qualified", "disqualified"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a delivery would do to records that were written before."""

    #: Records that hold something of ours; no more of them are counted than the limits ask for.
    written: int
    changes: int
    blanks: int
    #: Why it is held; None: go ahead.
    reason: str | None = None

    @property
    def held(self) -> bool:
        """Whether an admin must look first."""
        return self.reason is not None


def judge(unit: Unit, connection_no: int, limits: Guard, approved: Approval | None = None) -> Verdict:
    """Weigh all due entries of a connection against what was written there before, and what was approved beyond the limits."""
    changes = blanks = 0
    for desired, sent in unit.outbox.due_changes(connection_no):
        blanks += blanks_it(desired, sent)
        changes += changes_it(desired, sent)
    too_many = changes - (approved.changes if approved is not None else 0)
    too_blank = blanks - (approved.blanks if approved is not None else 0)
    written, reason = 0, None
    if too_many > 0 or too_blank > 0:
        written = unit.outbox.written(connection_no, at_most=_enough(limits, too_many, too_blank))
    if written >= limits.at_least:
        if _percent(too_blank, written) > limits.blanks:
            reason = _sentence("would blank the score of", blanks, written, limits.blanks)
        elif _percent(too_many, written) > limits.changes:
            reason = _sentence("would change grade, qualified or disqualified of", changes, written, limits.changes)
    return Verdict(written=written, changes=changes, blanks=blanks, reason=reason)


def changes_it(desired: Values, sent: Values) -> bool:
    """Whether people would see another grade, or somebody be qualified or disqualified who was not."""
    return not _WATCHED.isdisjoint(changed(desired, sent))


def blanks_it(desired: Values, sent: Values) -> bool:
    """Whether a score would become empty."""
    return any(sent.get(name) is not None and desired.get(name) is None for name in ("score", "company_score"))


def _enough(limits: Guard, changes: int, blanks: int) -> int | None:
    """Among so many written records that much is within the limits, however many more there are; None: it never is."""
    parts = [(part, limit) for part, limit in ((changes, limits.changes), (blanks, limits.blanks)) if part > 0]
    if not all(limit for _, limit in parts):
        return None
    return max(limits.at_least, *(math.ceil(100 * part / limit) + 1 for part, limit in parts))


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _sentence(what: str, part: int, whole: int, limit: float) -> str:
    return f"{what} {part} of {whole} written records ({_percent(part, whole):.1f} %, the guard allows {limit:g} %)"
