"""Killing a process that does not exist: at a chosen step everything stops, and nothing reaches the store or a CRM any more."""

from __future__ import annotations

from contextlib import contextmanager


class Killed(BaseException):
    """The process is gone."""


class Tripwire:
    """Counts the steps of an App; kills it at one of them.

    A step is the moment before a unit begins, the moment before it commits, the moment after, and the moments before and
    after each call of a connector: after means that the CRM has done what was asked, and nobody here learns of it.
    """

    def __init__(self, at=None, *, every=None):
        """Kill at a step, or again and again after so many steps, a little later each time; never when neither is given."""
        self.at = at or every
        self.every = every
        self.steps = 0
        self.dead = False
        #: What was being done at the fatal steps.
        self.kills = []

    def step(self, where):
        if self.dead:
            raise Killed
        self.steps += 1
        if self.steps == self.at:
            self.dead = True
            self.kills.append(f"{self.steps} {where}")
            raise Killed

    def around(self, app):
        """Put the wire around an App: another process begins."""
        self.dead = False
        if self.every is not None:
            self.at = self.steps + self.every
            # Each life begins with the same checks: one as short as the last might never get beyond them.
            self.every += 1 + self.every // 6
        write, make = app.store.write, app.make_connector

        @contextmanager
        def wired():
            self.step("before a unit")
            with write() as unit:
                yield unit
                self.step("before a commit")
            self.step("after a commit")

        app.store.write = wired
        app.make_connector = lambda *arguments: _Wired(make(*arguments), self)


class _Wired:
    """A connector with the wire around each call."""

    def __init__(self, connector, wire):
        self._connector, self._wire = connector, wire

    def __getattr__(self, name):
        found = getattr(self._connector, name)
        if not callable(found) or name in {"close", "usage", "mapping_digest", "recall_calls", "use_currency"}:
            return found

        def call(*arguments, **named):
            self._wire.step(f"before {name}")
            answer = found(*arguments, **named)
            self._wire.step(f"after {name}")
            return answer

        return call
