"""The rescore of everybody in spawned processes: their memory is given back, and two of them use two cores.

The parent holds the lease and hands out one range of shards at a time; a child reads, scores and stores it, each commit
fenced by the lease, and answers with counts. A child whose parent is gone ends by itself. Nothing but the store is shared.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

import structlog

from scoring.model_file import load_model
from scoring.segments import Segment, Segments
from sync.clock import SystemClock
from sync.errors import RescoringEnded, SyncError
from sync.rescore.scoring_run import Rescore, Rules
from sync.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from types import TracebackType
    from typing import Self

    from scoring.model_conditions import Condition
    from sync.store.sql.scoring_inputs import Who
    from sync.store.unit import Unit

log = structlog.get_logger(__name__)

#: Seconds for children to end the batch they are at when the run stops.
_PATIENCE = 120
_MARKER = "rescoring"


@dataclass(frozen=True, kw_only=True, slots=True)
class SentEntry:
    """A model with its condition on the way to another process."""

    source: str
    lists: Mapping[str, str]
    when: Condition | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What a child must know; everything of it can be sent to another process."""

    store_url: str
    run_no: int
    lease: str
    epoch: int
    #: What the rescore of everybody is based on, as the marker of its progress says.
    basis: list[Any]
    entries: tuple[SentEntry, ...]
    day: date
    deadband: int
    brings: Mapping[str, frozenset[str]]
    believed: Mapping[str, str]
    outputs: Mapping[int, Mapping[str, frozenset[str]]]
    force: bool
    every_record: bool
    settling: frozenset[int]


def shards_done(unit: Unit, basis: list[Any]) -> frozenset[int]:
    """Shards that an unfinished rescore of everybody on the same basis has done."""
    known = unit.markers.get(_MARKER) or {}
    return frozenset(known["shards"]) if known.get("basis") == basis else frozenset()


def note_done(unit: Unit, basis: list[Any], who: Who) -> None:
    """Joins the last transaction of a batch: a rescore of everybody that is killed goes on with the next batch."""
    shards = shards_done(unit, basis).union(range(who.first_shard, who.last_shard + 1))
    unit.markers.put(_MARKER, {"basis": basis, "shards": sorted(shards)})


def forget_progress(unit: Unit) -> None:
    """Everybody is done."""
    unit.markers.drop(_MARKER)


@dataclass(frozen=True, slots=True)
class _Child:
    process: BaseProcess
    line: Connection


@dataclass(frozen=True, slots=True)
class _Bug:
    """An error that nobody foresaw, by its places, never by its values."""

    error: str
    places: str


@dataclass(kw_only=True)
class Children:
    """Some children at work; a context manager that does not leave one behind."""

    work: Work
    many: int
    _children: list[_Child] = field(default_factory=list)
    _busy: dict[Any, _Child] = field(default_factory=dict)

    def __enter__(self) -> Self:
        spawn = multiprocessing.get_context("spawn")
        for _ in range(self.many):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=_serve, args=(self.work, theirs), name="rescore", daemon=True)
            process.start()
            theirs.close()
            self._children.append(_Child(process, ours))
        return self

    def next(self, waiting: list[Who]) -> Counter[str] | None:
        """Keep all children at work and return the counts of the batch that ends first; None when all is done.

        Raises:
            RescoringEnded: a child has crashed.
            SyncError: what a child met.
        """
        for child in self._children:
            if waiting and child.line not in self._busy:
                self._hand_out(child, waiting.pop(0))
        if not self._busy:
            return None
        (ready, *_) = wait(list(self._busy))
        child = self._busy.pop(ready)
        try:
            answer = child.line.recv()
        except (EOFError, OSError):
            raise _ended(child) from None
        if isinstance(answer, _Bug):
            log.error("rescoring_failed", error=answer.error, traceback=answer.places)
            raise RescoringEnded(
                f"The process that rescores everybody met {answer.error}; what it had finished is stored.",
                next_step="the log says where; correct it, then: leadgrade sync",
            )
        if isinstance(answer, SyncError):
            raise answer
        return Counter(answer)

    def _hand_out(self, child: _Child, who: Who) -> None:
        try:
            child.line.send(who)
        except OSError:
            raise _ended(child) from None
        self._busy[child.line] = child

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.line.close()
        for child in self._children:
            child.process.join(_PATIENCE)
            if child.process.is_alive():
                child.process.kill()
                child.process.join()
            child.process.close()


def _ended(child: _Child) -> RescoringEnded:
    child.process.join(_PATIENCE)
    code = child.process.exitcode
    how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
    return RescoringEnded(
        f"The process that rescores everybody {how}; what it had finished is stored.",
        next_step="look at the free memory, then: leadgrade sync; it goes on from there",
    )


# ---------------------------------------------------------------- in the child


def _serve(work: Work, line: Connection) -> None:
    """Do what comes down the line until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        batch = _prepared(work)
        while True:
            line.send(dict(batch(line.recv())))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        # The parent needs no more, or is gone.
        return
    except SyncError as error:
        line.send(error)
    except Exception as error:  # noqa: BLE001 - a bug ends the run, which the parent reports
        line.send(_Bug(type(error).__name__, "".join(traceback.format_tb(error.__traceback__))))


def _arrived(entry: SentEntry) -> Segment:
    model = load_model(entry.source, name="model", read_list=entry.lists.__getitem__)
    return Segment(model=model, when=entry.when)


def _prepared(work: Work) -> Callable[[Who], Counter[str]]:
    """Open the store and load the model; rescores one batch when called."""
    clock = SystemClock()
    store = open_store(work.store_url, clock=clock)
    rules = Rules(
        segments=Segments([_arrived(each) for each in work.entries]),
        day=work.day,
        deadband=work.deadband,
        brings=work.brings,
        believed=work.believed,
        outputs=work.outputs,
        force=work.force,
        every_record=work.every_record,
        settling=work.settling,
    )
    parent = os.getppid()

    def fence(unit: Unit) -> None:
        unit.leases.check(work.lease, work.epoch)
        if os.getppid() != parent:
            raise EOFError

    rescore = Rescore(store=store, clock=clock, rules=rules, run_no=work.run_no, fence=fence)
    return lambda who: rescore.batch(who, also=lambda unit: note_done(unit, work.basis, who))
