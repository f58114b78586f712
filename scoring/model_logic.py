"""What can be said about conditions without any people: whether one implies another, and whether one can hold at all.

Careful in one direction only: "no" may mean "not seen".
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from scoring.model_bands import EQUAL, Band, band_of, narrowed
from scoring.model_conditions import All, AnyOf, AttributeTest, Condition, Not, Operator, nodes
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXTUAL: Final = {
    Operator.CONTAINS: str.__contains__,
    Operator.STARTS_WITH: str.startswith,
    Operator.ENDS_WITH: str.endswith,
}


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
    if isinstance(narrow, Not) and isinstance(wide, Not):
        # NOTE: only where what is refused is known whenever the other is: one attribute, and nothing about absence.
        return _asks_for_value(narrow.part) and _asks_for_value(wide.part) and implies(wide.part, narrow.part)
    if isinstance(narrow, AttributeTest) and isinstance(wide, AttributeTest):
        return narrow.attribute == wide.attribute and _test_implies(narrow, wide)
    return False


def can_hold(condition: Condition) -> bool:
    """Whether somebody could satisfy the condition; False only when surely nobody can."""
    if isinstance(condition, AnyOf):
        return any(can_hold(part) for part in condition.parts)
    if isinstance(condition, All):
        parts = list(_flat(condition))
        return all(map(can_hold, parts)) and not any(
            _contradict(first, second) for first in parts for second in parts if first is not second
        )
    return not isinstance(condition, AttributeTest) or _test_can_hold(condition)


def _flat(condition: Condition) -> Iterator[Condition]:
    """The parts that must all hold, those of an `all` inside included."""
    for part in condition.parts if isinstance(condition, All) else ():
        yield from _flat(part) if isinstance(part, All) else (part,)


def _test_can_hold(test: AttributeTest) -> bool:
    wants = {each.values[0] for each in test.comparisons if each.operator is Operator.PRESENT}
    needs_value = any(each.operator is not Operator.PRESENT for each in test.comparisons)
    if wants == {True, False} or (False in wants and needs_value):
        return False
    band = band_of(test)
    if band is not None and band.is_empty:
        return False
    accepted = next((each.values for each in test.comparisons if each.operator in EQUAL and each.values), None)
    return accepted is None or any(_value_can(value, test) for value in accepted)


def _value_can(value: object, test: AttributeTest) -> bool:
    """Whether a value that one comparison asks for is let through by the others."""
    for each in test.comparisons:
        wanted = each.values[0] if each.values else None
        if each.operator in EQUAL:
            if each.values and _folded(value, case=test.case) not in {
                _folded(other, case=test.case) for other in each.values
            }:
                return False
        elif each.operator in _TEXTUAL and isinstance(value, str) and isinstance(wanted, str):
            if not _TEXTUAL[each.operator](str(_folded(value, case=test.case)), str(_folded(wanted, case=test.case))):
                return False
        elif isinstance(value, Decimal) or type(value) is date:
            band = narrowed(Band(), each)
            if band is not None and not band.holds(Band(low=value, high=value)):
                return False
    return True


def _asks_for_value(condition: Condition) -> bool:
    return isinstance(condition, AttributeTest) and all(
        each.operator is not Operator.PRESENT for each in condition.comparisons
    )


def attribute_tests(condition: Condition) -> list[AttributeTest]:
    """The tests on attributes in a condition, without those of a `where`."""
    return [node for node in nodes(condition) if isinstance(node, AttributeTest)]


def _test_implies(narrow: AttributeTest, wide: AttributeTest) -> bool:
    only = wide.comparisons[0] if len(wide.comparisons) == 1 else None
    needs_value = any(each.operator is not Operator.PRESENT for each in narrow.comparisons)
    if only is not None and only.operator is Operator.PRESENT:
        return only.values[0] is True and needs_value
    narrow_band, wide_band = band_of(narrow), band_of(wide)
    if narrow_band is not None and wide_band is not None:
        return wide_band.holds(narrow_band)
    if only is None or only.operator not in EQUAL or (wide.case and not narrow.case):
        return False
    accepted = {_folded(value, case=wide.case) for value in only.values}
    return any(
        each.operator in EQUAL and {_folded(value, case=wide.case) for value in each.values} <= accepted
        for each in narrow.comparisons
    )


def _contradict(first: Condition, second: Condition) -> bool:
    if isinstance(second, Not):
        return implies(first, second.part)
    if isinstance(second, AnyOf):
        return all(_contradict(first, part) for part in second.parts)
    if not isinstance(first, AttributeTest) or not isinstance(second, AttributeTest):
        return False
    if first.attribute != second.attribute or AttributeType.LIST in (first.type, second.type):
        return False
    return not _test_can_hold(
        AttributeTest(
            attribute=first.attribute,
            type=first.type,
            comparisons=(*first.comparisons, *second.comparisons),
            case=first.case and second.case,
        )
    )


def _folded(value: object, *, case: bool) -> object:
    return value.casefold() if isinstance(value, str) and not case else value
