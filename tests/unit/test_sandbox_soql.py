"""SOQL on a small org: grammar, empty values, case, order, parents, children, groups."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock, stamp_of
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.soql import Evaluator, parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = 86_400_000


@pytest.fixture
def org() -> Org:
    org = empty_salesforce_org(clock=OrgClock.frozen_at(NOW))
    owner = org.settings["sellers"][0]
    acme = org.create("Account", {"Name": "Acme", "Industry": "Software", "NumberOfEmployees": 50, "OwnerId": owner})
    bolt = org.create("Account", {"Name": "Bolt", "OwnerId": owner})
    people = [("Ada", "Alpha", "CEO", acme.id), ("Bob", "beta", None, acme.id), ("Cy", "Gamma", "Clerk", None)]
    for number, (first, last, title, account) in enumerate(people):
        values = {"FirstName": first, "LastName": last, "Title": title, "AccountId": account, "DoNotCall": number == 0}
        org.create("Contact", values, at=stamp_of(NOW) - (3 - number) * DAY)
    gone = org.create("Contact", {"LastName": "Gone", "AccountId": bolt.id})
    org.delete("Contact", gone.id)
    lead = org.create("Lead", {"LastName": "Lee", "Company": "O'Neil & Co 100%"})
    first = next(org.scan("Contact"))
    for who, subject in ((lead.id, "to lead"), (first.id, "to contact"), (None, "to nobody")):
        org.create("Task", {"Subject": subject, "WhoId": who, "Status": "Completed"})
    org.create("Task", {"Subject": "old", "Status": "Completed", "IsArchived": True})
    return org


def _run(org: Org, text: str, *, deleted: bool = False) -> list[dict[str, object]]:
    result = Evaluator(org, version="66.0").run(parse(text), deleted=deleted)
    return [result.render(item) for item in result.items]


def _names(org: Org, condition: str, *, deleted: bool = False) -> list[object]:
    return [row["LastName"] for row in _run(org, f"SELECT LastName FROM Contact WHERE {condition}", deleted=deleted)]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("LastName = 'ALPHA'", ["Alpha"]),
        ("LastName != 'alpha'", ["beta", "Gamma"]),
        ("Title = null", ["beta"]),
        ("Title != null", ["Alpha", "Gamma"]),
        ("Title != 'CEO'", ["beta", "Gamma"]),
        ("LastName > 'b'", ["beta", "Gamma"]),
        ("LastName LIKE '%A'", ["Alpha", "beta", "Gamma"]),
        ("LastName LIKE '_eta'", ["beta"]),
        ("LastName IN ('alpha', 'gamma')", ["Alpha", "Gamma"]),
        ("LastName NOT IN ('alpha', 'gamma')", ["beta"]),
        ("NOT LastName = 'alpha'", ["beta", "Gamma"]),
        ("DoNotCall = true", ["Alpha"]),
        ("DoNotCall = false", ["beta", "Gamma"]),
        ("Account.Name = 'acme'", ["Alpha", "beta"]),
        ("Account.NumberOfEmployees >= 50", ["Alpha", "beta"]),
        ("AccountId = null", ["Gamma"]),
        ("AccountId IN (SELECT Id FROM Account WHERE Industry = 'software')", ["Alpha", "beta"]),
        ("(Title = 'CEO' OR Title = 'Clerk') AND DoNotCall = false", ["Gamma"]),
        ("CreatedDate < 2026-11-19T12:00:00Z", ["Alpha", "beta"]),
        ("CreatedDate <= 2026-11-19T13:00:00.000+01:00", ["Alpha", "beta", "Gamma"]),
        ("CreatedDate = LAST_N_DAYS:2", ["beta", "Gamma"]),
        ("CreatedDate = YESTERDAY", ["Gamma"]),
        ("SystemModstamp >= 2026-11-18T12:00:00.000Z", ["beta", "Gamma"]),
    ],
)
def test_conditions(org: Org, condition: str, names: list[str]) -> None:
    assert sorted(map(str, _names(org, condition))) == sorted(names)


def test_deleted_rows_are_only_in_query_all(org: Org) -> None:
    assert _names(org, "LastName = 'Gone'") == []
    assert _names(org, "IsDeleted = true", deleted=True) == ["Gone"]


def test_archived_activities_are_only_in_query_all(org: Org) -> None:
    query = "SELECT Subject FROM Task WHERE Subject = 'old'"

    assert _run(org, query) == []
    assert len(_run(org, query, deleted=True)) == 1


def test_names_have_no_case_and_come_back_as_they_are_called(org: Org) -> None:
    row = _run(org, "select id, lastname, account.name from contact where firstname = 'ada'")[0]

    assert set(row) == {"attributes", "Id", "LastName", "Account"}
    account = row["Account"]
    assert isinstance(account, dict)
    assert account["Name"] == "Acme"
    assert account["attributes"]["type"] == "Account"


def test_rows_are_ordered_empty_values_first_unless_told_otherwise(org: Org) -> None:
    def titles(order: str) -> list[object]:
        return [row["Title"] for row in _run(org, f"SELECT Title FROM Contact ORDER BY {order}")]

    assert titles("Title") == [None, "CEO", "Clerk"]
    assert titles("Title DESC NULLS LAST") == ["Clerk", "CEO", None]


def test_a_keyset_over_stamps_and_ids_walks_through_everything(org: Org) -> None:
    rows = _run(org, "SELECT Id, SystemModstamp FROM Contact ORDER BY SystemModstamp, Id", deleted=True)
    seen: list[object] = []
    condition = ""
    while True:
        query = f"SELECT Id, SystemModstamp FROM Contact {condition} ORDER BY SystemModstamp, Id LIMIT 2"
        page = _run(org, query, deleted=True)
        seen.extend(row["Id"] for row in page)
        if len(page) < 2:
            break
        at = str(page[-1]["SystemModstamp"]).replace("+0000", "Z")
        condition = f"WHERE SystemModstamp >= {at} AND (SystemModstamp > {at} OR Id > '{page[-1]['Id']}')"

    assert seen == [row["Id"] for row in rows]
    assert len(seen) == 4


def test_limit_and_offset(org: Org) -> None:
    names = [row["FirstName"] for row in _run(org, "SELECT FirstName FROM Contact ORDER BY FirstName LIMIT 1 OFFSET 1")]

    assert names == ["Bob"]


def test_what_a_task_is_about_tells_its_type(org: Org) -> None:
    rows = _run(org, "SELECT Subject, Who.Type, Who.Name FROM Task ORDER BY Subject")
    types = [(row["Subject"], row["Who"]["Type"] if isinstance(row["Who"], dict) else None) for row in rows]

    assert types == [("to contact", "Contact"), ("to lead", "Lead"), ("to nobody", None)]


def test_children_come_inside_their_parent(org: Org) -> None:
    rows = _run(org, "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName DESC) FROM Account ORDER BY Name")
    acme, bolt = rows

    children = acme["Contacts"]
    assert isinstance(children, dict)
    assert [child["LastName"] for child in children["records"]] == ["beta", "Alpha"]
    assert bolt["Contacts"] is None


def test_counting(org: Org) -> None:
    result = Evaluator(org, version="66.0").run(parse("SELECT COUNT() FROM Contact"))

    assert (result.total, result.items) == (3, [])
    assert _run(org, "SELECT COUNT(Title) filled, MAX(LastName) FROM Contact")[0]["filled"] == 2
    grouped = _run(org, "SELECT AccountId, COUNT(Id) FROM Contact GROUP BY AccountId")
    assert sorted(row["expr0"] for row in grouped) == [1, 2]  # type: ignore[type-var]


def test_quotes_and_wildcards_in_texts(org: Org) -> None:
    assert len(_run(org, r"SELECT Id FROM Lead WHERE Company = 'O\'Neil & Co 100%'")) == 1
    assert len(_run(org, r"SELECT Id FROM Lead WHERE Company LIKE '%100\%'")) == 1
    assert len(_run(org, r"SELECT Id FROM Lead WHERE Company LIKE '%100\_'")) == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead; DELETE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Id FROM CustomField", "INVALID_TYPE"),
        ("SELECT Nothing__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id, Id FROM Lead", "INVALID_FIELD"),
        ("SELECT Nothing.Name FROM Lead", "INVALID_FIELD"),
        ("SELECT Who.Company FROM Task", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE NumberOfEmployees = '5'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id, (SELECT Id FROM Nothings) FROM Account", "INVALID_TYPE"),
        ("SELECT Name, COUNT(Id) FROM Lead", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT TYPEOF What WHEN Account THEN Id END FROM Task", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id FROM Lead l", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id FROM Lead FOR UPDATE", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT toLabel(Status) FROM Lead", "FUNCTIONALITY_NOT_ENABLED"),
    ],
)
def test_what_is_wrong_is_refused_as_salesforce_does(org: Org, query: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        _run(org, query)

    assert caught.value.code == code


def test_a_hidden_field_does_not_exist(org: Org) -> None:
    org.type("Contact").alter("Title", visible=False)

    with pytest.raises(Refusal, match="No such column 'Title' on entity 'Contact'"):
        _run(org, "SELECT Title FROM Contact")


def test_all_fields_come_with_a_limit(org: Org) -> None:
    row = _run(org, "SELECT FIELDS(ALL) FROM Contact LIMIT 1")[0]

    assert {"Id", "LastName", "Language__c"} <= set(row)
