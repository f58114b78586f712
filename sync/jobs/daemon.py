"""The daemon: one worker for each connection and one for rescoring, each in its thread; signals stop it or let it read its files again.

Everything it knows is in the store: killed at any instant, the next one goes on.
"""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from config.errors import SettingsError
from connectors.errors import ConnectorError
from scoring.errors import ModelError
from sync.app import App
from sync.errors import SyncError
from sync.jobs.connection_worker import ConnectionWorker
from sync.jobs.rescore_worker import RescoreWorker
from sync.jobs.schedule import plan_of
from sync.jobs.shared import Shared, StoppableClock
from sync.jobs.ticking import Ticker
from sync.store.sql.markers import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.settings import Settings
    from sync.jobs.shared import Worker
    from sync.jobs.webhooks import WebhookServer

log = structlog.get_logger(__name__)

#: Seconds that workers have to end the page or batch they are at.
GRACE: Final = 7.0
#: Seconds for what is left to be given back without them.
_LAST: Final = 1.5
#: Seconds before a worker tries again after an error outside of any run: doubled up to the last.
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 60.0
#: A worker looks by itself after so many seconds, should nobody ring.
_AT_LEAST: Final = 60.0


@dataclass(kw_only=True)
class Daemon:
    """All workers of one process. `turn` does by hand what the threads do."""

    app: App
    #: Reads the settings file again.
    load: Callable[[], Settings]
    shared: Shared = field(init=False)
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _old_apps: list[App] = field(default_factory=list)
    _ticker: Ticker | None = None
    _webhooks: WebhookServer | None = None
    #: What was published when this was asked last.
    _published: dict[str, str] | None = None

    def __post_init__(self) -> None:
        check(self.app)
        self.shared = Shared(app=self.app)
        if isinstance(self.app.clock, StoppableClock):
            self.shared.stopping = self.app.clock.stopping
        self._hire()

    # ------------------------------------------------------------ by hand

    def turn(self) -> bool:
        """Let every worker do one thing, here and now; False: nobody had anything to do."""
        busy = [worker.turn() for worker in tuple(self.shared.workers)]
        return any(busy)

    def leave(self) -> None:
        """Let every worker give back what it holds."""
        for worker in self.shared.workers:
            _let_go(worker)

    # ------------------------------------------------------------ with threads

    def start(self) -> None:
        """Let the workers work."""
        for worker in self.shared.workers:
            self._begin(worker)
        self._ticker = Ticker(self.shared.ring)
        self._ticker.start()
        self._webhooks = _receiver(self.shared.app)
        log.info("daemon_started", workers=[worker.title for worker in self.shared.workers])

    def stop(self) -> bool:
        """End within ten seconds; False when a worker had to be left where it was: the process should end hard."""
        began = time.monotonic()
        self.shared.stopping.set()
        if self._ticker is not None:
            self._ticker.stop()
        self.shared.ring()
        if self._webhooks is not None:
            self._webhooks.close()
        for thread in self._threads.values():
            thread.join(max(0.0, began + GRACE - time.monotonic()))
        left = [name for name, thread in self._threads.items() if thread.is_alive()]
        if left:
            # It waits for a CRM that does not answer. What it would store is refused: the lease is somebody else's from now on.
            log.warning("daemon_left_behind", workers=left)
            giving = threading.Thread(target=self.leave, daemon=True)
            giving.start()
            giving.join(_LAST)
        else:
            self._close_old_apps()
        log.info("daemon_stopped", seconds=round(time.monotonic() - began, 1))
        return not left

    def reload(self) -> bool:
        """Read settings, field maps and model again; False when they cannot be used: all goes on as before."""
        old = self.shared.app
        try:
            new = self._read_again(old)
        except (SettingsError, ModelError, ConnectorError, SyncError) as error:
            log.error(  # noqa: TRY400 - the place stands in the message
                "reload_refused",
                reason=str(error),
                next="correct it, then send SIGHUP again; until then all goes on as before",
            )
            return False
        self.shared.app = new
        self._old_apps.append(old)
        self._hire()
        if self._ticker is not None:
            for worker in self.shared.workers:
                self._begin(worker)
            self._listen_again(new)
        self.shared.ring()
        log.info("reloaded", model=new.model.version[:12], connections=list(new.settings.connections))
        return True

    def adopt(self) -> None:
        """Read the files again when a model was published since this was asked last."""
        try:
            with self.shared.app.store.read() as unit:
                told = unit.markers.get(PUBLISHED)
        except SyncError as error:
            log.warning("publication_not_looked_for", reason=error.message)
            return
        if told == self._published:
            return
        self._published = told
        if told is not None and told["version"] != self.shared.app.model.version:
            self.reload()

    def tidy(self) -> None:
        """Close the connectors of apps that nobody uses any more."""
        in_use = {id(getattr(worker, "using", None)) for worker in self.shared.workers}
        for app in [each for each in self._old_apps if id(each) not in in_use]:
            app.close_connectors()
            self._old_apps.remove(app)

    # ------------------------------------------------------------

    def _read_again(self, old: App) -> App:
        settings = self.load()
        for name in ("store_url", "workspace"):
            before, now = getattr(old.settings, name), getattr(settings, name)
            if (before() if callable(before) else before) != (now() if callable(now) else now):
                raise SettingsError(
                    f"{settings.source}: the daemon cannot change its store or workspace while it runs",
                    next_step="stop it and start it again",
                )
        new = App(
            settings=settings,
            store=old.store,
            workspace_no=old.workspace_no,
            clock=old.clock,
            make_connector=old.make_connector,
            holder=old.holder,
            errors_met=old.errors_met,
        )
        check(new)
        return new

    def _hire(self) -> None:
        """A worker for rescoring and for each connection; those of connections that are gone end by themselves."""
        app, workers = self.shared.app, self.shared.workers
        if not any(isinstance(worker, RescoreWorker) for worker in workers):
            workers.append(RescoreWorker(shared=self.shared))
        known = {worker.name: worker for worker in workers if isinstance(worker, ConnectionWorker)}
        for name in app.names():
            if name not in known:
                number = app.connection(name).connection_no
                workers.append(ConnectionWorker(shared=self.shared, name=name, number=number))
        for name, worker in known.items():
            worker.retired = name not in app.settings.connections
            if worker.retired:
                worker.bell.set()
                workers.remove(worker)
                if self._ticker is None:
                    worker.leave()

    def _begin(self, worker: Worker) -> None:
        thread = self._threads.get(worker.title)
        if thread is None or not thread.is_alive():
            thread = threading.Thread(target=self._live, args=(worker,), name=worker.title, daemon=True)
            self._threads[worker.title] = thread
            thread.start()

    def _live(self, worker: Worker) -> None:
        """Turn after turn; no error ends it."""
        pause = 0.0
        while not self.shared.stopping.is_set() and worker in self.shared.workers:
            busy = False
            try:
                busy = worker.turn()
                pause = 0.0
            except Exception as error:  # noqa: BLE001 - the worker lives; the traceback holds places, never values
                places = "".join(traceback.format_tb(error.__traceback__))
                reason = error.message if isinstance(error, SyncError) else type(error).__name__
                log.error(  # noqa: TRY400
                    "worker_stumbled", worker=worker.title, reason=reason, traceback=places
                )
                worker.upset()
                pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, pause * 2))
            if pause:
                self.shared.stopping.wait(pause)
            elif not busy:
                worker.bell.wait(_AT_LEAST)
                worker.bell.clear()
        _let_go(worker)

    def _listen_again(self, new: App) -> None:
        if self._webhooks is not None:
            self._webhooks.close()
        try:
            self._webhooks = _receiver(new)
        except SettingsError as error:
            self._webhooks = None
            log.error("webhooks_refused", reason=error.message, next=error.next_step)  # noqa: TRY400

    def _close_old_apps(self) -> None:
        for app in self._old_apps:
            app.close_connectors()
        self._old_apps.clear()


def _receiver(app: App) -> WebhookServer | None:
    """What receives webhooks; its libraries are loaded by those who have any."""
    if not any(getattr(connection, "webhook_url", None) for connection in app.settings.connections.values()):
        return None
    from sync.jobs.webhooks import start_webhooks

    return start_webhooks(app)


def _let_go(worker: Worker) -> None:
    try:
        worker.leave()
    except Exception as error:  # noqa: BLE001 - the lease runs out by itself
        log.warning("lease_not_given_back", worker=worker.title, error=type(error).__name__)


def check(app: App) -> None:
    """Load everything that the daemon follows.

    Raises:
        SettingsError: a file cannot be read.
        ModelError: the model has problems.
        NeedsAttention: a field map has problems.
    """
    zone = app.model.time_zone
    for name in app.names():
        app.field_map(name)
        plan_of(name, app.settings.schedule_of(name), zone)
