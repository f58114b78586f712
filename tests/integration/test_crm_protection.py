"""What keeps the CRM safe from us: modes, stop, org pin, baseline gate, guard, drift, first loads over old values."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.sandbox.conversion import convert_lead
from sync.admin.actions.connections import set_writes
from sync.admin.actions.runs import release
from sync.jobs.progress import Silent
from sync.jobs.runner import Runner
from sync.pull.observed import HEALS_A_DAY
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.connections import WriteMode
from sync.store.tables import contact, outbox, pause
from tests.worlds import LATER, World, counted, people

MODEL = """\
model: guarded
title: Titles
language: en
time_zone: UTC
horizon: 365 days
fit:
  rules:
    - {{id: anybody, label: Somebody, when: {{email: {{present: true}}}}, points: {points}}}
engagement: {{rules: [{{id: page, label: Prices, on: page_view, where: {{url: {{contains: /pricing}}}}, points: 1}}]}}
grade: {{letter: {{from: fit, A: 30, B: 20, C: 10}}, number: {{from: engagement, 1: 30, 2: 20, 3: 10}}}}
"""


class Wrapped:
    """A connector with something done before each write, and smaller batches if wanted."""

    def __init__(self, connector, before=lambda batch: None, batch=None):
        self._connector, self._before = connector, before
        self._batch = batch
        self.batches = 0

    @property
    def write_batch(self):
        return self._batch or self._connector.write_batch

    def write(self, requests):
        self.batches += 1
        self._before(self.batches)
        return self._connector.write(requests)

    def __getattr__(self, name):
        return getattr(self._connector, name)


def portal(folder, **options):
    """A HubSpot portal alone."""
    return World.opened(folder, crms=["hubspot"], **options)


def write_model(folder, points):
    (folder / "guarded.yaml").write_text(MODEL.format(points=points))


def contacts(world, many):
    """Contacts of the portal who have an address each."""
    return [
        world.hubspot.create("contacts", {"email": f"p{number}@company{number}.example", "lastname": f"P{number}"})
        for number in range(many)
    ]


def held(world, record):
    return world.held("hubspot", "contacts", record.id)["score"]


def written(report, name="hubspot"):
    return report.connections[name].delivered["accepted"]


# ------------------------------------------------------------ modes


def test_nothing_is_written_until_somebody_says_so_and_then_only_the_sample(tmp_path):
    with portal(tmp_path) as world:
        people_ = contacts(world, 6)
        world.sample = {
            "records": [people_[0].id, f"contacts:{people_[1].id}"],
            "where": {"email_domain": "company2.example"},
        }
        world.restart()
        world.advance(LATER)

        off = world.cycle()
        world.turn_writes(WriteMode.SAMPLE)
        sample = world.cycle()
        in_sample = [held(world, each) is not None for each in people_]
        world.turn_writes_on()
        on = world.cycle()

        assert (written(off), written(sample), written(on)) == (0, 3, 3)
        assert in_sample == [True, True, True, False, False, False]
        assert world.readback() == (6, [])


def test_writes_off_between_two_batches_stops_before_the_next(tmp_path):
    with portal(tmp_path) as world:
        contacts(world, 12)
        world.advance(LATER)
        world.cycle()
        world.turn_writes_on()

        def stop_after_the_second(batch):
            if batch == 2:
                set_writes(world.app, WriteMode.OFF, by="somebody")

        world.wrap = lambda name, connector: Wrapped(connector, stop_after_the_second, batch=4)
        world.restart()

        stopped = world.cycle()

        # The batch that was under way when it was turned off is finished, none follows.
        assert written(stopped) == 8
        assert stopped.connections["hubspot"].due == 4
        assert sum(row["sent"] is not None for row in world.rows(outbox)) == 8
        assert not any(row["claim"] for row in world.rows(outbox))
        world.turn_writes_on()
        assert written(world.cycle()) == 4


# ------------------------------------------------------------ who answers


def test_another_org_behind_the_same_credentials_is_neither_read_nor_written(tmp_path):
    with portal(tmp_path) as world:
        contacts(world, 3)
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()
        world.hubspot.id = "99999999"

        report = world.cycle()

        assert report.run.status is RunStatus.FAILED
        (issue,) = report.issues
        assert issue.code == "org_changed"
        assert "99999999" in issue.message
        assert issue.next_step
        assert report.connections["hubspot"].pulled == Counter()
        assert written(report) == 0
        assert [row["code"] for row in world.rows(pause)] == ["org_changed"]


# ------------------------------------------------------------ baseline


def test_a_person_in_two_crms_is_not_written_before_both_are_loaded(tmp_path):
    with World.opened(tmp_path) as world:
        (ada, bob) = contacts(world, 2)
        row = {"LastName": "P0", "Email": "p0@company0.example", "Company": "Company 0"}
        world.salesforce.create("Lead", row)
        world.advance(LATER)
        world.turn_writes_on()
        # Salesforce's activities do not come through: its first load stays incomplete.
        fault = world.faults("salesforce").add(_unavailable(), path="composite", after=2, times=None)

        first = world.cycle()

        assert first.connections["salesforce"].delivered.total() == 0
        assert held(world, ada) is None
        assert held(world, bob) is not None
        assert fault.seen
        world.faults("salesforce").clear()
        world.cycle()
        assert held(world, ada) is not None
        assert world.readback() == (3, [])


def _unavailable():
    from connectors.sandbox.faults import Reply

    return Reply(status=503, payload=[{"errorCode": "SERVER_UNAVAILABLE", "message": "away"}])


# ------------------------------------------------------------ guard


@pytest.fixture
def guarded(tmp_path):
    """Thirty people at 10 points, written; then the model gives 20: every grade would change."""
    write_model(tmp_path, points=10)
    with portal(tmp_path, settings={"model": "guarded.yaml"}) as world:
        contacts(world, 30)
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()
        assert {row["sent"]["grade"] for row in world.rows(outbox)} == {"C4"}
        write_model(tmp_path, points=20)
        world.restart()
        yield world


def test_a_run_that_would_change_most_grades_is_held_and_writes_nothing(guarded):
    report = guarded.cycle()

    assert report.run.status is RunStatus.HELD
    assert "30 of 30 written records" in report.run.message
    assert f"leadgrade runs release {report.run.run_no}" in report.run.next_step
    assert written(report) == 0
    assert {row["sent"]["grade"] for row in guarded.rows(outbox)} == {"C4"}


def test_a_released_run_writes_what_it_held_back(guarded):
    held_run = guarded.cycle().run.run_no

    release(guarded.app, held_run, by="admin")
    report = Runner(app=guarded.app, progress=Silent()).execute(held_run)

    assert report.run.status is RunStatus.SUCCEEDED
    assert report.run.released_by == "admin"
    assert written(report) == 30
    assert guarded.readback() == (30, [])


def test_a_second_run_waits_for_the_same_answer_and_a_release_answers_both(guarded):
    first = guarded.cycle()
    second = guarded.cycle()

    assert second.run.status is RunStatus.PARTIAL
    assert f"leadgrade runs release {first.run.run_no}" in second.run.next_step
    release(guarded.app, first.run.run_no, by="admin")
    Runner(app=guarded.app, progress=Silent()).execute(first.run.run_no)
    assert guarded.readback() == (30, [])


def test_a_held_run_whose_cause_is_gone_is_no_longer_needed(guarded):
    held_run = guarded.cycle().run.run_no
    write_model(guarded.folder, points=10)
    guarded.restart()

    report = guarded.cycle()

    assert report.run.status is RunStatus.SUCCEEDED
    with guarded.app.store.read() as unit:
        then = unit.runs.get(held_run)
    assert then.status is RunStatus.CANCELLED
    assert "no longer needed" in then.message
    assert guarded.readback() == (30, [])


# ------------------------------------------------------------ drift


def test_what_something_else_writes_into_our_fields_is_healed_three_times_a_day_and_then_shown(tmp_path):
    with portal(tmp_path) as world:
        (ada, *_) = contacts(world, 3)
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()
        ours = held(world, ada)

        for _ in range(HEALS_A_DAY):
            overwrite(world, ada, "99")
            report = world.cycle()
            assert held(world, ada) == ours
            assert report.rescored["scored"] == 0
            assert written(report) == 1
            assert report.issues == []
        overwrite(world, ada, "99")
        report = world.cycle()

        assert held(world, ada) == "99"
        assert written(report) == 0
        (issue,) = report.issues
        assert issue.needs_attention
        assert "something else writes contacts.score" in issue.message
        assert [row["code"] for row in world.rows(pause)] == ["drift"]
        # Another day, another try.
        world.advance(86_400)
        overwrite(world, ada, "98")
        world.cycle()
        assert held(world, ada) == ours


def overwrite(world, record, value):
    field = world.app.field_map("hubspot").outputs["contacts"]["score"]
    world.advance(LATER)
    world.hubspot.update("contacts", record.id, {field: value})
    world.advance(LATER)


# ------------------------------------------------------------ an empty store


def lose_the_store(world):
    world.app.close()
    for path in world.folder.glob("leadgrade.db*"):
        path.unlink()
    world.start()


def test_a_first_load_into_an_empty_store_rewrites_nothing_that_is_right(tmp_path):
    with World.opened(tmp_path, population=people(40)) as world:
        world.loaded()
        (contact_id, *_) = (record_id for name, record_id in world.entries("hubspot") if name == "contacts")
        world.visit(contact_id, "/pricing")  # so that not every score was last moved by a profile
        world.advance(LATER)
        world.cycle()
        world.advance(LATER)
        before = world.stamps()
        lose_the_store(world)
        world.turn_writes_on()

        report = world.cycle()

        assert report.rescored["scored"] == len(world.scores()) > 30
        assert report.run.status is RunStatus.SUCCEEDED
        assert sum(part.delivered.total() for part in report.connections.values()) == 0
        assert world.stamps() == before
        assert all(row["sent"] for row in world.rows(outbox))
        assert world.readback()[1] == []


def test_a_first_load_into_an_empty_store_is_guarded_like_any_other(tmp_path):
    """A restored installation with the wrong model must not rewrite everybody unasked."""
    write_model(tmp_path, points=10)
    with portal(tmp_path, settings={"model": "guarded.yaml"}) as world:
        contacts(world, 30)
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()
        write_model(tmp_path, points=20)
        lose_the_store(world)
        world.turn_writes_on()
        world.advance(LATER)

        assert world.cycle().run.status is RunStatus.HELD


# ------------------------------------------------------------ what cannot be written


def test_a_converted_lead_has_no_outbox_entry_but_a_reason(tmp_path):
    with World.opened(tmp_path, crms=["salesforce"]) as world:
        values = {"LastName": "Byron", "FirstName": "Ada", "Email": "ada@acme.example", "Company": "Acme"}
        row = world.salesforce.create("Lead", values)
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()
        assert world.held("salesforce", "Lead", row.id)["score"] is not None
        became = convert_lead(world.salesforce, row.id)
        world.advance(LATER)

        report = world.cycle()

        assert report.run.status is RunStatus.SUCCEEDED
        assert set(world.contact_entries("salesforce")) == {("Contact", became.contact)}
        assert len({each["person_no"] for each in world.rows(contact)}) == 1
        (lead,) = world.rows(contact, contact.c.object == "Lead")
        assert not lead["writable"]
        assert "convert" in lead["unwritable_reason"]
        assert world.held("salesforce", "Contact", became.contact)["score"] is not None


def test_with_a_run_of_kind_rewrite_everything_that_differs_is_due_again(tmp_path):
    with portal(tmp_path, settings={"deadband": 3}) as world:
        contacts(world, 3)
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()

        with counted(world.hubspot) as calls:
            report = world.cycle(RunKind.REWRITE)

        assert report.run.status is RunStatus.SUCCEEDED
        assert not any("search" in path for _, path in calls)
        assert world.readback() == (3, [])
