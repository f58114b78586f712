"""The open transaction that all subjects of a unit share, and the few bulk statements that they are made of.

A subject is a class with one argument, `Sql`. No query per row: pages are read with `within`, written with `insert`,
`upsert` and `update`, which send many rows at a time on both backends.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sync.store import frames
from sync.store.tables import sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.sql.elements import ColumnElement

    from connectors.records import Ref
    from sync.clock import Clock

#: Values in one IN list: far below what SQLite and PostgreSQL take, long enough to be rare.
CHUNK = 2000
#: Rows from which on COPY is worth its set-up.
COPY_FROM = 20


class Sql:
    """One open transaction."""

    def __init__(self, connection: sa.Connection, clock: Clock, bulk_reader: frames.BulkReader | None = None) -> None:
        self._connection = connection
        self._clock = clock
        self._bulk_reader = bulk_reader
        self.sqlite = connection.dialect.name == "sqlite"
        #: Rows inserted in this unit by table.
        self.inserted: Counter[str] = Counter()

    def now(self) -> datetime:
        """The present instant of the injected clock (leases alone use the database's)."""
        return self._clock.now()

    # ------------------------------------------------------------ reading

    def rows(self, query: sa.Executable) -> Sequence[sa.Row[Any]]:
        """All rows."""
        return self._connection.execute(query).all()

    def mappings(self, query: sa.Executable) -> list[dict[str, Any]]:
        """All rows as dictionaries by column name."""
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def first(self, query: sa.Executable) -> sa.Row[Any] | None:
        """The first row, if any."""
        return self._connection.execute(query).first()

    def value(self, query: sa.Executable) -> Any:
        """The first column of the first row, None without one."""
        return self._connection.execute(query).scalar()

    def within(self, query: sa.Select[Any], column: ColumnElement[Any], values: Iterable[Any]) -> Iterator[sa.Row[Any]]:
        """Rows whose column is one of many values, in chunks; nothing for no values."""
        for chunk in chunks(values):
            # NOTE: in parts, because fetching one row at a time costs more than the query.
            for part in self._connection.execute(query.where(column.in_(chunk))).partitions(CHUNK):
                yield from part

    def at_refs(
        self,
        query: sa.Select[Any],
        columns: tuple[ColumnElement[str], ColumnElement[str]],
        refs: Iterable[Ref],
    ) -> Iterator[sa.Row[Any]]:
        """Rows of many CRM records, given the columns of object and record id."""
        column_object, column_id = columns
        by_object: dict[str, list[str]] = {}
        for ref in refs:
            by_object.setdefault(ref.object, []).append(ref.id)
        for name, ids in by_object.items():
            yield from self.within(query.where(column_object == name), column_id, ids)

    def frame(self, query: sa.Select[Any], schema: Mapping[str, pl.DataType] | None = None) -> pl.DataFrame:
        """All rows as a frame, fast; see `Store.read_frame`."""
        return frames.read(self._connection, query, schema, self._bulk_reader)

    def frame_within(self, query: sa.Select[Any], column: ColumnElement[Any], values: Iterable[Any]) -> pl.DataFrame:
        """Rows whose column is one of many values, as a frame."""
        parts = [self.frame(query.where(column.in_(chunk))) for chunk in chunks(values)]
        return pl.concat(parts) if parts else self.frame(query.where(sa.false()))

    # ------------------------------------------------------------ writing

    def run(self, statement: sa.Executable) -> int:
        """Execute one statement; the number of rows it touched."""
        result = self._connection.execute(statement)
        return result.rowcount if isinstance(result, sa.CursorResult) else 0

    def insert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows; all have the same columns."""
        if not rows:
            return
        self.inserted[table.name] += len(rows)
        if not self.sqlite and len(rows) < COPY_FROM:
            self._connection.execute(table.insert(), rows)
            return
        values = self._bound(table, rows)
        if self.sqlite:
            self._connection.exec_driver_sql(self._insertion(table, rows[0]), values)
            return
        cursor: Any = self._connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {self._quoted([table.name])} ({self._quoted(rows[0])}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)

    def _bound(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        # NOTE: past SQLAlchemy's handling of parameters, which costs more than the database does.
        dialect = self._connection.dialect
        makes = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in rows[0]]
        # Column by column, which is twice as fast as row by row.
        by_column = [
            [row[name] for row in rows]
            if make is None
            else [None if (value := row[name]) is None else make(value) for row in rows]
            for name, make in makes
        ]
        return list(zip(*by_column, strict=True))

    def _insertion(self, table: sa.Table, names: Collection[str]) -> str:
        places = ", ".join("?" * len(names))
        return f"INSERT INTO {self._quoted([table.name])} ({self._quoted(names)}) VALUES ({places})"  # noqa: S608

    def _quoted(self, names: Iterable[str]) -> str:
        return ", ".join(map(self._connection.dialect.identifier_preparer.quote, names))

    def add(self, table: sa.Table, row: Mapping[str, Any]) -> int:
        """Insert one row; its new number."""
        (key,) = table.primary_key
        return int(self.value(table.insert().values(**row).returning(key)))

    def upsert(
        self,
        table: sa.Table,
        rows: Sequence[Mapping[str, Any]],
        *,
        key: Sequence[str] | None = None,
        update: Iterable[str] = (),
        also: Callable[[Any], Mapping[str, Any]] | None = None,
    ) -> None:
        """Insert many rows; where the key is taken, set the columns of `update` and what `also` makes of the new row.

        With neither, rows whose key is taken are left alone. Of rows with equal keys the last one counts.
        """
        if not rows:
            return
        self.inserted[table.name] += len(rows)
        names = tuple(key or table.primary_key.columns.keys())
        distinct = {tuple(row[name] for name in names): row for row in rows}
        if self.sqlite and also is None:
            changed = ", ".join(
                f"{column} = excluded.{column}" for column in map(self._quoted, ([name] for name in update))
            )
            then = f"UPDATE SET {changed}" if changed else "NOTHING"
            insertion = f"{self._insertion(table, rows[0])} ON CONFLICT ({self._quoted(names)}) DO {then}"
            self._connection.exec_driver_sql(insertion, self._bound(table, list(distinct.values())))
            return
        make = sqlite.insert if self.sqlite else postgresql.insert
        statement: Any = make(table)
        changes = {name: statement.excluded[name] for name in update}
        if also is not None:
            changes |= also(statement.excluded)
        if changes:
            statement = statement.on_conflict_do_update(index_elements=names, set_=changes)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=names)
        self._connection.execute(statement, list(distinct.values()))

    def update(self, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str] | None = None) -> None:
        """Set columns of many rows that are found by their key; all have the same columns."""
        if not rows:
            return
        names = tuple(key or table.primary_key.columns.keys())
        statement = table.update().where(*(table.c[name] == sa.bindparam(f"key_{name}") for name in names))
        statement = statement.values({name: sa.bindparam(name) for name in rows[0] if name not in names})
        renamed = [{f"key_{name}" if name in names else name: value for name, value in row.items()} for row in rows]
        self._connection.execute(statement, renamed)

    def delete(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Delete many rows by the columns given; all name the same columns."""
        if rows:
            conditions = [table.c[name] == sa.bindparam(f"key_{name}") for name in rows[0]]
            keys = [{f"key_{name}": value for name, value in row.items()} for row in rows]
            self._connection.execute(table.delete().where(*conditions), keys)

    def update_within(self, statement: sa.Update | sa.Delete, column: ColumnElement[Any], values: Iterable[Any]) -> int:
        """Update or delete the rows whose column is one of many values; how many there were."""
        return sum(self.run(statement.where(column.in_(chunk))) for chunk in chunks(values))

    def take(self, name: str, many: int = 1) -> range:
        """The next numbers of a named sequence: unique over all processes, never given twice."""
        if many == 0:
            return range(0)
        make = sqlite.insert if self.sqlite else postgresql.insert
        statement = make(sequence).values(name=name, value=many)
        statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": sequence.c.value + many})
        last = int(self.value(statement.returning(sequence.c.value)))
        return range(last - many + 1, last + 1)


def as_dict(row: sa.Row[Any]) -> dict[str, Any]:
    """A row's values by column name."""
    return dict(row._mapping)  # noqa: SLF001 - public by SQLAlchemy's documentation


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
