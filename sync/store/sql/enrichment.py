"""What sources other than the records say: values by company domain or by contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.people_rows import EnrichmentRow
from sync.store.sql.bulk import as_dict
from sync.store.tables import enrichment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sync.store.sql.bulk import Sql


class Enrichment:
    """Queries on enrichment."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def of(self, workspace_no: int, subjects: Iterable[str]) -> dict[str, list[EnrichmentRow]]:
        """Subject -> its values of all sources."""
        query = sa.select(
            *(enrichment.c.source, enrichment.c.subject, enrichment.c.attribute),
            *(enrichment.c.value, enrichment.c.confidence, enrichment.c.at),
        ).where(enrichment.c.workspace_no == workspace_no)
        found: dict[str, list[EnrichmentRow]] = {}
        for row in self._sql.within(query, enrichment.c.subject, subjects):
            found.setdefault(str(row.subject), []).append(EnrichmentRow(**as_dict(row)))
        return found

    def has_domains(self, workspace_no: int) -> bool:
        """Whether any reference table by domain is loaded."""
        query = sa.select(enrichment.c.subject).where(
            enrichment.c.workspace_no == workspace_no, enrichment.c.subject.startswith("domain:", autoescape=True)
        )
        return self._sql.first(query.limit(1)) is not None

    def subjects(self, workspace_no: int, source: str) -> set[str]:
        """What a source speaks about."""
        query = (
            sa.select(enrichment.c.subject)
            .where(enrichment.c.workspace_no == workspace_no, enrichment.c.source == source)
            .distinct()
        )
        return {str(row.subject) for row in self._sql.rows(query)}

    def put(self, workspace_no: int, rows: Sequence[EnrichmentRow]) -> None:
        """Replace all that a source says about the subjects of these rows."""
        by_source: dict[str, set[str]] = {}
        for row in rows:
            by_source.setdefault(row.source, set()).add(row.subject)
        for source, subjects in by_source.items():
            self.drop(workspace_no, source, subjects)
        self._sql.insert(
            enrichment,
            [
                {
                    "workspace_no": workspace_no,
                    "source": row.source,
                    "subject": row.subject,
                    "attribute": row.attribute,
                    "value": row.value,
                    "confidence": row.confidence,
                    "at": row.at,
                }
                for row in rows
            ],
        )

    def drop(self, workspace_no: int, source: str, subjects: Iterable[str]) -> None:
        """Forget what a source says about the subjects."""
        statement = enrichment.delete().where(enrichment.c.workspace_no == workspace_no, enrichment.c.source == source)
        self._sql.update_within(statement, enrichment.c.subject, subjects)
