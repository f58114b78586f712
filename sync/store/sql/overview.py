"""Counts over the whole store, for status and preview. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.tables import activity, company, company_score, contact, outbox, person, score

if TYPE_CHECKING:
    import polars as pl

    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """How much there is."""

    people: int
    scored: int
    dirty: int
    contacts: int
    companies: int
    #: Of them: those with a score, and those that are to be scored anew.
    companies_scored: int
    companies_stale: int
    activities: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedGroup:
    """Dead letters of one kind."""

    connection_no: int
    object: str
    code: str
    scope: str
    #: What the CRM said to one of them.
    text: str
    many: int


class Overview:
    """Counts for people who look."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def totals(self) -> Totals:
        """People (those who exist in a CRM now), contacts, companies, activities."""
        alive = sa.and_(person.c.alias_of.is_(None), person.c.contacts > 0)
        dirty = sa.case((person.c.dirty_seq > person.c.scored_seq, 1), else_=0)
        counted = sa.select(sa.func.count().label("people"), sa.func.sum(dirty).label("waiting")).where(alive)
        (row,) = self._sql.rows(counted)
        return Totals(
            people=int(row.people),
            dirty=int(row.waiting or 0),
            scored=self._count(score),
            contacts=self._count(contact, contact.c.gone_at.is_(None)),
            companies=self._count(company),
            companies_scored=self.scored_companies(),
            companies_stale=self._count(company, company.c.stale.is_(True)),
            activities=self._count(activity, activity.c.gone_at.is_(None)),
        )

    def scored_companies(self) -> int:
        """Companies with a score."""
        return self._count(company_score)

    def contacts(self, connection_no: int) -> tuple[int, int]:
        """(live contacts, those of them that may not be written) of a connection."""
        live = contact.c.connection_no == connection_no, contact.c.gone_at.is_(None)
        return self._count(contact, *live), self._count(contact, *live, contact.c.writable.is_(False))

    def ranked(self) -> pl.DataFrame:
        """`person_no, total` of everybody in scope, the lowest total first."""
        query = sa.select(score.c.person_no, score.c.total).where(score.c.in_scope.is_(True))
        return self._sql.frame(query.order_by(score.c.total, score.c.person_no))

    def due_new(self, connection_no: int) -> int:
        """Due records in which nothing was written yet."""
        return self._count(
            outbox, outbox.c.connection_no == connection_no, outbox.c.due.is_(True), outbox.c.sent.is_(None)
        )

    def refused(self, connection_no: int | None = None) -> list[RefusedGroup]:
        """Dead letters by connection, object, code and scope; the largest group first."""
        columns = outbox.c.connection_no, outbox.c.object, outbox.c.refusal, outbox.c.refusal_scope
        many = sa.func.count()
        query = sa.select(*columns, sa.func.min(outbox.c.refusal_text).label("words"), many.label("many")).where(
            outbox.c.refusal.is_not(None)
        )
        if connection_no is not None:
            query = query.where(outbox.c.connection_no == connection_no)
        return [
            RefusedGroup(
                connection_no=row.connection_no,
                object=row.object,
                code=row.refusal,
                scope=row.refusal_scope or "value",
                text=row.words or "",
                many=int(row.many),
            )
            for row in self._sql.rows(query.group_by(*columns).order_by(many.desc(), *columns))
        ]

    def _count(self, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        return int(self._sql.value(sa.select(sa.func.count()).select_from(table).where(*conditions)))
