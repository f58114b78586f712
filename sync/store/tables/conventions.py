"""What all tables share: one metadata with named constraints, self-numbering keys, clustering on SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)

#: INTEGER on SQLite, because only INTEGER PRIMARY KEY numbers itself there.
Number = BigInteger().with_variant(Integer, "sqlite")
CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}
