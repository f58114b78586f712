"""Sort activities into classes: activities of one class are matched by the same rules and conditions.

Texts are looked at once per distinct asset or value, never per activity; a row only carries the number of its class.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.attribute_values import activity_attribute, activity_values
from scoring.conditions import Sight, attributes_of, holds
from scoring.frames import ASSET_ATTRIBUTES
from scoring.model_conditions import All, DaysBefore, nodes
from scoring.patterns import patterns_of
from scoring.vocabulary import ACTIVITY_ATTRIBUTES, ACTIVITY_KINDS, AttributeType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from scoring.model_conditions import ActivityMatch, Condition

#: Column of the number of the class.
CLASS: Final = "class"
#: Up to so many possible codes are looked up in a table, more are joined.
_TABLE_SIZE: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Classes:
    """For each activity match whether it holds, by the number of the class."""

    matching: dict[ActivityMatch, tuple[bool, ...]]
    inbound: tuple[bool, ...]

    def mattering(self) -> list[bool]:
        """Whether anything looks at activities of the class."""
        return [any(each) for each in zip(self.inbound, *self.matching.values(), strict=True)]


@dataclass(frozen=True, slots=True)
class _Axis:
    """One way to tell activities apart: a code per row, and for each code which parts of conditions hold."""

    codes: pl.Series
    parts: dict[Condition, tuple[bool, ...]]
    size: int


def where_attributes(matches: Iterable[ActivityMatch]) -> set[str]:
    """Names of the activity attributes that the matches look at."""
    return {each.name for match in matches if match.where is not None for each in attributes_of(match.where)}


def depends_on_day(matches: Iterable[ActivityMatch]) -> bool:
    """Whether a match compares with days before the day, so that the classes of two days differ."""
    return any(
        isinstance(operand, DaysBefore)
        for match in matches
        if match.where is not None
        for node in nodes(match.where)
        for comparison in getattr(node, "comparisons", ())
        for operand in comparison.values
    )


def classify(
    rows: pl.DataFrame,
    matches: Sequence[ActivityMatch],
    assets: pl.DataFrame | None,
    *,
    day: date,
    inbound: frozenset[str],
) -> tuple[pl.Series, Classes]:
    """Number the classes of rows with `kind` (number), `on` (local date, if one looks at it) and attributes of activities."""
    axes = [_kinds(rows), *_axes(rows, _parts(matches), assets, day)]
    size = prod(axis.size for axis in axes)
    numbers, found = _numbers(axes, size)
    return numbers, _classes(found, axes, matches, inbound)


def _numbers(axes: Sequence[_Axis], size: int) -> tuple[pl.Series, list[int]]:
    """The class of each row, and the combined code of each class, in the order of the classes."""
    small = size <= _TABLE_SIZE
    dtype = pl.UInt32 if small else pl.UInt64
    code, unit = pl.lit(0, dtype=dtype), 1
    for number, axis in enumerate(axes):
        code, unit = code + pl.col(str(number)).cast(dtype) * unit, unit * axis.size
    codes = pl.DataFrame([axis.codes.alias(str(n)) for n, axis in enumerate(axes)]).select(code.alias("code"))["code"]
    if small:
        occurs = (
            pl.Series([False]).new_from_index(0, size).scatter(codes, pl.Series([True]).new_from_index(0, len(codes)))
        )
        table = (occurs.cum_sum() - 1).cast(pl.UInt32)
        return table.gather(codes).rename(CLASS), occurs.arg_true().to_list()
    found = codes.unique().sort()
    known = pl.DataFrame({"code": found}).with_row_index(CLASS)
    joined = pl.DataFrame({"code": codes}).join(known, on="code", how="left", maintain_order="left")
    return joined[CLASS], found.to_list()


def _classes(codes: list[int], axes: list[_Axis], matches: Sequence[ActivityMatch], inbound: frozenset[str]) -> Classes:
    places: list[list[int]] = []
    for code in codes:
        place = []
        for axis in axes:
            code, digit = divmod(code, axis.size)
            place.append(digit)
        places.append(place)
    kinds = [ACTIVITY_KINDS[place[0]] for place in places]
    home = {part: (number, axis) for number, axis in enumerate(axes) for part in axis.parts}
    matching = {}
    for match in matches:
        parts = [home[part] + (part,) for part in _conjunction(match.where)]
        wanted = frozenset(match.kinds)
        matching[match] = tuple(
            kind in wanted and all(axis.parts[part][place[number]] for number, axis, part in parts)
            for kind, place in zip(kinds, places, strict=True)
        )
    return Classes(matching, tuple(kind in inbound for kind in kinds))


def _kinds(rows: pl.DataFrame) -> _Axis:
    return _Axis(rows["kind"], {}, len(ACTIVITY_KINDS))


def _parts(matches: Iterable[ActivityMatch]) -> list[Condition]:
    return list(dict.fromkeys(part for match in matches for part in _conjunction(match.where)))


def _conjunction(where: Condition | None) -> list[Condition]:
    """Split at the root: a conjunction is true exactly where each part is."""
    if where is None:
        return []
    if isinstance(where, All):
        return [part for each in where.parts for part in _conjunction(each)]
    return [where]


def _axes(rows: pl.DataFrame, parts: list[Condition], assets: pl.DataFrame | None, day: date) -> list[_Axis]:
    by_source: dict[str | None, list[Condition]] = {}
    for part in parts:
        sources = {_source(each.name, assets) for each in attributes_of(part)}
        by_source.setdefault(sources.pop() if len(sources) == 1 else None, []).append(part)
    axes = []
    for source, conditions in by_source.items():
        if source is None:
            axes.extend(_row_axes(rows, conditions, assets, day))
        else:
            axes.append(_source_axis(rows, source, conditions, assets, day))
    return axes


def _source(attribute: str, assets: pl.DataFrame | None) -> str | None:
    """The column whose distinct values decide: of the asset, of the text itself, or None for the row."""
    if assets is not None and attribute in ASSET_ATTRIBUTES and attribute in assets.columns:
        return "asset_no"
    return attribute if ACTIVITY_ATTRIBUTES[attribute] is AttributeType.TEXT else None


def _source_axis(
    rows: pl.DataFrame, source: str, conditions: list[Condition], assets: pl.DataFrame | None, day: date
) -> _Axis:
    keys = rows[source] if source in rows.columns else pl.Series(source, [None] * rows.height, dtype=pl.String)
    if source == "asset_no" and assets is not None:
        known = assets.with_columns(pl.col(source).cast(keys.dtype))
        if rows.height < known.height:
            known = known.filter(pl.col(source).is_in(keys.unique().implode()))
    else:
        known = keys.drop_nulls().unique().to_frame()
    nothing = pl.DataFrame({source: [None]}, schema={source: keys.dtype})
    known = pl.concat([nothing, known], how="diagonal")
    truths = _truths(known, conditions, day)
    patterns, numbers = patterns_of(truths)
    codes = _look_up(keys, known[source], numbers)
    held = {part: tuple(pattern[place] for pattern in patterns) for place, part in enumerate(conditions)}
    return _Axis(codes, held, len(patterns))


def _look_up(keys: pl.Series, known: pl.Series, numbers: pl.Series) -> pl.Series:
    """Number of each key; the first of the known ones stands for no asset, and for one that is not known."""
    nothing = int(numbers[0])
    lowest, highest = known.min(), known.max()
    if (
        keys.dtype.is_integer()
        and isinstance(lowest, int)
        and isinstance(highest, int)
        and lowest >= 0
        and highest < _TABLE_SIZE
    ):
        table = pl.Series([nothing], dtype=numbers.dtype).new_from_index(0, highest + 2)
        table = table.scatter(known.slice(1).cast(pl.UInt32), numbers.slice(1))
        if keys.is_between(0, highest).all():
            return table.gather(keys.fill_null(highest + 1))
    pairs = pl.DataFrame({"key": known, "number": numbers}).drop_nulls("key")
    joined = pl.DataFrame({"key": keys}).join(pairs, on="key", how="left", maintain_order="left")
    return joined["number"].fill_null(nothing)


def _row_axes(rows: pl.DataFrame, conditions: list[Condition], assets: pl.DataFrame | None, day: date) -> list[_Axis]:
    """Parts about numbers, dates and mixtures are looked at row by row."""
    full = rows.with_columns(at=pl.col("on")) if "on" in rows.columns else rows
    if assets is not None and any(
        _source(each.name, assets) == "asset_no" for c in conditions for each in attributes_of(c)
    ):
        known = assets.with_columns(pl.col("asset_no").cast(rows.schema["asset_no"]))
        own = [name for name in rows.columns if name in known.columns and name != "asset_no"]
        full = full.drop(own).join(known, on="asset_no", how="left", maintain_order="left")
    truths = _truths(full, conditions, day)
    return [
        _Axis(truths[str(number)].cast(pl.UInt8), {part: (False, True)}, 2) for number, part in enumerate(conditions)
    ]


def _truths(rows: pl.DataFrame, conditions: list[Condition], day: date) -> pl.DataFrame:
    names = sorted({each.name for condition in conditions for each in attributes_of(condition)})
    values = activity_values(rows, [activity_attribute(name) for name in names], time_zone="UTC")
    sight = Sight(values.schema, day)
    return values.select(holds(condition, sight).alias(str(number)) for number, condition in enumerate(conditions))
