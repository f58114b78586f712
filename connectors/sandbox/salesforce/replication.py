"""getDeleted and getUpdated: what left an object, or changed in it, between two instants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.clock import Stamp, iso, stamp_of
from connectors.sandbox.org import Org
from connectors.sandbox.quota import DAY
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.schema import ObjectType
from connectors.sandbox.wire import WireRequest

#: The log of deletions reaches back 15 days, or less (`settings["deleted_days"]`); nobody may ask beyond 30.
_LOG_DAYS = 15
_MOST = 30 * DAY
_MINUTE = 60_000
_MAX_IDS = 600_000


def deleted(org: Org, object_type: ObjectType, request: WireRequest) -> dict[str, Any]:
    """GET /sobjects/X/deleted?start=...&end=...: also what never was in the recycle bin."""
    start, end = _span(org, request)
    earliest = org.now() - int(org.settings.get("deleted_days", _LOG_DAYS)) * DAY
    table = org.table(object_type.name)
    gone = {record.id: record.deleted_at for record in org.scan(object_type.name, deleted=True)}
    gone.update(table.purged)
    found = sorted(
        (at, record_id) for record_id, at in gone.items() if at is not None and max(start, earliest) <= at < end
    )
    return {
        "deletedRecords": [{"deletedDate": iso(at, "+0000"), "id": record_id} for at, record_id in found],
        "earliestDateAvailable": iso(earliest, "+0000"),
        "latestDateCovered": iso(_covered(org, end), "+0000"),
    }


def updated(org: Org, object_type: ObjectType, request: WireRequest) -> dict[str, Any]:
    """GET /sobjects/X/updated?start=...&end=...: ids of live records by SystemModstamp."""
    start, end = _span(org, request)
    ids = [record.id for record in org.changed_since(object_type.name, start, end)]
    if len(ids) > _MAX_IDS:
        raise Refusal(400, "EXCEEDED_ID_LIMIT", f"more than {_MAX_IDS} ids")
    return {"ids": ids, "latestDateCovered": iso(_covered(org, end), "+0000")}


def _span(org: Org, request: WireRequest) -> tuple[Stamp, Stamp]:
    start, end = (_instant(request.param(name), name) for name in ("start", "end"))
    if end - start <= _MINUTE:
        raise Refusal(400, "INVALID_REPLICATION_DATE", "startDate must precede endDate by more than one minute")
    if start < org.now() - _MOST:
        raise Refusal(400, "INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
    return start, end


def _instant(text: str | None, name: str) -> Stamp:
    try:
        found = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError as error:
        raise Refusal(400, "INVALID_REPLICATION_DATE", f"{name} is not a date-time") from error
    stamp = stamp_of(found if found.tzinfo else found.replace(tzinfo=UTC))
    return stamp - stamp % _MINUTE  # seconds are ignored


def _covered(org: Org, end: Stamp) -> Stamp:
    """A transaction that still runs (`settings["transaction_since"]`, a stamp) holds back what is certain."""
    return min(end, int(org.settings.get("transaction_since", end)))
