"""PEOPLE: a row per person, any attributes; derived ones are computed where their cell is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from scoring.attributes.rules import RULES
from scoring.vocabulary import (
    CANONICAL_ATTRIBUTES,
    DERIVED_ATTRIBUTES,
    DERIVED_FROM,
    ENRICHED_PREFIX,
)
from sync.admin.actions.scoring_files.columns import complain, read_column, read_ids
from sync.admin.actions.scoring_files.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from scoring.compile import CompiledModel
    from sync.admin.actions.scoring_files.problems import Problems
    from sync.admin.actions.scoring_files.tables import Table


def people_frame(table: Table, compiled: CompiledModel, problems: Problems) -> pl.DataFrame:
    """The people with the columns that the model reads, checked but not yet derived; `person_id` is text."""
    if table.missing(["person_id"], problems):
        return pl.DataFrame(schema={"person_id": pl.String})
    model = compiled.model
    ids = read_ids(table, problems)
    _refuse_doubles(table, ids, problems)
    columns = [ids]
    wanted = _sources(compiled.person_columns)
    declared = {each.name for each in model.attributes}
    for name in table.frame.columns:
        if name == "person_id" or (name not in wanted and not _has_fixed_type(name, declared)):
            continue
        values = read_column(table, name, model.attribute_type(name), problems, time_zone=model.time_zone)
        if values is not None and name in wanted:
            columns.append(values)
    return pl.DataFrame(columns)


def lacking(columns: Collection[str], compiled: CompiledModel) -> list[str]:
    """Attributes that the model's conditions read and that a file with these columns says nothing about, in order."""
    return [
        each.name
        for each in compiled.attributes
        if each.name in compiled.compared and not any(name in columns for name in _spellings(each.name))
    ]


def _spellings(name: str) -> list[str]:
    """Columns that say something about an attribute."""
    sources = [name, *DERIVED_FROM.get(name, ())]
    return [*sources, *(ENRICHED_PREFIX + source for source in sources)]


def _sources(wanted: Collection[str]) -> set[str]:
    """The columns that are read, with those that they are derived from."""
    names = set(wanted)
    for rule in reversed(RULES):
        outputs = {prefix + name for name, _ in rule.outputs for prefix in ("", ENRICHED_PREFIX)}
        if outputs & names:
            names |= {prefix + name for name in rule.inputs for prefix in ("", ENRICHED_PREFIX)}
    return names


def _has_fixed_type(name: str, declared: Collection[str]) -> bool:
    """Whether cells are checked although no rule reads them: canonical, derived, declared, and their enriched twins."""
    bare = name.removeprefix(ENRICHED_PREFIX)
    return any(each in CANONICAL_ATTRIBUTES or each in DERIVED_ATTRIBUTES or each in declared for each in (name, bare))


def _refuse_doubles(table: Table, ids: pl.Series, problems: Problems) -> None:
    doubles = ids.is_not_null() & ~ids.is_first_distinct()
    if not doubles.any():
        return
    first = dict.fromkeys(ids.filter(doubles).head(100).to_list(), 0)
    numbered = ids.to_frame().with_row_index("record").filter(pl.col("person_id").is_in(list(first)))
    first = dict(numbered.group_by("person_id").agg(pl.col("record").min()).iter_rows())

    def message(cell: object) -> str:
        record = first.get(str(cell).strip())
        place = "" if record is None else f", first in row {table.row(record)}"
        return f"{quoted(cell)} stands twice{place}"

    complain(table, "person_id", doubles, message, problems)
