"""A parsed query on an org: candidates by index, conditions, order, rows as REST shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.salesforce.archive import archived
from connectors.sandbox.salesforce.columns import CHILDREN, Column, Columns
from connectors.sandbox.salesforce.errors import Refusal, not_emulated
from connectors.sandbox.salesforce.field_values import full_id
from connectors.sandbox.salesforce.soql.conditions import Conditions
from connectors.sandbox.salesforce.soql.groups import grouped
from connectors.sandbox.salesforce.soql.tree import (
    Aggregate,
    And,
    Compare,
    Condition,
    Instant,
    Order,
    Path,
    Query,
    Within,
)
from connectors.sandbox.schema import ObjectType

_MAX_OFFSET = 2000
_MAX_FIELDS_ALL = 200
#: References that are not among the values of a record.
_NOT_INDEXED = frozenset({"CreatedById", "LastModifiedById", "MasterRecordId"})
#: Orders in which candidates come: (field, descending).
_ANY: list[tuple[str, bool]] = []
_BY_ID = [("id", False)]
_BY_STAMP = [("systemmodstamp", False), ("id", False)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a query gives: `items` are rendered one by one, so that a long result costs only the pages that are fetched."""

    total: int
    items: list[Any]
    render: Callable[[Any], dict[str, Any]]


