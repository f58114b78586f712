"""Scores as they were computed last, and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync.store.sql.bulk import chunks
from sync.store.sql.score_history import ScoreHistory
from sync.store.tables import model_version, person, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import polars as pl

    from sync.store.sql.bulk import Sql
    from sync.store.sql.scoring_inputs import Who

#: All columns of the score table.
SCORE_TABLE_COLUMNS: tuple[str, ...] = tuple(column.name for column in score.columns)
_KEY = ("shard", "person_no")
_REST = tuple(name for name in SCORE_TABLE_COLUMNS if name not in _KEY)


class Scores(ScoreHistory):
    """The score table and its history."""

    def __init__(self, sql: Sql) -> None:
        super().__init__(sql)
        self._sql = sql

    def frame(self, who: Who) -> pl.DataFrame:
        """Stored scores, one row per person, columns of the table."""
        return self._sql.frame(sa.select(score).where(who.rows_of(score)))

    def of(self, person_no: int) -> dict[str, Any] | None:
        """The stored score of one person by column."""
        return next(iter(self._sql.mappings(sa.select(score).where(score.c.person_no == person_no))), None)

    def store(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert or replace scores; every row has all columns."""
        self._sql.upsert(score, rows, update=_REST)

    def drop(self, people: Iterable[tuple[int, int]]) -> None:
        """Remove the scores of people (shard, person_no) who are not scored any more."""
        for shard, number in people:
            self._sql.run(score.delete().where(score.c.shard == shard, score.c.person_no == number))

    def settle(self, people: Sequence[tuple[int, int, int]]) -> None:
        """(shard, person_no, the dirty_seq that was READ): a change that came since leaves the person dirty."""
        rows = [{"shard": shard, "person_no": number, "scored_seq": seq} for shard, number, seq in people]
        self._sql.update(person, rows)

    def distribution(self) -> pl.DataFrame:
        """`in_scope, total, grade, rating, qualified, disqualified, people`."""
        columns = (
            score.c.in_scope,
            score.c.total,
            score.c.grade,
            score.c.rating,
            score.c.qualified,
            score.c.disqualified,
        )
        return self._sql.frame(sa.select(*columns, sa.func.count().label("people")).group_by(*columns))

    def best(self, many: int) -> list[int]:
        """The people with the highest totals who are not disqualified; equal ones by number."""
        query = sa.select(score.c.person_no).where(score.c.in_scope, sa.not_(score.c.disqualified))
        rows = self._sql.rows(query.order_by(score.c.total.desc(), score.c.person_no).limit(many))
        return [int(row.person_no) for row in rows]

    def reasons(self) -> dict[str, int]:
        """Primary disqualification codes and how many people have them."""
        query = (
            sa.select(score.c.disqualify_code, sa.func.count().label("many"))
            .where(score.c.disqualified)
            .group_by(score.c.disqualify_code)
        )
        return {str(row.disqualify_code): int(row.many) for row in self._sql.rows(query)}

    def by_model(self) -> dict[str, int]:
        """Names of models and how many people they scored last."""
        query = sa.select(score.c.model, sa.func.count().label("many")).group_by(score.c.model).order_by(score.c.model)
        return {str(row.model): int(row.many) for row in self._sql.rows(query)}

    def numbers(self, people: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Stored scores of many people by number."""
        found: dict[int, dict[str, Any]] = {}
        for chunk in chunks(people):
            rows = self._sql.mappings(sa.select(score).where(score.c.person_no.in_(chunk)))
            found |= {int(row["person_no"]): row for row in rows}
        return found

    def models(self) -> list[tuple[str, str, date | None]]:
        """(model, version, published) of the models that gave scores here, newest first."""
        query = sa.select(model_version.c.model, model_version.c.version, model_version.c.published_at)
        return [tuple(row) for row in self._sql.rows(query.order_by(model_version.c.published_at.desc()))]
