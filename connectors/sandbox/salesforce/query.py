"""Queries with their pages: locators that live for two days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.sandbox.clock import Stamp
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.soql import Evaluator, Result, parse
from connectors.sandbox.wire import WireRequest

_LIFE = 2 * 86_400_000
_PAGE = 2000
_MAX_OPEN = 50
#: Longest SOQL statement.
_MAX_LENGTH = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Open:
    result: Result
    size: int
    ends: Stamp


class Queries:
    """Runs queries of one org and keeps what is left of them."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._open: dict[str, _Open] = {}
        self._number = 0

    def start(self, request: WireRequest, version: str, *, deleted: bool, tooling: bool = False) -> dict[str, Any]:
        """GET query?q=..., queryAll?q=..."""
        text = request.param("q")
        if text is None:
            raise Refusal(400, "MALFORMED_QUERY", "SOQL statement cannot be empty")
        if len(text) > _MAX_LENGTH:
            raise Refusal(400, "QUERY_TOO_COMPLICATED", "SOQL statement is too long")
        result = Evaluator(self._org, version=version, tooling=tooling).run(parse(text), deleted=deleted)
        opened = _Open(result=result, size=self._size(request), ends=self._org.clock.now() + _LIFE)
        if len(result.items) <= opened.size:
            return self._page(opened, "", 0, version)
        self._number += 1
        locator = f"0r8Ws0{self._number:012d}"
        self._open[locator] = opened
        while len(self._open) > _MAX_OPEN:
            del self._open[next(iter(self._open))]
        return self._page(opened, locator, 0, version)

    def more(self, locator: str, version: str) -> dict[str, Any]:
        """GET query/0r8...-2000."""
        name, _, offset = locator.partition("-")
        opened = self._open.get(name)
        if opened is None or opened.ends <= self._org.clock.now() or not offset.isdigit():
            raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(opened, name, int(offset), version)

    def _page(self, opened: _Open, locator: str, offset: int, version: str) -> dict[str, Any]:
        end = offset + opened.size
        items = opened.result.items[offset:end]
        done = end >= len(opened.result.items)
        page: dict[str, Any] = {"totalSize": opened.result.total, "done": done}
        if not done:
            page["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator}-{end}"
        page["records"] = [opened.result.render(item) for item in items]
        return page

    def _size(self, request: WireRequest) -> int:
        """The batch size asked for is a hint; `settings["query_page"]` makes pages smaller still, as big rows do."""
        size = int(self._org.settings.get("query_page", _PAGE))
        for option in request.headers.get("Sforce-Query-Options", "").split(","):
            name, _, value = option.strip().partition("=")
            if name.strip().casefold() == "batchsize" and value.strip().isdigit():
                return min(size, max(200, min(_PAGE, int(value))))
        return size
