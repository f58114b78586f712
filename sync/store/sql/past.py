"""What was known at an earlier instant: changes of contacts, activities as they counted then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.contact_rows import ChangeRow, ChangeSource
from sync.store.sql.bulk import as_dict
from sync.store.sql.scoring_inputs import activity_columns
from sync.store.tables import activity, activity_contact, contact_change

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    import polars as pl

    from sync.store.sql.bulk import Sql

_CHANGE = ("attribute", "old", "new", "at", "recorded_at", "source")


class Past:
    """Queries on what was known."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def changes(self, contact_nos: Iterable[int]) -> dict[int, list[ChangeRow]]:
        """Contact -> its changes in the order in which we learnt of them."""
        columns = [contact_change.c[name] for name in _CHANGE]
        query = sa.select(contact_change.c.contact_no, *columns).order_by(contact_change.c.change_no)
        found: dict[int, list[ChangeRow]] = {}
        for row in self._sql.within(query, contact_change.c.contact_no, contact_nos):
            told = as_dict(row)
            number = told.pop("contact_no")
            found.setdefault(number, []).append(ChangeRow(**{**told, "source": ChangeSource(row.source)}))
        return found

    def activities(
        self,
        person_no: int,
        contact_nos: Collection[int],
        *,
        at: datetime,
        newest: int | None,
        since: datetime,
        columns: Collection[str],
    ) -> pl.DataFrame:
        """Activities of some contacts as they were known, with the columns of `ScoringInputs.activities`.

        Args:
            person_no: Whose they were.
            contact_nos: The contacts of that person.
            at: Activities that their CRM recorded later are left out; those that went or were superseded later count.
            newest: Those with a higher number were stored later; None: it is not known.
            since: Older ones are left out.
            columns: As for `ScoringInputs.activities`.
        """
        better = activity.alias("better")
        superseded = sa.exists().where(
            better.c.connection_no == activity.c.connection_no,
            better.c.supersedes_object == activity.c.object,
            better.c.supersedes_id == activity.c.record_id,
            *_there(better, at, newest),
        )
        link = activity_contact.c
        selected = [link[name] for name in activity_columns(columns) if name != "person_no"]
        query = sa.select(sa.literal(person_no, sa.BigInteger).label("person_no"), *selected)
        query = query.select_from(activity_contact.join(activity, activity.c.activity_no == link.activity_no))
        query = query.where(link.at >= since, *_there(activity, at, newest), ~superseded).order_by(link.activity_no)
        return self._sql.frame_within(query, link.contact_no, sorted(contact_nos))


def _there(table: sa.FromClause, at: datetime, newest: int | None) -> list[sa.ColumnElement[bool]]:
    """Known then, and not gone yet."""
    conditions = [table.c.recorded_at <= at, sa.or_(table.c.gone_at.is_(None), table.c.gone_at > at)]
    return conditions if newest is None else [*conditions, table.c.activity_no <= newest]
