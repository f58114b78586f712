"""Scoring models that were published, with their whole text, so that any past score stays answerable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.sql.bulk import as_dict
from sync.store.tables import model_version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelVersion:
    """One version of a scoring model."""

    workspace_no: int
    version: str
    model: str
    #: The file's text.
    source: str
    #: File name -> content of its list files.
    lists: dict[str, str]
    published_at: datetime
    live: bool


class Models:
    """Queries on model versions."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def publish(self, workspace_no: int, *, version: str, model: str, source: str, lists: Mapping[str, str]) -> bool:
        """Make a version the live one; False when it is that already. A version that comes back (roll-back) is kept once."""
        live = self.live(workspace_no)
        if live is not None and live.version == version:
            return False
        self._sql.run(
            sa.update(model_version)
            .where(model_version.c.workspace_no == workspace_no, model_version.c.live.is_(True))
            .values(live=False)
        )
        row = {
            "workspace_no": workspace_no,
            "version": version,
            "model": model,
            "source": source,
            "lists": dict(lists),
            "published_at": self._sql.now(),
            "live": True,
        }
        self._sql.upsert(model_version, [row], update=["live", "published_at"])
        return True

    def keep(self, workspace_no: int, *, version: str, model: str, source: str, lists: Mapping[str, str]) -> None:
        """Keep the text of a version that never scored, so that it can come back; known ones stay as they are."""
        if self.get(workspace_no, version) is None:
            row = {"workspace_no": workspace_no, "version": version, "model": model, "source": source}
            row |= {"lists": dict(lists), "published_at": self._sql.now(), "live": False}
            self._sql.insert(model_version, [row])

    def live(self, workspace_no: int) -> ModelVersion | None:
        """The version that scores, None before the first."""
        return self._one(model_version.c.workspace_no == workspace_no, model_version.c.live.is_(True))

    def get(self, workspace_no: int, version: str) -> ModelVersion | None:
        """One version."""
        return self._one(model_version.c.workspace_no == workspace_no, model_version.c.version == version)

    def all(self, workspace_no: int) -> list[ModelVersion]:
        """All versions, the last published first."""
        query = sa.select(model_version).where(model_version.c.workspace_no == workspace_no)
        query = query.order_by(model_version.c.published_at.desc(), model_version.c.version)
        return [ModelVersion(**row) for row in self._sql.mappings(query)]

    def _one(self, *conditions: sa.ColumnElement[bool]) -> ModelVersion | None:
        row = self._sql.first(sa.select(model_version).where(*conditions))
        return None if row is None else ModelVersion(**as_dict(row))
