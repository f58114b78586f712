"""Exact arithmetic in milli-points: rounding half away from zero, decay tables, values of cells in thousandths."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Final

import polars as pl

from scoring.model_dimensions import Decay, DecayKind
from scoring.vocabulary import SCALE

#: Powers of the root of one half are irrational or short: with so many digits no rounding can be doubtful.
_PRECISION: Final = 60
#: The factor that inactivity by percent leaves has six decimals.
FACTOR_SCALE: Final = 1_000_000
#: How near a float's fraction may come to one half before its decimal notation decides the rounding.
_DOUBT: Final = 1e-6


def divided(product: pl.Expr, by: int) -> pl.Expr:
    """Divide integers, rounded half away from zero."""
    return product.sign() * ((product.abs() * 2 + by) // (2 * by))


def rounded(value: Fraction) -> int:
    """Round half away from zero."""
    doubled, unit = 2 * abs(value.numerator), value.denominator
    whole = (doubled + unit) // (2 * unit)
    return whole if value >= 0 else -whole


def decay_table(points: int, decay: Decay, size: int) -> pl.Series:
    """Milli-points that remain of `points` at each age from 0 to `size` - 1."""
    return pl.Series("amount", [_decayed(points, decay, age) for age in range(size)], dtype=pl.Int64)


def remaining_factor(percent: int, times: int) -> int:
    """((100 - percent) / 100) ^ times in millionths; `percent` in thousandths of a percent."""
    with localcontext(Context(prec=_PRECISION)):
        factor = ((Decimal(100 * SCALE) - percent) / (100 * SCALE)) ** times * FACTOR_SCALE
        return int(factor.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def scaled(values: pl.Series, factor: int) -> pl.Series:
    """Read numbers as integers in units of 1/`factor`, rounded half away from zero, by their decimal notation."""
    if values.null_count() == len(values):
        return pl.Series(values.name, [None], dtype=pl.Int64).new_from_index(0, len(values))
    if values.dtype.is_integer():
        return values.cast(pl.Int64) * factor
    if values.dtype.is_float():
        values = values.cast(pl.Float64).fill_nan(None)
        scaled_up = (values * factor).rename("x")
        fraction = scaled_up.abs() - scaled_up.abs().floor()
        if not ((fraction - 0.5).abs() < _DOUBT).any():
            return scaled_up.round(0, mode="half_away_from_zero").cast(pl.Int64)
    distinct = values.drop_nulls().unique()
    exact = [int((Decimal(str(v)) * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP)) for v in distinct.to_list()]
    return values.replace_strict(distinct, pl.Series(exact, dtype=pl.Int64), default=None, return_dtype=pl.Int64)


def _decayed(points: int, decay: Decay, age: int) -> int:
    if decay.kind is DecayKind.NONE:
        return points
    if decay.kind is DecayKind.EXPIRY:
        return points if age < decay.days else 0
    if decay.kind is DecayKind.LINEAR:
        return rounded(Fraction(points * max(0, decay.days - age), decay.days))
    halvings, rest = divmod(age, decay.days)
    if rest == 0:
        return rounded(Fraction(points, 2**halvings))
    with localcontext(Context(prec=_PRECISION)):
        exact = points * _root_of_half(decay.days, rest) / (1 << halvings)
        return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@lru_cache(maxsize=4096)
def _root_of_half(days: int, power: int) -> Decimal:
    with localcontext(Context(prec=_PRECISION)):
        return Decimal("0.5") ** (Decimal(power) / days)
