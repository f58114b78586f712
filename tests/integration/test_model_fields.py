"""A model's products and its optional outputs: planned, created, written and read back in both CRMs."""

from __future__ import annotations

from collections import Counter

import pytest

from sync.admin.actions.connections import apply_fields, clear_fields, plan_fields
from sync.admin.doctor.installation import model_checks
from sync.values import normal_values
from tests.worlds import LATER, World

MODEL = """\
model: lines
fit:
  rules:
    - {id: director, label: Director or above, when: {seniority: [director, vp, c_level]}, points: 20}
engagement:
  rules:
    - {id: call, label: Call, on: call_connected, points: 10, products: [data_suite]}
products:
  data_suite: {include_fit: true, cap: 25}
  cloud: {}
attention:
  - {code: boss, reason: A director or above, when: {seniority: [director, vp, c_level]}}
"""
OUTPUTS = ("product_data_suite", "product_cloud", "recent", "active_share", "trend", "attention", "enrichment")
CONTACTS = {"hubspot": "contacts", "salesforce": "Lead"}


@pytest.fixture(params=["hubspot", "salesforce"])
def crm(request):
    return request.param


def with_outputs(world, name, object_name, outputs):
    """The shipped map with some more outputs on one object."""
    shipped = world.app.field_map(name)
    fields = {output: f"Leadgrade_{output}__c" if name == "salesforce" else f"leadgrade_{output}" for output in outputs}
    more = {**shipped.outputs.get(object_name, {}), **fields}
    world.app._field_maps[name] = shipped.model_copy(update={"outputs": {**shipped.outputs, object_name: more}})
    return fields


def a_director(world, crm):
    if crm == "hubspot":
        return world.hubspot.create(
            "contacts", {"email": "ada@acme.example", "lastname": "Byron", "jobtitle": "Sales Director"}
        )
    return world.salesforce.create(
        "Lead", {"Email": "ada@acme.example", "LastName": "Byron", "Company": "Acme", "Title": "Sales Director"}
    )


def test_products_and_optional_outputs_live_in_fields_of_their_own(tmp_path, crm):
    (tmp_path / "lines.yaml").write_text(MODEL)
    with World.opened(tmp_path, crms=[crm], settings={"model": "lines.yaml"}, fields=False) as world:
        fields = with_outputs(world, crm, CONTACTS[crm], OUTPUTS)
        planned = {step.field for step in plan_fields(world.app, crm) if step.action == "create_field"}
        assert set(fields.values()) <= planned
        assert [step.error for step in apply_fields(world.app, crm) if step.error] == []
        assert plan_fields(world.app, crm) == []
        ada = a_director(world, crm)
        world.advance(LATER)
        world.turn_writes_on()
        report = world.cycle()

        # Written: points of products, texts, and nothing where there is nothing to say.
        assert report.issues == []
        held = normal_values(world.held(crm, CONTACTS[crm], ada.id))
        assert {name: held[name] for name in OUTPUTS} == {
            "product_data_suite": 20,
            "product_cloud": 0,
            "recent": 0,
            "active_share": None,
            "trend": None,
            "attention": "A director or above",
            "enrichment": 0,
        }

        # Seen again in the CRM: nothing differs; what somebody overwrites is drift, and healed.
        world.advance(LATER)
        assert world.cycle().connections[crm].delivered.total() == 0
        overwritten = {fields["product_data_suite"]: 99 if crm == "salesforce" else "99"}
        world.orgs()[crm].update(CONTACTS[crm], ada.id, overwritten)
        world.advance(LATER)
        assert world.cycle().connections[crm].delivered["accepted"] == 1
        held = normal_values(world.held(crm, CONTACTS[crm], ada.id))
        assert held["product_data_suite"] == 20

        # Cleared with the rest.
        assert sum(clear_fields(world.app, crm), Counter()) == {"accepted": 1}
        assert not any(normal_values(world.held(crm, CONTACTS[crm], ada.id)).values())


def test_a_product_that_the_model_drops_is_blanked(tmp_path):
    (tmp_path / "lines.yaml").write_text(MODEL)
    with World.opened(tmp_path, crms=["hubspot"], settings={"model": "lines.yaml"}, fields=False) as world:
        with_outputs(world, "hubspot", "contacts", OUTPUTS)
        with_products = world.app.field_map("hubspot")
        apply_fields(world.app, "hubspot")
        ada = a_director(world, "hubspot")
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()
        assert world.held("hubspot", "contacts", ada.id)["product_cloud"] == "0"

        (tmp_path / "lines.yaml").write_text(MODEL.replace("  cloud: {}\n", ""))
        world.restart()
        world.app._field_maps["hubspot"] = with_products
        world.cycle()

        assert not world.held("hubspot", "contacts", ada.id)["product_cloud"]
        assert world.held("hubspot", "contacts", ada.id)["product_data_suite"] == "20"


def test_doctor_names_a_field_for_a_product_that_the_model_lacks(tmp_path):
    (tmp_path / "lines.yaml").write_text(MODEL)
    with World.opened(tmp_path, crms=["hubspot"], settings={"model": "lines.yaml"}, fields=False) as world:
        with_outputs(world, "hubspot", "contacts", ["product_cloud", "product_clowd", "dimension_fit"])

        found = [check for check in model_checks(world.app) if check.code == "output"]

    assert [check.message.split(",")[0] for check in found] == [
        "the field map of hubspot writes dimension_fit",
        "the field map of hubspot writes product_clowd",
    ]
    assert "add clowd to the model" in found[1].next_step
