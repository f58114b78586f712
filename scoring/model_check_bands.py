"""Checks what the rules of a group, or rules side by side, say together: covered, overlapping, with holes, the same twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from scoring.model_bands import EQUAL, Band, band_covered, band_of
from scoring.model_conditions import AnyOf, AttributeTest, Operator
from scoring.model_dimensions import ActivityRule, AttributeDimension, AttributeRule
from scoring.model_logic import implies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoring.model_conditions import Condition
    from scoring.model_dimensions import Dimension, RuleGroup
    from scoring.model_findings import Remarks


def check_together(dimension: Dimension, remarks: Remarks) -> None:
    """Remark on rules of a dimension that take each other's place, or say the same twice."""
    if isinstance(dimension, AttributeDimension):
        for group in dimension.groups:
            covered = _check_covered(group, remarks)
            _check_overlaps([rule for rule in group.rules if rule not in covered], remarks)
            _check_holes(group, remarks)
        _check_beside(dimension.rules, remarks)
    else:
        _check_same(dimension.rules, remarks)


def _check_covered(group: RuleGroup, remarks: Remarks) -> list[AttributeRule]:
    covered = []
    for place, rule in enumerate(group.rules):
        above = _covering(rule.when, group.rules[:place])
        if above:
            covered.append(rule)
            names = " and ".join(repr(each.id) for each in above)
            hold = "holds" if len(above) == 1 else "hold"
            remarks.warn(
                rule.position,
                f"the rule {rule.id!r} never counts, because {names} above it in the group {hold} whenever it does",
                "put the narrower rule first",
            )
    return covered


def _covering(when: Condition, above: Sequence[AttributeRule]) -> list[AttributeRule]:
    """The rules above that together hold wherever the condition does; none when there is room."""
    found = [next((each for each in above if implies(piece, each.when)), None) for piece in _pieces(when)]
    covering = [each for each in found if each is not None]
    if len(covering) == len(found):
        return list({each.id: each for each in covering}.values())
    band, bands = _band(when), {rule.id: _band(rule.when) for rule in above}
    if not isinstance(when, AttributeTest) or band is None:
        return []
    beside = [rule for rule in above if bands[rule.id] is not None and _attribute(rule.when) == when.attribute]
    known = [each for rule in beside if (each := bands[rule.id]) is not None]
    return beside if band_covered(band, known) else []


def _pieces(when: Condition) -> Iterator[Condition]:
    """Conditions of which one holds wherever the whole does."""
    if isinstance(when, AnyOf):
        for part in when.parts:
            yield from _pieces(part)
    elif isinstance(when, AttributeTest) and len(when.comparisons) == 1 and when.comparisons[0].operator in EQUAL:
        only = when.comparisons[0]
        values = only.values or (None,)
        for value in values:
            one = replace(only, operator=Operator.IN, values=() if value is None else (value,), list_name=None)
            yield replace(when, comparisons=(one,)) if value is not None else when
    else:
        yield when


def _check_overlaps(rules: Sequence[AttributeRule], remarks: Remarks) -> None:
    """Bands may narrow down from rule to rule; where they only touch each other's values, somebody miscounted."""
    for place, rule in enumerate(rules):
        mine = _band(rule.when)
        for earlier in rules[:place]:
            other = _band(earlier.when)
            if mine is None or other is None or _attribute(rule.when) != _attribute(earlier.when):
                continue
            if not mine.holds(other) and not other.holds(mine) and (shared := mine.shared_with(other)) is not None:
                remarks.warn(
                    rule.position,
                    f"the bands of {earlier.id!r} and {rule.id!r} overlap {shared.words()}, where {earlier.id!r} counts",
                    "let one band begin where the other ends, for instance with `gte` after `lt`",
                )


def _check_holes(group: RuleGroup, remarks: Remarks) -> None:
    """Bands on one attribute should leave no whole number between them."""
    bands: list[Band] = []
    for rule in group.rules:
        band = _band(rule.when)
        if _attribute(rule.when) != _attribute(group.rules[0].when):
            return
        if band is None and not _asks_for_absence(rule.when):
            return
        if band is not None:
            bands.append(band)
    bands.sort(key=lambda band: (band.low is not None, band.low if isinstance(band.low, Decimal) else Decimal(0)))
    reached: Band | None = None
    for band in bands:
        if reached is not None and reached.ages == band.ages:
            hole = _whole_number_between(reached, band)
            if hole is not None:
                what = f"{hole:,} days ago" if band.ages else f"{hole:,}"
                remarks.warn(
                    group.position,
                    f"no rule of the group {group.name!r} holds for {what}, though some do below and above it",
                    "let one band begin where the other ends, for instance with `gte` after `lt`",
                )
                return
        if reached is None or _ends_later(band, reached):
            reached = band


def _check_beside(rules: Sequence[AttributeRule], remarks: Remarks) -> None:
    """Rules outside groups all count: say so where it may surprise."""
    for place, rule in enumerate(rules):
        for earlier in rules[:place]:
            if rule.when == earlier.when:
                _same(rule, earlier, remarks)
                break
            mine, other = _band(rule.when), _band(earlier.when)
            if mine is None or other is None or _attribute(rule.when) != _attribute(earlier.when):
                continue
            shared = mine.shared_with(other)
            if shared is not None:
                remarks.note(
                    rule.position,
                    f"{earlier.id!r} and {rule.id!r} both count {shared.words()}",
                    "put them into a group, where the first one that holds counts, unless the points are meant to add up",
                )
                break


def _check_same(rules: Sequence[ActivityRule], remarks: Remarks) -> None:
    seen: dict[object, ActivityRule] = {}
    for rule in rules:
        earlier = seen.setdefault(rule.activities, rule)
        if earlier is not rule:
            _same(rule, earlier, remarks)


def _same(rule: AttributeRule | ActivityRule, earlier: AttributeRule | ActivityRule, remarks: Remarks) -> None:
    remarks.note(
        rule.position,
        f"{earlier.id!r} and {rule.id!r} look for the same, and both count",
        "make one rule of them, or change what one looks for",
    )


def _band(when: Condition) -> Band | None:
    return band_of(when) if isinstance(when, AttributeTest) else None


def _attribute(when: Condition) -> str | None:
    return when.attribute if isinstance(when, AttributeTest) else None


def _asks_for_absence(when: Condition) -> bool:
    return isinstance(when, AttributeTest) and all(
        each.operator is Operator.PRESENT and each.values[0] is False for each in when.comparisons
    )


def _ends_later(band: Band, reached: Band) -> bool:
    if not isinstance(reached.high, Decimal):
        return False
    return not isinstance(band.high, Decimal) or band.high >= reached.high


def _whole_number_between(below: Band, above: Band) -> int | None:
    if not isinstance(below.high, Decimal) or not isinstance(above.low, Decimal):
        return None
    candidate = int(below.high.to_integral_value(rounding="ROUND_FLOOR"))
    if below.high_included or candidate < below.high:
        candidate += 1
    if candidate < above.low or (candidate == above.low and not above.low_included):
        return candidate
    return None
