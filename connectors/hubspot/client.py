"""The only file that knows hubspot-api-client: calls of its API objects give raw JSON, on one connection pool.

The library speaks legacy paths; `paths: dated` translates them on the way out. Its retries are off and its models unused:
both lose what we need (`policyName`, the status 207, speed). What it lacks goes over a session of our own.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import hubspot
import requests
import urllib3
from requests.adapters import HTTPAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from urllib3.util.retry import Retry

from connectors.errors import ConnectorError, Contended, NeedsAttention, QuotaSpent, Throttled, Unavailable
from connectors.hubspot.budget import Budget
from connectors.hubspot.errors import error_from_answer, error_from_exception
from connectors.hubspot.settings import HubSpotSettings, Paths

VERSION = "2026-09"
_DATED = (
    ("/crm/v3/objects/", f"/crm/objects/{VERSION}/"),
    ("/crm/v4/associations/", f"/crm/associations/{VERSION}/"),
    ("/crm/v3/properties/", f"/crm/properties/{VERSION}/"),
    ("/crm/v3/pipelines/", f"/crm/pipelines/{VERSION}/"),
    ("/crm/v3/owners/", f"/crm/owners/{VERSION}/"),
    ("/events/v3/events/", f"/events/event-occurrences/{VERSION}/"),
    ("/account-info/v3/", f"/account-info/{VERSION}/"),
)
#: The longest wait inside one call; beyond it the caller decides.
_LONGEST_WAIT = 15.0
_JITTER = random.Random()  # noqa: S311 - spreads retries, nothing secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A success: status (200, 201, 204, 207), parsed body, and HubSpot's clock."""

    status: int
    body: Any
    #: HubSpot's clock when it answered, to the second.
    date: datetime
    #: HubSpot's clock when it cannot have begun to answer yet.
    began: datetime
    headers: Mapping[str, str] = field(repr=False)

    def results(self) -> list[Any]:
        """The rows of a list, search or batch answer."""
        rows = self.body.get("results") if isinstance(self.body, dict) else None
        if not isinstance(rows, list):
            raise Unavailable("HubSpot's answer holds no list of results.")
        return rows

    def after(self) -> str | None:
        """Where the next page begins, None on the last."""
        paging = self.body.get("paging") if isinstance(self.body, dict) else None
        after = ((paging or {}).get("next") or {}).get("after")
        return None if after is None else str(after)


