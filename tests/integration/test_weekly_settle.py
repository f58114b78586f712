"""Within a week whatever differs at all is written, a seventh of the shards a day; a week without a daemon is made up for at once."""

from __future__ import annotations

from datetime import date

import pytest

from sync.jobs.rescoring import _settling
from sync.store.tables import outbox
from tests.worlds import World, people

DAY = 86_400


@pytest.fixture
def world(tmp_path):
    settings = {"deadband": 3, "guard": "{changes: 100, blanks: 100}"}
    with World.opened(tmp_path, population=people(30), crms=("hubspot",), settings=settings) as world:
        yield world.loaded()


def off_by_one(world):
    """As if a drop of decay a day had never been worth a write: what was sent is one point off everywhere."""
    with world.app.store.write() as unit:
        rows = [
            {
                **{name: getattr(entry, name) for name in ("connection_no", "object", "record_id")},
                "sent": entry.sent | {"score": entry.sent["score"] + 1},
                "observed": None,
            }
            for block in unit.outbox.entries(world.number("hubspot"))
            for entry in block
            if entry.person_no is not None and entry.sent and entry.sent.get("score") is not None
        ]
        unit.sql.update(outbox, rows)
    return len(rows)


def off(world):
    """Records of people whose score in the CRM is not the stored one, by shard."""
    scores = world.scores()
    return [
        entry.shard
        for entry in world.contact_entries("hubspot").values()
        if entry.sent and entry.sent.get("score") != scores[entry.person_no]["total"]
    ]


def test_each_day_a_seventh_settles_and_in_a_week_everybody_has(world):
    assert off_by_one(world) > 10
    before = off(world)

    world.advance(DAY)
    world.cycle()

    today = date(2026, 11, 21).toordinal() % 7
    assert not [shard for shard in off(world) if shard % 7 == today]
    assert 0 < len(off(world)) < len(before)
    # A whole week at once: nobody ran it.
    world.advance(7 * DAY)
    world.cycle()
    assert off(world) == []


def test_the_same_day_settles_nobody(world):
    off_by_one(world)
    before = off(world)

    world.advance(3600)
    world.cycle()

    assert off(world) == before


@pytest.mark.parametrize(("days", "sevenths"), [(0, 0), (1, 1), (6, 6), (7, 7), (400, 7)])
def test_missed_days_are_made_up_for(days, sevenths):
    today = date(2026, 11, 21)
    last = date.fromordinal(today.toordinal() - days)

    assert len(_settling({"day": last.isoformat()}, today)) == sevenths
    assert _settling({}, today) == frozenset()
