"""The whole loop on PostgreSQL: what holds on a SQLite file holds there, too."""

from __future__ import annotations

from tests.postgres import emptied
from tests.worlds import LATER, World, people


def test_both_crms_hold_what_was_computed_and_an_idle_cycle_writes_nothing(tmp_path):
    with World.opened(tmp_path, population=people(60), settings={"store": emptied()}) as world:
        world.cycle()
        world.turn_writes_on()
        world.cycle()
        world.advance(LATER)
        echo = world.cycle()

        assert world.app.store.backend == "postgresql"
        scored, differences = world.readback()
        assert scored > 60
        assert differences == []
        assert echo.rescored["scored"] == 0
        assert sum(part.delivered.total() for part in echo.connections.values()) == 0
