"""The scores of companies: their people's scores to roll up, what was stored, and the accounts that they are written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from sync.store.tables import account, company, company_score, person, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import polars as pl

    from sync.store.sql.bulk import Sql

_REST = tuple(column.name for column in company_score.columns if column.name != "company_no")


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenAccount:
    """One account as far as writing to it goes."""

    account_no: int
    connection_no: int
    object: str
    record_id: str
    company_no: int
    writable: bool
    gone_at: datetime | None


class CompanyScores:
    """Queries on scores of companies."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def stale(self, workspace_no: int, *, limit: int) -> list[int]:
        """Companies that must be looked at, the lowest numbers first."""
        query = sa.select(company.c.company_no).where(company.c.stale.is_(True), company.c.workspace_no == workspace_no)
        rows = self._sql.rows(query.order_by(company.c.company_no).limit(limit))
        return [int(row.company_no) for row in rows]

    def count_stale(self, workspace_no: int) -> int:
        """How many companies must be looked at."""
        query = sa.select(sa.func.count()).select_from(company)
        return int(self._sql.value(query.where(company.c.stale.is_(True), company.c.workspace_no == workspace_no)))

    def stale_with_accounts(self, workspace_no: int) -> None:
        """Look again at every company that has an account."""
        theirs = sa.select(account.c.company_no).where(account.c.company_no.is_not(None))
        statement = company.update().values(stale=True)
        self._sql.run(statement.where(company.c.workspace_no == workspace_no, company.c.company_no.in_(theirs)))

    def settle(self, company_nos: Iterable[int]) -> None:
        """Companies that have been looked at."""
        self._sql.update_within(company.update().values(stale=False), company.c.company_no, company_nos)

    def people(self, workspace_no: int, company_nos: Sequence[int] | None, role: str | None) -> pl.DataFrame:
        """Stored scores of the people of some companies, or of all.

        Args:
            workspace_no: Theirs.
            company_nos: None: all.
            role: An attribute whose value (or enriched value) is given beside, in the column `role_value`.

        Returns:
            `company_no, person_no, in_scope, disqualified, total, trend, qualified, grade` and, when asked for,
            `role_value`.
        """
        same = sa.and_(score.c.shard == person.c.shard, score.c.person_no == person.c.person_no)
        columns: list[sa.ColumnElement[Any]] = [
            person.c.company_no,
            person.c.person_no,
            *(score.c[name] for name in ("in_scope", "disqualified", "total", "trend", "qualified", "grade")),
        ]
        if role is not None:
            declared, enriched = self._said(role), self._said(f"enriched_{role}")
            said = sa.func.coalesce(sa.func.nullif(declared, "unknown"), enriched)
            columns.append(sa.type_coerce(said, sa.Text).label("role_value"))
        query = sa.select(*columns).select_from(person.join(score, same))
        query = query.where(person.c.workspace_no == workspace_no, person.c.alias_of.is_(None))
        if company_nos is None:
            return self._sql.frame(query.where(person.c.company_no.is_not(None)))
        return self._sql.frame(query.where(person.c.company_no.in_(company_nos)))

    def frame(self, workspace_no: int, company_nos: Sequence[int] | None = None) -> pl.DataFrame:
        """Stored scores of some companies, or of all: the columns of the table, `covered` as JSON text."""
        if company_nos is not None:
            return self._sql.frame(sa.select(company_score).where(company_score.c.company_no.in_(company_nos)))
        mine = sa.select(company_score).join(company, company.c.company_no == company_score.c.company_no)
        return self._sql.frame(mine.where(company.c.workspace_no == workspace_no))

    def of(self, company_no: int) -> dict[str, Any] | None:
        """The stored score of one company."""
        return next(
            iter(self._sql.mappings(sa.select(company_score).where(company_score.c.company_no == company_no))), None
        )

    def store(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert or replace; every row has all columns."""
        self._sql.upsert(company_score, rows, update=_REST)

    def drop(self, company_nos: Iterable[int]) -> None:
        """Companies nobody of whom is scored any more."""
        self._sql.update_within(company_score.delete(), company_score.c.company_no, company_nos)

    def clear(self, workspace_no: int) -> None:
        """No company is scored any more."""
        mine = sa.select(company.c.company_no).where(company.c.workspace_no == workspace_no)
        self._sql.run(company_score.delete().where(company_score.c.company_no.in_(mine)))

    def accounts(self, company_nos: Iterable[int]) -> list[WrittenAccount]:
        """The accounts of companies, gone ones included."""
        names = WrittenAccount.__dataclass_fields__
        query = sa.select(*(account.c[name] for name in names)).order_by(account.c.account_no)
        rows = self._sql.within(query, account.c.company_no, company_nos)
        return [WrittenAccount(**dict(zip(names, row, strict=True))) for row in rows]

    def _said(self, attribute: str) -> sa.ColumnElement[Any]:
        """An attribute out of the profile, inside the database: profiles are large."""
        text = sa.type_coerce(person.c.profile, sa.Text)
        if self._sql.sqlite:
            return sa.func.json_extract(text, f'$."{attribute.replace(chr(34), "")}"')
        said: sa.ColumnElement[Any] = sa.cast(text, postgresql.JSON)[attribute].astext
        return said
