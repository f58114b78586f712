"""Local dates of instants in the model's time zone, without converting every instant through the zone's rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from scoring.errors import FrameError

DAY_US: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1)
_EPOCH_INSTANT: Final = datetime(1970, 1, 1, tzinfo=UTC)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def local_date(cell: pl.Expr, dtype: pl.DataType, time_zone: str) -> pl.Expr:
    """Local date of a Date or Datetime column; an instant without zone is in UTC."""
    if dtype == pl.Date:
        return cell
    return _instants(cell, dtype).dt.convert_time_zone(time_zone).dt.date()


def instant_us(cell: pl.Expr, dtype: pl.DataType, time_zone: str) -> pl.Expr:
    """Microseconds since 1970 of a Date or Datetime column; a date alone is noon of that date."""
    if dtype == pl.Date:
        noon = cell.cast(pl.Datetime("us")) + timedelta(hours=12)
        return noon.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null").dt.epoch("us")
    return _instants(cell, dtype).dt.epoch("us")


def local_day_number(at_us: pl.Expr, *, time_zone: str, first: int, last: int) -> pl.Expr:
    """Day number of the local date of instants; right for days from `first` to `last`, outside them on the right side."""
    shifted = at_us
    steps = offset_steps(time_zone, first, last)
    if steps != ((None, 0),):
        offset = pl.lit(steps[0][1], dtype=pl.Int64)
        for start, value in steps[1:]:
            offset = pl.when(at_us >= start).then(pl.lit(value, dtype=pl.Int64)).otherwise(offset)
        shifted = at_us + offset
    return (shifted // DAY_US).cast(pl.Int32)


@lru_cache(maxsize=64)
def offset_steps(time_zone: str, first: int, last: int) -> tuple[tuple[int | None, int], ...]:
    """Offsets from UTC in microseconds, each with the instant from which it holds, for the days from first to last."""
    zone = ZoneInfo(time_zone)
    instants = [_EPOCH_INSTANT + timedelta(days=number) for number in range(first - 2, last + 4)]
    steps: list[tuple[int | None, int]] = [(None, _offset(zone, instants[0]))]
    for before, after in pairwise(instants):
        if _offset(zone, before) != _offset(zone, after):
            change = _change(zone, before, after)
            steps.append((_us(change), _offset(zone, change)))
    return tuple(steps)


def _instants(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if not isinstance(dtype, pl.Datetime):
        raise FrameError(f"instants must be Date or Datetime, not {dtype}")
    return cell.dt.replace_time_zone("UTC") if dtype.time_zone is None else cell


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Find the second at which the offset changes."""
    old = _offset(zone, before)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, before + timedelta(seconds=middle)) == old else (low, middle)
    return before + timedelta(seconds=high)


def _offset(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)


def _us(instant: datetime) -> int:
    return (instant - _EPOCH_INSTANT) // timedelta(microseconds=1)
