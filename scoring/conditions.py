"""Conditions as expressions over attribute values: true, false, or null for unknown (Polars' and/or/not are Kleene's)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Final, cast

import polars as pl

from scoring.attribute_values import Attribute, folded_value, value
from scoring.model_conditions import (
    All,
    AnyOf,
    AttributeTest,
    Comparison,
    Condition,
    DaysBefore,
    Happened,
    Not,
    Operator,
    nodes,
)
from scoring.texts import operand
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from collections.abc import Mapping

_INT64: Final = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a condition sees: columns of attribute values with their types, the day, and what happened by column."""

    schema: Mapping[str, pl.DataType]
    day: date
    happened: Mapping[Happened, str] = field(default_factory=dict)


def holds(condition: Condition, sight: Sight) -> pl.Expr:
    """The condition at its root: unknown has become false."""
    return truth(condition, sight).fill_null(value=False)


def truth(condition: Condition, sight: Sight) -> pl.Expr:
    """True, false or null for unknown."""
    match condition:
        case All():
            return pl.all_horizontal([truth(part, sight) for part in condition.parts])
        case AnyOf():
            return pl.any_horizontal([truth(part, sight) for part in condition.parts])
        case Not():
            return ~truth(condition.part, sight)
        case Happened():
            return pl.col(sight.happened[condition])
        case AttributeTest():
            return _attribute_test(condition, sight)


def attributes_of(condition: Condition) -> frozenset[Attribute]:
    """The attributes that the condition looks at."""
    return frozenset(
        Attribute(node.attribute, node.type) for node in nodes(condition) if isinstance(node, AttributeTest)
    )


def happenings_of(condition: Condition) -> frozenset[Happened]:
    """What the condition asks of the activities."""
    return frozenset(node for node in nodes(condition) if isinstance(node, Happened))


def _attribute_test(test: AttributeTest, sight: Sight) -> pl.Expr:
    presence = [each for each in test.comparisons if each.operator is Operator.PRESENT]
    others = [each for each in test.comparisons if each.operator is not Operator.PRESENT]
    cell = pl.col(value(test.attribute))
    parts = [cell.is_not_null() if each.values[0] else cell.is_null() for each in presence]
    if others and test.type is AttributeType.LIST:
        whole, folded = pl.element().struct.field("trimmed"), pl.element().struct.field("folded")
        one_value = reduce(and_, (_text(each, whole, folded, case=test.case) for each in others))
        parts.append(cell.list.eval(one_value).list.any())
    elif others:
        parts.extend(_comparison(each, test, sight) for each in others)
    return parts[0] if len(parts) == 1 else pl.all_horizontal(parts)


def _comparison(comparison: Comparison, test: AttributeTest, sight: Sight) -> pl.Expr:
    cell = pl.col(value(test.attribute))
    match test.type:
        case AttributeType.TEXT:
            return _text(
                comparison, cell, pl.col(folded_value(test.attribute)), case=test.case, attribute=test.attribute
            )
        case AttributeType.NUMBER:
            return _number(comparison, cell, sight.schema[value(test.attribute)])
        case AttributeType.DATE:
            return _date(comparison, cell, sight.day)
        case _:
            return cell.is_in(list(cast("tuple[bool, ...]", comparison.values)))


def _text(comparison: Comparison, whole: pl.Expr, folded: pl.Expr, *, case: bool, attribute: str = "") -> pl.Expr:
    if comparison.operator is Operator.MATCHES:
        pattern = str(comparison.values[0])
        return whole.str.contains(pattern if case else "(?i)" + pattern)
    cell = whole if case else folded
    operands = [operand(str(each), case=case) for each in comparison.values]
    if attribute == "email" and case:
        operands = [each.lower() for each in operands]
    match comparison.operator:
        case Operator.CONTAINS:
            return cell.str.contains(operands[0], literal=True)
        case Operator.STARTS_WITH:
            return cell.str.starts_with(operands[0])
        case Operator.ENDS_WITH:
            return cell.str.ends_with(operands[0])
        case _:
            return _one_of(cell, operands)


def _one_of(cell: pl.Expr, operands: list[str]) -> pl.Expr:
    if len(operands) == 1:
        return cell == operands[0]
    return cell.is_in(pl.Series(operands, dtype=pl.String).implode())


def _number(comparison: Comparison, cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    operands = [cast("Decimal", each) for each in comparison.values]
    if comparison.operator is Operator.BETWEEN:
        return _bound(Operator.GTE, cell, operands[0], dtype) & _bound(Operator.LTE, cell, operands[1], dtype)
    if comparison.operator is Operator.IN:
        return pl.any_horizontal([_bound(Operator.IN, cell, each, dtype) for each in operands])
    return _bound(comparison.operator, cell, operands[0], dtype)


def _bound(operator: Operator, cell: pl.Expr, limit: Decimal, dtype: pl.DataType) -> pl.Expr:
    """Compare with one number; whole cells are compared with whole bounds, so that nothing is lost in a float."""
    if dtype.is_integer():
        rounding = ROUND_FLOOR if operator in (Operator.GT, Operator.LTE) else ROUND_CEILING
        whole = int(limit.to_integral_value(rounding=rounding))
        if whole not in _INT64 or (operator is Operator.IN and whole != limit):
            low = operator in (Operator.GT, Operator.GTE) and whole < 0
            high = operator in (Operator.LT, Operator.LTE) and whole > 0
            return pl.when(cell.is_not_null()).then(pl.lit(low or high))
        other = pl.lit(whole, dtype=pl.Int64)
    elif dtype.is_decimal():
        other = pl.lit(limit)
    else:
        other = pl.lit(float(limit), dtype=pl.Float64)
    match operator:
        case Operator.GT:
            return cell > other
        case Operator.GTE:
            return cell >= other
        case Operator.LT:
            return cell < other
        case Operator.LTE:
            return cell <= other
        case _:
            return cell == other


def _date(comparison: Comparison, cell: pl.Expr, day: date) -> pl.Expr:
    first = comparison.values[0]
    match comparison.operator:
        case Operator.BEFORE if isinstance(first, DaysBefore):
            return cell <= _days_before(day, first.days)
        case Operator.AFTER if isinstance(first, DaysBefore):
            return cell > _days_before(day, first.days)
        case Operator.BEFORE | Operator.LT:
            return cell < pl.lit(first)
        case Operator.AFTER | Operator.GT:
            return cell > pl.lit(first)
        case Operator.GTE:
            return cell >= pl.lit(first)
        case Operator.LTE:
            return cell <= pl.lit(first)
        case Operator.BETWEEN:
            return (cell >= pl.lit(first)) & (cell <= pl.lit(comparison.values[1]))
        case _:
            return pl.any_horizontal([cell == pl.lit(each) for each in comparison.values])


def _days_before(day: date, days: int) -> pl.Expr:
    return pl.lit(day if days == 0 else max(date.min, day - timedelta(days=min(days, day.toordinal() - 1))))
