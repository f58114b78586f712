"""Planner statistics on PostgreSQL while tables grow fast.

A first load outruns autovacuum: with no statistics the planner takes every table for a small one and reads all of it for
each page. So tables are analysed after 1,000 new rows, then 4,000, 16,000 and so on. SQLite does well without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST = 1000
_GROWTH = 4


class Statistics:
    """Counts what this process inserted."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._rows: dict[str, int] = {}
        self._due: dict[str, int] = {}

    def note(self, inserted: Mapping[str, int]) -> None:
        """Rows that were just committed, by table."""
        if self._engine.dialect.name != "postgresql":
            return
        ripe = []
        for table, rows in inserted.items():
            self._rows[table] = self._rows.get(table, 0) + rows
            if self._rows[table] >= self._due.get(table, _FIRST):
                self._due[table] = self._rows[table] * _GROWTH
                ripe.append(table)
        if ripe:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in ripe:
                    connection.exec_driver_sql(f"ANALYZE {table}")
