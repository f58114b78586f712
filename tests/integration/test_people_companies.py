from __future__ import annotations

import pytest
import sqlalchemy as sa

from connectors.records import LinkReason, Ref, VendorLink
from sync.people.enrich import drop_reference, load_reference
from sync.people.profiles import Rules, refresh_shard
from sync.store.people_rows import Cause
from sync.store.shards import shard_of
from sync.store.tables import account, company
from tests.people_world import BACKENDS, Crms

ACME = Ref(object="Account", id="001")


@pytest.fixture(params=BACKENDS)
def crms(request, tmp_path):
    with Crms.opened(request.param, tmp_path) as crms:
        yield crms


def companies(crms):
    query = sa.select(company).where(company.c.workspace_no == crms.workspace_no)
    return {row.company_no: (row.domain, row.profile) for row in crms._rows(query)}


def company_of_account(crms, record_id):
    query = sa.select(account.c.company_no).where(account.c.record_id == record_id)
    return crms._rows(query)[0].company_no


def test_an_account_fills_in_what_its_contact_lacks_and_counts_as_declared(crms):
    crms.account("sales", ACME.id, company="Acme", website="https://www.acme.example", employees="250", phone="+33 1")
    crms.sales("Contact", "1", email="ada@acme.example", company="ACME (Paris)", account=ACME)

    profile = crms.person_of("sales", "Contact", "1").profile

    assert (profile["company"], profile["employees"], profile["company_domain"]) == (
        "ACME (Paris)",
        "250",
        "acme.example",
    )
    assert "phone" not in profile
    assert not [name for name in profile if name.startswith("enriched_")]


def test_a_place_is_taken_whole_or_not_at_all(crms):
    crms.account("sales", ACME.id, country="France", city="Paris")
    crms.sales("Contact", "1", account=ACME, state="Bavaria")
    crms.sales("Contact", "2", account=ACME)

    assert "country" not in crms.person_of("sales", "Contact", "1").profile
    assert crms.person_of("sales", "Contact", "2").profile["country_code"] == "FR"


@pytest.mark.parametrize("account_first", [True, False])
def test_account_and_contact_arrive_in_either_order(crms, account_first):
    steps = [
        lambda: crms.account("sales", ACME.id, website="acme.example", industry="Tools"),
        lambda: crms.sales("Contact", "1", email="ada@acme.example", account=ACME),
    ]
    for step in steps if account_first else steps[::-1]:
        step()

    person = crms.person_of("sales", "Contact", "1")
    assert person.profile["industry"] == "Tools"
    assert person.company_no == company_of_account(crms, ACME.id)


def test_a_changed_account_makes_exactly_those_people_dirty_whose_profile_changes(crms):
    crms.account("sales", ACME.id, website="acme.example", industry="Tools")
    crms.sales("Contact", "1", account=ACME)
    crms.sales("Contact", "2", account=ACME, industry="Farming")
    crms.sales("Contact", "3")
    crms.scored()

    crms.account("sales", ACME.id, website="acme.example", industry="Machines")

    assert crms.dirty() == {crms.person_of("sales", "Contact", "1").person_no: Cause.PROFILE}


def test_accounts_of_one_domain_are_one_company_those_of_a_provider_are_not(crms):
    crms.account("sales", "001", website="http://www.acme.example/about", company="Acme")
    crms.account("marketing", "7", website="acme.example", industry="Tools", created=3)
    crms.account("sales", "002", website="https://gmail.com")
    crms.account("sales", "003", website="www.gmail.com")

    one = company_of_account(crms, "001")
    assert company_of_account(crms, "7") == one
    domain, profile = companies(crms)[one]
    assert (domain, profile["company"], profile["industry"]) == ("acme.example", "Acme", "Tools")
    others = {company_of_account(crms, "002"), company_of_account(crms, "003")}
    assert len(others) == 2
    assert {companies(crms)[number][0] for number in others} == {None}


@pytest.mark.parametrize("statement_first", [True, False])
def test_a_vendor_link_makes_one_company_of_two_domains_in_either_order(crms, statement_first):
    says = VendorLink(ref=ACME, reason=LinkReason.NATIVE_SYNC, crm="salesforce")
    crms.marketing("1", email="ada@acme.test")
    steps = [
        lambda: crms.account("marketing", "7", website="acme.test", industry="Tools", created=9, same_as=(says,)),
        lambda: crms.account("sales", ACME.id, website="acme.example", created=1),
    ]
    for step in steps if statement_first else steps[::-1]:
        step()

    one = company_of_account(crms, ACME.id)
    assert company_of_account(crms, "7") == one
    assert companies(crms)[one][0] == "acme.example"
    assert crms.person_of("marketing", "contacts", "1").company_no == one

    crms.account("marketing", "7", website="acme.test", industry="Tools", same_as=())

    other = company_of_account(crms, "7")
    assert companies(crms)[other][0] == "acme.test"
    assert company_of_account(crms, ACME.id) == one
    assert crms.person_of("marketing", "contacts", "1").company_no == other


