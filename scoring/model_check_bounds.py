"""Checks that thresholds can be reached, and that fit does not outweigh what people do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.model import RatingByTotal
from scoring.model_dimensions import ActivityDimension, AttributeDimension
from scoring.vocabulary import LETTERS, NUMBERS, SCALE

if TYPE_CHECKING:
    from scoring.model import Axis, Model
    from scoring.model_conditions import Position
    from scoring.model_dimensions import ActivityRule, Dimension
    from scoring.model_findings import Remarks


def check_bounds(model: Model, remarks: Remarks) -> None:
    """Remark on thresholds that nobody can reach, gates without effect, and too much fit."""
    highest = highest_total(model)
    _check_grade(model, remarks)
    if model.qualified is not None and model.qualified.total is not None and model.qualified.total > highest:
        _unreachable(model.qualified.position, "be qualified by total", model.qualified.total, highest, remarks)
    if isinstance(model.rating, RatingByTotal):
        for name, threshold in (("hot", model.rating.hot), ("warm", model.rating.warm)):
            if threshold > highest:
                _unreachable(model.rating.position, f"be {name}", threshold, highest, remarks)
    for gate in model.gates:
        if gate.cap >= highest:
            remarks.warn(
                gate.position,
                f"the gate {gate.id!r} has no effect, because no total is above {points(highest)}",
                "lower its cap or remove it",
            )
    _check_fit(model, highest, remarks)


def highest_total(model: Model) -> int:
    """The highest total that the caps and points allow, in milli-points."""
    parts = [highest_of(dimension) for dimension in model.dimensions]
    reachable = [part for part in parts if part is not None]
    if len(reachable) < len(parts):
        return model.total.cap
    return max(model.total.floor, min(model.total.cap, sum(reachable)))


def highest_of(dimension: Dimension) -> int | None:
    """The highest weighted amount of a dimension, in milli-points; None when nothing bounds it."""
    if isinstance(dimension, AttributeDimension):
        raw: int | None = sum(max(0, *(rule.points for rule in group.rules)) for group in dimension.groups)
        raw = (raw or 0) + sum(max(0, rule.points) for rule in dimension.rules)
    else:
        raw = _highest_engagement(dimension)
    if raw is None or (dimension.cap is not None and raw > dimension.cap):
        raw = dimension.cap
    if raw is None:
        return None
    if dimension.floor is not None:
        raw = max(raw, dimension.floor)
    return raw * dimension.weight // SCALE


def _highest_engagement(dimension: ActivityDimension) -> int | None:
    caps = {each.name: each.cap for each in dimension.group_caps}
    ungrouped = [_highest_rule(rule) for rule in dimension.rules if rule.group is None]
    total = _sum(ungrouped)
    for name, cap in caps.items():
        inside = _sum([_highest_rule(rule) for rule in dimension.rules if rule.group == name])
        bounded = cap if inside is None else min(cap, inside)
        total = None if total is None else total + bounded
    return total


def _highest_rule(rule: ActivityRule) -> int | None:
    if rule.points <= 0:
        return 0
    bounds = [] if rule.cap is None else [rule.cap]
    if rule.limit is not None and rule.limit.per_days is None:
        bounds.append(rule.limit.count * rule.points)
    return min(bounds) if bounds else None


def _sum(amounts: list[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def _check_grade(model: Model, remarks: Remarks) -> None:
    if model.grade is None:
        return
    for axis, names in ((model.grade.letter, LETTERS), (model.grade.number, NUMBERS)):
        highest = _axis_highest(model, axis)
        for name, threshold in zip(names, axis.thresholds, strict=False):
            if highest is not None and threshold > highest:
                _unreachable(axis.position, f"get {name} in {axis.dimension}", threshold, highest, remarks)


def _axis_highest(model: Model, axis: Axis) -> int | None:
    dimension = model.dimension(axis.dimension)
    return None if dimension is None else highest_of(dimension)


def _unreachable(at: Position, what: str, threshold: int, highest: int, remarks: Remarks) -> None:
    remarks.warn(
        at,
        f"nobody can {what}: it takes {points(threshold)} points, and at most {points(highest)} can be had",
        "lower the threshold, or raise points or caps",
    )


def _check_fit(model: Model, highest: int, remarks: Remarks) -> None:
    """A ready person is one who just qualifies, or has everything when nobody is qualified by total."""
    fit = model.fit
    if fit is None or len(model.dimensions) < 2:
        return
    ready = highest if model.qualified is None or model.qualified.total is None else model.qualified.total
    most = highest_of(fit)
    if most is not None and ready > 0 and most * 2 > ready:
        remarks.warn(
            fit.position,
            f"fit alone can give {points(most)} of the {points(ready)} points of a ready person, more than half",
            f"bound it by `cap` or `weight` so that it gives at most {points(ready // 2)}: interest is what people do",
        )


def points(amount: int) -> str:
    """Write milli-points as points."""
    return f"{amount / SCALE:.3f}".rstrip("0").rstrip(".")
