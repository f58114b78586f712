"""Activities of whole shards as packed frames, for the rescore of everybody: reading rows one by one is most of its time.

A block is what `activity_contact` held at one change number. Every statement that changes links notes whose they are, in its
own transaction; of those people the rows are read, of the others the block. Whoever is forgotten leaves no block behind.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from sync.store.shards import shard_of
from sync.store.tables import activity_block, activity_contact, activity_moved, sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sync.store.sql.bulk import Sql

#: Rows of a shard from which on a block is worth keeping: a few hundred thousand activities in all.
WORTH = 2_000
#: Share of a block that is still true, below which a new one is made.
_TRUE_ENOUGH = 0.9
#: Changes when blocks are packed otherwise, so that older ones are not opened.
_PACKING = "1"
_SEQUENCE = "activity_moved"
_ORDER = (activity_contact.c.shard, activity_contact.c.person_no, activity_contact.c.activity_no)


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """What a shard held at a change number; made from one snapshot."""

    shard: int
    covers: int
    since: datetime
    rows: pl.DataFrame

    def packed(self) -> bytes:
        """The rows as compressed Arrow, which another version of Polars reads as well."""
        packed = io.BytesIO()
        self.rows.write_ipc_stream(packed, compression="zstd")
        return packed.getvalue()


class ActivityBlocks:
    """Queries on blocks and on what is not true in them any more."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # ------------------------------------------------------------ what changed

    def note(self, people: Iterable[int]) -> None:
        """The links of these people change in this transaction."""
        self._note([(number, 0) for number in people])

    def note_left(self, contacts: Iterable[tuple[int, int]]) -> None:
        """(contact, the person that it leaves in this transaction, with its links)."""
        self._note([(person_no, contact_no) for contact_no, person_no in contacts])

    def erase(self, people: Iterable[int], contact_nos: Iterable[int]) -> None:
        """Empty all blocks that tell of these people, or of contacts that were another person's when the block was made.

        Nobody can store a block that was made before.
        """
        left = sa.select(activity_moved.c.shard).distinct()
        shards = {shard_of(number) for number in people}
        shards |= {int(row.shard) for row in self._sql.within(left, activity_moved.c.contact_no, contact_nos)}
        self._empty(shards)

    def empty(self) -> None:
        """Empty all blocks: what was deleted may still be in them."""
        self._empty({int(row.shard) for row in self._sql.rows(sa.select(activity_block.c.shard))})

    def _empty(self, shards: set[int]) -> None:
        if not shards:
            return
        (seq,) = self._sql.take(_SEQUENCE)
        empty = {"covers": seq, "since": None, "columns": None, "body": None}
        self._sql.upsert(activity_block, [{"shard": shard} | empty for shard in sorted(shards)], update=tuple(empty))
        self._sql.update_within(sa.delete(activity_moved), activity_moved.c.shard, shards)

    def _note(self, left: Sequence[tuple[int, int]]) -> None:
        if not left:
            return
        (seq,) = self._sql.take(_SEQUENCE)
        rows = [
            {"shard": shard_of(person_no), "person_no": person_no, "contact_no": contact_no, "seq": seq}
            for person_no, contact_no in left
        ]
        self._sql.upsert(activity_moved, rows, update=("seq",))

    # ------------------------------------------------------------ reading and storing

    def read(
        self, first_shard: int, last_shard: int, *, since: datetime, columns: Sequence[str], worth: int | None = None
    ) -> tuple[pl.DataFrame, list[Block]]:
        """Rows of whole shards, and the blocks that are worth storing now.

        Args:
            first_shard: The first one.
            last_shard: The last one, included.
            since: Older activities are left out.
            columns: Of `activity_contact`; `person_no`, `activity_no` and `at` among them.
            worth: Rows of a shard from which on it gets a block; the usual number when nothing is said.

        Returns:
            Just what the table holds, by shard, person and activity.
        """
        covers = int(self._sql.value(sa.select(sequence.c.value).where(sequence.c.name == _SEQUENCE)) or 0)
        stored = self._usable(first_shard, last_shard, since, columns)
        mine = activity_contact.c.shard.between(first_shard, last_shard)
        others = mine if not stored else sa.and_(mine, activity_contact.c.shard.not_in(sorted(stored)))
        found: dict[int, pl.DataFrame] = {}
        if len(stored) <= last_shard - first_shard:
            found = _by_shard(self._sql.frame(_links(columns, since).where(others).order_by(*_ORDER)))
        due = [shard for shard, rows in found.items() if rows.height >= (WORTH if worth is None else worth)]
        stale = self._stale(stored)
        fresh = _by_shard(self._rows_of_stale(stored, since, columns)) if stale else {}
        for shard, (_, body) in stored.items():
            block = pl.read_ipc_stream(body).select(columns)
            kept = block.filter(pl.col("at") >= since)
            if shard in stale:
                kept = kept.filter(~pl.col("person_no").is_in(stale[shard]))
            parts = [kept, fresh[shard]] if shard in fresh else [kept]
            found[shard] = pl.concat(parts).sort("person_no", maintain_order=True) if shard in fresh else kept
            if kept.height < _TRUE_ENOUGH * max(block.height, found[shard].height):
                due.append(shard)
        none = self._sql.frame(_links(columns, since).where(sa.false())).drop("shard")
        rows = pl.concat([none, *(found[shard] for shard in sorted(found))])
        return rows, [Block(shard=shard, covers=covers, since=since, rows=found[shard]) for shard in sorted(due)]

    def store(self, block: Block, packed: bytes) -> None:
        """Keep a block, unless the store knows of something newer."""
        there = sa.select(activity_block.c.covers).where(activity_block.c.shard == block.shard)
        newest = self._sql.value(there)
        if newest is not None and newest > block.covers:
            return
        row = {
            "shard": block.shard,
            "covers": block.covers,
            "since": block.since,
            "columns": _contents(block.rows.columns),
            "body": packed,
        }
        self._sql.upsert(activity_block, [row], update=("covers", "since", "columns", "body"))
        told = activity_moved.c.shard == block.shard, activity_moved.c.seq <= block.covers
        self._sql.run(activity_moved.delete().where(*told))

    def _usable(
        self, first_shard: int, last_shard: int, since: datetime, columns: Sequence[str]
    ) -> dict[int, tuple[int, bytes]]:
        """Shard -> (what its block covers, the block), of those that hold all that is asked for."""
        query = sa.select(activity_block).where(
            activity_block.c.shard.between(first_shard, last_shard),
            activity_block.c.body.is_not(None),
            activity_block.c.since <= since,
        )
        asked = set(_contents(columns).split(","))
        return {
            int(row.shard): (int(row.covers), bytes(row.body))
            for row in self._sql.rows(query)
            if asked <= set(row.columns.split(","))
        }

    def _stale(self, stored: Mapping[int, tuple[int, bytes]]) -> dict[int, list[int]]:
        """Shard -> people of whom its block does not tell the truth."""
        query = sa.select(activity_moved.c.shard, activity_moved.c.person_no, activity_moved.c.seq)
        found: dict[int, list[int]] = {}
        for row in self._sql.within(query, activity_moved.c.shard, stored):
            if row.seq > stored[row.shard][0]:
                found.setdefault(int(row.shard), []).append(int(row.person_no))
        return found

    def _rows_of_stale(self, stored: Iterable[int], since: datetime, columns: Sequence[str]) -> pl.DataFrame:
        newer = (
            sa.select(activity_moved.c.shard, activity_moved.c.person_no)
            .join(activity_block, activity_block.c.shard == activity_moved.c.shard)
            .where(activity_moved.c.shard.in_(sorted(stored)), activity_moved.c.seq > activity_block.c.covers)
            .distinct()
            .subquery("newer")
        )
        same = sa.and_(activity_contact.c.shard == newer.c.shard, activity_contact.c.person_no == newer.c.person_no)
        query = _links(columns, since).select_from(newer.join(activity_contact, same))
        return self._sql.frame(query.order_by(*_ORDER))


def _links(columns: Sequence[str], since: datetime) -> sa.Select[Any]:
    """Links that count: not those that another record tells better, nor those that are gone."""
    selected = [activity_contact.c[name] for name in ("shard", *columns)]
    return sa.select(*selected).where(activity_contact.c.at >= since, activity_contact.c.counted.is_(True))


def _by_shard(rows: pl.DataFrame) -> dict[int, pl.DataFrame]:
    parts = rows.partition_by("shard", as_dict=True, include_key=False, maintain_order=True)
    return {int(shard): part for (shard,), part in parts.items()}


def _contents(columns: Iterable[str]) -> str:
    return ",".join([f"packing {_PACKING}", *sorted(columns)])
