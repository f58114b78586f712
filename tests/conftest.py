"""What every test gets: a network that ends at loopback, and properties that no slow machine can fail."""

from __future__ import annotations

import socket

import pytest
from hypothesis import HealthCheck, settings

# No clock in an assertion: hypothesis neither times examples nor the making of them.
settings.register_profile("leadgrade", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("leadgrade")

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def network_ends_at_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection to another address is an error that names it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address):
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in _LOOPBACK:
            message = f"a test tried to reach {address[0]}"
            raise RuntimeError(message)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
