"""Salted digests of addresses and record ids: enough to recognise them again, too little to read them back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.store.unit import Unit


class Digests:
    """Digests with the store's own salt, which is drawn at its first use."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._salt: bytes | None = None

    def of(self, text: str) -> str:
        """64 hexadecimal characters."""
        if self._salt is None:
            self._salt = bytes.fromhex(self._unit.people.salt(secrets.token_hex(32)))
        return hmac.new(self._salt, text.encode(), hashlib.sha256).hexdigest()
