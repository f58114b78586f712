"""What can be said about conditions without any people: whether one implies another, and whether one can hold at all.

Careful in one direction only: "no" may mean "not seen".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from scoring.model_conditions import All, AnyOf, AttributeTest, Condition, Operator, nodes
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from scoring.model_conditions import Comparison

_EQUAL: Final = (Operator.IN, Operator.IN_LIST)
_LOWER: Final = (Operator.GT, Operator.GTE)
_UPPER: Final = (Operator.LT, Operator.LTE)


def implies(narrow: Condition, wide: Condition) -> bool:
    """Whether `wide` surely holds wherever `narrow` does."""
    if narrow == wide:
        return True
    if isinstance(narrow, AnyOf):
        return all(implies(part, wide) for part in narrow.parts)
    if isinstance(wide, All):
        return all(implies(narrow, part) for part in wide.parts)
    if isinstance(wide, AnyOf) and any(implies(narrow, part) for part in wide.parts):
        return True
    if isinstance(narrow, All):
        return any(implies(part, wide) for part in narrow.parts)
    if isinstance(narrow, AttributeTest) and isinstance(wide, AttributeTest):
        return narrow.attribute == wide.attribute and _test_implies(narrow, wide)
    return False


def can_hold(condition: Condition) -> bool:
    """Whether somebody could satisfy the condition; False only when surely nobody can."""
    if isinstance(condition, AnyOf):
        return any(can_hold(part) for part in condition.parts)
    if isinstance(condition, All):
        tests = [part for part in condition.parts if isinstance(part, AttributeTest)]
        together = all(not _contradict(first, second) for first in tests for second in tests if first is not second)
        return together and all(can_hold(part) for part in condition.parts)
    if isinstance(condition, AttributeTest):
        wants = {each.values[0] for each in condition.comparisons if each.operator is Operator.PRESENT}
        needs_value = any(each.operator is not Operator.PRESENT for each in condition.comparisons)
        if wants == {True, False} or (False in wants and needs_value):
            return False
        band = band_of(condition)
        return band is None or not band.is_empty
    return True


def attribute_tests(condition: Condition) -> list[AttributeTest]:
    """The tests on attributes in a condition, without those of a `where`."""
    return [node for node in nodes(condition) if isinstance(node, AttributeTest)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The values of a number or date attribute between two ends; an absent end is open."""

    low: Decimal | date | None = None
    low_included: bool = True
    high: Decimal | date | None = None
    high_included: bool = True

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        if _above(self.low, self.high):
            return True
        return self.low == self.high and not (self.low_included and self.high_included)

    def holds(self, other: Band) -> bool:
        """Whether every value of the other band lies in this one."""
        if self.low is not None:
            if other.low is None or _above(self.low, other.low):
                return False
            if self.low == other.low and other.low_included and not self.low_included:
                return False
        if self.high is not None:
            if other.high is None or _above(other.high, self.high):
                return False
            if self.high == other.high and other.high_included and not self.high_included:
                return False
        return True


def band_of(test: AttributeTest) -> Band | None:
    """The band that a test on a number or date asks for; None when it is none."""
    if test.type not in (AttributeType.NUMBER, AttributeType.DATE):
        return None
    band = Band()
    for each in test.comparisons:
        narrowed = _narrowed(band, each)
        if narrowed is None:
            return None
        band = narrowed
    return band


def _narrowed(band: Band, comparison: Comparison) -> Band | None:
    values = [value for value in comparison.values if isinstance(value, Decimal) or type(value) is date]
    operator = comparison.operator
    if not values or len(values) < len(comparison.values):
        return None
    low = high = None
    if operator in _LOWER:
        low = values[0]
    elif operator in _UPPER:
        high = values[0]
    elif operator is Operator.BETWEEN:
        low, high = values
    elif operator in _EQUAL and len(values) == 1:
        low = high = values[0]
    else:
        return None
    new = Band(
        low=low,
        low_included=operator is not Operator.GT,
        high=high,
        high_included=operator is not Operator.LT,
    )
    from_new_low = low is not None and (
        band.low is None or not Band(low=low, low_included=new.low_included).holds(band)
    )
    from_new_high = high is not None and (
        band.high is None or not Band(high=high, high_included=new.high_included).holds(band)
    )
    return Band(
        low=low if from_new_low else band.low,
        low_included=new.low_included if from_new_low else band.low_included,
        high=high if from_new_high else band.high,
        high_included=new.high_included if from_new_high else band.high_included,
    )


def _above(first: Decimal | date, second: Decimal | date) -> bool:
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        return first > second
    return isinstance(first, date) and isinstance(second, date) and first > second


def _test_implies(narrow: AttributeTest, wide: AttributeTest) -> bool:
    only = wide.comparisons[0] if len(wide.comparisons) == 1 else None
    needs_value = any(each.operator is not Operator.PRESENT for each in narrow.comparisons)
    if only is not None and only.operator is Operator.PRESENT:
        return only.values[0] is True and needs_value
    narrow_band, wide_band = band_of(narrow), band_of(wide)
    if narrow_band is not None and wide_band is not None:
        return wide_band.holds(narrow_band)
    if only is None or only.operator not in _EQUAL or (wide.case and not narrow.case):
        return False
    accepted = {_folded(value, case=wide.case) for value in only.values}
    return any(
        each.operator in _EQUAL and {_folded(value, case=wide.case) for value in each.values} <= accepted
        for each in narrow.comparisons
    )


def _contradict(first: AttributeTest, second: AttributeTest) -> bool:
    if first.attribute != second.attribute or AttributeType.LIST in (first.type, second.type):
        return False
    joined = AttributeTest(
        attribute=first.attribute, type=first.type, comparisons=(*first.comparisons, *second.comparisons)
    )
    if not can_hold(joined):
        return True
    if len(first.comparisons) == len(second.comparisons) == 1:
        one, other = first.comparisons[0], second.comparisons[0]
        if one.operator in _EQUAL and other.operator in _EQUAL and one.values and other.values:
            mine = {_folded(value, case=False) for value in one.values}
            return mine.isdisjoint(_folded(value, case=False) for value in other.values)
    return False


def _folded(value: object, *, case: bool) -> object:
    return value.casefold() if isinstance(value, str) and not case else value
