"""What the store does for somebody, counted: statements, and instructions of SQLite's virtual machine, which no other work disturbs.

Rows that a statement looks at cost some ten instructions each, so a table that is read whole is seen at once.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

#: Instructions between two looks.
_LOOK = 100
_VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bNULL\b")
_LISTS = re.compile(r"\(\s*\?(?:,\s*\?)*\s*\)")


@dataclass
class Work:
    """What was counted."""

    statements: Counter[str] = field(default_factory=Counter)
    instructions: Counter[str] = field(default_factory=Counter)

    def dearest(self, many=10):
        """(instructions, executions, statement), the dearest first."""
        return [(steps, self.statements[text], text) for text, steps in self.instructions.most_common(many)]


@contextmanager
def counted(store):
    """Count what is done inside, on all connections of a store on SQLite; those that it has are closed at both ends."""
    work, open_ = Work(), []

    def connected(connection, _record):
        present = [""]

        def begun(text):
            # A statement inside a trigger comes as a comment.
            if not text.startswith("--"):
                present[0] = _shape(text)
                work.statements[present[0]] += 1

        def ran():
            work.instructions[present[0]] += _LOOK

        connection.set_trace_callback(begun)
        connection.set_progress_handler(ran, _LOOK)
        open_.append(connection)

    engines = (store._reader, store._writer)
    for engine in engines:
        engine.dispose()
        sa.event.listen(engine, "connect", connected)
    try:
        yield work
    finally:
        for engine in engines:
            sa.event.remove(engine, "connect", connected)
            engine.dispose()


def _shape(text):
    """A statement without its values."""
    return _LISTS.sub("(…)", _VALUES.sub("?", " ".join(text[:20_000].split())))[:600]
