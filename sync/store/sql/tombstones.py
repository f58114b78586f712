"""Tombstones of CRM records of any table: going, coming back, and which ones are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.records import DeletionKind, Ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.records import Deletion
    from sync.store.sql.bulk import Sql

_VANISHED = DeletionKind.VANISHED
_CLEARED = ("gone_at", "gone_kind", "moved_to_object", "moved_to_id")


def bury(
    sql: Sql, table: sa.Table, connection_no: int, deletions: Iterable[Deletion], *columns: sa.Column[Any]
) -> list[tuple[sa.Row[Any], Deletion]]:
    """Mark records as gone; those that were still there, with the columns asked for.

    One that had vanished, of which it is told now where it went, counts as if it had still been there.
    """
    by_ref = {deletion.ref: deletion for deletion in deletions}
    kinds = [table.c.gone_kind] if "gone_kind" in table.c else []
    found = [
        (row, deletion)
        for row in _rows(sql, table, connection_no, by_ref, *columns, *kinds)
        if (deletion := by_ref[Ref(object=row.object, id=row.record_id)]) is not None
        and (row.gone_at is None or (kinds and row.gone_kind == _VANISHED and deletion.kind != _VANISHED))
    ]
    (key,) = table.primary_key
    now, updates = sql.now(), []
    for row, deletion in found:
        moved = deletion.moved_to
        values = {
            "gone_at": deletion.at or now,
            "gone_kind": deletion.kind.value,
            "moved_to_object": moved.object if moved else None,
            "moved_to_id": moved.id if moved else None,
        }
        updates.append({key.name: row[0]} | {name: value for name, value in values.items() if name in table.c})
    sql.update(table, updates)
    return found


def raise_up(
    sql: Sql, table: sa.Table, connection_no: int, refs: Iterable[Ref], *columns: sa.Column[Any]
) -> list[sa.Row[Any]]:
    """Take tombstones away; the records that were gone, with the columns asked for as they were."""
    back = [row for row in _rows(sql, table, connection_no, refs, *columns) if row.gone_at is not None]
    (key,) = table.primary_key
    cleared = {name: None for name in _CLEARED if name in table.c}
    sql.update(table, [{key.name: row[0]} | cleared for row in back])
    return back


def present(
    sql: Sql, table: sa.Table, connection_no: int, object_name: str, *, size: int = 5000
) -> Iterator[list[Ref]]:
    """Records that are not gone, in blocks, in the order of their ids."""
    query = (
        sa.select(table.c.record_id, table.c.gone_at)
        .where(table.c.connection_no == connection_no, table.c.object == object_name)
        .order_by(table.c.record_id)
        .limit(size)
    )
    rows = sql.rows(query)
    while rows:
        yield [Ref(object=object_name, id=row.record_id) for row in rows if row.gone_at is None]
        rows = sql.rows(query.where(table.c.record_id > rows[-1].record_id))


def _rows(
    sql: Sql, table: sa.Table, connection_no: int, refs: Iterable[Ref], *columns: sa.Column[Any]
) -> list[sa.Row[Any]]:
    (key,) = table.primary_key
    query = sa.select(key, table.c.object, table.c.record_id, table.c.gone_at, *columns)
    return list(
        sql.at_refs(query.where(table.c.connection_no == connection_no), (table.c.object, table.c.record_id), refs)
    )
