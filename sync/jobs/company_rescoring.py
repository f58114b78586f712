"""The companies' part of a rescore: after their people, before anything is written."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.jobs.progress import Progress
    from sync.jobs.slices import Shift
    from sync.rescore.company_run import CompanyRescore


def rescore_companies(work: CompanyRescore, shift: Shift, progress: Progress) -> Counter[str]:
    """Bring the scores of stale companies up to date, and what their accounts should hold; counts of companies and wanted."""
    expected, total = work.waiting(), Counter[str]()
    if not expected:
        return total
    done = 0

    def step() -> Counter[str] | None:
        nonlocal done
        counts = work.batch()
        if counts is not None:
            done += counts["companies"]
            progress.step("companies", None, done, max(done, expected))
        return counts

    for counts in shift.steps("companies", None, step):
        total.update(counts)
    return total
