"""What goes over the wire: a request and a response as plain values, so that a dialect is testable without sockets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

JSON_TYPE = "application/json;charset=utf-8"


class Headers(Mapping[str, str]):
    """Case-insensitive, read-only headers; a repeated name keeps its first value."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        items = pairs.items() if isinstance(pairs, Mapping) else pairs
        self._values: dict[str, tuple[str, str]] = {}
        for name, value in items:
            self._values.setdefault(name.lower(), (name, value))

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._values.values())

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, kw_only=True, slots=True)
class WireRequest:
    """One HTTP request as a dialect sees it: the path without query and without the prefix of its org."""

    method: str
    #: Percent-decoded, starting with "/".
    path: str
    #: Repeated names keep their order.
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    #: Scheme, host, port and the org's prefix; for absolute links such as HubSpot's `paging.next.link`.
    base_url: str = "http://127.0.0.1"

    @classmethod
    def to(
        cls, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"", payload: Any = None
    ) -> WireRequest:
        """Builds a request from a relative URL; `payload` is sent as JSON. For tests and for use without sockets."""
        parts = urlsplit(url)
        sent = json.dumps(payload).encode() if payload is not None else body
        query = parse_qsl(parts.query, keep_blank_values=True)
        return cls(method=method.upper(), path=parts.path, query=query, headers=Headers(headers or {}), body=sent)

    def param(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)

    def params(self, name: str) -> list[str]:
        """All values of a repeated query parameter."""
        return [value for key, value in self.query if key == name]

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: The body is not JSON.
        """
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body as a URL-encoded form; a repeated name keeps its last value."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class WireResponse:
    """One HTTP response; the server adds Content-Length, and Date from the org's clock when absent."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of_json(cls, payload: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> WireResponse:
        """A JSON response, compact and in UTF-8."""
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        return cls(status=status, headers={"Content-Type": JSON_TYPE, **(headers or {})}, body=text.encode())

    @classmethod
    def empty(cls, status: int = 204, headers: Mapping[str, str] | None = None) -> WireResponse:
        """A response without a body."""
        return cls(status=status, headers=dict(headers or {}))

    def json(self) -> Any:
        """The body as JSON, for tests."""
        return json.loads(self.body)


class Dialect(Protocol):
    """A vendor's API on top of one `Org`: a plain synchronous object."""

    def handle(self, request: WireRequest) -> WireResponse:
        """Answers one request; vendor errors are responses, an exception is a bug of the sandbox."""
        ...
