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


def person_values(
    people: pl.DataFrame, attributes: Sequence[Attribute], *, compared: frozenset[str], time_zone: str
) -> pl.DataFrame:
    """Compute declared, enriched and effective columns of the attributes, and folded ones of those that are compared."""
    raw, schema = {}, people.schema
    for each in attributes:
        raw[declared(each.name)] = _read(schema, each.name, each, time_zone)
        if enrichable(each.name, schema):
            raw[enriched(each.name)] = _read(schema, ENRICHED_PREFIX + each.name, each, time_zone)
    frame = _unpacked(_without_blanks(people.select(_ROW, **raw)), attributes)
    effective: dict[str, pl.Expr] = {}
    columns = set(frame.columns)
    for each in attributes:
        effective |= _effective(each, columns)
    return _with_folded(frame.with_columns(**effective), [each for each in attributes if each.name in compared])


def activity_values(rows: pl.DataFrame, attributes: Sequence[Attribute], *, time_zone: str) -> pl.DataFrame:
    """Compute value and folded columns of the attributes of activities or assets, one row per row."""
    schema = rows.schema
    raw = {value(each.name): _read(schema, each.name, each, time_zone) for each in attributes}
    if "count" in {each.name for each in attributes}:
        raw[value("count")] = raw[value("count")].fill_null(1)
    return _with_folded(_without_blanks(rows.select(_ROW, **raw)), attributes)


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


def _unpacked(frame: pl.DataFrame, attributes: Sequence[Attribute]) -> pl.DataFrame:
    names = [each.name for each in attributes if each.type is AttributeType.LIST]
    columns = [column for name in names for column in (declared(name), enriched(name)) if column in frame.columns]
    return frame.with_columns([_list_values(frame[column]) for column in columns])


def _list_values(lists: pl.Series) -> pl.Series:
    """Values of each list, trimmed and folded, without blank ones; null when nothing is left."""
    rows = pl.DataFrame({"row": pl.int_range(len(lists), eager=True)})
    values = rows.with_columns(lists.alias("trimmed")).explode("trimmed")
    values = values.with_columns(trimmed(pl.col("trimmed"))).drop_nulls("trimmed")
    values = values.with_columns(folded(values["trimmed"]).alias("folded"))
    packed = values.group_by("row", maintain_order=True).agg(pl.struct("trimmed", "folded").alias("values"))
    return rows.join(packed, on="row", how="left", maintain_order="left")["values"].rename(lists.name)


def _without_blanks(frame: pl.DataFrame) -> pl.DataFrame:
    texts = (pl.col(name) for name, dtype in frame.schema.items() if dtype == pl.String)
    return frame.with_columns(pl.when(text != "").then(text) for text in texts)


def _with_folded(frame: pl.DataFrame, attributes: Sequence[Attribute]) -> pl.DataFrame:
    texts = [each.name for each in attributes if each.type is AttributeType.TEXT]
    return with_folded(frame, {value(name): folded_value(name) for name in texts})
