"""The tables' history. `settle` looks at a database that is being opened; `upgrade` brings an older one to this release.

The revisions are plain Alembic; there is no alembic.ini, and Alembic is only loaded when there is something to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.errors import SchemaMismatch, SchemaOutdated, SchemaTooNew, StoreDamaged
from sync.store.failures import translated

if TYPE_CHECKING:
    from sync.store.unit import Store

#: The revision that this release needs: the newest in `versions` (a test compares).
REVISION = "0001"
_TABLE = sa.table("alembic_version", sa.column("version_num", sa.String))


def settle(store: Store, *, upgrade: bool) -> None:
    """Make the tables of a new database; refuse one of another release.

    Raises SchemaOutdated, SchemaTooNew, SchemaMismatch, and StoreDamaged for a database that holds something else.
    """
    found = revision_of(store)
    if found == REVISION:
        return
    if found is None or upgrade:
        _run(store)
        found = revision_of(store)
        if found == REVISION:
            return
    if found is not None and found in _known():
        raise SchemaOutdated(
            f"{store.place}: its tables are of revision {found}, this release needs {REVISION}.",
            next_step="stop all leadgrade processes, make a backup, then run leadgrade doctor --upgrade",
        )
    if found is not None and found > REVISION:
        raise SchemaTooNew(
            f"{store.place}: its tables are of revision {found}, newer than this release ({REVISION}).",
            next_step="install the release of Leadgrade that last used this database",
        )
    raise SchemaMismatch(
        f"{store.place}: its tables are of the unknown revision {found}.", next_step="restore the last backup"
    )


def upgrade(store: Store) -> None:
    """Bring the tables to this release's revision; one transaction."""
    _run(store)


def revision_of(store: Store) -> str | None:
    """The revision of a database; None for an empty one. Raises StoreDamaged for a database of something else."""
    with translated(store.place), store.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        if not tables:
            return None
        if _TABLE.name not in tables:
            raise StoreDamaged(
                f"{store.place}: this database holds the tables of another program.",
                next_step="name an empty database or file in `store` in the settings",
            )
        found = connection.execute(sa.select(_TABLE.c.version_num)).scalar()
        return None if found is None else str(found)


def _known() -> set[str]:
    from sync.store.migrations.running import revisions

    return set(revisions())


def _run(store: Store) -> None:
    from sync.store.migrations.running import run

    with translated(store.place), store.engine.begin() as connection:
        run(connection)
