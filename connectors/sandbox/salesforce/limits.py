"""The day's allowance of calls, and the resources that tell about limits."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.columns import Columns
from connectors.sandbox.salesforce.errors import Refusal

_FIXED = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DataStorageMB": 10_240,
    "FileStorageMB": 10_240,
}

#: Windows of the org by their names in /limits.
_COUNTED = {"DailyBulkApiBatches": "bulk_batches", "DailyBulkV2QueryJobs": "bulk_query_jobs"}


def take_call(org: Org) -> None:
    """Counts one call of the API.

    Raises:
        Refusal: 403 REQUEST_LIMIT_EXCEEDED when the day's calls are used up.
    """
    if not org.quotas["daily"].take(org.clock.now()):
        raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def limit_header(org: Org) -> dict[str, str]:
    """`Sforce-Limit-Info`, in its longer form where the org is in a burst (`settings["limit_info_suffix"]`)."""
    window = org.quotas["daily"]
    suffix = org.settings.get("limit_info_suffix", "")
    return {"Sforce-Limit-Info": f"api-usage={window.used(org.clock.now())}/{window.limit}{suffix}"}


def limits(org: Org) -> dict[str, Any]:
    """GET /limits."""
    window = org.quotas["daily"]
    known = {name: {"Max": most, "Remaining": most} for name, most in _FIXED.items()}
    counted = {"DailyApiRequests": window}
    counted |= {name: org.quotas[held] for name, held in _COUNTED.items() if held in org.quotas}
    now = org.clock.now()
    used = {name: {"Max": item.limit, "Remaining": item.remaining(now)} for name, item in counted.items()}
    return dict(sorted({**known, **used}.items()))


def record_count(org: Org, names: str | None) -> dict[str, Any]:
    """GET /limits/recordCount: approximate by documentation, exact here."""
    columns = Columns(org)
    wanted = [name.strip() for name in names.split(",")] if names else sorted(org.schema)
    found = []
    for name in wanted:
        try:
            found.append(columns.object(name).name)
        except Refusal:
            continue  # unknown names are left out
    return {"sObjects": [{"count": org.count(name), "name": name} for name in found]}
