"""What an operator reads when something is wrong: the place, the next step, and the exit code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.settings import FIELDS
from connectors.sandbox.faults import Drop, Rewrite
from sync.store.run_rows import RunStatus
from tests.operators import Operator, own_model
from tests.worlds import LATER, World, people


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Opens a world and its operator; closed at the end of the test."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def make(*crms, settings=None, many=16):
            world = stack.enter_context(World.opened(tmp_path, population=people(many), crms=crms, settings=settings))
            return world, Operator(world, monkeypatch)

        yield make


def test_a_broken_model_file_is_told_with_line_and_column_before_any_run(opened, tmp_path):
    model = own_model(tmp_path)
    _world, operator = opened("hubspot", settings={"model": "model.yaml"})
    text = model.read_text().replace("half_life: 30 days", "half_live: 30 days")
    model.write_text(text)
    line = text[: text.index("half_live")].count("\n") + 1

    seen = operator("sync")

    assert seen.code == 1
    assert f"model.yaml:{line}:" in seen.all
    assert "half_live" in seen.all
    assert "next: correct these places" in seen.all
    assert operator("runs", "--json").json == []
    assert operator("doctor").code == 3
    assert operator("status").code == 3


def test_a_field_that_the_crm_does_not_have_is_named_with_its_attribute(opened, tmp_path):
    text = (FIELDS / "hubspot.yaml").read_text()
    world, operator = opened("hubspot")
    (tmp_path / "fields.yaml").write_text(text.replace("title: jobtitle", "title: jobtitel"))
    use_fields(world)

    synced, examined = operator("sync"), operator("doctor")

    assert synced.code == 0
    assert "hubspot: contacts.jobtitel, mapped to title, is missing" in synced.all
    assert examined.code == 3
    assert "hubspot: contacts.jobtitel, mapped to title, is missing" in examined.all
    assert "next: correct the field map" in examined.all


def test_a_field_map_with_an_unknown_kind_of_activity_is_told_with_its_file(opened, tmp_path):
    text = (FIELDS / "hubspot.yaml").read_text()
    world, operator = opened("hubspot")
    (tmp_path / "fields.yaml").write_text(text.replace("kind: meeting_held", "kind: meeting_hold"))
    use_fields(world)

    seen = operator("sync")

    assert seen.code == 3
    assert "fields.yaml: activities: unknown activity kind meeting_hold" in seen.all
    assert "next: correct the field map" in seen.all
    assert operator("runs", "--json").json == []


def use_fields(world):
    """Let the connection use the field map beside the settings."""
    settings = world.folder / "leadgrade.yaml"
    settings.write_text(settings.read_text() + "    fields: fields.yaml\n")


@pytest.mark.parametrize(("crm", "secret"), [("salesforce", "client_secret"), ("hubspot", "token")])
def test_wrong_credentials_pause_the_connection_until_they_are_right(opened, crm, secret):
    world, operator = opened(crm)
    file = world.folder / f"{crm}-{secret}"
    right = file.read_text()
    file.write_text("wrong")

    seen = operator("sync")

    assert seen.code == 3
    assert f"{crm}: " in seen.out
    assert "next: " in seen.out
    assert "wrong" not in seen.all.replace("wrongly", "")
    status = operator("status", "--json")
    assert status.code == 3
    (pause,) = status.json["connections"][0]["pauses"]
    assert pause["code"] == "credentials"
    assert operator("doctor", crm).code == 3

    file.write_text(right)

    assert operator("doctor", crm).code == 0
    assert operator("sync").code == 0
    assert operator("status").code == 0


def test_a_secret_that_is_not_there_is_named_by_its_place(opened):
    world, operator = opened("salesforce", "hubspot")
    (world.folder / "hubspot-token").unlink()

    seen = operator("sync")

    assert seen.code == 3
    assert "hubspot: The HubSpot token cannot be read: secret file:hubspot-token" in seen.all
    assert "next: write the secret into that file" in seen.all
    assert seen.out.count("salesforce") > 1
    assert world.scores()


def test_a_crm_that_is_down_suspends_the_run_and_the_next_sync_goes_on_with_it(opened):
    world, operator = opened("hubspot")
    fault = world.faults("hubspot").add(Drop(), times=None)

    seen = operator("sync", "--json")

    assert seen.code == 3
    assert seen.json["status"] == "suspended"
    assert "goes on at the checkpoint" in seen.json["next_step"]
    assert fault.seen > 1
    assert operator("doctor").code == 3

    world.faults("hubspot").clear()
    again = operator("sync", "--json")

    assert again.code == 0
    assert again.json["run"] == seen.json["run"]


@pytest.mark.parametrize(
    ("crm", "object_name", "field", "output"),
    [("hubspot", "contacts", "jobtitle", "score"), ("salesforce", "Lead", "Title", "score")],
)
def test_a_field_that_vanishes_pauses_its_stream_and_blanks_nothing(opened, crm, object_name, field, output):
    world, operator = opened(crm)
    world.loaded()
    org, before = world.orgs()[crm], world.scores()
    stamps = world.stamps()
    org.type(object_name).alter(field, visible=False)
    with org.lock:
        record = next(iter(org.scan(object_name)))
    org.update(object_name, record.id, {"City" if crm == "salesforce" else "city": "Elsewhere"})
    stamps[crm, object_name, record.id] = world.stamps()[crm, object_name, record.id]

    seen = operator("sync")

    assert seen.code == 3
    assert f"{object_name}.{field}, mapped to title, is missing or hidden" in seen.all
    assert "next: give the integration user access" in seen.all
    assert world.stamps() == stamps
    assert {number: row["fit"] for number, row in world.scores().items()} == {
        number: row["fit"] for number, row in before.items()
    }
    status = operator("status", "--json")
    assert [pause["subject"] for pause in status.json["connections"][0]["pauses"]] == [f"{object_name}.{field}"]

    org.type(object_name).alter(field, visible=True)

    assert operator("sync").code == 0
    assert operator("status", "--json").json["connections"][0]["pauses"] == []


def test_a_field_of_ours_that_is_gone_asks_for_fields_apply(opened):
    world, operator = opened("hubspot")
    world.loaded()
    world.hubspot.type("contacts").alter("leadgrade_grade", visible=False)

    seen = operator("sync")

    assert seen.code == 3
    assert "contacts.leadgrade_grade (grade) is missing" in seen.all
    assert "next: run: leadgrade fields apply hubspot" in seen.all


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_another_org_behind_the_same_credentials_is_neither_read_nor_written(opened, crm):
    world, operator = opened(crm)
    world.loaded()
    org, stamps = world.orgs()[crm], world.stamps()
    pinned, other = org.id, {"salesforce": "00DWs00000000H9MAQ", "hubspot": "40000999"}[crm]

    def answered_by_another(response):
        return replace(response, body=response.body.replace(pinned.encode(), other.encode()))

    world.faults(crm).add(Rewrite(change=answered_by_another), times=None)
    calls = sum(org.requests.counts.values())

    seen = operator("sync")

    assert seen.code == 3
    assert f"pinned {pinned}" in seen.all
    assert f"now {other}" in seen.all
    assert "next: give the old org's credentials back" in seen.all
    assert world.stamps() == stamps
    assert sum(org.requests.counts.values()) <= calls + 3
    assert operator("doctor", crm).code == 3


def test_an_emptied_list_holds_the_run_until_it_is_released(opened, tmp_path):
    model = own_model(tmp_path)
    world, operator = opened("hubspot", settings={"model": "model.yaml"}, many=60)
    (tmp_path / "lists/served.txt").write_text("US\nGB\nFR\nDE\nES\nIT\nNL\nBR\nCA\nPT\n")
    served = model.read_text().replace("lists:\n", "lists:\n  served: {file: lists/served.txt}\n", 1)
    rule = (
        "disqualify:\n  - {code: territory, reason: Outside the territory, when: {not: {country: {in_list: served}}}}\n"
    )
    model.write_text(served.replace("disqualify:\n", rule, 1))
    world.restart()
    world.loaded()
    stamps = world.stamps()
    (tmp_path / "lists/served.txt").write_text("NZ\n")

    held = operator("sync", "--json")

    assert held.code == 3
    assert held.json["status"] == "held"
    assert "would change grade, qualified or disqualified of" in held.json["message"]
    assert f"leadgrade runs release {held.json['run']}" in held.json["next_step"]
    assert world.stamps() == stamps
    assert operator("status").code == 3
    assert "the guard would hold this" in operator("preview").all

    released = operator("runs", "release", str(held.json["run"]), "--json")

    assert released.code == 0
    assert released.json["status"] == "succeeded"
    assert released.json["connections"][0]["written"] > 0
    assert world.readback()[1] == []


def test_a_held_run_is_not_needed_any_more_when_the_cause_is_corrected(opened, tmp_path):
    model = own_model(tmp_path)
    world, operator = opened("hubspot", settings={"model": "model.yaml"}, many=60)
    world.loaded()
    right = model.read_text()
    model.write_text(right.replace("scope: {not:", "scope: {all: [{country: XX}], not:", 1))
    held = operator("sync", "--json")
    assert held.json["status"] == "held"
    assert "would blank the score of" in held.json["message"]

    model.write_text(right)
    again = operator("sync", "--json")

    assert again.code == 0
    assert again.json["status"] == "succeeded"
    run = operator("runs", "show", str(held.json["run"]), "--json").json
    assert run["status"] == RunStatus.CANCELLED
    world.advance(LATER)
    assert world.readback()[1] == []


def test_settings_with_a_mistake_are_wrong_use_and_name_line_and_column(opened):
    world, operator = opened("hubspot")
    settings = world.folder / "leadgrade.yaml"
    settings.write_text("dead_band: 3\n" + settings.read_text())

    seen = operator("status")

    assert seen.code == 2
    assert "leadgrade.yaml:1:1: dead_band: unknown key" in seen.all
    assert "next: correct the settings" in seen.all
