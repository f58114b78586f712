"""The lines of an explanation as a waterfall: from 0, step by step, to the total. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, kw_only=True, slots=True)
class WaterfallStep:
    """One bar: it begins where the one before it ended."""

    part: str
    label: str
    points: Decimal
    #: The sum up to here, this step included; after the last step it is the total.
    running: Decimal


def waterfall(lines: pl.DataFrame) -> tuple[WaterfallStep, ...]:
    """Turn the lines of one person into steps, in the order of the evaluation; lines of no points move nothing and are left out.

    Args:
        lines: What `explain` gives for one person.
    """
    running, steps = Decimal(0), []
    for part, label, points in lines.select("part", "label", "points").iter_rows():
        if points:
            running += points
            steps.append(WaterfallStep(part=part, label=label, points=points, running=running))
    return tuple(steps)
