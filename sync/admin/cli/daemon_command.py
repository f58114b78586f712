"""`leadgrade daemon`: works on the schedule of the settings until a signal stops it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from sync.admin.cli.commands import CommandLine, config_of
from sync.admin.cli.failures import ExitCode
from sync.admin.cli.logs import set_up_logs
from sync.admin.cli.opening import opened_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from config.settings import Settings
    from sync.jobs.daemon import Daemon

commands = CommandLine()

#: Seconds between two looks at whether something is to be tidied up.
_LOOK = 5.0
_EPILOG = """\b
Signals:
  SIGTERM, SIGINT   finish the page or batch under way, give the leases back, exit 0 within ten seconds
  SIGHUP            read settings, field maps and model again; what cannot be used is refused with a line in the log

With a metrics.port in the settings, /health (503 when somebody must act), /live and /metrics are served there.

A second daemon on the same store waits, names who works, and takes over when that one has ended. `leadgrade sync` beside a daemon
queues its run, which begins within five seconds.
"""


@dataclass
class _Signals:
    """What signals asked for."""

    stop: bool = False
    reload: bool = False
    woken: threading.Event = field(default_factory=threading.Event)


@commands.command("daemon", epilog=_EPILOG)
def daemon_command(ctx: typer.Context) -> None:
    """Read, rescore and write on the schedule of the settings, and do what is queued, until a signal stops it."""
    settings = opened_settings(ctx)

    def load() -> Settings:
        from config.settings import load_settings

        fresh = load_settings(config_of(ctx))
        set_up_logs(fresh.log_level)
        return fresh

    from sync.app import open_app
    from sync.jobs.daemon import Daemon
    from sync.jobs.shared import StoppableClock

    app = open_app(settings, clock=StoppableClock(threading.Event()))
    try:
        with _signals() as asked:
            clean = _serve(Daemon(app=app, load=load), asked)
    finally:
        if sys.exc_info()[0] is not None:
            app.close()
    if not clean:
        # A thread that waits for a CRM would keep the process alive; whatever it does, the store refuses it.
        sys.stderr.flush()
        os._exit(ExitCode.DONE)
    app.close()


def _serve(daemon: Daemon, asked: _Signals) -> bool:
    from sync.watch.watch import Watch

    watch = Watch(app=lambda: daemon.shared.app)
    watch.start()
    try:
        daemon.start()
        while not asked.stop:
            asked.woken.wait(_LOOK)
            asked.woken.clear()
            if asked.reload and not asked.stop:
                asked.reload = False
                daemon.reload()
            daemon.adopt()
            daemon.tidy()
    finally:
        seen_off = watch.stop()
        clean = daemon.stop()
    return clean and seen_off


@contextmanager
def _signals() -> Iterator[_Signals]:
    asked = _Signals()

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked.stop = True
        asked.woken.set()

    def reload(_number: int, _frame: FrameType | None) -> None:
        asked.reload = True
        asked.woken.set()

    wanted = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
