"""Who did what: operator actions that change something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync.store.tables import audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One operator action. `detail` holds ids, never personal data."""

    audit_no: int
    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


class Audit:
    """Queries on the audit log."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def note(self, actor: str, action: str, detail: Mapping[str, Any] | None = None) -> None:
        """Add an entry."""
        self._sql.add(audit, {"at": self._sql.now(), "actor": actor, "action": action, "detail": dict(detail or {})})

    def recent(self, *, limit: int = 50) -> list[AuditEntry]:
        """Entries, the newest first."""
        query = sa.select(audit).order_by(audit.c.audit_no.desc()).limit(limit)
        return [AuditEntry(**row) for row in self._sql.mappings(query)]
