"""What the workers of one daemon share: the app as it is configured now, turns at rescoring, bells, and the wish to stop."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sync.clock import SystemClock
from sync.errors import RunSuspended
from sync.jobs.turns import Turns

if TYPE_CHECKING:
    from sync.app import App


class Worker(Protocol):
    """Does one kind of work, turn by turn."""

    @property
    def title(self) -> str:
        """For people and logs."""
        ...

    #: Rung when there may be something to do.
    bell: threading.Event

    def turn(self) -> bool:
        """Do the most urgent thing; False: there is nothing to do."""
        ...

    def look(self) -> None:
        """Somebody else's work may have left something to do."""
        ...

    def upset(self) -> None:
        """Something went wrong outside of any run."""
        ...

    def leave(self) -> None:
        """Give back what is held."""
        ...


@dataclass(kw_only=True)
class Shared:
    """Shared by all workers of a daemon."""

    #: As configured now; a reload puts another one in its place, and whoever is at work finishes with the old one.
    app: App
    turns: Turns = field(default_factory=Turns)
    stopping: threading.Event = field(default_factory=threading.Event)
    workers: list[Worker] = field(default_factory=list)

    def ring(self) -> None:
        """Let everybody look whether there is something to do."""
        for worker in tuple(self.workers):
            worker.bell.set()

    def rescored(self) -> None:
        """People were rescored: every connection may have something to write."""
        for worker in tuple(self.workers):
            worker.look()
        self.ring()

    def stop_here(self) -> None:
        """Raise RunSuspended when the daemon is to stop: called between two steps."""
        if self.stopping.is_set():
            raise RunSuspended("the daemon was stopped; the run goes on from there when it is started again")


class StoppableClock(SystemClock):
    """The host's clock, whose waits end when the daemon is to stop."""

    def __init__(self, stopping: threading.Event) -> None:
        #: Set when the daemon is to stop.
        self.stopping = stopping

    def sleep(self, seconds: float) -> None:
        self.stopping.wait(seconds)
