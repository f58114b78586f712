"""What changes in Salesforce without a stamp: formulas, parents' fields, rates of currencies. Read again once a week."""

from __future__ import annotations

import pytest

from connectors.sandbox.faults import Drop
from connectors.sandbox.salesforce.currencies import use_currencies
from connectors.sandbox.schema import Field
from sync.store.tables import account, checkpoint, contact
from tests.worlds import LATER, World, counted

WEEK = 7 * 86_400
MODEL = """\
model: silent
title: Titles
language: en
time_zone: UTC
currency: EUR
horizon: 365 days

fit:
  rules:
    - {id: director, label: Director or above, when: {seniority: [director, vp, c_level]}, points: 20}
"""


@pytest.fixture
def world(tmp_path):
    (tmp_path / "silent.yaml").write_text(MODEL)
    with World.opened(tmp_path, crms=["salesforce"], settings={"model": "silent.yaml"}, fields=False) as made:
        yield made


def hire(world, name, **values):
    return world.salesforce.create(name, {"OwnerId": world.salesforce.api_user, **values}).id


def with_fields(world, **mapped):
    """The shipped map with further attributes of leads."""
    field_map = world.app.field_map("salesforce")
    lead = field_map.contacts["Lead"]
    attributes = {**lead.attributes, **{name: (path,) for name, path in mapped.items()}}
    contacts = {**field_map.contacts, "Lead": lead.model_copy(update={"attributes": attributes})}
    world.app._field_maps["salesforce"] = field_map.model_copy(update={"contacts": contacts})


def with_formula(world, record_id, value):
    """A formula field of leads, and what it shows for one; no stamp moves."""
    kind = world.salesforce.type("Lead")
    if "Tier__c" not in kind.fields:
        shown = {"formula": "Kept__c"}
        kind.add(
            [
                Field(name="Kept__c", label="Kept", type="string", custom=True),
                Field(name="Tier__c", label="Tier", type="string", custom=True, read_only=True, extra=shown),
            ]
        )
    with world.salesforce.lock:
        world.salesforce.get("Lead", record_id).values["Kept__c"] = value


def attribute(world, record_id, name, table=contact):
    (row,) = world.rows(table, table.c.record_id == record_id)
    return row["attributes"].get(name)


def test_a_formula_is_read_again_within_a_week(world):
    lead = hire(world, "Lead", LastName="Lovelace", Company="Acme")
    with_formula(world, lead, "bronze")
    with_fields(world, tier="Tier__c")
    world.advance(LATER)
    world.cycle()
    assert attribute(world, lead, "tier") == "bronze"

    with_formula(world, lead, "gold")
    world.advance(86_400)
    world.cycle()
    assert attribute(world, lead, "tier") == "bronze"

    world.advance(WEEK)
    report = world.cycle()
    assert attribute(world, lead, "tier") == "gold"
    assert report.connections["salesforce"].pulled["changed"] == 1
    assert {row["track"] for row in world.rows(checkpoint)} == {"main"}


def test_the_name_of_an_owner_is_read_and_follows_within_a_week(world):
    owner = world.salesforce.settings["sellers"][0]
    world.salesforce.update("User", owner, {"FirstName": "Old", "LastName": "Name"})
    lead = world.salesforce.create("Lead", {"LastName": "Lovelace", "Company": "Acme", "OwnerId": owner}).id
    with_fields(world, owner_name="Owner.Name", owner_email="Owner.Email")
    world.advance(LATER)
    world.cycle()
    assert attribute(world, lead, "owner_name") == "Old Name"

    world.salesforce.update("User", owner, {"LastName": "Married"})
    world.advance(WEEK + 1)
    world.cycle()

    assert attribute(world, lead, "owner_name") == "Old Married"


def test_without_formulas_nothing_is_read_twice(world):
    hire(world, "Lead", LastName="Lovelace", Company="Acme")
    world.advance(LATER)
    world.cycle()
    world.advance(WEEK + 1)

    with counted(world.salesforce) as calls:
        world.cycle()
    assert not [path for _, path in calls if "recordCount" in path]
    assert world.rows(checkpoint, checkpoint.c.track == "refresh") == []


