"""Calls to one org through simple-salesforce: budget, one renewal of an ended session, errors by next step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession

from connectors.errors import NeedsAttention, QuotaSpent, Unavailable
from connectors.salesforce.auth import Token, sign_in
from connectors.salesforce.budget import PAUSE, Budget
from connectors.salesforce.composite import CompositeRefused, Part, get_together
from connectors.salesforce.errors import from_answer, renewable, salesforce_errors
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.settings import SalesforceSettings

T = TypeVar("T")
#: A GET may have 16,384 bytes of address and headers.
_MAX_QUERY = 14_000
#: Status of an ended session.
_ENDED = 401


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Rows of one query, as many as came."""

    rows: list[dict[str, Any]]
    done: bool
    more_url: str | None = None
    #: The CRM's clock when the query was asked, at the latest; None when no answer has told the time yet.
    asked_at: datetime | None = None


class SalesforceClient:
    """One worker's way to one org; not for several threads at once."""

    def __init__(
        self,
        settings: SalesforceSettings,
        *,
        clock: Callable[[], datetime],
        host: str | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.budget = Budget(daily_share=settings.daily_share, org_ceiling=settings.org_ceiling, clock=clock)
        self.session = SalesforceSession(settings, host=host, on_answer=self.budget.note)
        self._sandboxed = host is not None
        self._token: Token | None = None
        self._api: Salesforce | None = None
        #: False once the org has refused the Composite resource.
        self.together = True

    # ---- queries ----

    def query(self, soql: str, *, deleted: bool = False, subject: str | None = None) -> Answer:
        """The first page of a query; `deleted` includes the recycle bin and archived activities."""
        _check_length(soql, subject)
        content = self.call(lambda api: api.query(soql, include_deleted=deleted), kind="query", subject=subject)
        return self._answer(content)

    def query_more(self, url: str, *, subject: str | None = None) -> Answer:
        """The next page of a query."""
        content = self.call(lambda api: api.query_more(url, identifier_is_url=True), kind="query", subject=subject)
        return self._answer(content)

    def rows(self, soql: str, *, deleted: bool = False, subject: str | None = None) -> list[dict[str, Any]]:
        """All rows of a query that is known to be small."""
        answer = self.query(soql, deleted=deleted, subject=subject)
        rows = list(answer.rows)
        while not answer.done and answer.more_url:
            answer = self.query_more(answer.more_url, subject=subject)
            rows.extend(answer.rows)
        return rows

    def query_together(self, queries: Sequence[tuple[str, str]], *, deleted: bool = False) -> list[Answer]:
        """Up to five queries (object, SOQL) in one call of the API; one by one in an org that refuses Composite."""
        for subject, soql in queries:
            _check_length(soql, subject)
        if len(queries) > 1 and self.together:
            resource = "queryAll" if deleted else "query"
            try:
                parts = get_together(
                    self, [f"{resource}/?q={quote(soql, safe='')}" for _, soql in queries], kind="query"
                )
            except CompositeRefused:
                self.together = False
            else:
                return [self._part(part, subject) for part, (subject, _) in zip(parts, queries, strict=True)]
        return [self.query(soql, deleted=deleted, subject=subject) for subject, soql in queries]

    def _part(self, part: Part, subject: str) -> Answer:
        if part.status != 200:
            raise from_answer(part.status, part.body, subject=subject)
        return self._answer(part.body)

    # ---- other resources ----

    def get(
        self, path: str, params: Mapping[str, str] | None = None, *, kind: str = "rest", subject: str | None = None
    ) -> Any:
        """GET a path below `/services/data/vXX.X/`."""
        return self.call(
            lambda api: api.restful(path, params=dict(params) if params else None), kind=kind, subject=subject
        )

    def post(self, path: str, body: Any, *, kind: str = "rest", subject: str | None = None) -> Any:
        """POST JSON to a path below `/services/data/vXX.X/`."""
        return self.call(lambda api: api.restful(path, method="POST", json=body), kind=kind, subject=subject)

    def patch(self, path: str, body: Any, *, kind: str = "rest", subject: str | None = None) -> Any:
        """PATCH JSON to a path below `/services/data/vXX.X/`."""
        return self.call(lambda api: api.restful(path, method="PATCH", json=body), kind=kind, subject=subject)

    def send(
        self,
        method: str,
        path: str,
        *,
        kind: str,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        accept: str = "application/json",
        subject: str | None = None,
        returned: frozenset[int] = frozenset(),
    ) -> requests.Response:
        """The raw answer of a path below `/services/data/vXX.X/`; statuses in `returned` are answers, others errors."""

        def sent(api: Salesforce) -> requests.Response:
            headers = {"Authorization": f"Bearer {api.session_id}", "Accept": accept}
            url = f"{api.base_url}{path}"
            response = self.session.request(method, url, params=params, json=body, headers=headers)
            if response.ok or response.status_code in returned:
                return response
            content = _parsed(response)
            if response.status_code == _ENDED:
                raise SalesforceExpiredSession(url, response.status_code, path, content)
            raise from_answer(response.status_code, content, subject=subject)

        return self.call(sent, kind=kind, subject=subject)

    def versions(self) -> list[str]:
        """API versions that the org offers, oldest first. Needs no session."""
        self.session.kind = "rest"
        with salesforce_errors():
            response = self.session.get(f"https://{self.settings.host}/services/data/")
            if response.status_code != 200:
                raise from_answer(response.status_code, None)
            return [str(item["version"]) for item in response.json()]

    def user_id(self) -> str | None:
        """Id of the user in whose name we speak."""
        self._ready()
        return self._token.user_id if self._token else None

    def call(self, operation: Callable[[Salesforce], T], *, kind: str, subject: str | None = None) -> T:
        """Do one operation; an ended session is renewed once and the operation repeated once, never in a loop."""
        self.budget.check()
        try:
            with salesforce_errors(subject):
                try:
                    return self._once(operation, kind)
                except SalesforceExpiredSession as error:
                    if self.settings.session_id or not renewable(error.content):
                        raise
                self._api = None
                return self._once(operation, kind)
        except QuotaSpent as spent:
            spent.until = spent.until or self.clock() + PAUSE  # Salesforce does not say when
            raise

    def close(self) -> None:
        """Release connections."""
        self.session.close()

    def _answer(self, content: Any) -> Answer:
        rows = content.get("records") if isinstance(content, Mapping) else None
        if not isinstance(rows, list):
            raise Unavailable("Salesforce answered a query with something that holds no records.")
        more_url = content.get("nextRecordsUrl")
        # The Date header is cut to seconds and written when the answer is ready: the query began `took` earlier.
        now, took = self.session.crm_now, timedelta(seconds=int(self.session.took.total_seconds()) + 1)
        return Answer(
            rows=rows,
            done=content.get("done") is not False,
            more_url=more_url if isinstance(more_url, str) else None,
            asked_at=now - took if now else None,
        )

    def _once(self, operation: Callable[[Salesforce], T], kind: str) -> T:
        api = self._ready()
        self.session.kind = kind
        return operation(api)

    def _ready(self) -> Salesforce:
        if self._api is None:
            self._token = sign_in(self.settings, self.session, now=self.clock(), sandboxed=self._sandboxed)
            # NOTE: a session id given to the library switches off its own renewal, which loses headers (SFType: has no end).
            self._api = Salesforce(
                session_id=self._token.session_id,
                instance_url=f"https://{self._token.host}",
                version=self.settings.api_version,
                session=self.session,
                parse_float=Decimal,
                object_pairs_hook=None,
            )
        return self._api


def _parsed(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.exceptions.JSONDecodeError:
        return None


def _check_length(soql: str, subject: str | None) -> None:
    if len(quote(soql, safe="")) > _MAX_QUERY:
        raise NeedsAttention(
            f"The query of {subject or 'an object'} would be longer than Salesforce takes.",
            code="configuration",
            next_step="map fewer fields of this object",
        )
