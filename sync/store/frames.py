"""Bulk reads into frames: one cursor on SQLite, ADBC on PostgreSQL when it is installed.

Instants become Datetime(us, UTC), days Date, booleans Boolean; JSON stays text. No second copy of SQLite ever enters the
process (design: it would not see the first one's locks), hence no ADBC driver for SQLite, no connectorx, no DuckDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import polars as pl
import sqlalchemy as sa

from sync.store.types import Day, Instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Rows fetched at a time: large enough to be fast, small enough to bound the memory of tuples.
BATCH = 50_000


class BulkReader(Protocol):
    """A faster way than the cursor, that sees the same snapshot."""

    def read(self, connection: sa.Connection, query: sa.Select[Any]) -> pl.DataFrame:
        """All rows, columns typed as the database has them."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


def read(
    connection: sa.Connection,
    query: sa.Select[Any],
    schema: Mapping[str, pl.DataType] | None = None,
    bulk_reader: BulkReader | None = None,
) -> pl.DataFrame:
    """All rows as one frame."""
    stored_schema = _stored_schema(query)
    if bulk_reader is not None:
        stored = bulk_reader.read(connection, query)
        return _finished(stored, query, schema)
    parts = list(batches(connection, query, schema))
    return pl.concat(parts) if parts else _finished(pl.DataFrame(schema=stored_schema), query, schema)


def batches(
    connection: sa.Connection,
    query: sa.Select[Any],
    schema: Mapping[str, pl.DataType] | None = None,
    size: int = BATCH,
) -> Iterator[pl.DataFrame]:
    """Rows as frames of at most `size` rows."""
    stored = _stored_schema(query)
    # NOTE: with `stream_results` SQLAlchemy fetches the first rows into a buffer of its own, so the raw cursor alone would
    # miss them: its fetch strategy is asked, which gives raw rows, too, and knows of the buffer.
    options = {"stream_results": connection.dialect.name != "sqlite", "max_row_buffer": size}
    with connection.execute(query, execution_options=options) as result:
        cursor = result.cursor
        while cursor is not None and (rows := result.cursor_strategy.fetchmany(result, cursor, size)):
            yield _finished(pl.DataFrame(rows, schema=stored, orient="row", strict=False), query, schema)


def _stored_schema(query: sa.Select[Any]) -> dict[str, pl.DataType]:
    return {column.name: _stored_type(column) for column in query.selected_columns}


def _stored_type(column: Any) -> pl.DataType:
    match column.type:
        case Instant() | sa.BigInteger() | sa.Integer() | Day():
            return pl.Int64()
        case sa.Boolean():
            return pl.Int8()
        case sa.Float():
            return pl.Float64()
        case sa.types.TypeDecorator() | sa.String():
            return pl.String()
        case _:
            message = f"column {column.name} of a frame has no type of the store; give it one with type_coerce"
            raise TypeError(message)


def _finished(frame: pl.DataFrame, query: sa.Select[Any], schema: Mapping[str, pl.DataType] | None) -> pl.DataFrame:
    """From what is stored to what is meant."""
    # NOTE: column by column, without the lazy engine: for one person that costs more than the query does.
    return pl.DataFrame([_meant(frame[column.name], column, schema or {}) for column in query.selected_columns])


def _meant(stored: pl.Series, column: Any, schema: Mapping[str, pl.DataType]) -> pl.Series:
    match column.type:
        case Instant():
            stored = stored.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
        case Day():
            stored = stored.cast(pl.Int32).cast(pl.Date)
        case sa.Boolean():
            stored = stored.cast(pl.Boolean)
        case sa.BigInteger() | sa.Integer():
            stored = stored.cast(pl.Int64)
        case _:
            pass
    return stored.cast(schema[column.name]) if column.name in schema else stored
