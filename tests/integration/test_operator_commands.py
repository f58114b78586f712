"""What an operator types and sees, on a small world in both CRMs: one story, in the order of a first day."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from connectors.sandbox.faults import Reply
from sync.admin.actions.runs import ask
from sync.jobs.progress import Silent
from sync.jobs.runner import Runner
from sync.store.run_rows import RunKind, RunStatus
from tests.operators import Operator, own_model
from tests.worlds import LATER, World, people

pytestmark = pytest.mark.xdist_group("operator")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("operator")
    own_model(folder)
    settings = {"model": "model.yaml"}
    with World.opened(folder, population=people(40), settings=settings, fields=False) as world:
        yield world


@pytest.fixture(scope="module")
def operator(world):
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Operator(world, monkeypatch)


@pytest.fixture(scope="module")
def rested(world, operator):
    """Everything is loaded, written and seen again."""
    for name in world.crms:
        operator("fields", "apply", name)
    world.loaded()
    return world


def a_person_in_both(world):
    """(person, record in Salesforce, record in HubSpot)."""
    by_person = {entry.person_no: key for key, entry in world.contact_entries("salesforce").items()}
    for (name, record_id), entry in world.contact_entries("hubspot").items():
        if entry.person_no in by_person:
            other, other_id = by_person[entry.person_no]
            return entry.person_no, f"salesforce:{other}:{other_id}", f"hubspot:{name}:{record_id}"
    raise AssertionError("nobody is in both CRMs")


def test_doctor_on_the_first_day_finds_the_fields_that_are_to_be_created(operator):
    seen = operator("doctor", "--json")

    assert seen.code == 0
    found = {(check["place"], check["code"]): check for check in seen.json}
    assert found["salesforce", "output_fields"]["next_step"] == "leadgrade fields apply salesforce"
    assert found["runs", "never"]["next_step"] == "leadgrade sync"
    assert {check["level"] for check in seen.json if check["code"] in {"credentials", "clock", "fields"}} == {"ok"}
    assert "public suffixes" in found["libraries", "snapshots"]["message"]


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_fields_are_planned_then_created_then_there(operator, crm):
    planned = operator("fields", "plan", crm, "--json")
    applied = operator("fields", "apply", crm, "--json")
    again = operator("fields", "apply", crm)

    assert [planned.code, applied.code, again.code] == [0, 0, 0]
    assert [(step["object"], step["field"]) for step in planned.json] == [
        (step["object"], step["field"]) for step in applied.json
    ]
    assert all(step["done"] and not step["error"] for step in applied.json)
    assert "nothing is to be done" in again.out


def test_the_first_sync_computes_and_says_that_writes_are_off(world, operator):
    stamps = world.stamps()

    seen = operator("sync")

    assert seen.code == 0
    assert "salesforce: writes are off" in seen.all
    assert "next: leadgrade preview, then leadgrade writes on salesforce" in seen.all
    assert "people" in seen.out
    assert world.stamps() == stamps
    assert not ADDRESS.search(seen.all)


def test_preview_counts_everybody_once_and_shows_no_address_unless_asked(operator):
    seen, told, open_handed = operator("preview"), operator("preview", "--json"), operator("preview", "--show-emails")

    assert [seen.code, told.code, open_handed.code] == [0, 0, 0]
    found = told.json
    inside = found["people"] - found["out_of_scope"]
    assert sum(band["people"] for band in found["bands"]) == inside
    assert sum(cell["people"] for cell in found["ratings"]) == inside
    assert len(found["examples"]) == 20
    totals = [each["total"] for each in found["examples"]]
    assert totals == sorted(totals, reverse=True)
    assert all(each["records"] for each in found["examples"])
    assert [(each["due"], each["new"], each["changes"], each["blanks"]) for each in found["connections"]] == [
        (each["due"], each["due"], 0, 0) for each in found["connections"]
    ]
    assert not ADDRESS.search(seen.all)
    assert not ADDRESS.search(told.all)
    assert ADDRESS.search(open_handed.all)


def test_a_sample_writes_only_what_the_settings_name(world, operator):
    seen = operator("writes", "sample", "hubspot")

    assert seen.code == 0
    assert "its sample is empty, so nothing is written" in seen.all
    written = operator("sync", "--json").json["connections"]
    assert [(each["connection"], each["written"], each["writes"]) for each in written] == [
        ("salesforce", 0, "off"),
        ("hubspot", 0, "sample"),
    ]


def test_a_dry_run_writes_nothing_although_writes_are_on(world, operator):
    operator("writes", "on")
    stamps = world.stamps()

    seen = operator("sync", "--dry-run", "--json")

    assert seen.code == 0
    assert all(each["due"] > 0 and each["written"] == 0 for each in seen.json["connections"])
    assert world.stamps() == stamps


def test_with_writes_on_everybody_is_written_once(world, operator):
    first = operator("sync", "--json")
    world.advance(LATER)
    operator("sync")
    world.advance(LATER)
    last = operator("sync", "--json")

    assert first.code == last.code == 0
    assert all(each["written"] > 0 for each in first.json["connections"])
    assert [each["written"] for each in last.json["connections"]] == [0, 0]
    assert last.json["people"]["scored"] == 0
    assert all(each["calls_by_kind"] for each in last.json["connections"])
    assert world.readback()[1] == []


def test_explain_prints_lines_that_add_up_to_the_score(rested, operator):
    highest = sorted(rested.scores().values(), key=lambda row: row["total"] or 0)[-3:]
    entries = {
        each.person_no: f"hubspot:{name}:{number}" for (name, number), each in rested.contact_entries("hubspot").items()
    }
    entries |= {
        each.person_no: f"salesforce:{name}:{number}"
        for (name, number), each in rested.contact_entries("salesforce").items()
    }
    for row in highest:
        found = operator("explain", entries[row["person_no"]], "--json").json
        assert sum(Decimal(str(line["points"])) for line in found["lines"]) == found["total"] == row["total"]
        assert len({each["sent"]["score"] for each in found["records"] if each["sent"]}) == 1


def test_explain_shows_both_records_of_a_person_and_repeats_no_address(rested, operator):
    _, one, other = a_person_in_both(rested)

    seen = operator("explain", one)

    assert seen.code == 0
    assert one in seen.out
    assert other in seen.out
    assert "= total" in seen.out
    assert not ADDRESS.search(seen.all.replace(one, ""))


def test_explain_finds_a_person_by_address(rested, operator):
    person, _, _ = a_person_in_both(rested)
    with rested.app.store.read() as unit:
        (email, *_) = sorted(each.email for each in unit.contacts.of_people([person]) if each.email)

    assert operator("explain", email.upper(), "--json").json["person_no"] == person
    assert operator("explain", "nobody@nowhere.example").code == 1


def test_explain_as_of_a_past_day_takes_activities_as_they_were_known(rested, operator):
    _, one, _ = a_person_in_both(rested)

    seen = operator("explain", one, "--day", "2026-06-01", "--json")

    assert seen.code == 0
    assert seen.json["day"] == "2026-06-01"
    assert all(line["last_on"] is None or line["last_on"] <= "2026-06-01" for line in seen.json["lines"])


def test_status_tells_streams_writes_and_counts(rested, operator):
    seen, told = operator("status"), operator("status", "--json").json

    assert seen.code == 0
    assert [each["name"] for each in told["connections"]] == ["salesforce", "hubspot"]
    for each in told["connections"]:
        assert each["writes"] == "on"
        assert each["sandbox"] is True
        assert each["calls_today"] > 0
        assert each["last_run"]["status"] == "succeeded"
        assert [stream["stream"] for stream in each["streams"]] == [
            *("accounts", "contacts", "activities", "opportunities")
        ]
        assert all(stream["baseline_at"] for stream in each["streams"])
        assert (each["due"], each["refused"]) == (0, 0)
        assert each["written"] == each["entries"] > 0
    assert told["lease"] is None
    assert told["live_version"] == told["configured_version"]
    assert told["totals"]["people"] == told["totals"]["scored"] > 0


def test_one_record_is_read_again_by_its_id(rested, operator):
    _, one, other = a_person_in_both(rested)

    seen = operator("sync", "--record", other, "--json")

    assert seen.code == 0
    assert seen.json["kind"] == "record"
    assert [each["connection"] for each in seen.json["connections"]] == ["hubspot"]
    assert operator("sync", "salesforce", "--record", one.split(":")[2]).code == 1
    assert operator("sync", "--record", one, "--since", "2026-01-01").code == 2


def test_what_a_crm_refuses_is_a_dead_letter_in_its_own_words_until_it_is_retried(rested, operator):
    _, _, record = a_person_in_both(rested)
    record_id = record.split(":")[2]
    refusal = {"status": "error", "message": "Property values were not valid", "category": "VALIDATION_ERROR"}
    rested.faults("hubspot").add(Reply(status=400, payload=refusal), path="contacts/batch/update", times=None)
    rested.faults("hubspot").add(Reply(status=400, payload=refusal), method="PATCH", path="/contacts/", times=None)
    rested.hubspot.update("contacts", record_id, {"jobtitle": "Chief Executive Officer", "country": "United States"})
    operator("sync", "--kind", "incremental")
    rested.faults("hubspot").clear()

    listed = operator("deadletters", "--json")

    (letter,) = listed.json["records"]
    assert letter["record"] == record
    assert "not valid" in letter["words"]
    assert listed.json["groups"][0]["many"] == 1
    assert "Property values were not valid" in operator("deadletters").all
    assert operator("deadletters", "retry", "--record", "hubspot:contacts:999").code == 1

    assert operator("deadletters", "retry", "--record", record, "--json").json == {"retried": 1}
    assert operator("sync").code == 0
    assert operator("deadletters").out == "nothing was refused\n"
    assert rested.readback()[1] == []


def test_a_refused_value_does_not_stop_the_next_one(rested, operator):
    _, _, record = a_person_in_both(rested)
    record_id = record.split(":")[2]
    refusal = {"status": "error", "message": "Property values were not valid", "category": "VALIDATION_ERROR"}
    rested.faults("hubspot").add(Reply(status=400, payload=refusal), path="contacts/batch/update", times=None)
    rested.hubspot.update("contacts", record_id, {"jobtitle": "Student", "country": "Japan"})
    operator("sync")
    rested.faults("hubspot").clear()
    assert len(operator("deadletters", "--json").json["records"]) == 1
    rested.advance(LATER)
    rested.hubspot.update("contacts", record_id, {"jobtitle": "Vice President Sales", "country": "United States"})

    operator("sync")

    assert operator("deadletters", "--json").json["records"] == []
    assert rested.readback()[1] == []


def test_linked_records_become_one_person_with_one_score_and_two_again(rested, operator):
    entries = {
        entry.person_no: f"hubspot:{name}:{record}"
        for (name, record), entry in rested.contact_entries("hubspot").items()
    }
    one, other = list(entries.values())[:2]

    linked = operator("people", "link", one, other, "--json")
    operator("sync")

    assert linked.code == 0
    assert (
        operator("explain", one, "--json").json["person_no"] == operator("explain", other, "--json").json["person_no"]
    )
    assert rested.readback()[1] == []

    assert operator("people", "unlink", one, other).code == 0
    operator("sync")

    assert (
        operator("explain", one, "--json").json["person_no"] != operator("explain", other, "--json").json["person_no"]
    )
    assert operator("people", "link", one, one).code == 1
    assert operator("people", "link", one, "hubspot:contacts:nobody").code == 1


def test_an_export_holds_everything_of_one_person_and_nothing_of_others(rested, operator, tmp_path):
    person, one, other = a_person_in_both(rested)
    file = tmp_path / "person.json"

    seen = operator("people", "export", one, "--out", str(file))

    assert seen.code == 0
    assert file.stat().st_mode & 0o077 == 0
    found = operator("people", "export", str(person)).json
    assert {each["record"] for each in found["records"]} >= {one, other}
    assert found["score"]["total"] == rested.scores()[person]["total"]
    assert {each["record"] for each in found["written"]} <= {each["record"] for each in found["records"]}
    assert found["activities"]


def test_a_forgotten_person_stays_away(rested, operator):
    person, one, _ = a_person_in_both(rested)

    assert operator("people", "forget", one, answer="n\n").code == 1
    gone = operator("people", "forget", one, "--yes", "--json")
    operator("sync", "--kind", "full")

    assert gone.json["contacts"] >= 2
    assert person not in rested.scores()
    assert operator("explain", one).code == 1


def test_runs_are_listed_shown_and_cancelled(rested, operator):
    number = ask(rested.app, RunKind.FULL)

    assert operator("runs", "cancel", str(number), "--json").json == {"run": number, "status": "cancelled"}
    assert operator("runs", "--json").json[0]["run_no"] == number
    assert operator("runs", "show", str(number)).code == 0
    assert operator("runs", "show", "9999").code == 1
    assert operator("runs", "release", str(number)).code == 1
    assert operator("runs", "show").code == 2


def test_a_run_that_is_stopped_still_counts_its_calls(rested):
    before = rested.app.connection("hubspot").connection_no, rested.clock.now().date()
    with rested.app.store.read() as unit:
        calls = unit.connections.calls_on(*before)
    asked = iter([False, False, True])
    runner = Runner(app=rested.app, progress=Silent(), stop=lambda: next(asked, True))

    report = runner.execute(ask(rested.app, RunKind.INCREMENTAL, connection="hubspot"))

    assert report.run.status is RunStatus.CANCELLED
    assert report.connections["hubspot"].calls > 0
    with rested.app.store.read() as unit:
        assert unit.connections.calls_on(*before) == calls + report.connections["hubspot"].calls


def test_clearing_blanks_our_fields_everywhere_and_turns_writes_off(rested, operator):
    assert operator("fields", "clear", "hubspot", answer="n\n").code == 1

    seen = operator("fields", "clear", "hubspot", "--yes", "--json")

    assert seen.code == 0
    assert seen.json["accepted"] > 0
    assert not any(rested.held("hubspot", name, record)["score"] for name, record in rested.contact_entries("hubspot"))
    assert operator("sync", "--json").json["connections"][1]["writes"] == "off"
