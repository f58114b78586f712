"""getDeleted, getUpdated and archiving by age in the sandbox, without sockets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock, iso
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.wire import WireRequest, WireResponse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DATA = "/services/data/v66.0"
DAY = 86_400


class Api:
    def __init__(self) -> None:
        self.org = empty_salesforce_org(clock=OrgClock.frozen_at(NOW))
        self.org.sessions["token"] = self.org.clock.now() * 2
        self.dialect = SalesforceDialect(self.org)

    def __call__(self, url: str) -> WireResponse:
        return self.dialect.handle(WireRequest.to("GET", DATA + url, headers={"Authorization": "Bearer token"}))

    def span(self, resource: str, *, back: int) -> WireResponse:
        now = self.org.clock.now()
        start, end = iso(now - back * 1000), iso(now + 60_000)
        return self(f"/sobjects/Lead/{resource}/?start={start}&end={end}")

    def lead(self) -> str:
        values = {"LastName": "Lee", "Company": "A", "OwnerId": self.org.api_user}
        return self.org.create("Lead", values).id

    def task(self, **values: Any) -> str:
        held = {"Subject": "Call", "Status": "Completed", "OwnerId": self.org.api_user, **values}
        return self.org.create("Task", held).id

    def tasks(self, resource: str) -> dict[str, bool]:
        rows = self(f"/{resource}/?q=SELECT+Id,IsArchived+FROM+Task").json()["records"]
        return {row["Id"]: row["IsArchived"] for row in rows}


@pytest.fixture
def api() -> Api:
    return Api()


def test_deleted_and_purged_records_are_told_with_their_time(api: Api) -> None:
    binned, purged, alive = api.lead(), api.lead(), api.lead()
    api.org.delete("Lead", binned)
    api.org.purge("Lead", purged)
    api.org.clock.advance(60)

    told = api.span("deleted", back=3600).json()

    assert [row["id"] for row in told["deletedRecords"]] == sorted([binned, purged])
    assert told["deletedRecords"][0]["deletedDate"] == "2026-11-20T12:00:00.000+0000"
    assert told["earliestDateAvailable"] == "2026-11-05T12:01:00.000+0000"
    assert api.span("updated", back=3600).json()["ids"] == [alive]


def test_the_log_forgets_after_fifteen_days(api: Api) -> None:
    api.org.purge("Lead", api.lead())
    api.org.clock.advance(16 * DAY)

    assert api.span("deleted", back=20 * DAY).json()["deletedRecords"] == []


@pytest.mark.parametrize("back", [0, -30, 31 * DAY])
def test_spans_that_are_too_short_or_too_old_are_refused(api: Api, back: int) -> None:
    answer = api.span("deleted", back=back)

    assert (answer.status, answer.json()[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


@pytest.mark.parametrize("query", ["", "?start=yesterday&end=today", "?start=2026-11-20T00:00:00Z"])
def test_spans_that_are_none_are_refused(api: Api, query: str) -> None:
    assert api(f"/sobjects/Lead/deleted/{query}").json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"


def test_closed_tasks_of_more_than_a_year_are_archived_and_open_ones_are_not(api: Api) -> None:
    old = api.task(ActivityDate="2025-11-20")
    young = api.task(ActivityDate="2025-11-21")
    still = api.task(ActivityDate="2024-01-01", Status="In Progress")
    undated = api.task()

    assert api.tasks("query") == {young: False, still: False, undated: False}
    assert api.tasks("queryAll") == {old: True, young: False, still: False, undated: False}
    api.org.clock.advance(365 * DAY)
    assert set(api.tasks("query")) == {still}


def test_events_are_archived_by_their_date(api: Api) -> None:
    event = {"Subject": "Demo", "OwnerId": api.org.api_user, "StartDateTime": "2025-11-19T10:00:00.000+0000"}
    api.org.create("Event", event)

    assert api("/query/?q=SELECT+Id+FROM+Event").json()["totalSize"] == 0
    assert api("/queryAll/?q=SELECT+Id+FROM+Event+WHERE+IsArchived=true").json()["totalSize"] == 1