def test_only_objects_with_formulas_are_read_again_and_only_once_a_week(world):
    lead = hire(world, "Lead", LastName="Lovelace", Company="Acme")
    someone = hire(world, "Contact", LastName="Hopper")
    with_formula(world, lead, "bronze")
    with_fields(world, tier="Tier__c")
    world.advance(LATER)
    world.cycle()
    world.advance(WEEK + 1)

    first = world.cycle().connections["salesforce"].pulled["pulled"]
    world.advance(LATER)
    second = world.cycle().connections["salesforce"].pulled["pulled"]

    assert (first, second) == (1, 0)
    assert attribute(world, someone, "last_name") == "Hopper"


def test_a_refresh_that_breaks_off_stops_nothing_and_goes_on(world):
    leads = [hire(world, "Lead", LastName=f"Lead{number}", Company="Acme") for number in range(3)]
    for lead in leads:
        with_formula(world, lead, "bronze")
    with_fields(world, tier="Tier__c")
    world.advance(LATER)
    world.cycle()
    for lead in leads:
        with_formula(world, lead, "gold")
    world.advance(WEEK + 1)
    late = hire(world, "Lead", LastName="Late", Company="Acme")
    world.advance(60)
    # The ordinary cursor comes first; what fails is the read behind it.
    world.faults("salesforce").add(Drop(), path="limits/recordCount", times=20)

    world.cycle()
    assert attribute(world, late, "last_name") == "Late"
    assert attribute(world, leads[0], "tier") == "bronze"
    assert {row["track"] for row in world.rows(checkpoint, checkpoint.c.stream == "contacts")} == {"main", "refresh"}

    world.faults("salesforce").clear()
    world.advance(3600)
    world.cycle()
    assert [attribute(world, lead, "tier") for lead in leads] == ["gold"] * 3
    assert {row["track"] for row in world.rows(checkpoint)} == {"main"}


# ---- money ----


def test_money_arrives_in_the_currency_of_the_model(world):
    use_currencies(world.salesforce, "USD", {"EUR": "0.8", "JPY": "160"})
    there = hire(world, "Account", Name="Tokyo", AnnualRevenue=16_000_000, CurrencyIsoCode="JPY")
    here = hire(world, "Account", Name="Paris", AnnualRevenue=500, CurrencyIsoCode="EUR")
    lead = hire(world, "Lead", LastName="Doe", Company="Doe Inc", AnnualRevenue=999.99, CurrencyIsoCode="USD")
    strange = hire(world, "Account", Name="Nowhere", AnnualRevenue=7, CurrencyIsoCode="XXX")
    world.advance(LATER)
    world.cycle()

    assert float(attribute(world, there, "revenue", account)) == 80_000
    assert float(attribute(world, here, "revenue", account)) == 500
    assert float(attribute(world, lead, "revenue")) == 799.99
    # No rate says what it is worth: unknown rather than wrong.
    assert attribute(world, strange, "revenue", account) is None


def test_new_rates_come_through_within_a_week(world):
    use_currencies(world.salesforce, "USD", {"EUR": "0.8"})
    lead = hire(world, "Lead", LastName="Doe", Company="Doe Inc", AnnualRevenue=1000, CurrencyIsoCode="USD")
    world.advance(LATER)
    world.cycle()
    assert float(attribute(world, lead, "revenue")) == 800

    use_currencies(world.salesforce, "USD", {"EUR": "0.9"})
    world.advance(WEEK + 1)
    world.cycle()

    assert float(attribute(world, lead, "revenue")) == 900


def test_another_currency_of_the_model_starts_a_backfill(world):
    use_currencies(world.salesforce, "USD", {"EUR": "0.8", "GBP": "0.7"})
    lead = hire(world, "Lead", LastName="Doe", Company="Doe Inc", AnnualRevenue=1000, CurrencyIsoCode="USD")
    world.advance(LATER)
    world.cycle()

    (world.folder / "silent.yaml").write_text(MODEL.replace("EUR", "GBP"))
    world.restart()
    world.advance(60)
    world.cycle()

    assert float(attribute(world, lead, "revenue")) == 700


def test_an_org_with_one_currency_is_taken_as_it_is(world):
    lead = hire(world, "Lead", LastName="Doe", Company="Doe Inc", AnnualRevenue=1000)
    world.advance(LATER)

    world.cycle()

    assert float(attribute(world, lead, "revenue")) == 1000
    assert "CurrencyType" not in world.salesforce.schema
