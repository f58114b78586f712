"""The derived attributes of many people at once: every distinct value is read only once.

Columns in and out carry canonical names, as in a scoring file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.attributes.rules import NUMBER_RULES, RULES, Kind, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

_TYPES: Final[dict[Kind, pl.DataType]] = {"text": pl.String(), "boolean": pl.Boolean(), "number": pl.Float64()}
_COMPUTED: Final = "computed:"
_INPUT: Final = "input:"
_ENRICHED: Final = "enriched_"


def derive_frame(people: pl.DataFrame) -> pl.DataFrame:
    """The frame with a column for every derived attribute; rows keep their order.

    A filled derived cell is taken as it is, an empty one is computed; null where it cannot be told. `employees` and
    `revenue` are read from text columns into floats, columns of numbers stay. Where `enriched_<name>` columns are
    among the sources, the attributes that rest on a filled one come as `enriched_<derived>`: of the enriched values,
    completed by declared ones. They are null for the rest.
    """
    for rule in NUMBER_RULES:
        name = rule.inputs[0]
        for column in (name, _ENRICHED + name):
            people = _with_numbers(people, column, rule)
    for rule in RULES:
        people = _with_outputs(people, rule, _declared(people), prefix="", relevant=pl.lit(value=True))
    for rule in RULES:
        enriched = [_ENRICHED + name for name in rule.inputs if _readable(people, _ENRICHED + name)]
        if enriched:
            filled = pl.any_horizontal(_filled(people, name).is_not_null() for name in enriched)
            people = _with_outputs(people, rule, _completed(people), prefix=_ENRICHED, relevant=filled)
    return people


def _declared(people: pl.DataFrame) -> Callable[[str], pl.Expr]:
    return lambda name: _filled(people, name)


def _completed(people: pl.DataFrame) -> Callable[[str], pl.Expr]:
    def read(name: str) -> pl.Expr:
        enriched, declared = _filled(people, _ENRICHED + name), _filled(people, name)
        if _readable(people, _ENRICHED + name) and _readable(people, name):
            return pl.coalesce(enriched.cast(pl.String, strict=False), declared.cast(pl.String, strict=False))
        return enriched if _readable(people, _ENRICHED + name) else declared

    return read


def _with_outputs(
    people: pl.DataFrame, rule: Rule, read: Callable[[str], pl.Expr], *, prefix: str, relevant: pl.Expr
) -> pl.DataFrame:
    names = [prefix + name for name, _ in rule.outputs]
    given = {prefix + name: _of_kind(people, prefix + name, kind) for name, kind in rule.outputs}
    keys = [f"{_INPUT}{at}" for at in range(len(rule.inputs))]
    wanted = relevant & pl.any_horizontal(expression.is_null() for expression in given.values())
    keyed = people.with_columns(
        pl.when(wanted).then(read(name)).otherwise(None).alias(key) for key, name in zip(keys, rule.inputs, strict=True)
    ).with_columns(wanted.alias(f"{_INPUT}wanted"))
    distinct = keyed.filter(pl.col(f"{_INPUT}wanted")).select(keys).unique()
    results = [rule.compute(*values) for values in distinct.iter_rows()]
    table = distinct.with_columns(
        pl.Series(_COMPUTED + name, [result[at] for result in results], dtype=_TYPES[kind])
        for at, (name, (_, kind)) in enumerate(zip(names, rule.outputs, strict=True))
    ).with_columns(pl.lit(value=True).alias(f"{_INPUT}wanted"))
    joined = keyed.join(table, on=[*keys, f"{_INPUT}wanted"], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.coalesce(given[name], pl.col(_COMPUTED + name)).alias(name) for name in names).drop(
        *keys, f"{_INPUT}wanted", *(_COMPUTED + name for name in names)
    )


def _with_numbers(people: pl.DataFrame, column: str, rule: Rule) -> pl.DataFrame:
    if column not in people.columns:
        return (
            people
            if column.startswith(_ENRICHED)
            else people.with_columns(pl.lit(None, dtype=pl.Float64).alias(column))
        )
    dtype = people.schema[column]
    if dtype.is_float():
        return people.with_columns(pl.when(pl.col(column).is_finite()).then(pl.col(column)).alias(column))
    if dtype.is_numeric():
        return people
    if not _readable(people, column) or dtype == pl.Boolean:
        return people.with_columns(pl.lit(None, dtype=pl.Float64).alias(column))
    texts = people.get_column(column).cast(pl.String)
    distinct = texts.unique().drop_nulls()
    values = [rule.compute(text)[0] for text in distinct]
    return people.with_columns(
        texts.replace_strict(
            distinct, pl.Series(values, dtype=pl.Float64), default=None, return_dtype=pl.Float64
        ).alias(column)
    )


def _readable(people: pl.DataFrame, name: str) -> bool:
    """Whether a column is there and of a type that a value can be read from."""
    dtype = people.schema.get(name)
    return dtype is not None and (
        dtype in {pl.String, pl.Boolean}
        or dtype.is_integer()
        or dtype.is_float()
        or isinstance(dtype, (pl.Categorical, pl.Enum))
    )


def _filled(people: pl.DataFrame, name: str) -> pl.Expr:
    """A column with blank text as null; null where the column is not there."""
    if not _readable(people, name):
        return pl.lit(None, dtype=pl.String)
    column = pl.col(name)
    dtype = people.schema[name]
    if dtype == pl.String or isinstance(dtype, (pl.Categorical, pl.Enum)):
        text = column.cast(pl.String)
        return pl.when(text.str.strip_chars() != "").then(text)
    return column


def _of_kind(people: pl.DataFrame, name: str, kind: Kind) -> pl.Expr:
    column = _filled(people, name)
    if kind == "boolean" and people.schema.get(name) != pl.Boolean:
        text = column.cast(pl.String, strict=False).str.strip_chars().str.to_lowercase()
        return (
            pl.when(text.is_in(["true", "yes", "1"]))
            .then(pl.lit(value=True))
            .when(text.is_in(["false", "no", "0"]))
            .then(pl.lit(value=False))
        )
    return column.cast(_TYPES[kind], strict=False)