def test_an_account_that_gets_another_site_changes_its_company(crms):
    crms.account("sales", "001", website="acme.example")
    before = company_of_account(crms, "001")

    crms.account("sales", "001", website="acme.test")

    assert company_of_account(crms, "001") != before
    assert companies(crms)[before] == ("acme.example", {})


def test_people_without_an_account_belong_to_the_company_of_their_business_address(crms):
    crms.account("sales", "001", website="acme.example", industry="Tools", company="Acme", country="France")
    crms.marketing("1", email="ada@acme.example", company="acme")
    crms.marketing("2", email="bob@gmail.com")
    crms.marketing("3", email="eve@lonely.example")

    ada, bob, eve = (crms.person_of("marketing", "contacts", number) for number in "123")
    assert ada.company_no == company_of_account(crms, "001")
    assert ada.profile["enriched_industry"] == "Tools"
    assert ada.profile["enriched_country_code"] == "FR"
    assert (ada.profile["enrichment_status"], ada.profile["enrichment_source"]) == ("matched", "same_domain")
    assert "industry" not in ada.profile
    assert "enriched_company" not in ada.profile
    assert bob.company_no is None
    assert "enrichment_status" not in bob.profile
    assert companies(crms)[eve.company_no] == ("lonely.example", {})


def test_a_reference_table_enriches_by_domain_and_leaves_the_others_unmatched(crms):
    crms.marketing("1", email="ada@acme.example", employees="10")
    crms.marketing("2", email="eve@lonely.example")
    crms.scored()

    rows = [{"domain": "https://www.acme.example", "employees": "1,200", "industry": "Tools"}, {"domain": "nonsense"}]
    with crms.store.write() as unit:
        domains, refused = load_reference(
            unit, crms.workspace_no, rows, source="table", at=crms.clock.now(), confidence=800
        )
        for person in crms.people():
            refresh_shard(unit, shard_of(person.person_no), now=crms.clock.now())

    ada, eve = (crms.person_of("marketing", "contacts", number).profile for number in "12")
    assert (domains, refused) == ({"acme.example"}, [1])
    assert (ada["employees"], ada["enriched_employees"], ada["enriched_industry"]) == ("10", "1200", "Tools")
    assert (ada["enrichment_status"], ada["enrichment_confidence"]) == ("matched", "0.8")
    assert eve["enrichment_status"] == "unmatched"
    assert len(crms.dirty()) == 2

    with crms.store.write() as unit:
        assert drop_reference(unit, crms.workspace_no, source="table", keep={"other.example"}) == 1
        refresh_shard(unit, shard_of(crms.person_of("marketing", "contacts", "1").person_no), now=crms.clock.now())
    assert "enriched_industry" not in crms.person_of("marketing", "contacts", "1").profile


def test_the_crms_own_enrichment_wins_over_a_table(crms):
    with crms.store.write() as unit:
        row = {"domain": "acme.example", "industry": "Tools", "revenue": "5 M"}
        load_reference(unit, crms.workspace_no, [row], source="table", at=crms.clock.now(), confidence=900)
    crms.marketing(
        "1",
        email="ada@acme.example",
        enriched_industry="Machines",
        enrichment_confidence="0.7",
        enriched_at="2025-01-01",
        enrichment_source="vendor",
    )

    profile = crms.person_of("marketing", "contacts", "1").profile

    assert (profile["enriched_industry"], profile["enriched_revenue"]) == ("Machines", "5000000")
    assert (profile["enrichment_confidence"], profile["enriched_at"]) == ("0.7", "2025-01-01T12:00:00Z")
    assert profile["enrichment_source"] == "vendor, table"


def test_the_believed_connection_of_an_attribute_wins_for_contacts_and_accounts(tmp_path):
    rules = Rules(believed_attributes={"title": "sales", "industry": "sales"})
    with Crms.opened("sqlite", tmp_path, rules=rules) as crms:
        crms.account("sales", "001", industry="Tools", created=1)
        crms.account("marketing", "7", industry="Farming", created=2)
        crms.sales("Contact", "1", email="ada@acme.example", title="CTO", created=1, account=ACME)
        hub = Ref(object="Account", id="7")
        crms.marketing("2", email="ada@acme.example", title="Engineer", created=2, account=hub)

        profile = crms.person_of("sales", "Contact", "1").profile

        assert (profile["title"], profile["industry"]) == ("CTO", "Tools")
