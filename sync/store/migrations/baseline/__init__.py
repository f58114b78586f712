"""The first revision as plain SQL, so that it stays what it was while `tables/` moves on.

Until the first release it may be written anew from the tables: `python -m sync.store.migrations.baseline`.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sync.store.tables import metadata

_DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}
_END = ";\n\n"


def statements(dialect: str) -> list[str]:
    """The statements for one database, in order."""
    text = files(__package__).joinpath(f"{dialect}.sql").read_text(encoding="utf-8")
    return [statement for part in text.split(_END) if (statement := part.strip())]


def draft(dialect: str) -> str:
    """The SQL of the tables as they are now."""
    language = _DIALECTS[dialect]()
    parts = []
    for table in metadata.sorted_tables:
        parts.append(str(sa.schema.CreateTable(table).compile(dialect=language)))
        parts.extend(
            str(sa.schema.CreateIndex(index).compile(dialect=language))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        )
    lines = [line.rstrip() for part in parts for line in f"{part.strip()};\n".split("\n")]
    return "\n".join(lines).replace("\t", "    ") + "\n"


def write() -> None:
    """Write both files anew."""
    for dialect in _DIALECTS:
        Path(__file__).with_name(f"{dialect}.sql").write_text(draft(dialect), encoding="utf-8")
