"""Connections: turning writes on and off, planning, creating and clearing the fields that Leadgrade writes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from connectors.errors import connection_context
from connectors.port import WriteOutcome
from connectors.records import Ref
from sync.api_calls import counted
from sync.deliver.clear import clear_batch
from sync.store.sql.connections import WriteMode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.port import FieldStep
    from sync.app import App


def set_writes(app: App, mode: WriteMode, connection: str | None = None, *, by: str = "operator") -> list[str]:
    """Turn writing on, off or to the sample, for one connection or all; the connections it was set for."""
    names = app.names(connection)
    rows = [app.connection(name) for name in names]
    with app.store.write() as unit:
        for row in rows:
            unit.connections.set_writes(row.connection_no, mode)
        unit.audit.note(by, f"writes {mode.value}", {"connections": names})
    return names


def plan_fields(app: App, connection: str) -> list[FieldStep]:
    """What `fields apply` would do."""
    app.names(connection)
    with connection_context(connection), counted(app, connection):
        return app.connector(connection).plan_fields()


def apply_fields(app: App, connection: str, *, by: str = "operator") -> list[FieldStep]:
    """Create the fields that are missing."""
    app.names(connection)
    with connection_context(connection), counted(app, connection):
        steps = app.connector(connection).apply_fields()
    with app.store.write() as unit:
        unit.audit.note(by, "fields applied", {"connection": connection, "steps": len(steps)})
    return steps


def clear_fields(app: App, connection: str, *, by: str = "operator") -> Iterator[Counter[str]]:
    """Blank our fields on every record that we wrote, batch by batch; writes are turned off first.

    Yields the outcomes of each batch: accepted, rejected, deferred, gone.
    """
    row = app.connection(connection)
    connector = app.connector(connection)
    set_writes(app, WriteMode.OFF, connection, by=by)
    with app.store.read() as unit:
        blocks = [
            [Ref(object=entry.object, id=entry.record_id) for entry in block if entry.sent or entry.observed]
            for block in unit.outbox.entries(row.connection_no)
        ]
    for block in blocks:
        for start in range(0, len(block), connector.write_batch):
            part = block[start : start + connector.write_batch]
            with connection_context(connection), counted(app, connection):
                results = clear_batch(connector, part)
            cleared = [result.ref for result in results if result.outcome is WriteOutcome.ACCEPTED]
            with app.store.write() as unit:
                unit.outbox.forget_sent(row.connection_no, cleared)
            yield Counter(result.outcome.value for result in results)
    with app.store.write() as unit:
        unit.audit.note(by, "fields cleared", {"connection": connection})
