"""Scripted misbehaviour: rules matched on method, path and the nth matching call, applied around a dialect by the server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.wire import JSON_TYPE, WireRequest, WireResponse


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """Another answer instead of the dialect's; with `apply` the request is carried out nevertheless."""

    status: int
    payload: Any = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    apply: bool = False

    def response(self) -> WireResponse:
        """The answer; a payload is sent as JSON."""
        if self.payload is None:
            return WireResponse(status=self.status, headers=self.headers, body=self.body)
        headers = {"Content-Type": JSON_TYPE, **self.headers}
        return WireResponse(status=self.status, headers=headers, body=json.dumps(self.payload).encode())


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """A connection that breaks: before any byte, or with `keep` after that many bytes of the body.

    With `apply` (always with `keep`) the request is carried out before.
    """

    keep: int | None = None
    apply: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Truncate:
    """A body cut after `keep` bytes, with a length that agrees: the client reads it as complete."""

    keep: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewrite:
    """The dialect's answer, changed: another charset, a malformed record, a missing header."""

    change: Callable[[WireResponse], WireResponse]


@dataclass(frozen=True, kw_only=True, slots=True)
class Meanwhile:
    """Something happens in the org just before the request is carried out."""

    act: Callable[[Org], None]


def unavailable() -> Reply:
    """The vendor is down for a moment: 503 with an error in its form, the request is not carried out."""
    text = "Server is temporarily unavailable. Please try again later."
    return Reply(status=503, payload=[{"message": text, "errorCode": "SERVER_UNAVAILABLE"}])


def latin1() -> Rewrite:
    """A body in ISO-8859-1 that says so; what this charset lacks becomes a question mark."""

    def change(response: WireResponse) -> WireResponse:
        kind = next(
            (value for name, value in response.headers.items() if name.casefold() == "content-type"), "text/plain"
        )
        rest = {name: value for name, value in response.headers.items() if name.casefold() != "content-type"}
        headers = {**rest, "Content-Type": f"{kind.partition(';')[0]}; charset=ISO-8859-1"}
        body = response.body.decode("utf-8", "replace").encode("latin-1", "replace")
        return WireResponse(status=response.status, headers=headers, body=body)

    return Rewrite(change=change)


def lock_rows(record_ids: Iterable[str], *, writes: int = 1) -> Meanwhile:
    """Somebody else holds these rows: their next writes are refused with UNABLE_TO_LOCK_ROW."""
    wanted = dict.fromkeys(record_ids, writes)
    return Meanwhile(act=lambda org: org.settings.__setitem__("locked_rows", dict(wanted)))


def late_commit(name: str, record_id: str, values: Mapping[str, Any], *, seconds: float) -> Meanwhile:
    """A change whose transaction began so long ago and ends now: it becomes visible with a stamp of then."""

    def act(org: Org) -> None:
        org.update(name, record_id, values, at=org.now() - round(seconds * 1000), by=org.settings.get("admin"))

    return Meanwhile(act=act)


def equal_stamps(name: str, record_ids: Iterable[str]) -> Meanwhile:
    """One transaction touches many records: all carry the same stamp, more of them than a page holds."""
    touched = list(record_ids)

    def act(org: Org) -> None:
        for record_id in touched:
            org.touch(name, org.get(name, record_id), at=org.now(), by=org.settings.get("admin"))

    return Meanwhile(act=act)


def small_pages(rows: int) -> Meanwhile:
    """From now on pages are smaller than asked for, as those of big rows are."""
    return Meanwhile(act=lambda org: org.settings.update(query_page=rows, bulk_page=rows))


def delay(seconds: float) -> Meanwhile:
    """A slow answer: the org's clock moves, nobody sleeps."""
    return Meanwhile(act=lambda org: org.clock.advance(seconds))


def expire_sessions() -> Meanwhile:
    """All sessions end just before the request."""
    return Meanwhile(act=Org.expire_sessions)


def exhaust_quota(window: str = "daily") -> Meanwhile:
    """Somebody else uses up an allowance just before the request."""
    return Meanwhile(act=lambda org: org.quotas[window].exhaust(org.clock.now()))


Effect = Reply | Drop | Truncate | Rewrite | Meanwhile


@dataclass(kw_only=True, slots=True)
class Fault:
    """One rule: it skips `after` matching calls, then acts on the next `times` (None: for ever)."""

    effect: Effect
    method: str | None = None
    #: Regular expression, searched in the path with its query.
    path: str = ""
    after: int = 0
    times: int | None = 1
    #: Matching calls so far.
    seen: int = 0

    def meets(self, request: WireRequest) -> bool:
        """Counts a matching call and says whether the rule acts on it."""
        query = "&".join(f"{name}={value}" for name, value in request.query)
        target = f"{request.path}?{query}" if query else request.path
        if self.method not in (None, request.method) or not re.search(self.path, target):
            return False
        self.seen += 1
        return self.seen > self.after and (self.times is None or self.seen <= self.after + self.times)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the server sends: a response, or none; `sent` bytes of its body before the connection breaks."""

    response: WireResponse | None
    sent: int | None = None


class Faults:
    """The rules of one org, in the order they were added; all that meet a call act on it, the first answer wins."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rules: list[Fault] = []

    def add(
        self, effect: Effect, *, method: str | None = None, path: str = "", after: int = 0, times: int | None = 1
    ) -> Fault:
        """Adds a rule; the result shows how many calls it has seen."""
        rule = Fault(effect=effect, method=method, path=path, after=after, times=times)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Removes all rules."""
        with self._lock:
            self._rules.clear()

    def run(self, request: WireRequest, org: Org, handle: Callable[[WireRequest], WireResponse]) -> Outcome:
        """Carries out one request under the rules."""
        with self._lock:
            effects = [rule.effect for rule in self._rules if rule.meets(request)]
        for effect in effects:
            if isinstance(effect, Meanwhile):
                effect.act(org)
        refusal = next((effect for effect in effects if isinstance(effect, Reply | Drop)), None)
        if isinstance(refusal, Reply) and not refusal.apply:
            return Outcome(response=refusal.response())
        if isinstance(refusal, Drop) and not refusal.apply and refusal.keep is None:
            return Outcome(response=None)
        response = handle(request)
        for effect in effects:
            if isinstance(effect, Rewrite):
                response = effect.change(response)
            elif isinstance(effect, Truncate):
                body = response.body[: effect.keep]
                response = WireResponse(status=response.status, headers=response.headers, body=body)
        if isinstance(refusal, Reply):
            return Outcome(response=refusal.response())
        if isinstance(refusal, Drop):
            return Outcome(response=response if refusal.keep is not None else None, sent=refusal.keep)
        return Outcome(response=response)
