"""Clearing: our fields blanked on records that we wrote, when an admin takes Leadgrade out of a CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.port import Connector, WriteResult
    from connectors.records import Ref


def clear_batch(connector: Connector, refs: Sequence[Ref]) -> list[WriteResult]:
    """Blank all written fields of some records; one result each."""
    return connector.write([connector.clear_request(ref) for ref in refs])
