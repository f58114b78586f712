"""Associations by the v4 batch read, for as many records as are given, and the names of the objects that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.errors import Unavailable
from connectors.hubspot.calls import Client

CONTACTS = "contacts"
COMPANIES = "companies"
DEALS = "deals"
_BATCH = 1_000


def associated(client: Client, source: str, target: str, ids: Sequence[str]) -> dict[str, dict[str, tuple[int, ...]]]:
    """Record id to the ids that it is associated with and the type ids of each edge."""
    found: dict[str, dict[str, tuple[int, ...]]] = {record_id: {} for record_id in ids}
    waiting: list[dict[str, str]] = [{"id": record_id} for record_id in found]
    seen: set[tuple[str, str]] = set()
    while waiting:
        batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
        answer = client.associations(source, target, batch)
        for error in answer.body.get("errors") or ():
            category = error.get("category") if isinstance(error, dict) else None
            if category != "OBJECT_NOT_FOUND":  # that is how a record without any association is told
                raise Unavailable(f"HubSpot could not read associations in full ({category}).")
        for row in answer.results():
            if not isinstance(row, dict):
                continue
            record_id = str((row.get("from") or {}).get("id"))
            for edge in row.get("to") or ():
                types = tuple(int(item["typeId"]) for item in edge.get("associationTypes") or () if "typeId" in item)
                found.setdefault(record_id, {})[str(edge["toObjectId"])] = types
            after = _after(row)
            if after is not None:
                if (record_id, after) in seen:
                    raise Unavailable("HubSpot's associations give the same page again.")
                seen.add((record_id, after))
                waiting.append({"id": record_id, "after": after})
    return found


def _after(row: dict[str, Any]) -> str | None:
    after = ((row.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)
