"""Formula fields of the sandbox: what they show, what they see, what makes no sense."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from connectors.salesforce.formulas import star_formula
from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock
from connectors.sandbox.org import Org
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.schema import Field
from connectors.sandbox.wire import WireRequest, WireResponse

DATA = "/services/data/v66.0"


class Setup:
    """An org with a contact, and fields that are computed."""

    def __init__(self) -> None:
        self.org: Org = empty_salesforce_org(clock=OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC)))
        self.dialect = SalesforceDialect(self.org)
        self.org.sessions["S"] = self.org.clock.now() + 86_400_000
        self.org.type("Contact").add([Field(name="Stars__c", label="Stars", type="double", precision=1, custom=True)])
        self.account = self.org.create("Account", {"Name": "Acme", "NumberOfEmployees": 12}).id
        values = {"LastName": "Lee", "FirstName": "Ann", "AccountId": self.account, "Stars__c": 3.0, "DoNotCall": True}
        self.contact = self.org.create("Contact", values).id

    def __call__(self, method: str, path: str, payload: Any = None) -> WireResponse:
        headers = {"Authorization": "Bearer S"}
        return self.dialect.handle(WireRequest.to(method, f"{DATA}{path}", headers=headers, payload=payload))

    def make(self, formula: str, *, name: str = "Shown__c", kind: str = "Text") -> WireResponse:
        metadata = {"label": name, "type": kind, "formula": formula, "precision": 18, "scale": 2}
        answer = self("POST", "/tooling/sobjects/CustomField", {"FullName": f"Contact.{name}", "Metadata": metadata})
        if answer.status == 201:
            self.org.type("Contact").alter(name, visible=True)
        return answer

    def shown(self, formula: str, *, kind: str = "Text") -> Any:
        answer = self.make(formula, kind=kind)
        assert answer.status == 201, answer.body
        return self("GET", f"/sobjects/Contact/{self.contact}?fields=Shown__c").json()["Shown__c"]


@pytest.fixture
def setup() -> Setup:
    return Setup()


@pytest.mark.parametrize(
    ("formula", "kind", "value"),
    [
        (star_formula("Stars__c"), "Text", "★★★☆☆"),
        ("1 + 2 * 3 - 4 / 2", "Number", 5.0),
        ("-(Stars__c - 5)", "Number", 2.0),
        ("Stars__c / 0", "Number", None),
        ("NumberOfNothing__c", "Number", "FIELD_INTEGRITY_EXCEPTION"),
        ("Title & 'x' & TEXT(Stars__c)", "Text", "x3"),
        ('IF(Stars__c >= 3 && DoNotCall, "hot", "cold")', "Text", "hot"),
        ('CASE(Stars__c, 1, "one", 3, "three", "other")', "Text", "three"),
        ('CASE(Stars__c, 1, "one", "other")', "Text", "other"),
        ('UPPER(LEFT(LastName, 2)) & RIGHT(FirstName, 1) & "!"', "Text", "LEn!"),
        ("Account.Name & TEXT(Account.NumberOfEmployees)", "Text", "Acme12"),
        ('IMAGE("/img/stars_300.gif", "3", 12, 60)', "Text", None),
        ("ISBLANK(Title) || NOT(DoNotCall)", "Checkbox", True),
        ("ROUND(2.345, 2) + MAX(1, MIN(4, Stars__c))", "Number", 5.35),
        ('BLANKVALUE(Title, "none")', "Text", "none"),
        ('IF(CONTAINS(LastName, "ee") && BEGINS(LastName, "L"), "\\"yes\\"", "")', "Text", '"yes"'),
        ('""', "Text", None),
        ("LEN(LastName", "Number", "FIELD_INTEGRITY_EXCEPTION"),
        ("LEN(LastName))", "Number", "FIELD_INTEGRITY_EXCEPTION"),
        ("1 § 2", "Number", "FIELD_INTEGRITY_EXCEPTION"),
        ("* 2", "Number", "FIELD_INTEGRITY_EXCEPTION"),
        ("VLOOKUP(a, b, c)", "Text", "FIELD_INTEGRITY_EXCEPTION"),
        ("LEFT(LastName)", "Text", "FIELD_INTEGRITY_EXCEPTION"),
        ("LastName + 1", "Number", None),
        ("HYPERLINK('a', 'b')", "Text", "FUNCTIONALITY_NOT_ENABLED"),
    ],
)
def test_a_formula_is_worth_what_it_says(setup: Setup, formula: str, kind: str, value: Any) -> None:
    answer = setup.make(formula, kind=kind)

    if answer.status != 201:
        assert answer.json()[0]["errorCode"] == value
        return
    found = setup("GET", f"/sobjects/Contact/{setup.contact}?fields=Shown__c").json()["Shown__c"]
    if formula.startswith("IMAGE"):
        assert found == '<img src="/img/stars_300.gif" alt="3" style="height:12px; width:60px;" border="0"/>'
    else:
        assert found == value


def test_a_formula_is_queried_but_neither_grouped_nor_written(setup: Setup) -> None:
    setup.make("LEFT(LastName, 1)")
    where = quote("SELECT Shown__c FROM Contact WHERE Shown__c = 'l' ORDER BY Shown__c")
    groups = quote("SELECT Shown__c, COUNT(Id) FROM Contact GROUP BY Shown__c")

    assert setup("GET", f"/query?q={where}").json()["records"][0]["Shown__c"] == "L"
    assert setup("GET", f"/query?q={groups}").json()[0]["errorCode"] == "MALFORMED_QUERY"
    refused = setup("PATCH", f"/sobjects/Contact/{setup.contact}", {"Shown__c": "x"})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    described = {item["name"]: item for item in setup("GET", "/sobjects/Contact/describe").json()["fields"]}
    assert (described["Shown__c"]["calculated"], described["Shown__c"]["groupable"]) == (True, False)


def test_a_change_of_the_parent_shows_in_the_child_without_a_stamp(setup: Setup) -> None:
    assert setup.shown("Account.Name") == "Acme"
    before = setup.org.get("Contact", setup.contact).system_at
    setup.org.clock.advance(60)

    setup.org.update("Account", setup.account, {"Name": "Zenith"})

    query = quote("SELECT Shown__c FROM Contact")
    assert setup("GET", f"/query?q={query}").json()["records"][0]["Shown__c"] == "Zenith"
    assert setup.org.get("Contact", setup.contact).system_at == before


def test_a_formula_may_look_at_another_but_not_at_itself(setup: Setup) -> None:
    first = setup.make("LEFT(LastName, 1)", name="First__c").json()["id"]
    assert setup.shown('First__c & "."') == "L."
    circle = {"Metadata": {"label": "First", "type": "Text", "formula": "Shown__c"}}

    refused = setup("PATCH", f"/tooling/sobjects/CustomField/{first}", circle)

    assert refused.json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert "itself" in refused.json()[0]["message"]
