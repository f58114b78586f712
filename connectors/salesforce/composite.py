"""Several GETs in one call of the API: queries (at most five) and descriptions, each with an answer of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import NeedsAttention, Unavailable

if TYPE_CHECKING:
    from connectors.salesforce.client import SalesforceClient

#: A Composite call takes 25 subrequests, at most 5 of them queries, and counts as one call.
MAX_PARTS = 25
MAX_QUERIES = 5


class CompositeRefused(Exception):
    """The org refuses the Composite resource as such; ask one by one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The answer to one of the GETs."""

    status: int
    body: Any


def get_together(client: SalesforceClient, paths: Sequence[str], *, kind: str) -> list[Part]:
    """The answers to several paths below `/services/data/vXX.X/`, in their order.

    Raises:
        CompositeRefused: The org has no Composite resource for us.
    """
    prefix = f"/services/data/v{client.settings.api_version}/"
    parts = [{"method": "GET", "url": prefix + path, "referenceId": f"part{place}"} for place, path in enumerate(paths)]
    try:
        content = client.post("composite", {"allOrNone": False, "compositeRequest": parts}, kind=kind)
    except NeedsAttention as error:
        if error.code in ("refused", "permission"):
            raise CompositeRefused from error
        raise
    items = content.get("compositeResponse") if isinstance(content, Mapping) else None
    if not isinstance(items, list) or len(items) != len(paths) or not all(isinstance(item, Mapping) for item in items):
        raise Unavailable("Salesforce did not answer every part of a composite call.")
    return [
        Part(
            status=item["httpStatusCode"] if isinstance(item.get("httpStatusCode"), int) else 500, body=item.get("body")
        )
        for item in items
    ]
