"""Quarantine: records that could not be mapped, names that the activity map does not know, and another try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.store.run_rows import RunKind

if TYPE_CHECKING:
    from datetime import datetime

    from sync.app import App


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One record in quarantine."""

    connection: str
    stream: str
    #: CONNECTION:OBJECT:ID; None when the record came without an id.
    record: str | None
    code: str
    reason: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmapped:
    """A name that came from a CRM and that the activity map does not know."""

    connection: str
    stream: str
    name: str
    times: int
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Quarantine:
    """What could not be used."""

    #: (connection, code) -> records.
    counts: dict[tuple[str, str], int]
    records: tuple[Kept, ...]
    unmapped: tuple[Unmapped, ...]


def listed(app: App, connection: str | None = None, *, code: str | None = None, limit: int = 100) -> Quarantine:
    """Quarantined records (the newest first, at most `limit` a connection), their counts, and unmapped names."""
    counts: dict[tuple[str, str], int] = {}
    records: list[Kept] = []
    unmapped: list[Unmapped] = []
    rows = [app.connection(name) for name in app.names(connection)]
    with app.store.read() as unit:
        for row in rows:
            counts |= {
                (row.name, each): many for each, many in sorted(unit.quarantine.counts(row.connection_no).items())
            }
            records += [
                Kept(
                    connection=row.name,
                    stream=each.stream.value,
                    record=f"{row.name}:{each.object}:{each.record_id}" if each.record_id else None,
                    code=each.code,
                    reason=each.reason,
                    times=each.times,
                    first_at=each.first_at,
                    last_at=each.last_at,
                )
                for each in unit.quarantine.records(row.connection_no, code=code, limit=limit)
            ]
            unmapped += [
                Unmapped(
                    connection=row.name,
                    stream=each.stream.value,
                    name=each.name,
                    times=each.times,
                    last_at=each.last_at,
                )
                for each in unit.quarantine.unmapped(row.connection_no)
            ]
    return Quarantine(counts=counts, records=tuple(records), unmapped=tuple(unmapped))


def retry(app: App, connection: str | None = None, *, by: str = "operator") -> list[int]:
    """Queue a run for each connection that has quarantined records: it reads exactly them again. The runs' numbers."""
    asked = []
    for name in app.names(connection):
        row = app.connection(name)
        with app.store.write() as unit:
            many = sum(unit.quarantine.counts(row.connection_no).values())
            if not many:
                continue
            run_no = unit.runs.ask(
                app.workspace_no,
                RunKind.RECORD,
                connection_no=row.connection_no,
                requested_by=by,
                options={"quarantine": True},
            )
            unit.audit.note(by, "quarantine retried", {"run": run_no, "connection": name, "records": many})
        asked.append(run_no)
    return asked
