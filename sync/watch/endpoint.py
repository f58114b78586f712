"""/health, /live and /metrics over HTTP, on loopback unless told otherwise. Read-only; no secret, no personal data."""

from __future__ import annotations

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import structlog

from config.errors import SettingsError
from sync.watch.health import is_well

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.watching import Metrics
    from sync.watch.health import Finding

log = structlog.get_logger(__name__)

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_JSON = "application/json"
#: Seconds that a client may take.
_PATIENCE = 10


class Endpoint:
    """Listens in a thread of its own."""

    def __init__(self, place: Metrics, *, health: Callable[[], list[Finding]], metrics: Callable[[], bytes]) -> None:
        answers: dict[str, Callable[[], tuple[int, str, bytes]]] = {
            "/health": lambda: health_page(health()),
            "/live": lambda: (HTTPStatus.OK, _JSON, b'{"alive": true}\n'),
            "/metrics": lambda: (HTTPStatus.OK, _TEXT, metrics()),
        }

        class Answer(BaseHTTPRequestHandler):
            timeout = _PATIENCE

            def do_GET(self) -> None:
                answer(self, answers)

            def version_string(self) -> str:
                return "leadgrade"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Not one line a scrape."""

        try:
            self._server = ThreadingHTTPServer((place.host, place.port or 0), Answer)
        except OSError as error:
            raise SettingsError(
                f"metrics: {place.host}:{place.port} cannot be listened at: {error.strerror}",
                next_step="choose another metrics.port, or stop whoever has it",
            ) from None
        self._server.daemon_threads = True
        #: Where it listens.
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="metrics", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_PATIENCE)


def answer(request: BaseHTTPRequestHandler, answers: dict[str, Callable[[], tuple[int, str, bytes]]]) -> None:
    """Answer one request; what goes wrong is told by its kind alone."""
    status: int
    make = answers.get(request.path.partition("?")[0])
    if make is None:
        status, kind, body = HTTPStatus.NOT_FOUND, _TEXT, b"there are /health, /live and /metrics\n"
    else:
        try:
            status, kind, body = make()
        except Exception as error:  # noqa: BLE001 - whoever watches must hear of it
            log.warning("watch_stumbled", page=request.path.partition("?")[0], error=type(error).__name__)
            status, kind, body = HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, f"{type(error).__name__}\n".encode()
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.send_header("Cache-Control", "no-store")
    request.end_headers()
    request.wfile.write(body)


def health_page(found: list[Finding]) -> tuple[int, str, bytes]:
    """503 when somebody must act, with what and the next step."""
    well = is_well(found)
    body = json.dumps(health_as_json(found), ensure_ascii=False, indent=2) + "\n"
    return (HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE), _JSON, body.encode()


def health_as_json(found: list[Finding]) -> dict[str, Any]:
    """Stable keys, for programs."""
    return {
        "healthy": is_well(found),
        "findings": [
            {
                "code": each.code,
                "place": each.place,
                "subject": each.subject,
                "severity": each.severity.value,
                "message": each.message,
                "next_step": each.next_step,
            }
            for each in found
        ],
    }
