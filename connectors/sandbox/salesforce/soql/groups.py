"""GROUP BY and the aggregate functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.sandbox.records import Record
from connectors.sandbox.salesforce.columns import Columns
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.field_values import Get
from connectors.sandbox.salesforce.soql.tree import Aggregate, Path, Query
from connectors.sandbox.schema import ObjectType


def grouped(query: Query, records: list[Record], columns: Columns, object_type: ObjectType) -> list[dict[str, Any]]:
    """One row per group, in the order in which the groups appear; a query without GROUP BY has one."""
    keys = [columns.column(object_type, path.names) for path in query.group_by]
    formula = next((key for key in keys if key.field.extra.get("formula")), None)
    if formula is not None:
        name = ".".join(formula.path)
        raise Refusal(400, "MALFORMED_QUERY", f"field '{name}' can not be grouped in a query call")
    groups: dict[tuple[Any, ...], list[Record]] = {} if keys else {(): records}
    if keys:
        for record in records:
            groups.setdefault(tuple(key.compare(record) for key in keys), []).append(record)
    named = _named(query, columns, object_type)
    rows: list[dict[str, Any]] = []
    for members in groups.values():
        row: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for name, compute in named:
            row[name] = compute(members)
        rows.append(row)
    end = None if query.limit is None else query.offset + query.limit
    return rows[query.offset : end]


def _named(query: Query, columns: Columns, object_type: ObjectType) -> list[tuple[str, Callable[[list[Record]], Any]]]:
    grouped_by = {str(path).casefold() for path in query.group_by}
    named: list[tuple[str, Callable[[list[Record]], Any]]] = []
    number = 0
    for item in query.fields:
        if isinstance(item, Path):
            if str(item).casefold() not in grouped_by:
                raise Refusal(400, "MALFORMED_QUERY", f"Field must be grouped or aggregated: {item}")
            column = columns.column(object_type, item.names)
            named.append((column.path[-1], _first(column.get)))
        elif isinstance(item, Aggregate):
            name = item.alias or f"expr{number}"
            number += item.alias is None
            named.append((name, _function(item, columns, object_type)))
        else:
            raise Refusal(400, "MALFORMED_QUERY", "subqueries cannot be grouped")
    return named


def _first(get: Get) -> Callable[[list[Record]], Any]:
    return lambda members: get(members[0])


def _function(item: Aggregate, columns: Columns, object_type: ObjectType) -> Callable[[list[Record]], Any]:
    if item.path is None:
        return len
    column = columns.column(object_type, item.path.names)
    compare, get = column.compare, column.get

    def filled(members: list[Record]) -> list[Record]:
        return [record for record in members if compare(record) is not None]

    if item.function == "COUNT":
        return lambda members: len(filled(members))
    if item.function == "COUNT_DISTINCT":
        return lambda members: len({compare(record) for record in filled(members)})
    if item.function in ("MIN", "MAX"):
        best = min if item.function == "MIN" else max
        return lambda members: get(best(found, key=compare)) if (found := filled(members)) else None
    if column.field.type not in ("int", "double", "currency", "percent"):
        raise Refusal(400, "INVALID_FIELD", f"field {item.path} does not support aggregate operator {item.function}")
    if item.function == "SUM":
        return lambda members: sum(compare(record) for record in filled(members)) if filled(members) else None
    return lambda members: sum(map(compare, found)) / len(found) if (found := filled(members)) else None
