"""Salted digests of addresses and record ids: enough to recognise them again, too little to read them back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sync.store.unit import Unit


#: Marker of the store that holds the salt.
_SALT: Final = "digest_salt"


class Digests:
    """Digests with the store's own salt, which is drawn at its first use."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._salt: bytes | None = None

    def of(self, text: str) -> str:
        """64 hexadecimal characters."""
        if self._salt is None:
            drawn = self._unit.markers.get(_SALT)
            if drawn is None:
                drawn = secrets.token_hex(32)
                self._unit.markers.put(_SALT, drawn)
            self._salt = bytes.fromhex(str(drawn))
        return hmac.new(self._salt, text.encode(), hashlib.sha256).hexdigest()
