"""What scoring reads: people with their profiles, their activities, assets. Range scans by shard, or the dirty ones alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync.store.tables import activity_contact, asset, connection, contact, outbox, person, score

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    import polars as pl

    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """Which people: a range of shards (both included), all of it or the dirty ones; or one person."""

    first_shard: int = 0
    last_shard: int = 255
    dirty: bool = False
    person_no: int | None = None

    @property
    def everybody(self) -> bool:
        """Whether it is all people of the shards."""
        return self.person_no is None and not self.dirty

    def condition(self) -> sa.ColumnElement[bool]:
        """As a condition on `person`."""
        if self.person_no is not None:
            return person.c.person_no == self.person_no
        shards = person.c.shard.between(self.first_shard, self.last_shard)
        return sa.and_(shards, person.c.dirty_seq > person.c.scored_seq) if self.dirty else shards

    def rows_of(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """As a condition on a table that is clustered by shard and person."""
        if self.everybody:
            return table.c.shard.between(self.first_shard, self.last_shard)
        # NOTE: not a join, which SQLite begins with the larger table: shard by shard instead of person by person.
        mine = sa.select(person.c.shard, person.c.person_no).where(self.condition())
        return sa.tuple_(table.c.shard, table.c.person_no).in_(mine)


#: People who are scored: no aliases, nobody without a live contact.
_SCORED = sa.and_(person.c.alias_of.is_(None), person.c.contacts > 0)


#: Columns of activities that every reader needs, and those that it depends on the model.
_ALWAYS = ("person_no", "activity_no", "connection_no", "kind", "at")
_SOMETIMES = (
    *("recorded_at", "asset_no", "direction", "outcome", "duration_s", "message_id", "link", "machine", "count"),
)


def activity_columns(wanted: Collection[str] | None = None) -> tuple[str, ...]:
    """Columns of activities in the order in which they are read; all when nothing is said."""
    return (*_ALWAYS, *(name for name in _SOMETIMES if wanted is None or name in wanted))


class ScoringInputs:
    """Reads for rescoring and explaining."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def counts(self, who: Who) -> dict[int, int]:
        """People per shard, those who are no longer scored included (they lose their score)."""
        query = sa.select(person.c.shard, sa.func.count().label("many")).where(who.condition()).group_by(person.c.shard)
        return {int(row.shard): int(row.many) for row in self._sql.rows(query)}

    def people(self, who: Who) -> pl.DataFrame:
        """`shard, person_no, profile` (JSON text), `dirty_seq, scored_seq, dirty_cause, scored` (0: no longer scored)."""
        query = sa.select(
            person.c.shard,
            person.c.person_no,
            person.c.profile,
            person.c.dirty_seq,
            person.c.scored_seq,
            person.c.dirty_cause,
            sa.case((_SCORED, 1), else_=0).label("scored"),
        ).where(who.condition())
        return self._sql.frame(query.order_by(person.c.shard, person.c.person_no))

    def activities(
        self, who: Who, *, since: datetime | None = None, columns: Collection[str] | None = None
    ) -> pl.DataFrame:
        """Activities, one row for each contact of the person that they happened with, by person and activity.

        Args:
            who: Whose.
            since: Older ones are left out.
            columns: Which of the columns that not every model looks at; all when absent.
        """
        selected = [activity_contact.c[name] for name in activity_columns(columns)]
        query: sa.Select[Any] = sa.select(*selected).where(who.rows_of(activity_contact))
        if since is not None:
            query = query.where(activity_contact.c.at >= since)
        # Not those that another record tells better, nor those that are gone.
        query = query.where(activity_contact.c.counted.is_(True))
        order = (activity_contact.c.shard, activity_contact.c.person_no, activity_contact.c.activity_no)
        return self._sql.frame(query.order_by(*order))

    def assets(self, *, after: int = 0, only: Collection[int] | None = None) -> pl.DataFrame:
        """`asset_no, url, asset, campaign, product` of some assets, or of those above `after` (they never change)."""
        query = sa.select(asset.c.asset_no, asset.c.url, asset.c.asset, asset.c.campaign, asset.c.product)
        if only is not None:
            return self._sql.frame_within(query, asset.c.asset_no, only)
        return self._sql.frame(query.where(asset.c.asset_no > after).order_by(asset.c.asset_no))

    def crm_kinds(self) -> dict[int, str]:
        """connection_no -> kind of CRM."""
        rows = self._sql.rows(sa.select(connection.c.connection_no, connection.c.kind))
        return {int(row.connection_no): str(row.kind) for row in rows}

    def contact_crms(self, who: Who) -> pl.DataFrame:
        """`person_no, connection_no`: in which connections people exist or existed.

        Contacts that are gone count: what the native sync copied before stays a copy.
        """
        query: sa.Select[Any] = sa.select(contact.c.person_no, contact.c.connection_no).distinct()
        if who.person_no is not None:
            query = query.where(contact.c.person_no == who.person_no)
        elif who.dirty or who.first_shard > 0 or who.last_shard < 255:
            same = contact.c.person_no == person.c.person_no
            query = query.select_from(person.join(contact, same)).where(who.condition())
        return self._sql.frame(query)

    def observed_of_unscored(self, who: Who) -> pl.DataFrame:
        """`person_no, observed` (JSON text) of people without a score here whose records hold values of ours in the CRM."""
        same = sa.and_(outbox.c.person_no == person.c.person_no, outbox.c.observed.is_not(None))
        scored = sa.exists().where(score.c.shard == person.c.shard, score.c.person_no == person.c.person_no)
        query: sa.Select[Any] = sa.select(outbox.c.person_no, outbox.c.observed)
        query = query.select_from(person.join(outbox, same))
        return self._sql.frame(query.where(who.condition(), ~scored))
