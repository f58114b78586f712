"""A change that comes between reading and scoring a person is not lost: what was read is settled, what came since stays dirty."""

from __future__ import annotations

from sync.rescore.scoring_run import Rescore
from sync.rules import scoring_day, scoring_rules
from sync.store.people_rows import Cause
from sync.store.sql.scoring_inputs import Who
from sync.store.tables import person
from tests.worlds import LATER, World


def test_a_change_between_reading_and_storing_leaves_the_person_dirty(tmp_path):
    with World.opened(tmp_path, crms=["hubspot"]) as world:
        ada = world.hubspot.create("contacts", {"email": "ada@acme.example", "lastname": "Byron", "jobtitle": "Intern"})
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()
        (number,) = world.scores()
        junior = world.scores()[number]["total"]
        touch(world, number)

        class Interrupted(Rescore):
            """Somebody else promotes her after her row was read, before her score is stored."""

            def inputs(self, who):
                read = super().inputs(who)
                world.hubspot.update("contacts", ada.id, {"jobtitle": "Chief Executive Officer", "industry": "BANKING"})
                pull(world)
                return read

        rules = scoring_rules(world.app, day=scoring_day(world.app), model=world.app.model)
        interrupted = Interrupted(store=world.app.store, clock=world.clock, rules=rules)
        counts = interrupted.batch(Who(dirty=True))

        assert counts["scored"] == 1
        assert world.scores()[number]["total"] == junior
        (row,) = world.rows(person)
        assert row["dirty_seq"] > row["scored_seq"] > 0

        report = world.cycle()

        assert report.rescored["scored"] == 1
        assert world.scores()[number]["total"] > junior
        (row,) = world.rows(person)
        assert row["dirty_seq"] == row["scored_seq"]
        assert world.readback() == (1, [])


def touch(world, number):
    with world.app.store.write() as unit:
        unit.people.mark_dirty({number: Cause.PROFILE})


def pull(world):
    """What a puller does, without a run around it."""
    from connectors.records import Stream
    from sync.pull.cycle import Puller
    from sync.rules import people_rules
    from sync.store.sql.checkpoints import Track

    world.advance(60)
    app = world.app
    puller = Puller(
        store=app.store,
        clock=app.clock,
        connector=app.connector("hubspot"),
        connection=app.connection("hubspot"),
        rules=people_rules(app),
    )
    assert puller.page(Stream.CONTACTS, Track.MAIN).counts["changed"] == 1