class Evaluator:
    """Runs queries of one API version."""

    def __init__(self, org: Org, *, version: str, tooling: bool = False) -> None:
        self._org = org
        self._version = version
        self._columns = Columns(org, tooling=tooling)

    def run(self, query: Query, *, deleted: bool = False) -> Result:
        """All rows; `deleted` includes the recycle bin and archived activities."""
        object_type = self._columns.object(query.source)
        if query.offset > _MAX_OFFSET:
            raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_MAX_OFFSET}")
        if query.counts:
            count = sum(1 for _ in self._matching(query, object_type, deleted=deleted))
            return Result(total=count, items=[], render=dict)
        if query.aggregates:
            rows = grouped(query, list(self._matching(query, object_type, deleted=deleted)), self._columns, object_type)
            return Result(total=len(rows), items=rows, render=lambda row: row)
        render = self._renderer(query, object_type, deleted=deleted)
        records = self._ordered(query, object_type, deleted=deleted)
        return Result(total=len(records), items=records, render=render)

    def columns(self, query: Query) -> list[Column]:
        """The selected columns in their order; subqueries and aggregates are left out.

        Raises:
            Refusal: A field does not exist, or comes twice.
        """
        object_type = self._columns.object(query.source)
        found = [
            column
            for item in query.fields
            if isinstance(item, Path)
            for column in self._selected(item, object_type, query)
        ]
        _refuse_doubles(found)
        return found

    # ---- rows ----

    def _matching(
        self, query: Query, object_type: ObjectType, *, deleted: bool, among: Iterable[Record] | None = None
    ) -> Iterator[Record]:
        found = self._candidates(query, object_type)[0] if among is None else among
        ages, now = "IsArchived" in object_type.fields, self._org.now()
        predicate = None
        if query.where is not None:
            conditions = Conditions(self._columns, object_type, self._semijoin, self._org.now())
            predicate = conditions.compile(query.where)
        for record in found:
            if not deleted and (record.deleted or (ages and archived(record, now))):
                continue
            if predicate is None or predicate(record):
                yield record

    def _ordered(
        self, query: Query, object_type: ObjectType, *, deleted: bool, among: Iterable[Record] | None = None
    ) -> list[Record]:
        order = _ANY
        if among is None:
            among, order = self._candidates(query, object_type)
        matching = self._matching(query, object_type, deleted=deleted, among=among)
        end = None if query.limit is None else query.offset + query.limit
        wanted = [(str(term.path).casefold(), term.descending) for term in query.order]
        if not wanted or wanted == order:
            return list(islice(matching, query.offset, end))
        records = list(matching)
        for term in reversed(query.order):
            self._sort(records, term, object_type)
        return records[query.offset : end]

    def _sort(self, records: list[Record], term: Order, object_type: ObjectType) -> None:
        column = self._columns.column(object_type, term.path.names)
        if column.field.type in ("address", "textarea"):
            raise Refusal(400, "INVALID_FIELD", f"field '{term.path}' can not be sorted in a query call")
        get = column.compare
        filled = [record for record in records if get(record) is not None]
        empty = [record for record in records if get(record) is None]
        filled.sort(key=get, reverse=term.descending)
        records[:] = filled + empty if term.nulls_last else empty + filled

    def _candidates(self, query: Query, object_type: ObjectType) -> tuple[Iterable[Record], list[tuple[str, bool]]]:
        """What an index gives for one of the conditions that must all hold, and the order in which it comes."""
        name = object_type.name
        for condition in _conjuncts(query.where):
            values = _equal_to(condition)
            if values is None:
                continue
            column = self._columns.column(object_type, _path_of(condition).names)
            if column.path == ("Id",):
                found = [self._org.find(name, full_id(str(value))) for value in values]
                return _by_id(record for record in found if record is not None), _BY_ID
            if len(column.path) == 1 and column.field.type in ("reference", "string", "email", "picklist"):
                if column.path[0] in _NOT_INDEXED or column.field.extra.get("formula"):
                    continue
                ids = column.field.type == "reference"
                wanted = [full_id(value) if ids and isinstance(value, str) else value for value in values]
                found_here = (record for value in wanted for record in self._org.where(name, column.path[0], value))
                return _by_id(found_here), _BY_ID
        since = _stamps_from(query.where)
        if since is not None or _orders_by(query, "systemmodstamp"):
            return self._org.changed_since(name, since or 0, deleted=None), _BY_STAMP
        after = next((value for value in map(_after_id, _conjuncts(query.where)) if value), None)
        return self._org.scan(name, after=after, deleted=None), _BY_ID

    def _semijoin(self, query: Query) -> set[Any]:
        if len(query.fields) != 1 or not isinstance(query.fields[0], Path):
            raise Refusal(400, "MALFORMED_QUERY", "the inner select of a semi join must have one field")
        object_type = self._columns.object(query.source)
        get = self._columns.column(object_type, query.fields[0].names).compare
        return {get(record) for record in self._matching(query, object_type, deleted=False)}

    # ---- rendering ----

    def _renderer(self, query: Query, object_type: ObjectType, *, deleted: bool) -> Callable[[Record], dict[str, Any]]:
        columns: list[Column] = []
        subqueries: list[tuple[str, Callable[[Record], Any]]] = []
        for item in query.fields:
            if isinstance(item, Query):
                subqueries.append(self._subquery(item, object_type, deleted=deleted))
            elif isinstance(item, Path):
                columns.extend(self._selected(item, object_type, query))
        _refuse_doubles(columns)

        def render(record: Record) -> dict[str, Any]:
            row: dict[str, Any] = {"attributes": self.attributes(object_type.name, record.id)}
            for column in columns:
                if len(column.path) == 1:
                    row[column.path[0]] = column.get(record)
                else:
                    self._place(row, column, record)
            for name, children in subqueries:
                row[name] = children(record)
            return row

        return render

    def attributes(self, name: str, record_id: str) -> dict[str, str]:
        """Type and address of a record."""
        return {"type": name, "url": f"/services/data/v{self._version}/sobjects/{name}/{record_id}"}

    def _place(self, row: dict[str, Any], column: Column, record: Record) -> None:
        target = row
        for relationship, parent in zip(column.path, column.parents, strict=False):
            found = parent(record)
            if found is None:
                target.setdefault(relationship, None)
                return
            inner = target.get(relationship)
            if inner is None:
                kind = self._columns.object_of_id(found.id) or ""
                inner = target[relationship] = {"attributes": self.attributes(kind, found.id)}
            target = inner
        target[column.path[-1]] = column.get(record)

    def _selected(self, item: Path, object_type: ObjectType, query: Query) -> Iterable[Column]:
        if item.names[0] != "FIELDS":
            return [self._columns.column(object_type, item.names)]
        which = item.names[1]
        if which != "STANDARD" and (query.limit is None or query.limit > _MAX_FIELDS_ALL):
            message = f"The SOQL FIELDS function must have a LIMIT of at most {_MAX_FIELDS_ALL}"
            raise Refusal(400, "MALFORMED_QUERY", message)
        wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}.get(which)
        if wanted is None:
            raise Refusal(400, "MALFORMED_QUERY", f"unexpected token: '{which}'")
        names = [field.name for field in object_type.fields.values() if field.visible and field.custom in wanted]
        return [self._columns.column(object_type, (name,)) for name in names]

    def _subquery(
        self, inner: Query, object_type: ObjectType, *, deleted: bool
    ) -> tuple[str, Callable[[Record], dict[str, Any] | None]]:
        folded = inner.source.casefold()
        found = next(
            (
                (relationship, child)
                for (parent, relationship), child in CHILDREN.items()
                if parent == object_type.name and relationship.casefold() == folded
            ),
            None,
        )
        if found is None:
            raise Refusal(
                400,
                "INVALID_TYPE",
                f"Didn't understand relationship '{inner.source}' in FROM part of query call. If you are attempting to use a "
                "custom relationship, be sure to append the '__r' after the custom relationship name.",
            )
        if any(isinstance(item, (Query, Aggregate)) for item in inner.fields):
            raise not_emulated("subqueries or aggregates inside subqueries")
        relationship, (child_name, reference) = found
        child_type = self._columns.object(child_name)
        render = self._renderer(inner, child_type, deleted=deleted)

        def children(record: Record) -> dict[str, Any] | None:
            among = self._org.where(child_name, reference, record.id)
            rows = self._ordered(inner, child_type, deleted=deleted, among=among)
            if not rows:
                return None
            return {"totalSize": len(rows), "done": True, "records": [render(row) for row in rows]}

        return relationship, children


