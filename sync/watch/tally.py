"""Counting what is done, by whichever process: each look adds what the store has that it had not before.

Counters begin at zero with the process, as Prometheus expects. Labels are few: names of connections from the settings, closed
lists, and codes of CRMs up to a limit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sync.store.run_rows import OPEN

if TYPE_CHECKING:
    from datetime import date, datetime

    from sync.app import App
    from sync.store.sql.signs import Ended, Stretch
    from sync.store.unit import Unit

#: Codes of CRMs that are told apart; the rest is "other".
CODES: Final = 40
#: A slice that did not end in so long was left behind by a kill.
_LEFT: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
#: Upper bounds of the buckets for durations, in seconds.
BUCKETS: Final = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 86400.0)


@dataclass(kw_only=True)
class Durations:
    """A histogram: how many took at most so long, how many in all, and how long together."""

    buckets: Counter[float] = field(default_factory=Counter)
    many: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.many += 1
        self.seconds += seconds
        for bound in BUCKETS:
            if seconds <= bound:
                self.buckets[bound] += 1
                break

    def cumulated(self) -> list[tuple[str, float]]:
        """(upper bound, how many took at most so long), as Prometheus counts."""
        total, rows = 0, []
        for bound in BUCKETS:
            total += self.buckets[bound]
            rows.append((f"{bound:g}", float(total)))
        return [*rows, ("+Inf", float(self.many))]


@dataclass(kw_only=True)
class Tally:
    """What was done since the process began."""

    app: App
    #: (kind, outcome)
    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: (connection, stream): records that came, whether or not they had changed.
    pulled: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: connection: activities that were new or had changed.
    activities: Counter[str] = field(default_factory=Counter)
    scored: int = 0
    #: (connection, outcome)
    delivered: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: (connection, code) of refused writes.
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: connection
    calls: Counter[str] = field(default_factory=Counter)
    #: kind -> how long runs took, and stage -> slices.
    run_seconds: dict[str, Durations] = field(default_factory=dict)
    slice_seconds: dict[str, Durations] = field(default_factory=dict)
    _runs_open: set[int] = field(default_factory=set)
    _slices_open: set[int] = field(default_factory=set)
    _marks: tuple[int, int, int] = (0, 0, 0)
    _calls_known: dict[tuple[int, date], int] = field(default_factory=dict)

    def begin(self) -> None:
        """From here on: what the store holds already is not counted."""
        with self.app.store.read() as unit:
            self._marks = unit.signs.newest()
            self._runs_open, self._slices_open = unit.signs.open_numbers()
            self._calls_known = unit.signs.calls_since(self.app.clock.now().date() - _DAY)

    def look(self) -> None:
        """Add what is new."""
        now = self.app.clock.now()
        with self.app.store.read() as unit:
            names = {row.connection_no: row.name for row in unit.connections.all(self.app.workspace_no)}
            run_no, slice_no, delivery_no = self._marks
            runs = unit.signs.runs_of(run_no, self._runs_open)
            slices = unit.signs.slices_of(slice_no, self._slices_open)
            delivery_no, attempts = unit.signs.deliveries_after(delivery_no)
            self._count_calls(unit, names, now.date() - _DAY)
        for run in runs:
            self._run(run)
        for one in slices:
            self._slice(one, names, now)
        for each in attempts:
            name = names.get(each.connection_no, "")
            self.delivered[name, each.outcome.lower()] += each.many
            if each.code and each.outcome.lower() == "rejected":
                self.refusals[name, known_code(self.refusals, each.code)] += each.many
        self._marks = (
            max([run_no, *(run.run_no for run in runs)]),
            max([slice_no, *(one.slice_no for one in slices)]),
            delivery_no,
        )

    def _run(self, run: Ended) -> None:
        if run.status in OPEN:
            self._runs_open.add(run.run_no)
            return
        self._runs_open.discard(run.run_no)
        self.runs[run.kind, run.status.value] += 1
        if run.started_at is not None and run.ended_at is not None:
            seconds = (run.ended_at - run.started_at).total_seconds()
            self.run_seconds.setdefault(run.kind, Durations()).add(max(0.0, seconds))

    def _slice(self, one: Stretch, names: dict[int, str], now: datetime) -> None:
        if one.ended_at is None:
            if now - one.started_at < _LEFT:
                self._slices_open.add(one.slice_no)
            else:
                self._slices_open.discard(one.slice_no)
            return
        self._slices_open.discard(one.slice_no)
        seconds = (one.ended_at - one.started_at).total_seconds()
        self.slice_seconds.setdefault(one.stage, Durations()).add(max(0.0, seconds))
        self.scored += one.counts.get("scored", 0)
        name = names.get(one.connection_no or 0, "")
        verb, _, stream = one.stage.partition(" ")
        if verb == "pull":
            self.pulled[name, stream] += one.counts.get("pulled", 0)
        if one.stage == "pull activities":
            self.activities[name] += one.counts.get("new", 0) + one.counts.get("changed", 0)

    def _count_calls(self, unit: Unit, names: dict[int, str], since: date) -> None:
        now = unit.signs.calls_since(since)
        for key, calls in now.items():
            self.calls[names.get(key[0], "")] += max(0, calls - self._calls_known.get(key, 0))
        self._calls_known = now


def known_code(counted: Counter[tuple[str, str]], code: str) -> str:
    """The code, or "other" when too many are told apart already."""
    codes = {each for _, each in counted}
    return code[:60] if code[:60] in codes or len(codes) < CODES else "other"
