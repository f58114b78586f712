"""The values that conditions look at: typed, trimmed, absent when blank, declared before enriched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.errors import FrameError
from scoring.local_days import local_date
from scoring.texts import folded, stripped, trimmed, with_folded
from scoring.vocabulary import (
    ACTIVITY_ATTRIBUTES,
    CANONICAL_ATTRIBUTES,
    DERIVED_ATTRIBUTES,
    ENRICHED_PREFIX,
    AttributeType,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

#: Values of derived attributes that say nothing: an enriched value takes their place.
_UNINFORMATIVE: Final = ("unknown", "missing")
#: Gives a frame of values its height, also when no attribute is needed.
_ROW: Final = pl.int_range(pl.len()).alias("row")
_EMPTY: Final[dict[AttributeType, pl.DataType]] = {
    AttributeType.TEXT: pl.String(),
    AttributeType.NUMBER: pl.Float64(),
    AttributeType.DATE: pl.Date(),
    AttributeType.BOOLEAN: pl.Boolean(),
    AttributeType.LIST: pl.List(pl.Struct({"trimmed": pl.String, "folded": pl.String})),
}


@dataclass(frozen=True, slots=True, order=True)
class Attribute:
    """An attribute that some condition needs."""

    name: str
    type: AttributeType


def declared(name: str) -> str:
    """Column of the declared value (texts trimmed, dates local, blank absent)."""
    return f"declared.{name}"


def enriched(name: str) -> str:
    """Column of the enriched value; stands only where the input has one."""
    return f"enriched.{name}"


def value(name: str) -> str:
    """Column of the effective value."""
    return f"value.{name}"


def folded_value(name: str) -> str:
    """Column of the effective text, trimmed and folded."""
    return f"folded.{name}"


def from_enrichment(name: str) -> str:
    """Column that tells whether the effective value came from enrichment; stands only where it may have."""
    return f"enriching.{name}"


def enrichable(name: str, columns: Iterable[str]) -> bool:
    """Whether the input has a column of enriched values for the attribute."""
    column = ENRICHED_PREFIX + name
    return column in columns and column not in CANONICAL_ATTRIBUTES


@dataclass(frozen=True, slots=True)
class Reading:
    """How the values of attributes are read off people with certain columns: expressions, pass by pass."""

    raw: tuple[pl.Expr, ...]
    without_blanks: tuple[pl.Expr, ...]
    lists: tuple[str, ...]
    effective: tuple[pl.Expr, ...]


def reading(schema: Mapping[str, pl.DataType], attributes: Sequence[Attribute], *, time_zone: str) -> Reading:
    """Plan declared, enriched and effective columns of the attributes.

    Raises:
        FrameError: a column has a type that does not suit its attribute.
    """
    raw: dict[str, pl.Expr] = {}
    types: dict[str, AttributeType] = {}
    for each in attributes:
        raw[declared(each.name)] = _read(schema, each.name, each, time_zone)
        types[declared(each.name)] = each.type
        if enrichable(each.name, schema):
            raw[enriched(each.name)] = _read(schema, ENRICHED_PREFIX + each.name, each, time_zone)
            types[enriched(each.name)] = each.type
    effective: dict[str, pl.Expr] = {}
    for each in attributes:
        effective |= _effective(each, raw)
    return Reading(
        raw=tuple(cell.alias(name) for name, cell in raw.items()),
        without_blanks=tuple(_not_blank(name) for name, kind in types.items() if kind is AttributeType.TEXT),
        lists=tuple(name for name, kind in types.items() if kind is AttributeType.LIST),
        effective=tuple(cell.alias(name) for name, cell in effective.items()),
    )


def person_values(people: pl.DataFrame, read: Reading) -> pl.DataFrame:
    """Compute declared, enriched and effective columns."""
    frame = people.select(_ROW, *read.raw).with_columns(read.without_blanks)
    if read.lists:
        frame = frame.with_columns([_list_values(frame[column]) for column in read.lists])
    return frame.with_columns(read.effective)


def activity_values(rows: pl.DataFrame, attributes: Sequence[Attribute], *, time_zone: str) -> pl.DataFrame:
    """Compute value and folded columns of the attributes of activities or assets, one row per row."""
    schema = rows.schema
    raw = {value(each.name): _read(schema, each.name, each, time_zone) for each in attributes}
    if "count" in {each.name for each in attributes}:
        raw[value("count")] = raw[value("count")].fill_null(1)
    texts = [each.name for each in attributes if each.type is AttributeType.TEXT]
    frame = rows.select(_ROW, **raw).with_columns(_not_blank(value(name)) for name in texts)
    return with_folded(frame, {value(name): folded_value(name) for name in texts})


def activity_attribute(name: str) -> Attribute:
    """The attribute of an activity by its name."""
    return Attribute(name, ACTIVITY_ATTRIBUTES[name])


def _effective(attribute: Attribute, columns: Collection[str]) -> dict[str, pl.Expr]:
    name = attribute.name
    own, other = pl.col(declared(name)), pl.col(enriched(name))
    if enriched(name) not in columns:
        return {value(name): own}
    if name in DERIVED_ATTRIBUTES and attribute.type is AttributeType.TEXT:
        telling = pl.when(~own.str.to_lowercase().is_in(_UNINFORMATIVE)).then(own)
        telling_other = pl.when(~other.str.to_lowercase().is_in(_UNINFORMATIVE)).then(other)
        return {
            value(name): pl.coalesce(telling, telling_other, own, other),
            from_enrichment(name): telling.is_null()
            & (telling_other.is_not_null() | (own.is_null() & other.is_not_null())),
        }
    return {value(name): pl.coalesce(own, other), from_enrichment(name): own.is_null() & other.is_not_null()}


def _read(schema: Mapping[str, pl.DataType], column: str, attribute: Attribute, time_zone: str) -> pl.Expr:
    kind, cell = attribute.type, pl.col(column)
    dtype = schema.get(column, pl.Null())
    if dtype == pl.Null:
        return pl.lit(None, dtype=pl.List(pl.String) if kind is AttributeType.LIST else _EMPTY[kind])
    if kind is AttributeType.TEXT and (dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum)):
        text = stripped(cell.cast(pl.String))
        return text.str.to_lowercase() if attribute.name == "email" else text
    if kind is AttributeType.NUMBER and dtype.is_float():
        return cell.fill_nan(None)
    if kind is AttributeType.NUMBER and dtype.is_numeric():
        return cell.cast(pl.Int64) if dtype.is_unsigned_integer() and dtype != pl.UInt64 else cell
    if kind is AttributeType.BOOLEAN and dtype == pl.Boolean:
        return cell
    if kind is AttributeType.DATE and dtype.is_temporal() and not isinstance(dtype, pl.Time | pl.Duration):
        return local_date(cell, dtype, time_zone)
    if kind is AttributeType.LIST and isinstance(dtype, pl.List):
        return cell.cast(pl.List(pl.String))
    raise FrameError(f"column {column} is {dtype}, the attribute {attribute.name} is a {kind}")


def _list_values(lists: pl.Series) -> pl.Series:
    """Values of each list, trimmed and folded, without blank ones; null when nothing is left."""
    rows = pl.DataFrame({"row": pl.int_range(len(lists), eager=True)})
    values = rows.with_columns(lists.alias("trimmed")).explode("trimmed")
    values = values.with_columns(trimmed(pl.col("trimmed"))).drop_nulls("trimmed")
    values = values.with_columns(folded(values["trimmed"]).alias("folded"))
    packed = values.group_by("row", maintain_order=True).agg(pl.struct("trimmed", "folded").alias("values"))
    return rows.join(packed, on="row", how="left", maintain_order="left")["values"].rename(lists.name)


def _not_blank(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(pl.col(column))
