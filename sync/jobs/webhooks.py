"""Near-real-time: webhooks of HubSpot come in, the records that they name are queued to be read again by a RECORD run.

Off unless a connection has a `webhook_secret`. Nothing of a delivery is stored but ids; what happened is read from HubSpot, so
a delivery that comes twice, late or out of order changes nothing.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from config.errors import SettingsError
from config.settings import HubSpotConnection
from connectors.errors import ConnectorError
from connectors.hubspot.webhooks import SIGNATURE, TIMESTAMP, is_signed, named_records
from sync.admin.actions.runs import queue_records
from sync.errors import SyncError

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from sync.app import App

log = structlog.get_logger(__name__)

#: HubSpot sends at most 100 events at a time: some 50 kB.
LARGEST_BODY: Final = 1_000_000
_STOP_SECONDS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class _Target:
    connection: str
    url: str
    settings: HubSpotConnection


def webhook_app(app: App) -> ASGIApp:
    """The ASGI application that receives the webhooks of all connections that have a secret."""
    targets: dict[str, list[_Target]] = {}
    for target in _targets(app):
        targets.setdefault(urlsplit(target.url).path or "/", []).append(target)

    async def receive(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        if body is None:
            return PlainTextResponse("too large", 413)
        status = await run_in_threadpool(_accept, app, targets[request.url.path], request, body)
        return PlainTextResponse(
            {204: "", 400: "no list of events", 401: "unauthorized"}.get(status, "try again"), status
        )

    return Starlette(routes=[Route(path, receive, methods=["POST"]) for path in targets])


def receives_webhooks(app: App) -> bool:
    """Whether any connection receives webhooks."""
    return bool(_targets(app))


class WebhookServer:
    """Serves `webhook_app` from a thread until it is closed. Listens where the settings say: loopback unless told otherwise."""

    def __init__(self, app: App) -> None:
        settings = app.settings.webhooks
        try:
            self._socket = socket.create_server((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"webhooks: {settings.host}:{settings.port} cannot be listened at: {error.strerror}",
                next_step="choose another webhooks.port, or stop whoever has it",
            ) from None
        #: Where it listens.
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            webhook_app(app),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="webhooks", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening; deliveries that have begun are finished."""
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._socket.close()


def start_webhooks(app: App) -> WebhookServer | None:
    """Listen for webhooks if any connection receives them. Raises SettingsError when the port is taken."""
    return WebhookServer(app) if receives_webhooks(app) else None


def _targets(app: App) -> list[_Target]:
    return [
        _Target(connection=name, url=connection.webhook_url, settings=connection)
        for name, connection in app.settings.connections.items()
        if isinstance(connection, HubSpotConnection) and connection.webhook_url is not None
    ]


async def _body(request: Request) -> bytes | None:
    """The body, None when it is larger than any delivery; no more of it is read than that."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _accept(app: App, targets: list[_Target], request: Request, body: bytes) -> int:
    """The status to answer with. HubSpot sends again what is answered with anything else than 2xx."""
    try:
        signed = [target for target in targets if _is_signed(app, target, request, body)]
        if not signed:
            log.warning("webhook_refused", path=request.url.path)
            return 401
        for target in signed:
            _queue(app, target.connection, body)
    except ValueError:
        return 400
    except (SyncError, ConnectorError, SettingsError) as error:
        log.warning("webhook_not_taken", error=type(error).__name__)
        return 503
    return 204


def _is_signed(app: App, target: _Target, request: Request, body: bytes) -> bool:
    secret = target.settings.webhook_secret
    query = request.url.query
    uri = target.url if not query or "?" in target.url else f"{target.url}?{query}"
    return secret is not None and is_signed(
        secret.value(),
        method=request.method,
        uri=uri,
        body=body,
        timestamp=request.headers.get(TIMESTAMP),
        signature=request.headers.get(SIGNATURE),
        now=app.clock.now(),
    )


def _queue(app: App, connection: str, body: bytes) -> None:
    outputs = app.field_map(connection).outputs
    named = named_records(body, written={name: fields.values() for name, fields in outputs.items()})
    pinned = app.connection(connection).org_id
    refs = named.records.get(pinned, ()) if pinned is not None else ()
    queued = queue_records(app, connection, refs, by="webhook")
    ignored = named.ignored + sum(len(found) for found in named.records.values()) - len(refs)
    log.info("webhook_taken", connection=connection, records=queued, ignored=ignored)
