"""Bulk API 2.0 ingest jobs of the sandbox, without sockets: states, CSV rules, operations, results, refusals."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.conversion import convert_lead
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import SalesforceDialect, ingest
from connectors.sandbox.schema import Field
from connectors.sandbox.wire import WireRequest, WireResponse

DATA = "/services/data/v66.0"
JOBS = f"{DATA}/jobs/ingest"


class Loader:
    """A signed-in client that loads Leads."""

    def __init__(self) -> None:
        self.org: Org = empty_salesforce_org(clock=OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC)))
        self.dialect = SalesforceDialect(self.org)
        self.org.sessions["S"] = self.org.clock.now() + 86_400_000
        key = Field(name="Key__c", label="Key", type="string", length=40, custom=True, extra={"externalId": True})
        self.org.type("Lead").add([key])

    def __call__(self, method: str, url: str, payload: Any = None, body: bytes = b"", **more: str) -> WireResponse:
        headers = {"Authorization": "Bearer S", **{name.replace("_", "-"): value for name, value in more.items()}}
        return self.dialect.handle(WireRequest.to(method, url, headers=headers, payload=payload, body=body))

    def refused(self, method: str, url: str, payload: Any = None, **more: Any) -> tuple[int, str]:
        answer = self(method, url, payload, **more)
        return answer.status, answer.json()[0]["errorCode"]

    def lead(self, **values: Any) -> str:
        held = {"LastName": "Lee", "Company": "Acme", "OwnerId": self.org.api_user, **values}
        return self.org.create("Lead", held).id

    def opened(self, operation: str = "update", **more: Any) -> str:
        answer = self("POST", JOBS, {"object": "Lead", "operation": operation, **more})
        assert answer.status == 200, answer.body
        job: str = answer.json()["id"]
        return job

    def put(self, job: str, text: str | bytes) -> WireResponse:
        body = text if isinstance(text, bytes) else text.encode()
        return self("PUT", f"{JOBS}/{job}/batches", body=body, Content_Type="text/csv; charset=UTF-8")

    def close(self, job: str) -> WireResponse:
        return self("PATCH", f"{JOBS}/{job}", {"state": "UploadComplete"})

    def load(self, text: str | bytes, operation: str = "update", **more: Any) -> dict[str, Any]:
        job = self.opened(operation, **more)
        assert self.put(job, text).status == 201
        assert self.close(job).json()["state"] == "UploadComplete"
        for _ in range(10):
            told: dict[str, Any] = self("GET", f"{JOBS}/{job}").json()
            if told["state"] in ("JobComplete", "Failed"):
                return told
        raise AssertionError(told)

    def rows(self, job: str, which: str) -> list[dict[str, str]]:
        answer = self("GET", f"{JOBS}/{job}/{which}")
        assert answer.headers["Content-Type"] == "text/csv"
        return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


@pytest.fixture
def loader() -> Loader:
    return Loader()


# ---- states ----


def test_a_job_goes_through_its_states_and_then_tells_what_became_of_each_row(loader: Loader) -> None:
    first, second = loader.lead(), loader.lead(Title="CFO")
    made = loader("POST", JOBS, {"object": "Lead", "operation": "update"}).json()
    job = made["id"]

    assert (made["state"], made["contentUrl"]) == ("Open", f"services/data/v66.0/jobs/ingest/{job}/batches")
    assert loader("GET", f"{JOBS}/{job}").json()["state"] == "Open"
    assert loader.put(job, f"Id,Title\n{first},CEO\n{second},\n{first[:-1]},x\n").body == b""
    assert loader.close(job).json()["state"] == "UploadComplete"
    assert loader.refused("GET", f"{JOBS}/{job}/failedResults") == (400, "INVALIDJOBSTATE")
    assert [loader("GET", f"{JOBS}/{job}").json()["state"] for _ in range(3)] == [
        "InProgress",
        "JobComplete",
        "JobComplete",
    ]
    told = loader("GET", f"{JOBS}/{job}").json()
    assert (told["jobType"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("V2Ingest", 3, 1)
    assert loader.org.get("Lead", first).get("Title") == "CEO"
    assert loader.org.get("Lead", second).get("Title") == "CFO"  # an empty cell leaves a field alone
    assert [row["sf__Id"] for row in loader.rows(job, "successfulResults")] == [first, second]
    assert loader.rows(job, "failedResults")[0]["sf__Error"].startswith("MALFORMED_ID:")
    assert loader.rows(job, "unprocessedrecords") == []  # jsforce writes it in lower case
    assert [item["id"] for item in loader("GET", JOBS).json()["records"]] == [job]


def test_a_job_outlives_a_client_that_no_longer_asks(loader: Loader) -> None:
    lead = loader.lead()
    job = loader.opened()
    loader.put(job, f"Id,Title\n{lead},CEO\n")
    loader.close(job)

    loader.org.clock.advance(61)
    loader("GET", f"{DATA}/limits")

    assert loader.org.get("Lead", lead).get("Title") == "CEO"


def test_a_job_takes_its_time_and_its_batches(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "_BATCH", 2)
    loader.org.settings["bulk_seconds"] = 30
    leads = [loader.lead() for _ in range(5)]
    job = loader.opened()
    loader.put(job, "Id,Title\n" + "".join(f"{lead},CEO\n" for lead in leads))
    loader.close(job)

    def polled(times: int) -> list[tuple[str, int]]:
        found = [loader("GET", f"{JOBS}/{job}").json() for _ in range(times)]
        return [(told["state"], told["numberRecordsProcessed"]) for told in found]

    assert polled(2) == [("InProgress", 0), ("InProgress", 0)]
    loader.org.clock.advance(30)
    assert polled(3) == [("InProgress", 2), ("InProgress", 4), ("JobComplete", 5)]
    assert loader("GET", f"{DATA}/limits").json()["DailyBulkApiBatches"]["Remaining"] == 14_997


def test_a_job_that_fails_midway_keeps_what_was_saved_and_gives_back_the_rest(loader: Loader) -> None:
    leads = [loader.lead() for _ in range(3)]
    loader.org.settings["ingest_fails_after"] = 1
    told = loader.load("Id,Title\n" + "".join(f"{lead},CEO\n" for lead in leads))

    assert (told["state"], told["numberRecordsProcessed"]) == ("Failed", 1)
    assert told["errorMessage"]
    assert [loader.org.get("Lead", lead).get("Title") for lead in leads] == ["CEO", None, None]
    assert [row["Id"] for row in loader.rows(told["id"], "unprocessedRecords")] == leads[1:]


def test_an_aborted_job_writes_nothing_and_gives_everything_back(loader: Loader) -> None:
    lead = loader.lead()
    job = loader.opened()
    loader.put(job, f"Id,Title\n{lead},CEO\n")

    assert loader("PATCH", f"{JOBS}/{job}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert loader.refused("PATCH", f"{JOBS}/{job}", {"state": "UploadComplete"}) == (400, "INVALIDJOBSTATE")
    assert [row["Id"] for row in loader.rows(job, "unprocessedRecords")] == [lead]
    assert loader.org.get("Lead", lead).get("Title") is None
    assert loader("DELETE", f"{JOBS}/{job}").status == 204
    assert loader.refused("GET", f"{JOBS}/{job}") == (404, "NOT_FOUND")


def test_data_may_be_put_once(loader: Loader) -> None:
    job = loader.opened()

    assert [loader.put(job, "Id\n").status for _ in range(2)] == [201, 201]
    assert loader.refused("PATCH", f"{JOBS}/{job}", {"state": "UploadComplete"}) == (400, "INVALIDJOB")
    assert loader.refused("DELETE", f"{JOBS}/{job}") == (400, "INVALIDJOBSTATE")
    assert loader.refused("PUT", f"{JOBS}/{job}/batches", body=b"Id\n", Content_Type="application/json")[0] == 415


# ---- the CSV ----


@pytest.mark.parametrize(
    ("text", "settings", "words"),
    [
        ("Id,Title\r\nx,y\r\n", {}, "LineEnding is invalid on user data. Current LineEnding setting is LF"),
        ("Id,Title\nx,y\n", {"lineEnding": "CRLF"}, "Current LineEnding setting is CRLF"),
        ("Id;Title\nx;y\n", {}, "Field name not found : Id;Title"),
        ("Id,Nothing__c\nx,y\n", {}, "Field name not found : Nothing__c"),
        ("Id,Title,title\nx,y,z\n", {}, "Duplicate field name"),
        ('Id,Title\nx, "y"\n', {}, "row 2: a quote that does not enclose the whole cell"),
        ('Id,Title\nx,"y" \n', {}, "row 2"),
        ('Id,Title\nx,"y\n', {}, "row 2"),
        ("Id,Title\nx\n", {}, "row 2 has 1 cells"),
        ("", {}, "no header row"),
        (b"Id,Title\nx,\xe9\n", {}, "not in UTF-8"),
        ("Id,Title\nx," + "y" * 131_073, {}, "row 2 is too long"),
    ],
)
def test_an_upload_that_breaks_the_rules_fails_the_job(
    loader: Loader, text: str | bytes, settings: dict[str, str], words: str
) -> None:
    told = loader.load(text, **settings)

    assert told["state"] == "Failed"
    assert words in told["errorMessage"]


@pytest.mark.parametrize(
    ("delimiter", "sign"),
    [("COMMA", ","), ("BACKQUOTE", "`"), ("CARET", "^"), ("PIPE", "|"), ("SEMICOLON", ";"), ("TAB", "\t")],
)
@pytest.mark.parametrize(("ending", "end"), [("LF", "\n"), ("CRLF", "\r\n")])
def test_quoted_cells_hold_everything(loader: Loader, delimiter: str, sign: str, ending: str, end: str) -> None:
    lead = loader.lead()
    title = f'Ä "{sign}"\nB\r\nC'
    quoted = '"' + title.replace('"', '""') + '"'
    text = end.join([sign.join(("Id", '"Description"')), sign.join((lead, quoted)), ""])

    told = loader.load(text, columnDelimiter=delimiter, lineEnding=ending)

    assert told["state"] == "JobComplete", told
    assert loader.org.get("Lead", lead).get("Description") == title
    answer = loader("GET", f"{JOBS}/{told['id']}/successfulResults").body.decode()
    assert list(csv.reader(io.StringIO(answer, newline=""), delimiter=sign)) == [
        ["sf__Id", "sf__Created", "Id", "Description"],
        [lead, "false", lead, title],
    ]


def test_n_a_empties_and_cells_become_what_their_fields_hold(loader: Loader) -> None:
    lead = loader.lead(Title="CEO", DoNotCall=True)
    header = "Id,Title,DoNotCall,HasOptedOutOfEmail,NumberOfEmployees,AnnualRevenue,EmailBouncedDate"

    loader.load(f"{header}\n{lead},#N/A,no,TRUE,12,1e3,2026-11-20T08:30:00Z\n")

    values = loader.org.get("Lead", lead).values
    assert "Title" not in values
    assert [values[name] for name in header.split(",")[2:]] == [False, True, 12, 1000.0, "2026-11-20T08:30:00.000+0000"]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("NumberOfEmployees", "many", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("EmailBouncedDate", "soon", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("DoNotCall", "perhaps", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Email", "nobody", "INVALID_EMAIL_ADDRESS"),
        ("FirstName", "x" * 41, "STRING_TOO_LONG"),
        ("IsConverted", "true", "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("LastName", "#N/A", "REQUIRED_FIELD_MISSING"),
        ("Owner.Email", "nobody@x.example", "INVALID_FIELD"),
    ],
)
def test_a_bad_row_fails_alone(loader: Loader, column: str, cell: str, code: str) -> None:
    bad, good = loader.lead(), loader.lead()
    told = loader.load(f"Id,{column},Title\n{bad},{cell},CEO\n{good},,CEO\n")

    assert (told["state"], told["numberRecordsFailed"]) == ("JobComplete", 1)
    row = loader.rows(told["id"], "failedResults")[0]
    assert (row["sf__Id"], row["sf__Error"].partition(":")[0], row["Title"]) == (bad, code, "CEO")
    assert row["sf__Error"].endswith(" --")
    assert loader.org.get("Lead", good).get("Title") == "CEO"
    assert loader.org.get("Lead", bad).get("Title") is None


def test_rows_that_cannot_be_written_say_why(loader: Loader) -> None:
    converted, deleted, locked = (loader.lead() for _ in range(3))
    convert_lead(loader.org, converted)
    loader.org.delete("Lead", deleted)
    loader.org.settings["locked_rows"] = {locked: 1}
    text = f"Id,Title\n{converted},x\n{deleted},x\n{locked},x\n,x\n"

    told = loader.load(text)

    found = {row["sf__Id"]: row["sf__Error"].partition(":")[0] for row in loader.rows(told["id"], "failedResults")}
    assert found == {
        converted: "CANNOT_UPDATE_CONVERTED_LEAD",
        deleted: "ENTITY_IS_DELETED",
        locked: "UNABLE_TO_LOCK_ROW",
        "": "MISSING_ARGUMENT",
    }
    assert loader.load(f"Id,Title\n{locked},x\n")["numberRecordsFailed"] == 0  # the lock has gone


# ---- operations ----


def test_insert_makes_records_and_looks_parents_up(loader: Loader) -> None:
    owner = loader.org.get("User", loader.org.settings["sellers"][2])

    told = loader.load(f"LastName,Company,Owner.Email\nRuiz,Acme,{owner.get('Email')}\nNobody,,\n", "insert")

    made = loader.rows(told["id"], "successfulResults")
    assert [row["sf__Created"] for row in made] == ["true"]
    assert loader.org.get("Lead", made[0]["sf__Id"]).get("OwnerId") == owner.id
    error = loader.rows(told["id"], "failedResults")[0]["sf__Error"]
    assert error == "REQUIRED_FIELD_MISSING:Required fields are missing: [Company]:Company --"


def test_upsert_goes_by_an_external_id(loader: Loader) -> None:
    known = loader.lead(Key__c="k1")
    for _ in range(2):
        loader.lead(Key__c="twice")
    text = "Key__c,LastName,Company\nk1,New,\nk2,Ruiz,Acme\n,No,Key\ntwice,x,y\n"

    told = loader.load(text, "upsert", externalIdFieldName="key__c")

    assert [row["sf__Created"] for row in loader.rows(told["id"], "successfulResults")] == ["false", "true"]
    assert loader.org.get("Lead", known).get("LastName") == "New"
    codes = {row["sf__Error"].partition(":")[0] for row in loader.rows(told["id"], "failedResults")}
    assert codes == {"MISSING_ARGUMENT", "DUPLICATE_EXTERNAL_ID"}


def test_delete_takes_ids_alone_and_hard_delete_a_permission(loader: Loader) -> None:
    soft, hard = loader.lead(), loader.lead()

    assert loader.load(f"Id,Title\n{soft},x\n", "delete")["errorMessage"].endswith("must contain only ids")
    assert loader.load(f"Id\n{soft}\n", "delete")["state"] == "JobComplete"
    assert loader.org.get("Lead", soft).deleted
    body = {"object": "Lead", "operation": "hardDelete"}
    assert loader.refused("POST", JOBS, body) == (400, "FEATURENOTENABLED")
    loader.org.settings["hard_delete"] = True
    loader.load(f"Id\n{hard}\n", "hardDelete")
    assert loader.org.find("Lead", hard) is None


def test_assignment_rules_run_only_when_the_job_names_one(loader: Loader) -> None:
    quiet, loud = loader.lead(), loader.lead()
    rule = next(iter(loader.org.scan("AssignmentRule"))).id

    loader.load(f"Id,Title\n{quiet},CEO\n")
    loader.load(f"Id,Title\n{loud},CEO\n", assignmentRuleId=rule)

    assert loader.org.get("Lead", quiet).get("OwnerId") == loader.org.api_user
    assert loader.org.get("Lead", loud).get("OwnerId") in loader.org.settings["sellers"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Lead", "operation": "query"}, "INVALIDJOB"),
        ({"object": "Nothing", "operation": "insert"}, "INVALID_TYPE"),
        ({"object": "TaskWhoRelation", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Lead", "operation": "upsert"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "upsert", "externalIdFieldName": "Title"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "update", "externalIdFieldName": "Key__c"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "insert", "assignmentRuleId": "x"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "insert", "columnDelimiter": "DOT"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "insert", "colour": "red"}, "JSON_PARSER_ERROR"),
        (["Lead"], "JSON_PARSER_ERROR"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(loader: Loader, body: Any, code: str) -> None:
    assert loader.refused("POST", JOBS, body) == (400, code)


def test_a_day_has_so_many_batches(loader: Loader) -> None:
    lead = loader.lead()
    loader.org.quotas["bulk_batches"].exhaust(loader.org.clock.now())

    told = loader.load(f"Id,Title\n{lead},CEO\n")

    assert (told["state"], told["numberRecordsProcessed"]) == ("Failed", 0)
    assert "Limit exceeded" in told["errorMessage"]
