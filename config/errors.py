"""Errors of the settings.

* SettingsError   the settings file or a secret is wrong; the message names file, line and key, and the next step
"""

from __future__ import annotations


class SettingsError(Exception):
    """The settings cannot be used."""

    def __init__(self, message: str | None = None, *, next_step: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.next_step = next_step
        super().__init__(f"{self.message} Next: {next_step}" if next_step else self.message)
