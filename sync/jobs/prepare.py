"""Before a connection is touched: who answers, is it still the same org, are our fields there, what did a kill leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.errors import NeedsAttention, Scope, connection_context
from connectors.port import Presence

if TYPE_CHECKING:
    from connectors.port import Connector, FieldCheck, OrgIdentity
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Store


def prepare(store: Store, connection: ConnectionRow, connector: Connector) -> list[FieldCheck]:
    """Check a connection at the start of a cycle; the fields that are not as they should be.

    Raises:
        NeedsAttention: credentials are refused, or another org answers than the one that was pinned.
    """
    with connection_context(connection.name):
        identity = connector.identify()
        pin(store, connection, identity)
        checks = connector.check_fields()
    with store.write() as unit:
        unit.connections.resume(connection.connection_no, scope=Scope.CONNECTION)
        unit.outbox.release_claims(connection.connection_no)
    return [check for check in checks if check.presence is not Presence.OK]


def pin(store: Store, connection: ConnectionRow, identity: OrgIdentity) -> None:
    """Pin the org at first contact; ever after, only the same org will do."""
    if connection.org_id is not None:
        if (connection.org_id, connection.is_sandbox) != (identity.org_id, identity.sandbox):
            raise NeedsAttention(
                f"another org answers behind these credentials: pinned {connection.org_id}"
                f"{' (sandbox)' if connection.is_sandbox else ''}, now {identity.org_id}"
                f"{' (sandbox)' if identity.sandbox else ''}; nothing was read or written",
                code="org_changed",
                next_step="give the old org's credentials back, or name the new org as another connection",
            )
        return
    with store.write() as unit:
        others = unit.connections.pinned_to(connection.workspace_no, connection.kind, identity.org_id)
        others = [each for each in others if each.connection_no != connection.connection_no]
        if others:
            raise NeedsAttention(
                f"org {identity.org_id} is already connected as {others[0].name!r}",
                code="org_twice",
                next_step=f"use the name {others[0].name!r} in the settings, or remove one of the two",
            )
        unit.connections.pin(connection.connection_no, identity)


def missing_reads(checks: list[FieldCheck]) -> list[NeedsAttention]:
    """Mapped fields that are not there: each pauses its object's reading, because absent would look like empty."""
    return [
        NeedsAttention(
            f"{check.object}.{check.field}, mapped to {check.name}, is {_words(check)} in the CRM"
            f"{': ' + check.detail if check.detail else ''}",
            code="schema",
            scope=Scope.FIELD,
            subject=f"{check.object}.{check.field}",
            next_step="give the integration user access to the field, or take it out of the field map; then: leadgrade doctor",
        )
        for check in checks
        if not check.written and check.presence in {Presence.MISSING, Presence.WRONG_TYPE}
    ]


def missing_writes(checks: list[FieldCheck], connection: str) -> list[NeedsAttention]:
    """Fields of ours that cannot be written."""
    return [
        NeedsAttention(
            f"{check.object}.{check.field} ({check.name}) is {_words(check)} in the CRM",
            code="fields",
            scope=Scope.FIELD,
            subject=f"{check.object}.{check.field}",
            next_step=f"run: leadgrade fields apply {connection}",
        )
        for check in checks
        if check.written
    ]


def _words(check: FieldCheck) -> str:
    return {
        Presence.MISSING: "missing or hidden from us",
        Presence.READ_ONLY: "read-only for us",
        Presence.WRONG_TYPE: "of another type",
    }.get(check.presence, check.presence.value)
