"""The sandbox over real HTTP on loopback: uvicorn in a thread, one catch-all route, dialects called in worker threads.

`/orgs/<name>/...` reaches one org. At the root `/services/...` and `/id/...` are the first Salesforce account, all else is
the first HubSpot one.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connectors.sandbox import fault_door
from connectors.sandbox.faults import Faults, Outcome
from connectors.sandbox.org import Org
from connectors.sandbox.wire import Dialect, Headers, WireRequest, WireResponse

_PREFIX = "/orgs/"
_STOP_SECONDS = 10
_THREADS = 16


class Vendor(StrEnum):
    """Whose API an org speaks."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One org behind the server: its dialect, its faults and where clients find it."""

    name: str
    vendor: Vendor
    org: Org
    dialect: Dialect
    #: `http://127.0.0.1:port/orgs/<name>`: always this org, also with several of one vendor.
    url: str
    #: `http://127.0.0.1:port`: reaches this org if it is the first of its vendor.
    root_url: str
    faults: Faults = field(default_factory=Faults)


class SandboxServer:
    """Serves any number of orgs on one port; a context manager that leaves no thread and no socket behind."""

    def __init__(self, *, port: int = 0) -> None:
        # NOTE: the protocol is spelled out because asyncio turns Nagle off only then; else each call takes 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.sites: dict[str, Site] = {}
        #: Exceptions of dialects: bugs of the sandbox, raised again when the server stops.
        self.bugs: list[Exception] = []
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sandbox")
        self._runner: _Runner | None = None

    def mount(self, name: str, *, vendor: Vendor, org: Org, dialect: Dialect) -> Site:
        """Adds an org; allowed while the server runs, so that tests can share one server."""
        url = f"{self.url}{_PREFIX}{name}"
        site = Site(name=name, vendor=vendor, org=org, dialect=dialect, url=url, root_url=self.url)
        self.sites[name] = site
        return site

    def unmount(self, name: str) -> None:
        """Takes an org away."""
        del self.sites[name]

    def start(self) -> None:
        """Starts serving; returns when connections are accepted."""
        self._runner = _Runner(Starlette(routes=[Route("/{path:path}", _Front(self))]), self._socket)
        self._runner.start()

    def stop(self) -> None:
        """Stops serving; raises the first bug of a dialect, if there was one."""
        if self._runner is not None:
            self._runner.stop()
            self._runner = None
        self.threads.shutdown()
        self._socket.close()
        if self.bugs:
            raise RuntimeError("the sandbox itself failed; see the cause") from self.bugs[0]

    def wait(self) -> None:
        """Blocks until the serving thread ends."""
        if self._runner is not None:
            self._runner.thread.join()

    def route(self, path: str) -> tuple[Site | None, str, str]:
        """(site, path within it, its base URL) of a request's path."""
        if path.startswith(_PREFIX):
            name, _, rest = path.removeprefix(_PREFIX).partition("/")
            site = self.sites.get(name)
            return site, f"/{rest}", "" if site is None else site.url
        vendors = {site.vendor for site in self.sites.values()}
        wanted = Vendor.SALESFORCE if path.startswith(("/services/", "/id/")) else Vendor.HUBSPOT
        if len(vendors) == 1:
            wanted = next(iter(vendors))
        site = next((site for site in self.sites.values() if site.vendor is wanted), None)
        return site, path, self.url

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.bugs.clear()
        self.stop()


class _Front:
    """The one ASGI endpoint: reads the request, lets faults and dialect work in a thread, sends what comes out."""

    def __init__(self, server: SandboxServer) -> None:
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        exchange = _Exchange(scope, receive, send)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        site, path, base_url = self._server.route(scope["path"])
        if site is None:
            await exchange.answer(WireResponse(status=404, body=b"no such org in this sandbox\n"))
            return
        wire = WireRequest(
            method=request.method,
            path=path,
            query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
            headers=Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]),
            body=body,
            base_url=base_url,
        )
        outcome = await asyncio.get_running_loop().run_in_executor(self._server.threads, self._answer, site, wire)
        await exchange.answer(outcome.response, date=site.org.clock.http_date(), sent=outcome.sent)

    def _answer(self, site: Site, request: WireRequest) -> Outcome:
        if request.path == fault_door.PATH:
            return Outcome(response=fault_door.answer(site.faults, request))
        try:
            outcome = site.faults.run(request, site.org, site.dialect.handle)
        except Exception as error:  # noqa: BLE001 - a bug must reach the test, not vanish in a worker thread
            self._server.bugs.append(error)
            text = f"{type(error).__name__}: {error}\n"
            outcome = Outcome(response=WireResponse(status=500, body=text.encode()))
        broken = outcome.response is None or outcome.sent is not None
        site.org.requests.note(
            request.method, request.path, 0 if broken or outcome.response is None else outcome.response.status
        )
        return outcome


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One request's ASGI channels."""

    scope: Scope
    receive: Receive
    send: Send

    async def answer(self, response: WireResponse | None, *, date: str = "", sent: int | None = None) -> None:
        transport: asyncio.Transport = self.scope["extensions"][_TRANSPORT]["transport"]
        if response is None:
            transport.abort()
            await self._disconnected()
            return
        headers = {_Name(name.encode("latin-1")): value for name, value in response.headers.items()}
        for name, value in ((b"Content-Type", "text/plain;charset=utf-8"), (b"Date", date)):
            if not any(bytes.lower(given) == bytes.lower(name) for given in headers):
                headers[_Name(name)] = value
        bodyless = response.status in (204, 304)
        raw: list[tuple[bytes, bytes]] = [(name, value.encode("latin-1")) for name, value in headers.items() if value]
        if not bodyless:
            raw.append((b"content-length", str(len(response.body)).encode()))
        await self.send({"type": "http.response.start", "status": response.status, "headers": raw})
        if sent is not None and sent < len(response.body):
            await self.send({"type": "http.response.body", "body": response.body[:sent], "more_body": True})
            transport.close()
            await self._disconnected()
            return
        await self.send({"type": "http.response.body", "body": b"" if bodyless else response.body})

    async def _disconnected(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass


class _Name(bytes):
    """A header name as it is sent. uvicorn would send it in lower case, and there are clients who do not look for that."""

    __slots__ = ()

    def lower(self) -> _Name:
        return self


_TRANSPORT = "leadgrade.sandbox"


class _Protocol(HttpToolsProtocol):
    """Lets the front break the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_TRANSPORT: {"transport": self.transport}}


class _Runner(uvicorn.Server):
    """A uvicorn server in a thread that starts and stops without polling."""

    def __init__(self, app: Starlette, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=300,
        )
        super().__init__(config)
        self._listener = listener
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self.thread = threading.Thread(target=self._work, name="sandbox", daemon=True)

    def start(self) -> None:
        self.thread.start()
        self._ready.wait()

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None and self.thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self.thread.join(_STOP_SECONDS)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._ready.set()
        await self._stop.wait()

    def _work(self) -> None:
        try:
            self.run(sockets=[self._listener])
        finally:
            self._ready.set()
