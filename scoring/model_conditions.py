"""Conditions as a small tree of typed nodes, for people (`when`, `scope`, `unless`) and for activities (`where`).

The operands are already checked against the attribute's type; folding and trimming of the frames' values is the engine's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring.vocabulary import AttributeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where something stands in the model file, counted from 1; never part of equality or of the version."""

    line: int
    column: int


NOWHERE: Final = Position(line=1, column=1)


class Operator(StrEnum):
    """What the format's operators come down to: equality and `in` are IN, `missing: true` is PRESENT false."""

    IN = "in"
    IN_LIST = "in_list"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    BETWEEN = "between"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    PRESENT = "present"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysBefore:
    """The date that lies so many days before the day (in a `where`: before the day the activities are taken on)."""

    days: int


#: str for text and list attributes, Decimal for numbers, date for dates, bool for booleans and for PRESENT.
Operand = str | Decimal | date | bool | DaysBefore


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One operator with its operands.

    IN and IN_LIST have any number of values (IN at least one), BETWEEN two (low, high, both included), the others one.
    Text operands are trimmed, but not folded; the pattern of MATCHES is as written. DaysBefore stands only with BEFORE
    (holds when the date is at or before it) and AFTER (holds when the date is later than it); BEFORE and AFTER with an
    absolute date are strict. GT GTE LT LTE BETWEEN and IN take dates as well as numbers.
    """

    operator: Operator
    values: tuple[Operand, ...] = field(metadata={"unordered_for": (Operator.IN, Operator.IN_LIST)})
    #: Name of the list of IN_LIST.
    list_name: str | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeTest:
    """All comparisons hold for the attribute; for a list attribute, for one and the same of its values (not PRESENT)."""

    #: The attribute that is looked at: `country` arrives here as `country_code`.
    attribute: str
    type: AttributeType
    comparisons: tuple[Comparison, ...] = field(metadata={"unordered": True})
    #: `case: true`: text is trimmed but not folded.
    case: bool = False
    #: The name in the file.
    written: str = field(default="", compare=False, repr=False)
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """False if a part is false, else unknown if a part is unknown."""

    parts: tuple[Condition, ...] = field(metadata={"unordered": True})
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """True if a part is true, else unknown if a part is unknown."""

    parts: tuple[Condition, ...] = field(metadata={"unordered": True})
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The negation of unknown is unknown."""

    part: Condition
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityMatch:
    """Which activities are meant: their kinds, and a condition on their own attributes, a root of its own."""

    kinds: tuple[str, ...] = field(metadata={"unordered": True})
    where: Condition | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """The `count` of the existing, not dropped activities that match, with age < within_days, is at least `at_least`.

    Always true or false. Never inside a `where`.
    """

    activities: ActivityMatch
    #: Absent: every existing activity.
    within_days: int | None = None
    at_least: int = 1
    position: Position = field(default=NOWHERE, compare=False, repr=False)


Condition = All | AnyOf | Not | AttributeTest | Happened


def nodes(condition: Condition) -> Iterator[Condition]:
    """Yield the condition and its parts, parents first, without those of a `where`."""
    yield condition
    if isinstance(condition, All | AnyOf):
        for part in condition.parts:
            yield from nodes(part)
    elif isinstance(condition, Not):
        yield from nodes(condition.part)
