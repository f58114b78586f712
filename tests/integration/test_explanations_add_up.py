"""For everybody of a made-up population, the lines of the explanation add up to the stored total."""

from __future__ import annotations

import polars as pl
import pytest

from sync.admin.actions.explain import explain
from sync.store.tables import contact
from tests.worlds import World, people


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with World.opened(tmp_path_factory.mktemp("explained"), population=people(300), fields=False) as world:
        world.cycle()
        yield world


def test_the_lines_of_everybody_add_up_to_the_stored_total(world):
    scores = world.scores()
    inside = {number: row["total"] for number, row in scores.items() if row["in_scope"]}

    sums = dict(world.lines().group_by("person_id").agg(pl.col("points").sum()).iter_rows())

    assert len(inside) > 150
    # Somebody without any line has no points either.
    assert {number: sums.get(number, 0) for number in inside} == inside
    assert set(sums) <= set(inside)


def test_the_lines_of_one_person_are_the_same_alone_and_among_others(world):
    everybody = world.lines()
    chosen = sorted(world.scores())[::40]

    for number in chosen:
        alone = world.lines(number)
        assert alone.equals(everybody.filter(pl.col("person_id") == number))


def test_what_an_operator_is_told_adds_up_by_address_by_record_and_by_number(world):
    known = [
        row for row in world.rows(contact) if row["email"] and not row["gone_at"] and row["person_no"] in world.scores()
    ]
    emails = [row["email"] for row in known]
    names = {world.number(name): name for name in world.crms}
    sample = [row for row in known if emails.count(row["email"]) == 1][::40]

    assert len(sample) > 3
    for row in sample:
        record = f"{names[row['connection_no']]}:{row['object']}:{row['record_id']}"
        told = [explain(world.app, who) for who in (row["email"], record, str(row["person_no"]))]
        for each in told:
            assert each.person_no == row["person_no"]
            assert (each.score["total"] or 0) == world.scores()[row["person_no"]]["total"] or not each.score["in_scope"]
            assert each.lines["points"].sum() == (each.score["total"] or 0)
