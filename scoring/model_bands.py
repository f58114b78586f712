"""The values of a number or date attribute that a condition lets through, where they lie between two ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from scoring.model_conditions import DaysBefore, Operator
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.model_conditions import AttributeTest, Comparison

#: What equality comes down to.
EQUAL: Final = (Operator.IN, Operator.IN_LIST)
_LOWER: Final = (Operator.GT, Operator.GTE)
_UPPER: Final = (Operator.LT, Operator.LTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The values of a number or date attribute between two ends; an absent end is open."""

    low: Decimal | date | None = None
    low_included: bool = True
    high: Decimal | date | None = None
    high_included: bool = True
    #: The ends are ages in days, of dates that are held against the day.
    ages: bool = False

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        if _above(self.low, self.high):
            return True
        return self.low == self.high and not (self.low_included and self.high_included)

    def holds(self, other: Band) -> bool:
        """Whether every value of the other band lies in this one."""
        if self.ages != other.ages:
            return False
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

    def shared_with(self, other: Band) -> Band | None:
        """The values that lie in both; None when there are none."""
        if self.ages != other.ages:
            return None
        low = other if self.low is None or (other.low is not None and _begins_later(other, self)) else self
        high = other if self.high is None or (other.high is not None and _ends_earlier(other, self)) else self
        shared = Band(
            low=low.low,
            low_included=low.low_included,
            high=high.high,
            high_included=high.high_included,
            ages=self.ages,
        )
        return None if shared.is_empty else shared

    def words(self) -> str:
        """The band in a sentence: `from 10 to 20`."""
        if self.low is not None and self.low == self.high:
            return f"at {_end(self.low)}{self._unit}"
        begins = "" if self.low is None else f"{'from' if self.low_included else 'above'} {_end(self.low)}"
        ends = "" if self.high is None else f"{'to' if self.high_included else 'below'} {_end(self.high)}"
        return (" ".join(each for each in (begins, ends) if each) or "everywhere") + self._unit

    @property
    def _unit(self) -> str:
        return " days ago" if self.ages else ""


def band_of(test: AttributeTest) -> Band | None:
    """The band that a test on a number or date asks for; None when it is none."""
    if test.type not in (AttributeType.NUMBER, AttributeType.DATE):
        return None
    band = Band()
    for each in test.comparisons:
        smaller = narrowed(band, each)
        if smaller is None or (band != Band() and smaller.ages != band.ages):
            return None
        band = smaller
    return band


def band_covered(narrow: Band, by: Sequence[Band]) -> bool:
    """Whether every value of a band lies in one of the others."""
    rest = narrow
    while True:
        nearest = next((each for each in by if _holds_low_end(each, rest)), None)
        if nearest is None:
            return False
        if nearest.high is None or nearest.holds(rest):
            return True
        rest = replace(rest, low=nearest.high, low_included=not nearest.high_included)
        if rest.is_empty:
            return True


def _holds_low_end(band: Band, rest: Band) -> bool:
    if band.ages != rest.ages:
        return False
    if rest.low is None:
        return band.low is None
    if band.low is not None and (
        _above(band.low, rest.low) or (band.low == rest.low and rest.low_included and not band.low_included)
    ):
        return False
    if band.high is None or _above(band.high, rest.low):
        return True
    return band.high == rest.low and band.high_included and rest.low_included


def narrowed(band: Band, comparison: Comparison) -> Band | None:
    """The values of a band that a comparison lets through; None when they are no band."""
    new = _band_of_comparison(comparison)
    if new is None:
        return None
    low_is_new = new.low is not None and (
        band.low is None or not Band(low=new.low, low_included=new.low_included).holds(replace(band, ages=False))
    )
    high_is_new = new.high is not None and (
        band.high is None or not Band(high=new.high, high_included=new.high_included).holds(replace(band, ages=False))
    )
    low, high = new if low_is_new else band, new if high_is_new else band
    return Band(
        low=low.low,
        low_included=low.low_included,
        high=high.high,
        high_included=high.high_included,
        ages=new.ages,
    )


def _band_of_comparison(comparison: Comparison) -> Band | None:
    operator, values = comparison.operator, comparison.values
    first = values[0] if values else None
    if isinstance(first, DaysBefore):
        age = Decimal(first.days)
        if operator is Operator.BEFORE:
            return Band(low=age, ages=True)
        return Band(high=age, high_included=False, ages=True)
    ends = [value for value in values if isinstance(value, Decimal) or type(value) is date]
    if not ends or len(ends) < len(values):
        return None
    if operator in _LOWER or operator is Operator.AFTER:
        return Band(low=ends[0], low_included=operator is Operator.GTE)
    if operator in _UPPER or operator is Operator.BEFORE:
        return Band(high=ends[0], high_included=operator is Operator.LTE)
    if operator is Operator.BETWEEN:
        return Band(low=ends[0], high=ends[1])
    return Band(low=ends[0], high=ends[0]) if operator in EQUAL and len(ends) == 1 else None


def _above(first: Decimal | date, second: Decimal | date) -> bool:
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        return first > second
    return isinstance(first, date) and isinstance(second, date) and first > second


def _begins_later(band: Band, than: Band) -> bool:
    if band.low is None or than.low is None:
        return band.low is not None
    return _above(band.low, than.low) or (band.low == than.low and not band.low_included)


def _ends_earlier(band: Band, than: Band) -> bool:
    if band.high is None or than.high is None:
        return band.high is not None
    return _above(than.high, band.high) or (band.high == than.high and not band.high_included)


def _end(end: Decimal | date) -> str:
    return f"{end:,f}" if isinstance(end, Decimal) else end.isoformat()
