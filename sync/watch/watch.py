"""The watch of a daemon: a thread that looks every few seconds, counts, notices, tells, and serves what it sees."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from config.errors import SettingsError
from sync.errors import SyncError
from sync.jobs.tenure import Tenure
from sync.watch.alerts import Alerts
from sync.watch.facts import facts_now
from sync.watch.health import findings
from sync.watch.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.watching import Metrics
    from sync.app import App
    from sync.watch.endpoint import Endpoint
    from sync.watch.health import Finding

log = structlog.get_logger(__name__)

#: Seconds between two looks.
LOOK: Final = 30.0
#: Seconds that the end of the watch may take.
_END: Final = 1.0


@dataclass(kw_only=True)
class Watch:
    """Watches one installation. `look` does by hand what the thread does."""

    #: The app as it is configured now: a reload puts another one in its place.
    app: Callable[[], App]
    _alerts: Alerts = field(init=False)
    _tally: Tally = field(init=False)
    #: Two daemons on one store tell everybody once.
    _tenure: Tenure = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _endpoint: Endpoint | None = None
    _place: Metrics | None = None

    def __post_init__(self) -> None:
        app = self.app()
        self._alerts, self._tally = Alerts(app=app), Tally(app=app)
        self._tenure = Tenure(name=f"watch:{app.settings.workspace}")

    @property
    def port(self) -> int | None:
        """Where health and metrics are served."""
        return self._endpoint.port if self._endpoint is not None else None

    def start(self) -> None:
        """Begin. Raises SettingsError when the port is taken."""
        self._tally.begin()
        self.serve()
        self._thread = threading.Thread(target=self._live, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> bool:
        """End, and give the lease back; False when the thread had to be left where it was."""
        self._ending.set()
        if self._endpoint is not None:
            self._endpoint.close()
        if self._thread is not None:
            self._thread.join(_END)
            if self._thread.is_alive():
                return False  # it waits for somebody who does not answer; its lease runs out
        self._tenure.release(self.app())
        return True

    def look(self) -> list[Finding]:
        """Count, notice and tell; what there is to see."""
        app = self.app()
        if self._place != app.settings.metrics:
            self.serve()
        with self._lock:
            self._tally.app = app
            self._tally.look()
        found = findings(facts_now(app))
        if self._tenure.held(app) is not None:
            self._alerts.app = app
            self._alerts.tell(found)
        return found

    def health(self) -> list[Finding]:
        """What is not as it should be, now."""
        return findings(facts_now(self.app()))

    def metrics(self) -> bytes:
        """All numbers, now."""
        from sync.watch.exposition import exposition

        app = self.app()
        with self._lock:
            self._tally.app = app
            self._tally.look()
            return exposition(facts_now(app), self._tally, app.errors_met)

    def serve(self) -> None:
        """Listen where the settings say. Raises SettingsError when the port is taken."""
        place = self.app().settings.metrics
        self._place = place
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None
        if place.port is None:
            return
        from sync.watch.endpoint import Endpoint

        self._endpoint = Endpoint(place, health=self.health, metrics=self.metrics)
        log.info("metrics_served", host=place.host, port=self._endpoint.port)

    def _live(self) -> None:
        while not self._ending.wait(LOOK):
            try:
                self.look()
            except SettingsError as error:
                log.error("watch_stumbled", reason=error.message, next=error.next_step)  # noqa: TRY400
            except SyncError as error:
                log.warning("watch_stumbled", reason=error.message)
            except Exception as error:  # noqa: BLE001 - who watches lives as long as those who work
                log.error("watch_stumbled", error=type(error).__name__)  # noqa: TRY400
