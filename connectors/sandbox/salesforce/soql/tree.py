"""A parsed SOQL query as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    """`Email` or `Account.Owner.Name`."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`COUNT(Id) total`; the path is None for `COUNT()`."""

    function: str
    path: Path | None
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Instant:
    """A date-time literal in milliseconds since 1970."""

    stamp: int


@dataclass(frozen=True, slots=True)
class Day:
    """A date literal, as text."""

    text: str


@dataclass(frozen=True, slots=True)
class DayRange:
    """A relative literal such as TODAY or LAST_N_DAYS:30: days from and to the present one, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Compare:
    """`path op value`; op is one of = != < <= > >= LIKE INCLUDES EXCLUDES."""

    path: Path
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Within:
    """`path [NOT] IN (...)`: a list of values or a query."""

    path: Path
    values: tuple[Any, ...] | Query
    negated: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition: TypeAlias = Compare | Within | And | Or | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One term of ORDER BY."""

    path: Path
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """SELECT ... FROM ...; `source` is an object, or a child relationship in a subquery."""

    fields: tuple[Path | Aggregate | Query, ...]
    source: str
    where: Condition | None = None
    group_by: tuple[Path, ...] = ()
    order: tuple[Order, ...] = field(default=())
    limit: int | None = None
    offset: int = 0

    @property
    def counts(self) -> bool:
        """`SELECT COUNT() FROM ...`: a number, no rows."""
        return len(self.fields) == 1 and isinstance(self.fields[0], Aggregate) and self.fields[0].path is None

    @property
    def aggregates(self) -> bool:
        """Whether rows are groups."""
        return bool(self.group_by) or any(isinstance(item, Aggregate) for item in self.fields)
