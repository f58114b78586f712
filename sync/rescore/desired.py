"""From a score to the values wanted in one CRM record. Pure: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.values import normal_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync.values import Values

#: Values that need no explanation; the texts are made only for those who are written.
_FROM_SCORE = {
    "score": "total",
    "fit": "fit",
    "engagement": "engagement",
    "grade": "grade",
    "rating": "rating",
    "stars": "stars",
    "qualified": "qualified",
    "quality": "quality",
    "disqualified": "disqualified",
}


def numbers(score: Mapping[str, Any], *, completeness: int | None, reason: str | None) -> Values:
    """The values that decide whether a record is written. Out of scope: everything empty, never 0."""
    if not score["in_scope"]:
        return normal_values(dict.fromkeys([*_FROM_SCORE, "completeness", "disqualify_reason"]))
    values = {output: score[column] for output, column in _FROM_SCORE.items()}
    return normal_values({**values, "completeness": completeness, "disqualify_reason": reason})


def texts(score: Mapping[str, Any], *, reasons: str | None, breakdown: str | None, scored_at: datetime) -> Values:
    """The values that travel with the others."""
    if not score["in_scope"]:
        empty = ("reasons", "breakdown", "changed_by", "model_version", "scored_at")
        return normal_values(dict.fromkeys(empty))
    return normal_values(
        {
            "reasons": reasons,
            "breakdown": breakdown,
            "changed_by": score["changed_by"],
            "model_version": f"{score['model']} {score['version'][:12]}",
            "scored_at": scored_at,
        }
    )
