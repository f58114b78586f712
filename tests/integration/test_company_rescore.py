"""Company scores in the store: on both databases, after a kill, behind the baseline gate, under the guard."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from config.settings import Guard
from sync.deliver.guard import judge
from sync.rescore.company_run import CompanyRescore
from sync.rules import scoring_day, scoring_rules
from sync.store.tables import checkpoint, company, company_score, outbox
from tests.postgres import emptied
from tests.worlds import LATER, World, people


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request, tmp_path):
    settings = {"store": emptied()} if request.param == "postgresql" else {}
    with World.opened(tmp_path, population=people(40), settings=settings) as opened:
        opened.turn_writes_on()
        opened.cycle()
        yield opened


def companies(world):
    rules = scoring_rules(world.app, day=scoring_day(world.app), model=world.app.model)
    return CompanyRescore(store=world.app.store, clock=world.clock, rules=rules, workspace_no=world.app.workspace_no)


def mark(world, **values):
    with world.app.store.write() as unit:
        unit.sql.run(company.update().values(**values))


def test_what_is_stored_is_what_is_rolled_up_from_all_people_at_once(world):
    scored = world.rows(company_score)

    assert len(scored) > 5
    assert companies(world).moved() == []
    assert any(row["covered"] for row in scored)
    assert world.readback()[1] == []


def test_a_score_that_moved_unnoticed_is_found_after_a_rescore_of_everybody(world):
    number = world.rows(company_score)[0]["company_no"]
    with world.app.store.write() as unit:
        unit.sql.run(company_score.update().where(company_score.c.company_no == number).values(score=-1))
        unit.company_scores.drop([world.rows(company_score)[1]["company_no"]])

    assert sorted(companies(world).moved()) == sorted([number, *_lacking(world)])

    world.advance(86_400)
    world.cycle()
    assert companies(world).moved() == []


def _lacking(world):
    known = {row["company_no"] for row in world.rows(company_score)}
    with world.app.store.read() as unit:
        theirs = set(unit.company_scores.people(world.app.workspace_no, None, None).filter(in_scope=True)["company_no"])
    return sorted(theirs - known)


def test_a_rescore_that_is_killed_between_two_batches_goes_on_with_the_rest(world):
    before = {row["company_no"]: row["score"] for row in world.rows(company_score)}
    with world.app.store.write() as unit:
        unit.company_scores.clear(world.app.workspace_no)
        unit.companies.mark_stale(before)

    class Killed(Exception):
        pass

    def fence(_unit):
        raise Killed

    work = companies(world)
    work.fence = fence
    with pytest.raises(Killed):
        work.batch()
    assert work.waiting() == len(before)

    world.cycle()

    assert {row["company_no"]: row["score"] for row in world.rows(company_score)} == before
    assert companies(world).waiting() == 0


def test_accounts_wait_until_the_first_loads_of_their_peoples_connections_are_complete(world):
    hubspot, salesforce = world.number("hubspot"), world.number("salesforce")
    with world.app.store.write() as unit:
        unit.sql.run(outbox.update().where(outbox.c.account_no.is_not(None)).values(due=True))
        ready = {entry.key for entry in unit.outbox.due(hubspot, now=world.clock.now(), limit=999)}
        unit.sql.run(checkpoint.update().where(checkpoint.c.connection_no == salesforce).values(baseline_at=sa.null()))
        alone = {entry.key for entry in unit.outbox.due(hubspot, now=world.clock.now(), limit=999)}
        with_others = {
            row["company_no"]
            for row in unit.sql.mappings(
                sa.text(
                    "SELECT DISTINCT p.company_no FROM person p JOIN contact c ON c.person_no = p.person_no"
                    " WHERE c.connection_no = :number AND c.gone_at IS NULL AND p.company_no IS NOT NULL"
                ).bindparams(number=salesforce)
            )
        }
        accounts = {
            (each.connection_no, each.object, each.record_id): each.company_no
            for each in unit.company_scores.accounts(row["company_no"] for row in unit.sql.mappings(sa.select(company)))
        }
        assert not unit.outbox.due(salesforce, now=world.clock.now(), limit=999)
        waiting = ready - alone
    assert ready
    assert waiting == {key for key in ready if accounts[key] in with_others}
    assert waiting
    assert alone


def test_blanking_many_accounts_is_held_by_the_guard():
    class Outbox:
        def written(self, _number, *, at_most):
            return min(100, at_most)

        def due_changes(self, _number):
            return iter([({"company_score": None}, {"company_score": 40})] * 2)

    class Unit:
        outbox = Outbox()

    verdict = judge(Unit(), 1, Guard())

    assert verdict.blanks == 2
    assert "would blank the score of 2 of 100" in verdict.reason


def test_a_new_day_looks_only_at_companies_whose_score_moved(world):
    mark(world, stale=False)
    world.advance(LATER)
    world.advance(86_400)
    before = {row["company_no"]: (row["score"], row["day"]) for row in world.rows(company_score)}

    report = world.cycle()

    after = {row["company_no"]: (row["score"], row["day"]) for row in world.rows(company_score)}
    moved = {number for number in after if after[number][1] != before[number][1]}
    assert 0 < report.rescored["companies"] == len(moved) < len(after)
