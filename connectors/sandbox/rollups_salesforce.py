"""What Salesforce does by itself after a write: stage history of opportunities, last activity of people and accounts."""

from __future__ import annotations

from connectors.sandbox.clock import iso
from connectors.sandbox.org import Event, Happening, Org

_HISTORIC = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")


def keep_stage_history(org: Org, event: Event) -> None:
    """A hook: writes an OpportunityHistory row when a sale is created or one of the historic fields changes."""
    created = event.kind is Happening.CREATED
    if event.object != "Opportunity" or not (created or event.kind is Happening.UPDATED):
        return
    if not created and not any(field in event.changed for field in _HISTORIC):
        return
    record = event.record
    if created or "StageName" in event.changed:
        org.overwrite("Opportunity", record, {"LastStageChangeDate": iso(record.modified_at, "+0000")})
    entry = {field: record.get(field) for field in _HISTORIC} | {"OpportunityId": record.id}
    org.create("OpportunityHistory", entry, at=record.modified_at, by=record.modified_by)


def keep_last_activity(org: Org, event: Event) -> None:
    """A hook: a closed task or an event sets LastActivityDate, which moves SystemModstamp but not LastModifiedDate."""
    if event.object not in {"Task", "Event"} or event.kind not in {Happening.CREATED, Happening.UPDATED}:
        return
    day = event.record.get("ActivityDate")
    if day is None or (event.object == "Task" and event.record.get("Status") != "Completed"):
        return
    for name, field in (("Lead", "WhoId"), ("Contact", "WhoId"), ("Account", "AccountId")):
        row_id = event.record.get(field)
        row = org.find(name, row_id) if row_id else None
        if row is not None and row.get("LastActivityDate", "") < day:
            org.overwrite(name, row, {"LastActivityDate": day})
            org.touch(name, row, at=max(org.now(), row.system_at), system_only=True)
