"""What scores were: changes with their causes, the days of rescores, everybody's scores month by month."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync.store.shards import shard_of
from sync.store.tables import person, score, score_history, score_snapshot, scored_day, sequence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredDay:
    """A day on which people were scored."""

    day: date
    #: When its last rescore began.
    at: datetime
    #: The newest activity that was stored then.
    activity_no: int
    version: str


class ScoreHistory:
    """Queries on past scores."""

    def __init__(self, sql: Sql) -> None:
        self._past = sql

    # ------------------------------------------------------------ changes

    def remember(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows to the history."""
        self._past.insert(score_history, rows)

    def history(self, person_no: int) -> list[dict[str, Any]]:
        """All that was remembered of one person, oldest first."""
        query = sa.select(score_history).where(score_history.c.person_no == person_no)
        rows = self._past.mappings(query.order_by(score_history.c.at, score_history.c.history_no))
        return [row | {"lines": None if row["lines"] is None else json.loads(row["lines"])} for row in rows]

    # ------------------------------------------------------------ days

    def note_day(self, workspace_no: int, day: date, version: str) -> None:
        """A rescore for a day begins now."""
        newest = self._past.value(sa.select(sequence.c.value).where(sequence.c.name == "activity")) or 0
        row = {
            "workspace_no": workspace_no,
            "day": day,
            "at": self._past.now(),
            "activity_no": newest,
            "version": version,
        }
        self._past.upsert(scored_day, [row], update=["at", "activity_no", "version"])

    def scored_day(self, workspace_no: int, day: date) -> ScoredDay | None:
        """The last day up to this one on which people were scored."""
        query = sa.select(scored_day).where(scored_day.c.workspace_no == workspace_no, scored_day.c.day <= day)
        return self._day(query.order_by(scored_day.c.day.desc()))

    def first_scored_day(self, workspace_no: int) -> ScoredDay | None:
        """The first day on which people were scored."""
        query = sa.select(scored_day).where(scored_day.c.workspace_no == workspace_no)
        return self._day(query.order_by(scored_day.c.day))

    def _day(self, query: sa.Select[Any]) -> ScoredDay | None:
        row = self._past.first(query.limit(1))
        if row is None:
            return None
        return ScoredDay(day=row.day, at=row.at, activity_no=row.activity_no, version=row.version)

    # ------------------------------------------------------------ months

    def take_snapshot(self, workspace_no: int, day: date, shards: range) -> None:
        """Keep the scores of some shards; done again it changes nothing."""
        same = sa.and_(score.c.shard == person.c.shard, score.c.person_no == person.c.person_no)
        known = sa.exists().where(
            score_snapshot.c.day == day,
            score_snapshot.c.shard == score.c.shard,
            score_snapshot.c.person_no == score.c.person_no,
        )
        columns = (score.c.shard, score.c.person_no, score.c.total, score.c.grade)
        query = sa.select(sa.literal(day, scored_day.c.day.type), *columns).select_from(score.join(person, same))
        query = query.where(score.c.shard.between(shards.start, shards.stop - 1), score.c.in_scope, ~known)
        query = query.where(person.c.workspace_no == workspace_no).order_by(score.c.shard, score.c.person_no)
        names = ["day", *(column.name for column in columns)]
        self._past.run(score_snapshot.insert().from_select(names, query))

    def snapshots(self, person_no: int) -> list[dict[str, Any]]:
        """`day, total, grade` of one person month by month, oldest first."""
        # NOTE: day by day, because the newest day's rows lie together, not those of a person.
        days = sa.select(scored_day.c.day).distinct()
        query = sa.select(score_snapshot.c.day, score_snapshot.c.total, score_snapshot.c.grade).where(
            score_snapshot.c.day.in_(days),
            score_snapshot.c.shard == shard_of(person_no),
            score_snapshot.c.person_no == person_no,
        )
        return self._past.mappings(query.order_by(score_snapshot.c.day))
