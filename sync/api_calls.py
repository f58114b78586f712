"""Counting API calls outside of runs: doctor and the provisioning of fields use the customer's quota, too."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.app import App


@contextmanager
def counted(app: App, connection: str) -> Iterator[None]:
    """Add the API calls of the block to the connection's calls of the day, however it ends."""
    try:
        yield
    finally:
        if connection in app.connectors_in_use():
            fresh = app.fresh_calls(connection, app.connector(connection).usage())
            number = app.connection(connection).connection_no
            with app.store.write() as unit:
                unit.connections.count_calls(number, app.clock.now().date(), fresh.total())
