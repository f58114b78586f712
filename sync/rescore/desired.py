"""From a score to the values wanted in one CRM record. Pure: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.values import normal_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sync.values import Values

#: Values that need no explanation; the texts are made only for those who are written.
FROM_SCORE = {
    "score": "total",
    "fit": "fit",
    "engagement": "engagement",
    "grade": "grade",
    "rating": "rating",
    "stars": "stars",
    "qualified": "qualified",
    "quality": "quality",
    "disqualified": "disqualified",
    "recent": "recent",
    "active_share": "active_share",
    "trend": "trend",
    "enrichment": "enrichment",
}
#: What stands in sentences of the model.
_IN_WORDS = ("disqualify_reason", "attention")


def numbers(
    score: Mapping[str, Any],
    *,
    completeness: int | None,
    reason: str | None,
    attention: str | None = None,
    of_model: Iterable[str] = (),
) -> Values:
    """The values that decide whether a record is written. Out of scope: everything empty, never 0.

    Args:
        score: A row of the score table.
        completeness: Of this record.
        reason: Why the person is ruled out.
        attention: Why the person deserves a look.
        of_model: Outputs that are asked for by the names of products and dimensions; empty where the model has none such.
    """
    if not score["in_scope"]:
        return normal_values(dict.fromkeys([*FROM_SCORE, *_IN_WORDS, "completeness", *of_model]))
    others = score["others"] or {}
    values = {output: score[column] for output, column in FROM_SCORE.items()}
    values |= {name: others.get(name) for name in of_model}
    values |= {"completeness": completeness, "disqualify_reason": reason, "attention": attention}
    return normal_values(values)


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
