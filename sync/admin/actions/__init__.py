"""One operator action = one function, by subject; both doors call these."""

from __future__ import annotations
