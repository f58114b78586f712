"""The whole loop on both CRMs: what is written, what is not, and how little is asked when nothing has changed."""

from __future__ import annotations

import pytest

from sync.store.run_rows import RunKind, RunStatus
from sync.store.tables import company_score
from tests.worlds import LATER, World, counted, people

#: Paths of authentication, identity and schema, which every cycle checks.
CHECKS = ("/oauth2/", "/describe", "/account-info/", "/properties/", "/forms/")


@pytest.fixture(scope="module")
def first_load(tmp_path_factory):
    with World.opened(tmp_path_factory.mktemp("first"), population=people(60)) as world:
        before = world.stamps()
        report = world.cycle()
        yield world, report, before


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A world at rest; tests that change something let it come to rest again."""
    with World.opened(tmp_path_factory.mktemp("whole"), population=people(80)) as world:
        yield world.loaded()


def at_rest(world):
    world.advance(LATER)
    world.cycle()
    world.advance(LATER)


def written(report):
    return {name: part.delivered["accepted"] for name, part in report.connections.items()}


def in_both(world, *, beyond=0):
    """(person, its HubSpot contact, its Salesforce record) of people with one record in each CRM."""
    hubspot = {entry.person_no: key for key, entry in world.entries("hubspot").items() if entry.person_no}
    salesforce = {}
    for key, entry in world.entries("salesforce").items():
        salesforce.setdefault(entry.person_no, []).append(key)
    pairs = [
        (number, hubspot[number], salesforce[number][0])
        for number in sorted(hubspot)
        if len(salesforce.get(number, [])) == 1
    ]
    return pairs[beyond]


def test_a_first_load_computes_everybody_and_writes_nobody(first_load):
    world, report, before = first_load

    assert report.run.status is RunStatus.SUCCEEDED
    assert report.issues == []
    assert report.rescored["scored"] == len(world.scores()) > 50
    assert report.rescored["wanted"] == sum(part.due for part in report.connections.values()) > 60
    assert written(report) == {"salesforce": 0, "hubspot": 0}
    assert world.stamps() == before
    assert not any(world.held(*key)["score"] for key in world.contacts())


def test_with_writes_on_the_crms_hold_what_was_computed(world):
    scored, differences = world.readback()

    assert differences == []
    assert scored == len(world.entries("salesforce")) + len(world.entries("hubspot")) > 80


def test_everybody_with_a_writable_record_is_written_and_nobody_else(world):
    with world.app.store.read() as unit:
        contacts = unit.contacts.of_people(world.scores(), gone=True)
        companies = {row["company_no"] for row in world.rows(company_score)}
        accounts = unit.company_scores.accounts(companies)

    live = [each for each in contacts if each.gone_at is None]
    writable = {(each.connection_no, each.ref.object, each.ref.id) for each in live if each.writable}

    writable |= {(each.connection_no, each.object, each.record_id) for each in accounts}

    assert {entry.key for name in world.crms for entry in world.entries(name).values()} == writable
    assert accounts
    assert any(not each.writable for each in live)


def test_when_nothing_has_changed_nothing_is_written_and_each_object_is_asked_for_once(world):
    report = None
    with counted(world.salesforce) as salesforce, counted(world.hubspot) as hubspot:
        report = world.cycle()

    assert report.run.status is RunStatus.SUCCEEDED
    assert written(report) == {"salesforce": 0, "hubspot": 0}
    assert report.rescored["scored"] == 0
    assert not any(part.pulled["pulled"] for part in report.connections.values())
    data = {path: many for (_, path), many in hubspot.items() if not any(check in path for check in CHECKS)}
    assert {path.split("/")[-2] for path in data if path.endswith("search")} == {
        *("contacts", "companies", "deals", "calls", "emails", "meetings", "notes", "tasks")
    }
    assert max(data.values()) == 1, data
    data = {path: many for (_, path), many in salesforce.items() if not any(check in path for check in CHECKS)}
    # One call says who answers, one describes the schema, one reads each of the four streams, its objects packed into it.
    assert sum(data.values()) <= 6, data
    at_rest(world)


def test_our_own_writes_come_back_and_rescore_nobody(tmp_path):
    with World.opened(tmp_path, population=people(40)) as world:
        world.cycle()
        world.turn_writes_on()
        first = world.cycle()
        world.advance(LATER)

        echo = world.cycle()

        came_back = sum(part.pulled["unchanged"] for part in echo.connections.values())
        assert came_back == sum(written(first).values()) > 40
        assert echo.rescored["scored"] == 0
        assert sum(written(echo).values()) == 0


def test_one_changed_field_rescores_one_person_and_writes_their_records_alone(world):
    number, contact, prospect = in_both(world)
    before = world.stamps()
    total = world.scores()[number]["total"]
    world.hubspot.update(*contact, {"jobtitle": "Student intern", "phone": None})
    before["hubspot", *contact] = world.stamps()["hubspot", *contact]
    world.advance(LATER)

    report = world.cycle()

    assert report.rescored["scored"] == 1
    assert world.scores()[number]["total"] != total
    # The portal also holds their company, whose score follows theirs.
    assert report.rescored["companies"] == 1
    assert written(report) == {"salesforce": 1, "hubspot": 2}
    after = world.stamps()
    assert {key for key in after if after[key] != before[key]} == {("hubspot", *contact), ("salesforce", *prospect)}
    assert world.readback()[1] == []
    at_rest(world)


def test_a_change_that_moves_no_value_rescores_one_person_and_writes_nobody(world):
    _, contact, _ = in_both(world, beyond=1)
    world.hubspot.update(*contact, {"city": "Elsewhere"})
    before = world.stamps()
    world.advance(LATER)

    report = world.cycle()

    assert report.rescored["scored"] == 1
    assert sum(written(report).values()) == 0
    assert world.stamps() == before
    at_rest(world)


def test_a_value_that_belongs_to_one_record_is_written_to_that_record_alone(world):
    """Completeness is a record's own: the other CRM's record is as complete as before."""
    number, contact, _ = in_both(world, beyond=2)
    score = world.scores()[number]
    filled = world.hubspot.get(*contact).values.get("website")
    world.hubspot.update(*contact, {"website": None if filled else "https://company.example"})
    world.advance(LATER)

    report = world.cycle()

    assert report.rescored["scored"] == 1
    after = world.scores()[number]
    assert written(report)["hubspot"] == 1
    assert written(report)["salesforce"] == (0 if after["total"] == score["total"] else 1)
    assert world.readback()[1] == []
    at_rest(world)


def test_a_full_load_over_a_world_at_rest_writes_nothing(world):
    report = world.cycle(RunKind.FULL)

    assert report.run.status is RunStatus.SUCCEEDED
    assert report.rescored["scored"] == 0
    assert sum(written(report).values()) == 0


def test_a_record_deleted_or_merged_in_the_crm_is_let_go(world):
    contacts = [key for key, entry in world.entries("hubspot").items() if entry.person_no is not None]
    gone, winner, loser = contacts[10], contacts[11], contacts[12]
    world.hubspot.delete(*gone)
    world.hubspot.merge("contacts", winner[1], [loser[1]])
    world.advance(7 * 3600)  # the archived are listed now and then

    world.cycle()
    world.cycle()

    assert not {gone, loser} & set(world.entries("hubspot"))
    assert world.readback()[1] == []
    at_rest(world)


def test_one_record_can_be_read_again_at_once(world):
    _, contact, _ = in_both(world, beyond=4)
    world.hubspot.update(*contact, {"jobtitle": "Chief Executive Officer"})

    report = world.cycle(connection="hubspot", record=contact[1])

    assert report.run.kind is RunKind.RECORD
    assert report.rescored["scored"] == 1
    assert report.connections["hubspot"].pulled["changed"] == 1
    at_rest(world)
