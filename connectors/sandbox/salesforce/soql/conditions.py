"""Conditions to predicates on records, with SOQL's rules for empty values, case and types."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any, Protocol

from connectors.sandbox.clock import Stamp, day_of
from connectors.sandbox.records import Record
from connectors.sandbox.salesforce.columns import Column, Columns
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.field_values import full_id
from connectors.sandbox.salesforce.soql.tree import (
    And,
    Compare,
    Condition,
    Day,
    DayRange,
    Instant,
    Not,
    Or,
    Query,
    Within,
)
from connectors.sandbox.schema import Field, ObjectType

Predicate = Callable[[Record], bool]
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_DAY_MS = 86_400_000
_NUMBERS = frozenset({"int", "double", "currency", "percent"})


class Semijoin(Protocol):
    """Runs a query inside a condition and gives the values of its one field."""

    def __call__(self, query: Query) -> set[Any]: ...


class Conditions:
    """Compiles the conditions of one query."""

    def __init__(self, columns: Columns, object_type: ObjectType, semijoin: Semijoin, now: Stamp) -> None:
        self._columns = columns
        self._object = object_type
        self._semijoin = semijoin
        self._now = now

    def compile(self, condition: Condition) -> Predicate:
        """The predicate of a condition."""
        match condition:
            case And(parts):
                predicates = [self.compile(part) for part in parts]
                return lambda record: all(predicate(record) for predicate in predicates)
            case Or(parts):
                predicates = [self.compile(part) for part in parts]
                return lambda record: any(predicate(record) for predicate in predicates)
            case Not(part):
                inner = self.compile(part)
                return lambda record: not inner(record)
            case Within():
                return self._within(condition)
            case Compare():
                return self._compare(condition)

    def literal(self, column: Column, value: Any) -> Any:
        """A literal in the form in which the column compares.

        Raises:
            Refusal: INVALID_FIELD when the types do not go together.
        """
        field = column.field
        if value is None:
            return None
        if field.type == "datetime":
            if isinstance(value, Instant):
                return value.stamp
            raise _wrong(column, "dateTime and should not be enclosed in quotes")
        if field.type == "date":
            if isinstance(value, Day):
                return value.text
            raise _wrong(column, "date and should not be enclosed in quotes")
        if field.type == "boolean":
            if isinstance(value, bool):
                return value
            raise _wrong(column, "boolean and should not be enclosed in quotes")
        if field.type in _NUMBERS:
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return value
            raise _wrong(column, f"{field.type} and should not be enclosed in quotes")
        if not isinstance(value, str):
            raise _wrong(column, "string and should be enclosed in quotes")
        if field.type in ("id", "reference"):
            return _id(value, field)
        return value.casefold()

    # ---- inside ----

    def _filterable(self, names: tuple[str, ...]) -> Column:
        column = self._columns.column(self._object, names)
        if column.field.type in ("address", "textarea"):
            name = ".".join(column.path)
            raise Refusal(400, "INVALID_FIELD", f"field '{name}' can not be filtered in a query call")
        return column

    def _compare(self, condition: Compare) -> Predicate:
        column = self._filterable(condition.path.names)
        get, op = column.compare, condition.op
        if isinstance(condition.value, DayRange):
            return self._relative(column, op, condition.value)
        if op == "LIKE":
            return _like(column, condition.value)
        if op in ("INCLUDES", "EXCLUDES"):
            if column.field.type != "multipicklist":
                raise Refusal(400, "INVALID_FIELD", f"invalid operator on {column.field.type} field: {op.lower()}")
            wanted = [set(str(value).casefold().split(";")) for value in condition.value]
            includes = op == "INCLUDES"

            def held(record: Record) -> bool:
                value = get(record)
                parts = set(value.split(";")) if value else set()
                return any(group <= parts for group in wanted) is includes

            return held
        value = self.literal(column, condition.value)
        if op == "=":
            return lambda record: get(record) == value
        if op == "!=":
            return lambda record: get(record) != value
        if value is None:
            raise _wrong(column, "something other than null for this operator")
        order = _ORDERED[op]
        return lambda record: (found := get(record)) is not None and order(found, value)

    def _within(self, condition: Within) -> Predicate:
        column = self._filterable(condition.path.names)
        if isinstance(condition.values, Query):
            values = self._semijoin(condition.values)
        else:
            values = {self.literal(column, value) for value in condition.values}
        get, negated = column.compare, condition.negated
        return lambda record: (get(record) in values) is not negated

    def _relative(self, column: Column, op: str, days: DayRange) -> Predicate:
        if column.field.type not in ("date", "datetime") or op not in (*_ORDERED, "=", "!="):
            raise _wrong(column, f"{column.field.type}: no relative date goes with it")
        first = self._now // _DAY_MS * _DAY_MS + days.first * _DAY_MS
        end = self._now // _DAY_MS * _DAY_MS + (days.last + 1) * _DAY_MS
        low, high = (first, end) if column.field.type == "datetime" else (day_of(first), day_of(end))
        get = column.compare

        def held(record: Record) -> bool:
            value = get(record)
            if value is None:
                return op == "!="
            checks: dict[str, bool] = {
                "=": low <= value < high,
                "!=": not low <= value < high,
                "<": value < low,
                "<=": value < high,
                ">": value >= high,
                ">=": value >= low,
            }
            return checks[op]

        return held


def _like(column: Column, pattern: Any) -> Predicate:
    if not isinstance(pattern, str) or column.field.type in (
        *_NUMBERS,
        "boolean",
        "date",
        "datetime",
        "id",
        "reference",
    ):
        raise Refusal(400, "INVALID_FIELD", f"invalid operator on {column.field.type} field: like")
    expression = ""
    place = 0
    while place < len(pattern):
        char = pattern[place]
        if char == "\\" and place + 1 < len(pattern):
            place += 1
            expression += re.escape(pattern[place])
        elif char == "%":
            expression += ".*"
        elif char == "_":
            expression += "."
        else:
            expression += re.escape(char)
        place += 1
    compiled = re.compile(expression.casefold(), re.DOTALL)
    get = column.compare
    return lambda record: isinstance(value := get(record), str) and compiled.fullmatch(value) is not None


def _id(value: str, field: Field) -> str:
    if value and (len(value) not in (15, 18) or not value.isalnum()):
        raise Refusal(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}", fields=[field.name])
    return full_id(value)


def _wrong(column: Column, wanted: str) -> Refusal:
    name = ".".join(column.path)
    return Refusal(400, "INVALID_FIELD", f"value of filter criterion for field '{name}' must be of type {wanted}")
