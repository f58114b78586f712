"""What every test gets: a network that ends at loopback."""

from __future__ import annotations

import socket

import pytest

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
