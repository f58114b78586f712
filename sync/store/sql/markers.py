"""Markers: small facts about the whole store, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from sync.store.tables import marker

if TYPE_CHECKING:
    from sync.store.sql.bulk import Sql

#: What everybody's scores were last based on: day, version of the model, settings.
RESCORED: Final = "rescored"
#: The version of the model that an operator published last, and when.
PUBLISHED: Final = "published"


class Markers:
    """Queries on markers."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, name: str) -> Any:
        """A fact as JSON value; None when it was never noted."""
        return self._sql.value(sa.select(marker.c.value).where(marker.c.name == name))

    def put(self, name: str, value: Any) -> None:
        """Note a fact."""
        self._sql.upsert(marker, [{"name": name, "value": value}], update=["value"])

    def drop(self, name: str) -> None:
        """Forget a fact."""
        self._sql.run(sa.delete(marker).where(marker.c.name == name))
