"""Cells become typed values: numbers, booleans, instants, lists, texts. What does not fit its type stays null and is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl

from scoring.model_file_reading import NUMBER
from scoring.texts import trimmed
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a column of each type should hold, for messages.
EXPECTED: Final = {
    AttributeType.TEXT: "a text",
    AttributeType.NUMBER: "a number",
    AttributeType.BOOLEAN: "true or false",
    AttributeType.DATE: "a date or an instant such as 2026-11-18 or 2026-11-18T14:30:00Z",
    AttributeType.LIST: "a list",
}
_TRUE: Final = ("true", "yes", "1")
_FALSE: Final = ("false", "no", "0")
_DATE: Final = r"^\d{4}-\d{2}-\d{2}$"
_INSTANT: Final = r"^\d{4}-\d{2}-\d{2}[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?$"
#: In this order: any of the forms above becomes YYYY-MM-DDTHH:MM:SS[.f]±HH:MM.
_REWRITTEN: Final = (
    (r"^(\S{10})[T ]", "${1}T"),
    (r",", "."),
    (r"Z$", "+00:00"),
    (r"(T[0-9:.]+)$", "${1}+00:00"),
    (r"([+-]\d{2})$", "${1}:00"),
    (r"([+-]\d{2})(\d{2})$", "${1}:${2}"),
    (r"T(\d{2}:\d{2})([+-])", "T${1}:00${2}"),
)
_UTC: Final = pl.Datetime("us", "UTC")


class UnusableType(Exception):
    """A column of a Parquet file has a type from which no value of the wanted type can be read."""


def filled(column: pl.Series) -> pl.Series:
    """Which cells are not absent: null, blank text and NaN are."""
    name = column.name
    if column.dtype == pl.String:
        return column.to_frame().select(trimmed(pl.col(name)).is_not_null())[name]
    if column.dtype.is_float():
        return column.is_not_null() & column.is_not_nan().fill_null(value=False)
    return column.is_not_null()


def typed(column: pl.Series, kind: AttributeType, time_zone: str) -> pl.Series:
    """The values of a column; null where a cell is absent or does not fit.

    Raises:
        UnusableType: the column itself has an unsuitable type.
    """
    if column.dtype == pl.Null:
        column = column.cast(pl.String)
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        column = column.cast(pl.String)
    return _READ[kind](column, time_zone)


def _texts(column: pl.Series, _: str) -> pl.Series:
    cell, dtype = pl.col(column.name), column.dtype
    if dtype == pl.String:
        return _select(column, trimmed(cell))
    if dtype.is_float():
        whole = cell.is_finite() & (cell == cell.floor()) & (cell.abs() < 2**53)
        by_number = (
            pl.when(whole).then(cell.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(cell.cast(pl.String))
        )
        return _select(column, pl.when(cell.is_not_nan()).then(by_number))
    if dtype.is_numeric() or dtype == pl.Boolean or (dtype.is_temporal() and not isinstance(dtype, pl.Duration)):
        return column.cast(pl.String)
    raise UnusableType


def _numbers(column: pl.Series, _: str) -> pl.Series:
    cell, dtype = pl.col(column.name), column.dtype
    if dtype == pl.String:
        text = trimmed(cell)
        number = pl.when(text.str.contains(f"^(?:{NUMBER.pattern})$")).then(text).cast(pl.Float64, strict=False)
        return _select(column, pl.when(number.is_finite()).then(number))
    if dtype.is_numeric():
        number = cell.cast(pl.Float64)
        return _select(column, pl.when(number.is_finite()).then(number))
    raise UnusableType


def _booleans(column: pl.Series, _: str) -> pl.Series:
    if column.dtype == pl.Boolean:
        return column
    if column.dtype != pl.String and not column.dtype.is_integer():
        raise UnusableType
    text = trimmed(pl.col(column.name).cast(pl.String)).str.to_lowercase()
    no_or_none = pl.when(text.is_in(_FALSE)).then(pl.lit(value=False))
    return _select(column, pl.when(text.is_in(_TRUE)).then(pl.lit(value=True)).otherwise(no_or_none))


def _lists(column: pl.Series, _: str) -> pl.Series:
    if column.dtype == pl.String:
        return _select(column, trimmed(pl.col(column.name)).str.split("|"))
    if isinstance(column.dtype, pl.List):
        try:
            return column.cast(pl.List(pl.String))
        except pl.exceptions.PolarsError:
            raise UnusableType from None
    return _texts(column, "").to_frame().select(pl.concat_list(pl.col(column.name)).alias(column.name)).to_series()


def _instants(column: pl.Series, time_zone: str) -> pl.Series:
    cell, dtype = pl.col(column.name), column.dtype
    if dtype == pl.Date:
        return _select(column, _noon(cell, time_zone))
    if isinstance(dtype, pl.Datetime):
        aware = cell.dt.replace_time_zone("UTC") if dtype.time_zone is None else cell.dt.convert_time_zone("UTC")
        return _select(column, aware.dt.cast_time_unit("us"))
    if dtype != pl.String:
        raise UnusableType
    column = _select(column, trimmed(cell))
    days = pl.when(cell.str.contains(_DATE)).then(cell).str.to_date("%Y-%m-%d", strict=False)
    instants: pl.Expr = pl.when(cell.str.contains(_INSTANT)).then(cell)
    for pattern, replacement in _REWRITTEN:
        instants = instants.str.replace(pattern, replacement)
    instants = instants.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", strict=False).cast(_UTC)
    values = _select(column, pl.when(cell >= "0001").then(pl.coalesce(instants, _noon(days, time_zone))))
    return _with_rare_forms(column, values, time_zone)


def _noon(days: pl.Expr, time_zone: str) -> pl.Expr:
    """Noon of local dates; where a zone skipped that noon, noon in UTC."""
    noon = days.cast(pl.Datetime("us")) + timedelta(hours=12)
    local = noon.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    return pl.coalesce(local, noon.dt.replace_time_zone("UTC"))


def _with_rare_forms(texts: pl.Series, values: pl.Series, time_zone: str) -> pl.Series:
    """Read the other forms of ISO 8601, such as 20261118T143000Z, one by one."""
    left = texts.filter(values.is_null()).drop_nulls().unique()
    found = {text: instant for text in left.to_list() if (instant := _rare_form(text, time_zone)) is not None}
    if not found:
        return values
    known = texts.replace_strict(
        pl.Series(list(found), dtype=pl.String),
        pl.Series(list(found.values()), dtype=_UTC),
        default=None,
        return_dtype=_UTC,
    )
    return values.fill_null(known)


def _rare_form(text: str, time_zone: str) -> datetime | None:
    day, separator, _ = text.partition("T")
    try:
        if not separator:
            return datetime.combine(date.fromisoformat(day), time(12), ZoneInfo(time_zone)).astimezone(UTC)
        date.fromisoformat(day)
        instant = datetime.fromisoformat(text)
        return (instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _select(column: pl.Series, value: pl.Expr) -> pl.Series:
    return column.to_frame().select(value.alias(column.name)).to_series()


_READ: Final[dict[AttributeType, Callable[[pl.Series, str], pl.Series]]] = {
    AttributeType.TEXT: _texts,
    AttributeType.NUMBER: _numbers,
    AttributeType.BOOLEAN: _booleans,
    AttributeType.DATE: _instants,
    AttributeType.LIST: _lists,
}
