"""Scripted misbehaviour: rules matched on method, path and the nth matching call, applied around a dialect by the server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
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
