"""Checks that thresholds can be reached, and that fit does not outweigh what people do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scoring.model import RatingByGrade, RatingByTotal
from scoring.model_dimensions import ActivityDimension, AttributeDimension, DecayKind
from scoring.vocabulary import LETTERS, NUMBERS, SCALE

if TYPE_CHECKING:
    from scoring.model import Model
    from scoring.model_conditions import Position
    from scoring.model_dimensions import ActivityRule, Decay, Dimension, Limit
    from scoring.model_findings import Remarks


def check_bounds(model: Model, remarks: Remarks) -> None:
    """Remark on thresholds that nobody or everybody reaches, gates without effect, and too much fit."""
    highest = highest_total(model)
    _check_grade(model, remarks)
    qualified, rating = model.qualified, model.rating
    if qualified is not None and qualified.total is not None:
        _check_total(model, qualified.position, "qualified by total", qualified.total, remarks)
    if isinstance(rating, RatingByTotal):
        for name, threshold in (("hot", rating.hot), ("warm or hot", rating.warm)):
            _check_total(model, rating.position, name, threshold, remarks)
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
    parts = [highest_of(dimension, model.horizon_days) for dimension in model.dimensions]
    reachable = [part for part in parts if part is not None]
    if len(reachable) < len(parts):
        return model.total.cap
    return max(model.total.floor, min(model.total.cap, sum(reachable)))


def highest_of(dimension: Dimension, horizon: int) -> int | None:
    """The highest weighted amount of a dimension, in milli-points; None when nothing bounds it."""
    if isinstance(dimension, AttributeDimension):
        raw: int | None = sum(max(0, *(rule.points for rule in group.rules)) for group in dimension.groups)
        raw = (raw or 0) + sum(max(0, rule.points) for rule in dimension.rules)
    else:
        raw = _highest_engagement(dimension, horizon)
    if raw is None or (dimension.cap is not None and raw > dimension.cap):
        raw = dimension.cap
    if raw is None:
        return None
    if dimension.floor is not None:
        raw = max(raw, dimension.floor)
    return raw * dimension.weight // SCALE


def lowest_of(dimension: Dimension) -> int | None:
    """The lowest weighted amount of a dimension, in milli-points; None when nothing bounds it."""
    raw: int | None = dimension.floor
    if isinstance(dimension, AttributeDimension):
        lowest = sum(min(0, *(rule.points for rule in group.rules)) for group in dimension.groups)
        lowest += sum(min(0, rule.points) for rule in dimension.rules)
        raw = lowest if raw is None else max(lowest, raw)
    elif raw is None and dimension.inactivity is None and all(rule.points >= 0 for rule in dimension.rules):
        raw = 0
    if raw is None:
        return None
    if dimension.cap is not None:
        raw = min(raw, dimension.cap)
    return raw * dimension.weight // SCALE


def _highest_engagement(dimension: ActivityDimension, horizon: int) -> int | None:
    caps = {each.name: each.cap for each in dimension.group_caps}
    ungrouped = [_highest_rule(rule, horizon) for rule in dimension.rules if rule.group is None]
    total = _sum(ungrouped)
    for name, cap in caps.items():
        inside = _sum([_highest_rule(rule, horizon) for rule in dimension.rules if rule.group == name])
        bounded = cap if inside is None else min(cap, inside)
        total = None if total is None else total + bounded
    return total


def _highest_rule(rule: ActivityRule, horizon: int) -> int | None:
    if rule.points <= 0:
        return 0
    bounds = [] if rule.cap is None else [rule.cap]
    if rule.limit is not None:
        bounds.append(_highest_within_limit(rule, rule.limit, horizon))
    return min(bounds) if bounds else None


def _highest_within_limit(rule: ActivityRule, limit: Limit, horizon: int) -> int:
    """As many activities as the limit lets through, each as young as its block allows."""
    if limit.per_days is None:
        return limit.count * rule.points
    youngest = (0, *range(1, horizon, limit.per_days))
    return limit.count * sum(math.ceil(rule.points * _left(rule.decay, age)) for age in youngest)


def _left(decay: Decay, age: int) -> float:
    match decay.kind:
        case DecayKind.HALF_LIFE:
            return float(0.5 ** (age / decay.days))
        case DecayKind.LINEAR:
            return max(0.0, 1 - age / decay.days)
        case DecayKind.EXPIRY:
            return 1.0 if age < decay.days else 0.0
        case DecayKind.NONE:
            return 1.0


def _sum(amounts: list[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def _check_grade(model: Model, remarks: Remarks) -> None:
    if model.grade is None:
        return
    unreachable: set[str] = set()
    for axis, names in ((model.grade.letter, LETTERS), (model.grade.number, NUMBERS)):
        dimension = model.dimension(axis.dimension)
        if dimension is None:
            continue
        highest, lowest = highest_of(dimension, model.horizon_days), lowest_of(dimension)
        for name, threshold, at in zip(names, axis.thresholds, axis.positions, strict=False):
            if highest is not None and threshold > highest:
                _unreachable(at, f"get {name} in {axis.dimension}", threshold, highest, remarks)
                unreachable.add(name)
        if lowest is not None and axis.thresholds[-1] <= lowest:
            _reached_by_all(axis.positions[-1], f"gets at least {names[2]} in {axis.dimension}", lowest, remarks)
            unreachable.add(names[3])
    _check_cells(model, unreachable, remarks)


def _check_cells(model: Model, unreachable: set[str], remarks: Remarks) -> None:
    """Somebody should get one of the grades that make people qualified, or hot."""
    groups = []
    if model.qualified is not None and model.qualified.grades and model.qualified.total is None:
        groups.append((model.qualified.position, "is qualified", model.qualified.grades))
    if isinstance(model.rating, RatingByGrade) and model.rating.hot:
        groups.append((model.rating.position, "is hot", model.rating.hot))
    for position, what, cells in groups:
        if all(set(cell) & unreachable for cell in cells):
            remarks.warn(
                position,
                f"nobody {what}, because nobody gets {' or '.join(cells)}",
                "name grades that can be reached, or change their thresholds",
            )


def _check_total(model: Model, at: Position, state: str, threshold: int, remarks: Remarks) -> None:
    highest = highest_total(model)
    if threshold > highest:
        _unreachable(at, f"be {state}", threshold, highest, remarks)
    elif threshold <= model.total.floor:
        _reached_by_all(at, f"is {state}", model.total.floor, remarks)


def _unreachable(at: Position, what: str, threshold: int, highest: int, remarks: Remarks) -> None:
    remarks.warn(
        at,
        f"nobody can {what}: it takes {points(threshold)} points, and at most {points(highest)} can be had",
        "lower the threshold, or raise points or caps",
    )


def _reached_by_all(at: Position, what: str, lowest: int, remarks: Remarks) -> None:
    remarks.warn(
        at,
        f"everybody {what}, because nobody has fewer than {points(lowest)} points",
        "raise the threshold, or lower the floor",
    )


def _check_fit(model: Model, highest: int, remarks: Remarks) -> None:
    """A ready person is one who just qualifies, or has everything when nobody is qualified by total."""
    fit = model.fit
    if fit is None or len(model.dimensions) < 2:
        return
    ready = highest if model.qualified is None or model.qualified.total is None else model.qualified.total
    most = highest_of(fit, model.horizon_days)
    if most is not None and ready > 0 and most * 2 > ready:
        remarks.warn(
            fit.position,
            f"fit alone can give {points(most)} of the {points(ready)} points of a ready person, more than half",
            f"bound it by `cap` or `weight` so that it gives at most {points(ready // 2)}: interest is what people do",
        )


def points(amount: int) -> str:
    """Write milli-points as points."""
    return f"{amount / SCALE:.3f}".rstrip("0").rstrip(".")
