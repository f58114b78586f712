"""Turns at rescoring: one thread at a time, because two could store what they read at different moments in the wrong order.

Whoever rescores everybody asks between two batches whether others wait (a few dirty people of an incremental round, one
named record) and lets them go first.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.jobs.slices import Hold


@dataclass(kw_only=True)
class Turns:
    """Shared by all workers of a process."""

    #: The lease for rescoring, while this process has it.
    hold: Hold | None = None
    _free: threading.Condition = field(default_factory=threading.Condition)
    _taken: bool = False
    _waiting: int = 0

    @contextmanager
    def short(self) -> Iterator[Hold | None]:
        """A turn for a few people, as soon as the batch that is being scored is stored.

        None, at once, when another process rescores: it finds the dirty people by itself.
        """
        if self.hold is None:
            yield None
            return
        with self._free:
            self._waiting += 1
            self._free.wait_for(lambda: not self._taken)
            self._waiting -= 1
            self._taken = True
        try:
            yield self.hold
        finally:
            self._give_back()

    @contextmanager
    def long(self) -> Iterator[None]:
        """A turn for everybody: others may take theirs inside, see `give_way`."""
        self._take()
        try:
            yield
        finally:
            self._give_back()

    def wanted(self) -> bool:
        """Whether somebody waits for a short turn."""
        with self._free:
            return self._waiting > 0

    def give_way(self) -> None:
        """Let those who wait take their turns."""
        self._give_back()
        self._take()

    def _take(self) -> None:
        with self._free:
            self._free.wait_for(lambda: not self._taken and self._waiting == 0)
            self._taken = True

    def _give_back(self) -> None:
        with self._free:
            self._taken = False
            self._free.notify_all()
