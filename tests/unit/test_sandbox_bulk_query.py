"""Bulk API 2.0 query jobs of the sandbox, without sockets: states, results, refusals, limits."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import SalesforceDialect, bulk
from connectors.sandbox.wire import WireRequest, WireResponse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
JOBS = "/services/data/v66.0/jobs/query"
QUERY = "SELECT Id, LastName, CreatedDate, DoNotCall, NumberOfEmployees, Owner.Name FROM Lead"


class Jobs:
    """A signed-in client."""

    def __init__(self) -> None:
        self.org: Org = empty_salesforce_org(clock=OrgClock.frozen_at(NOW))
        self.dialect = SalesforceDialect(self.org)
        form = b"grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret"
        answer = self.dialect.handle(WireRequest.to("POST", "/services/oauth2/token", body=form))
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def __call__(self, method: str, url: str, payload: Any = None) -> WireResponse:
        return self.dialect.handle(WireRequest.to(method, url, headers=self.headers, payload=payload))

    def lead(self, last_name: str, **more: Any) -> str:
        return self.org.create("Lead", {"LastName": last_name, "Company": "A", "OwnerId": self.org.api_user, **more}).id

    def made(self, query: str = QUERY, operation: str = "query", **more: str) -> str:
        answer = self("POST", JOBS, {"operation": operation, "query": query, **more})
        assert answer.status == 200, answer.body
        return str(answer.json()["id"])

    def states(self, job: str, polls: int) -> list[str]:
        return [self("GET", f"{JOBS}/{job}").json()["state"] for _ in range(polls)]

    def refused(self, method: str, url: str, payload: Any = None) -> tuple[int, str]:
        answer = self(method, url, payload)
        return answer.status, answer.json()[0]["errorCode"]

    def complete(self, query: str = QUERY, operation: str = "query", **more: str) -> str:
        job = self.made(query, operation, **more)
        assert self.states(job, 2) == ["InProgress", "JobComplete"]
        return job


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


def _table(answer: WireResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.body.decode(), newline=""), strict=True))


def test_a_job_is_created_worked_on_and_complete(jobs: Jobs) -> None:
    jobs.lead("Lee")
    answer = jobs("POST", JOBS, {"operation": "query", "query": QUERY}).json()
    job = answer["id"]

    assert (answer["state"], answer["object"], answer["apiVersion"], answer["contentType"]) == (
        "UploadComplete",
        "Lead",
        66.0,
        "CSV",
    )
    assert jobs.refused("GET", f"{JOBS}/{job}/results") == (412, "JOB_NOT_COMPLETE")
    assert jobs.states(job, 3) == ["InProgress", "JobComplete", "JobComplete"]
    assert jobs("GET", f"{JOBS}/{job}").json()["numberRecordsProcessed"] == 1
    assert [item["id"] for item in jobs("GET", JOBS).json()["records"]] == [job]


def test_a_job_takes_its_time_on_the_orgs_clock(jobs: Jobs) -> None:
    jobs.org.settings["bulk_seconds"] = 60
    job = jobs.made()

    assert jobs.states(job, 3) == ["InProgress"] * 3
    jobs.org.clock.advance(60)
    assert jobs.states(job, 1) == ["JobComplete"]


def test_a_long_job_gets_done_in_portions(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_PORTION", 1000)
    ids = [jobs.lead(f"Lee{number}") for number in range(2500)]
    job = jobs.made("SELECT Id FROM Lead")

    assert jobs.states(job, 4) == ["InProgress", "InProgress", "InProgress", "JobComplete"]
    assert [row[0] for row in _table(jobs("GET", f"{JOBS}/{job}/results"))[1:]] == ids


@pytest.mark.parametrize("rows", [0, 1, 999, 1000, 1001])
def test_all_rows_are_there_whatever_their_number(jobs: Jobs, rows: int) -> None:
    ids = [jobs.lead("Lee") for _ in range(rows)]
    job = jobs.complete("SELECT Id FROM Lead")

    assert [row[0] for row in _table(jobs("GET", f"{JOBS}/{job}/results"))[1:]] == ids


def test_columns_come_as_asked_for_quoted_and_in_the_forms_of_bulk(jobs: Jobs) -> None:
    name = 'O"Neil,\nthe "elder"\r\nZoë'
    first = jobs.lead(name, DoNotCall=True, NumberOfEmployees=12)
    second = jobs.lead("Lee")

    answer = jobs("GET", f"{JOBS}/{jobs.complete()}/results")

    owner = jobs.org.get("User", jobs.org.api_user).get("Name")
    assert _table(answer) == [
        ["Id", "LastName", "CreatedDate", "DoNotCall", "NumberOfEmployees", "Owner.Name"],
        [first, name, "2026-11-20T12:00:00.000Z", "true", "12", owner],
        [second, "Lee", "2026-11-20T12:00:00.000Z", "false", "", owner],
    ]
    assert answer.headers["Sforce-NumberOfRecords"] == "2"
    assert answer.headers["Sforce-Locator"] == "null"
    assert answer.headers["Content-Type"] == "text/csv"


def test_locators_lead_through_the_results_and_may_be_read_again(jobs: Jobs) -> None:
    ids = [jobs.lead(f"Lee{number}") for number in range(7)]
    job = jobs.complete("SELECT Id FROM Lead")
    found, locator = [], ""
    while locator != "null":
        url = f"{JOBS}/{job}/results?maxRecords=3" + (f"&locator={locator}" if locator else "")
        answer = jobs("GET", url)
        assert jobs("GET", url).body == answer.body
        found += [row[0] for row in _table(answer)[1:]]
        locator = answer.headers["Sforce-Locator"]

    assert found == ids
    assert jobs.refused("GET", f"{JOBS}/{job}/results?locator=OTk5") == (400, "INVALID_QUERY_LOCATOR")
    assert jobs.refused("GET", f"{JOBS}/{job}/results?locator=nonsense") == (400, "INVALID_QUERY_LOCATOR")


def test_results_are_what_was_there_when_the_job_ran(jobs: Jobs) -> None:
    lead = jobs.lead("Before")
    job = jobs.complete("SELECT LastName FROM Lead")
    jobs.org.update("Lead", lead, {"LastName": "After"})

    assert _table(jobs("GET", f"{JOBS}/{job}/results"))[1:] == [["Before"]]


def test_only_query_all_has_deleted_rows(jobs: Jobs) -> None:
    jobs.org.delete("Lead", jobs.lead("Gone"))

    plain, whole = (jobs.complete("SELECT Id FROM Lead", operation) for operation in ("query", "queryAll"))

    assert jobs("GET", f"{JOBS}/{plain}/results").headers["Sforce-NumberOfRecords"] == "0"
    assert jobs("GET", f"{JOBS}/{whole}/results").headers["Sforce-NumberOfRecords"] == "1"


def test_delimiter_and_line_ending_may_be_others(jobs: Jobs) -> None:
    lead = jobs.lead("Lee")
    job = jobs.complete("SELECT Id, LastName FROM Lead", columnDelimiter="PIPE", lineEnding="CRLF")

    assert jobs("GET", f"{JOBS}/{job}/results").body == f'"Id"|"LastName"\r\n"{lead}"|"Lee"\r\n'.encode()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Id, (SELECT Id FROM Tasks) FROM Lead",
        "SELECT COUNT() FROM Lead",
        "SELECT COUNT(Id) FROM Lead",
        "SELECT Status, COUNT(Id) FROM Lead GROUP BY Status",
        "SELECT Id FROM Lead LIMIT 5 OFFSET 5",
        "SELECT FIELDS(ALL) FROM Lead LIMIT 200",
    ],
)
def test_what_bulk_cannot_do_is_refused_at_once(jobs: Jobs, query: str) -> None:
    assert jobs.refused("POST", JOBS, {"operation": "query", "query": query}) == (400, "API_ERROR")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "insert", "query": "SELECT Id FROM Lead"}, "INVALIDJOB"),
        ({"operation": "query"}, "INVALIDJOB"),
        ({"operation": "query", "query": "SELECT Id FROM Lead", "columnDelimiter": "DOT"}, "INVALIDJOB"),
        ({"operation": "query", "query": "SELECT Id FROM Lead", "colour": "red"}, "JSON_PARSER_ERROR"),
        ({"operation": "query", "query": "SELECT Nope__c FROM Lead"}, "INVALID_FIELD"),
        ({"operation": "query", "query": "SELECT Id FROM Nope"}, "INVALID_TYPE"),
        ({"operation": "query", "query": "SELECT"}, "MALFORMED_QUERY"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(jobs: Jobs, body: dict[str, str], code: str) -> None:
    assert jobs.refused("POST", JOBS, body) == (400, code)


def test_results_want_the_version_that_the_job_was_made_with(jobs: Jobs) -> None:
    job = jobs.complete()

    assert jobs("GET", f"/services/data/v67.0/jobs/query/{job}/results").status == 409


def test_a_job_can_be_aborted_until_it_ends_and_then_deleted(jobs: Jobs) -> None:
    job, done = jobs.made(), jobs.complete()

    assert jobs("PATCH", f"{JOBS}/{job}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert jobs.refused("PATCH", f"{JOBS}/{done}", {"state": "Aborted"}) == (400, "INVALIDJOBSTATE")
    assert jobs.refused("PATCH", f"{JOBS}/{done}", {"state": "Open"}) == (400, "INVALIDJOBSTATE")
    assert jobs.refused("GET", f"{JOBS}/{job}/results") == (400, "INVALIDJOBSTATE")
    assert jobs("DELETE", f"{JOBS}/{job}").status == 204
    assert jobs.refused("GET", f"{JOBS}/{job}") == (404, "NOT_FOUND")


def test_a_job_that_is_being_worked_on_cannot_be_deleted(jobs: Jobs) -> None:
    job = jobs.made()
    jobs.states(job, 1)

    assert jobs.refused("DELETE", f"{JOBS}/{job}") == (400, "INVALIDJOBSTATE")


def test_jobs_fail_on_demand_and_say_why(jobs: Jobs) -> None:
    jobs.org.settings["bulk_fails"] = 1
    job = jobs.made()
    jobs.states(job, 2)
    answer = jobs("GET", f"{JOBS}/{job}").json()

    assert answer["state"] == "Failed"
    assert "QUERY_TIMEOUT" in answer["errorMessage"]
    jobs.complete()


def test_jobs_are_forgotten_after_seven_days(jobs: Jobs) -> None:
    job = jobs.complete()
    jobs.org.clock.advance(7 * 86_400)
    jobs.org.sessions[jobs.headers["Authorization"].removeprefix("Bearer ")] = jobs.org.clock.now() + 1000

    assert jobs.refused("GET", f"{JOBS}/{job}") == (404, "NOT_FOUND")


def test_jobs_and_calls_are_counted(jobs: Jobs) -> None:
    before = jobs("GET", "/services/data/v66.0/limits").json()
    jobs.made()
    after = jobs("GET", "/services/data/v66.0/limits").json()

    left = [item["DailyBulkV2QueryJobs"]["Remaining"] for item in (before, after)]
    assert left == [10_000, 9_999]
    assert before["DailyApiRequests"]["Remaining"] - after["DailyApiRequests"]["Remaining"] == 2
    jobs.org.quotas["bulk_query_jobs"].exhaust(jobs.org.clock.now())
    refused = jobs.refused("POST", JOBS, {"operation": "query", "query": QUERY})
    assert refused == (403, "REQUEST_LIMIT_EXCEEDED")
