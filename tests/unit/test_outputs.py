"""Outputs: those of the table, those that a model brings along, and field maps that name them."""

from __future__ import annotations

import pytest

from connectors.errors import NeedsAttention
from connectors.mapping import load_field_map
from connectors.outputs import OUTPUTS, in_order, output_of
from connectors.port import OutputType
from sync.values import changed, is_due, is_urgent, normal_values

MAP = """\
crm: salesforce
contacts: {{Lead: {{attributes: {{email: Email}}}}}}
accounts: {{Account: {{attributes: {{company: Name}}}}}}
outputs:
  Lead: {lead}
  Account: {account}
"""


def field_map(lead="{score: S__c}", account="{company_score: C__c}"):
    return load_field_map(MAP.format(lead=lead, account=account), name="map.yaml")


def test_every_label_fits_a_salesforce_field():
    assert [output.name for output in OUTPUTS if len(output.label) > 40] == []


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("product_suite", "Leadgrade Product Suite"),
        ("product_data-cloud_eu", "Leadgrade Product Data Cloud Eu"),
        ("dimension_loyalty", "Leadgrade Dimension Loyalty"),
    ],
)
def test_a_product_or_dimension_of_the_model_is_a_number(name, label):
    output = output_of(name)

    assert (output.name, output.type, output.label) == (name, OutputType.NUMBER, label)


def test_a_very_long_product_still_gets_a_label_that_fits():
    assert len(output_of("product_" + "x" * 60).label) == 40


@pytest.mark.parametrize("name", ["product_", "product", "dimension_ x", "points"])
def test_other_names_are_no_outputs(name):
    assert output_of(name) is None


def test_values_of_unknown_outputs_are_left_out_and_those_of_products_kept():
    assert normal_values({"product_suite": "12", "points": 3}) == {"product_suite": 12}


def test_products_stand_behind_the_outputs_of_the_table():
    assert in_order(["product_b", "scored_at", "product_a", "score"]) == [
        "score",
        "scored_at",
        "product_a",
        "product_b",
    ]
    assert changed({"product_suite": 2, "score": 1}, {}) == ["score", "product_suite"]


def test_a_product_is_written_beyond_the_deadband_alone():
    assert not is_due({"product_suite": 12}, {"product_suite": 10}, deadband=3)
    assert is_due({"product_suite": 14}, {"product_suite": 10}, deadband=3)


def test_attention_goes_first_and_recent_engagement_travels():
    assert is_urgent({"attention": "On the pricing page"}, {"attention": None})
    assert not is_due({"recent": 60}, {"recent": 0}, deadband=3)


def test_one_more_qualified_person_in_a_company_is_written_at_once():
    assert is_due(
        {"company_score": 40, "company_qualified": 2}, {"company_score": 40, "company_qualified": 1}, deadband=3
    )
    assert not is_due({"company_score": 42}, {"company_score": 40}, deadband=3)


def test_a_field_map_may_name_products():
    assert field_map(lead="{score: S__c, product_suite: P__c}").outputs["Lead"]["product_suite"] == "P__c"


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        ({"lead": "{points: P__c}"}, "Lead: there is no output points; known: score"),
        ({"lead": "{company_score: P__c}"}, "Lead: company_score is an output of a company, for accounts"),
        ({"account": "{score: P__c}"}, "Account: score is an output of a person, for contacts"),
    ],
)
def test_an_output_that_cannot_be_written_there_is_refused_with_its_place(outputs, words):
    with pytest.raises(NeedsAttention) as caught:
        field_map(**outputs)

    assert f"map.yaml: outputs: {words}" in caught.value.message
