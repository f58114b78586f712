"""Whatever is sent to the sandbox's Salesforce, it answers as Salesforce would: with rows or with a refusal, never with a bug."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.wire import WireRequest

DATA = "/services/data/v66.0"
_WORDS = (
    *(
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "ORDER BY",
        "GROUP BY",
        "LIMIT",
        "OFFSET",
        "NULLS FIRST",
    ),
    *(
        "Id",
        "Name",
        "Lead",
        "Contacts",
        "Account.Name",
        "COUNT()",
        "(",
        ")",
        ",",
        "=",
        "<",
        "'x'",
        "null",
        "5",
        "\\",
        "'",
        ";",
        "é",
    ),
)
_PATHS = (
    *(
        "Id",
        "Name",
        "DoNotCall",
        "NumberOfEmployees",
        "CreatedDate",
        "LastActivityDate",
        "OwnerId",
        "Account.Name",
        "Who.Type",
    ),
    *(
        "Who.Id",
        "Subject",
        "IsDeleted",
        "SystemModstamp",
        "MasterRecordId",
        "CreatedById",
        "Birthday__c",
        "FIELDS(ALL)",
    ),
)
_VALUES = (
    *(
        "'x'",
        "''",
        "'%a_'",
        "null",
        "true",
        "5",
        "-1.5",
        "2026-11-20",
        "2026-11-20T12:00:00Z",
        "2026-13-45T99:00:00Z",
        "TODAY",
    ),
    *(
        "LAST_N_DAYS:3",
        "NEXT_N_DAYS:0",
        "'00QWs0000000001AAA'",
        "('x', null)",
        "(SELECT Id FROM Account)",
        "(5, 'x')",
        "()",
    ),
    *("(SELECT AccountId FROM Contact WHERE DoNotCall = true)", "(SELECT COUNT() FROM Lead)", "'00Q'"),
)
_OPERATORS = ("=", "!=", "<>", "<", "<=", ">", ">=", "LIKE", "IN", "NOT IN", "INCLUDES", "EXCLUDES")
_comparisons = st.tuples(st.sampled_from(_PATHS), st.sampled_from(_OPERATORS), st.sampled_from(_VALUES)).map(" ".join)
_conditions = st.recursive(
    _comparisons,
    lambda inner: (
        st.tuples(inner, st.sampled_from(("AND", "OR")), inner).map(lambda parts: f"({' '.join(parts)})")
        | inner.map(lambda part: f"NOT {part}")
    ),
    max_leaves=3,
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_fields = st.sampled_from(
    [
        "LastName",
        "Email",
        "NumberOfEmployees",
        "AnnualRevenue",
        "DoNotCall",
        "OwnerId",
        "EmailBouncedDate",
        "Rating",
        "Id",
        "x",
    ]
)


@cache
def _signed_in() -> tuple[SalesforceDialect, str, str]:
    org = empty_salesforce_org(clock=OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC)))
    org.quotas["daily"].limit = 10**9
    account = org.create("Account", {"Name": "Acme"})
    org.create("Contact", {"LastName": "Alpha", "AccountId": account.id, "DoNotCall": True})
    lead = org.create("Lead", {"LastName": "Lee", "Company": "Acme", "NumberOfEmployees": 5})
    org.create("Task", {"Subject": "x", "WhoId": lead.id})
    org.sessions["S"] = org.clock.now() + 10**9
    return SalesforceDialect(org), "S", lead.id


def _send(method: str, url: str, payload: Any = None, query: list[tuple[str, str]] | None = None) -> int:
    dialect, session, _ = _signed_in()
    request = WireRequest.to(method, url, headers={"Authorization": f"Bearer {session}"}, payload=payload)
    if query:
        request.query.extend(query)
    answer = dialect.handle(request)
    if answer.status >= 400:
        assert answer.json()[0]["errorCode"]
    return answer.status


@given(st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join))
def test_any_words_in_any_order(text: str) -> None:
    assert _send("GET", f"{DATA}/query", query=[("q", text)]) in (200, 400, 501)


@settings(max_examples=300)
@given(
    st.sampled_from(["Id", "Id, Name", "COUNT()", "Name, COUNT(Id)", "Id, (SELECT Id FROM Contacts)"]),
    st.sampled_from(["Lead", "Contact", "Account", "Task"]),
    st.just("") | _conditions,
    st.sampled_from(["", "ORDER BY Name", "GROUP BY Name", "LIMIT 1", "ORDER BY SystemModstamp, Id LIMIT 1 OFFSET 1"]),
)
def test_any_condition_on_known_objects(fields: str, source: str, condition: str, rest: str) -> None:
    text = f"SELECT {fields} FROM {source} {'WHERE ' + condition if condition else ''} {rest}"

    assert _send("GET", f"{DATA}/queryAll", query=[("q", text)]) in (200, 400, 501)


@given(st.dictionaries(_fields, _json, max_size=3))
def test_any_values_for_a_record(values: dict[str, Any]) -> None:
    _, _, lead = _signed_in()
    row = {**values, "attributes": {"type": "Lead"}, "id": lead}

    assert _send("PATCH", f"{DATA}/composite/sobjects", {"records": [row]}) in (200, 400)
    assert _send("PATCH", f"{DATA}/sobjects/Lead/{lead}", values) in (204, 400, 404)


@given(st.sampled_from(["composite", "composite/sobjects", "tooling/sobjects/CustomField", "sobjects/Lead"]), _json)
def test_any_body(path: str, body: Any) -> None:
    assert _send("POST", f"{DATA}/{path}", body) in (200, 201, 400, 501)


@given(_json, _json)
def test_any_subrequests_and_any_metadata(part: Any, metadata: Any) -> None:
    parts = [{"method": "GET", "url": part, "referenceId": "a", "body": metadata}, part]

    assert _send("POST", f"{DATA}/composite", {"compositeRequest": parts}) in (200, 400, 501)
    body = {"FullName": "Lead.Odd__c", "Metadata": {"type": "Picklist", "label": "Odd", "valueSet": metadata}}
    assert _send("POST", f"{DATA}/tooling/sobjects/CustomField", body) in (201, 400, 501)
