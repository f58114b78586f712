"""Bulk reads from PostgreSQL over ADBC: columns come as columns, several times faster than rows through a cursor.

The reader has a connection of its own and joins the snapshot of the unit that asks, so that both see the same.
"""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy.dialects import postgresql

if TYPE_CHECKING:
    import sqlalchemy as sa


class AdbcReader:
    """One connection for all threads, one read at a time; opened at the first read."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._turn = threading.Lock()
        self._connection: Any = None
        # Values stand in the text, because ADBC reads by COPY only then. Without a `%` style nothing else is escaped.
        self._dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
        self._dialect._backslash_escapes = False  # noqa: SLF001 - standard_conforming_strings has been on since 2010

    def read(self, connection: sa.Connection, query: sa.Select[Any]) -> pl.DataFrame:
        """All rows, columns typed as the database has them."""
        text = str(query.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True}))
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar()
        with self._turn:
            try:
                return self._read(text, str(snapshot))
            except BaseException:
                # Whatever happened to it, the next read gets a fresh one.
                self._drop()
                raise

    def close(self) -> None:
        """Give the connection back."""
        with self._turn:
            self._drop()

    def _read(self, text: str, snapshot: str) -> pl.DataFrame:
        if self._connection is None:
            from adbc_driver_postgresql import dbapi

            self._connection = dbapi.connect(self._address, autocommit=True)
        with self._connection.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            cursor.execute(text)
            frame = pl.DataFrame(cursor.fetch_arrow_table())
            cursor.execute("COMMIT")
        return frame

    def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()


def reader(address: str) -> AdbcReader | None:
    """A reader, if its driver is installed."""
    installed = find_spec("adbc_driver_postgresql") is not None and find_spec("pyarrow") is not None
    return AdbcReader(address) if installed else None