def _refuse_doubles(columns: Iterable[Column]) -> None:
    seen: set[tuple[str, ...]] = set()
    for column in columns:
        if column.path in seen:
            raise Refusal(400, "INVALID_FIELD", f"duplicate field selected: {'.'.join(column.path)}")
        seen.add(column.path)


def _orders_by(query: Query, name: str) -> bool:
    return bool(query.order) and str(query.order[0].path).casefold() == name


def _conjuncts(condition: Condition | None) -> list[Condition]:
    if isinstance(condition, And):
        return [inner for part in condition.parts for inner in _conjuncts(part)]
    return [] if condition is None else [condition]


def _path_of(condition: Condition) -> Path:
    if isinstance(condition, (Compare, Within)):
        return condition.path
    raise TypeError(condition)


def _equal_to(condition: Condition) -> list[Any] | None:
    if isinstance(condition, Compare) and condition.op == "=" and isinstance(condition.value, str):
        return [condition.value]
    if isinstance(condition, Within) and not condition.negated and isinstance(condition.values, tuple):
        return list(condition.values) if all(isinstance(value, str) for value in condition.values) else None
    return None


def _stamps_from(condition: Condition | None) -> int | None:
    found = [
        part.value.stamp
        for part in _conjuncts(condition)
        if isinstance(part, Compare)
        and str(part.path).casefold() == "systemmodstamp"
        and part.op in ("=", ">", ">=")
        and isinstance(part.value, Instant)
    ]
    return max(found) if found else None


def _after_id(condition: Condition) -> str | None:
    if isinstance(condition, Compare) and str(condition.path).casefold() == "id" and condition.op == ">":
        return full_id(condition.value) if isinstance(condition.value, str) else None
    return None


def _by_id(records: Iterable[Record]) -> list[Record]:
    return sorted({record.id: record for record in records}.values(), key=lambda record: record.id)
