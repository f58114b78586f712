"""The `requests` session under simple-salesforce: what every call must have, whoever makes it.

The library sets no timeouts, loses headers given to a call when it renews a session, and follows redirects; here a call
always has timeouts, the headers sit on the session, redirects are off, JSON is UTF-8, and the sandbox's address takes the host's
place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.salesforce.settings import SalesforceSettings


class SalesforceSession(requests.Session):
    """One connection pool to one org; remembers the CRM's clock as its last answer told it."""

    def __init__(
        self,
        settings: SalesforceSettings,
        *,
        host: str | None = None,
        on_answer: Callable[[str, str | None], None] | None = None,
    ) -> None:
        super().__init__()
        self._timeout = (settings.connect_timeout, settings.timeout)
        self._host = host.rstrip("/") if host else None
        self._on_answer = on_answer
        #: Kind of the next call, for counting; set by the client.
        self.kind = "other"
        #: The CRM's clock in its last answer (whole seconds), and how long that answer took.
        self.crm_now: datetime | None = None
        self.took = timedelta(0)
        self.verify = settings.verify
        # NOTE: without an `auth` of its own, requests puts a netrc entry for the host in place of our bearer token.
        self.auth = _as_it_is
        # Salesforce's default is TRUE on updates too: a score must never run assignment rules and change an owner.
        self.headers["Sforce-Auto-Assign"] = "FALSE"
        # Duplicate rules that only warn must not refuse a score.
        self.headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
        self.headers["User-Agent"] = "Leadgrade"
        if self._host:
            self.trust_env = False  # no proxy stands between us and loopback
        elif settings.proxy:
            self.proxies = {"http": settings.proxy, "https": settings.proxy}

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request with timeouts, without redirects, to the sandbox if there is one."""
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        kwargs["allow_redirects"] = False
        # NOTE: what is set on the session gives way to HTTPS_PROXY and REQUESTS_CA_BUNDLE; what is given to the call does not.
        if self.proxies:
            kwargs["proxies"] = dict(self.proxies)
        if self.verify is not True:
            kwargs["verify"] = self.verify
        headers = kwargs.get("headers")
        if headers:
            kwargs["headers"] = {name: value for name, value in headers.items() if name != "X-PrettyPrint"}
        target = url.decode() if isinstance(url, bytes) else url
        response = super().request(method, self._rewritten(target), *args, **kwargs)
        self.took = response.elapsed
        self.crm_now = _date_of(response) or self.crm_now
        _read_as_utf8(response)
        if self._on_answer:
            self._on_answer(self.kind, response.headers.get("Sforce-Limit-Info"))
        return response

    def _rewritten(self, url: str) -> str:
        if not self._host:
            return url
        parts = urlsplit(url)
        return f"{self._host}{parts.path}{'?' + parts.query if parts.query else ''}"


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read_as_utf8(response: requests.Response) -> None:
    """JSON is UTF-8 whatever the header says.

    requests would take a latin-1 header at its word, and put replacement characters for bytes that are none.
    """
    if "json" not in response.headers.get("Content-Type", ""):
        return
    try:
        response.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise requests.exceptions.ContentDecodingError("an answer in JSON is not UTF-8") from error
    response.encoding = "utf-8"


def _date_of(response: requests.Response) -> datetime | None:
    header = response.headers.get("Date")
    if not header:
        return None
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None