class Transport:
    """The library on one pool, and a session for what it lacks. Every call waits for the budget, is tried again shortly when
    HubSpot is busy, and raises only connector errors.
    """

    def __init__(
        self,
        settings: HubSpotSettings,
        budget: Budget,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._settings = settings
        self._budget = budget
        self._clock = clock
        self._sleep = sleep
        self._host = settings.host.rstrip("/")
        self._token: str | None = None
        #: HubSpot's clock minus ours, as of the last answer that told it.
        self._ahead: timedelta | None = None
        self._asked = clock()
        self._pool = urllib3.PoolManager(maxsize=4, retries=Retry(total=0, redirect=0, raise_on_redirect=False))
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would replace our Authorization header
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))
        self._library = hubspot.HubSpot(api_factory=self._make)
        self._apis: dict[str, Any] = {}

    def now(self) -> datetime:
        """HubSpot's clock, as far as its answers told."""
        return self._clock() + (self._ahead or timedelta(0))

    def close(self) -> None:
        """Release all connections."""
        self._pool.clear()
        self._session.close()

    def api(self, name: str, find: Callable[[Any], Any]) -> Any:
        """One of the library's API objects, found once and kept.

        Each attribute access of the library builds a new client; held inline, nothing would be reused.
        """
        if name not in self._apis:
            self._apis[name] = find(self._library)
        return self._apis[name]

    # ---- inside ----

    def _make(self, package: Any, api_name: str, _config: Mapping[str, Any]) -> Any:
        with _level_kept("urllib3"):  # the library turns the level of the whole process's urllib3 down
            configuration = package.Configuration()
        configuration.host = self._host
        api_client = package.ApiClient(configuration=configuration)
        api_client.rest_client.pool_manager = self._pool
        vendor_call = api_client.call_api

        def call_api(resource_path: str, method: str, *args: Any, **options: Any) -> Answer:
            api_client.set_default_header("Authorization", f"Bearer {self._current_token()}")
            options["_preload_content"] = False
            options["_request_timeout"] = (self._settings.connect_timeout, self._settings.read_timeout)
            with self._translated():
                response = vendor_call(self._path(resource_path), method, *args, **options)
                # NOTE: reading the raw body to its end also gives the connection back to the pool.
                return self._answer(response.status, response.headers, response.data)

        api_client.call_api = call_api
        return getattr(package, api_name)(api_client=api_client)

    def get(self, kind: str, path: str, query: Mapping[str, Any]) -> Answer:
        """A GET of a path that the library lacks; legacy paths are translated here too."""

        def call() -> Answer:
            with self._translated():
                response = self._session.get(
                    self._host + self._path(path),
                    params=dict(query),
                    headers={"Authorization": f"Bearer {self._current_token()}", "Accept": "application/json"},
                    timeout=(self._settings.connect_timeout, self._settings.read_timeout),
                    allow_redirects=False,
                )
                if not 200 <= response.status_code < 300:
                    raise error_from_answer(response.status_code, response.headers, response.content)
                return self._answer(response.status_code, response.headers, response.content)

        return self.call(kind, call)

    def call(self, kind: str, call: Callable[[], Answer]) -> Answer:
        """Make one call of the library within the budget."""

        def once() -> Answer:
            self._budget.spend(kind)
            self._asked = self._clock()
            used = self._current_token()
            try:
                return call()
            except NeedsAttention as error:
                if error.code != "credentials" or self._renewed_token() == used:
                    raise
                self._budget.spend(kind)
                return call()

        retrying = Retrying(
            stop=stop_after_attempt(self._settings.attempts),
            retry=retry_if_exception(_worth_waiting),
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(once)
        except QuotaSpent as error:
            error.until = error.until or self._budget.day_end()
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ConnectorError:
            raise
        except Exception as error:  # noqa: BLE001 - nothing foreign leaves the connector
            self._budget.learn(getattr(error, "headers", None) or {})
            # `from None`: the library's exceptions print the answer, and answers quote personal data.
            raise error_from_exception(error) from None

    def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
        self._budget.learn(headers)
        try:
            body = json.loads(content) if content else {}
        except ValueError as error:
            raise Unavailable("HubSpot's answer is not JSON.") from error
        date = self._date(headers)
        answered = self._clock()
        self._ahead = date - answered
        # The header is cut to seconds and written when the answer is ready.
        took = max(answered - self._asked, timedelta(0)) + timedelta(seconds=1)
        return Answer(status=status, body=body, date=date, began=date - took, headers=headers)

    def _date(self, headers: Mapping[str, str]) -> datetime:
        try:
            return parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        except (KeyError, TypeError, ValueError) as error:
            if self._ahead is not None:
                return self.now()
            raise NeedsAttention(
                "HubSpot's answers carry no Date, so nobody knows how far a stream has been read.",
                code="clock",
                next_step="find what removes the header on the way (a proxy?), then run: leadgrade doctor",
            ) from error

    def _path(self, path: str) -> str:
        if self._settings.paths is Paths.LEGACY:
            return path
        for legacy, dated in _DATED:
            if path.startswith(legacy):
                return (dated + path[len(legacy) :]).rstrip("/")
        return path

    def _current_token(self) -> str:
        return self._token if self._token is not None else self._renewed_token()

    def _renewed_token(self) -> str:
        token = self._read_token().strip()
        # NOTE: a stray character would end up in the message of the HTTP library's own error, token and all.
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise NeedsAttention(
                "The HubSpot token is empty or holds characters that no token has.",
                code="credentials",
                next_step="check where the connection's token comes from",
            )
        self._token = token
        return token

    def _read_token(self) -> str:
        source = self._settings.token
        if not callable(source):
            return source
        try:
            return source()
        except ConnectorError:
            raise
        except Exception as error:  # noqa: BLE001 - wherever the token is kept, a token that is gone stops this connection alone
            # The words of whoever keeps it name a place, never the token; others stay out.
            words = getattr(error, "message", type(error).__name__)
            raise NeedsAttention(
                f"The HubSpot token cannot be read: {words}",
                code="credentials",
                next_step=getattr(error, "next_step", None) or "check where the connection's token comes from",
            ) from None


@contextmanager
def _level_kept(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    before = logger.level
    try:
        yield
    finally:
        logger.setLevel(before)


def _worth_waiting(error: BaseException) -> bool:
    if isinstance(error, Throttled):
        return error.retry_after <= _LONGEST_WAIT
    return isinstance(error, Unavailable | Contended)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Throttled):
        return error.retry_after * state.attempt_number
    if isinstance(error, Contended):
        return 2.0 + _JITTER.random()
    return float(0.2 * 2**state.attempt_number) + 0.2 * _JITTER.random()
