"""The share of the day's calls outlives the process that used it, in both CRMs."""

from __future__ import annotations

from contextlib import closing

import pytest

from config.settings import load_settings
from connectors.errors import QuotaSpent
from sync.admin.actions.connections import plan_fields
from sync.app import open_app
from tests.worlds import BOTH, World


@pytest.fixture
def world(tmp_path):
    with World.opened(tmp_path, fields=False) as made:
        yield made


def used(world, name):
    """What a connection has called in the last day, as a new process knows it."""
    world.restart()
    connector = world.app.connector(name)
    budget = connector._client.budget if name == "salesforce" else connector._budget
    return budget._recent.since(world.clock.now().replace(hour=0, minute=0))


@pytest.mark.parametrize("name", BOTH)
def test_a_restart_forgets_no_calls(world, name):
    before = used(world, name)

    report = world.cycle()

    assert used(world, name) == before + report.connections[name].calls
    assert world.app.connector(name).usage().calls == 0


class Dying:
    """A connector that dies with the first page of opportunities, many calls after the first one."""

    def __init__(self, connector):
        self._connector = connector

    def read(self, stream, cursor):
        if stream.value == "opportunities":
            raise SystemExit
        return self._connector.read(stream, cursor)

    def __getattr__(self, name):
        return getattr(self._connector, name)


@pytest.mark.parametrize("name", BOTH)
def test_the_calls_of_a_process_that_died_count_too(world, name):
    before = used(world, name)
    world.wrap = lambda which, connector: Dying(connector) if which == name else connector
    world.restart()

    with pytest.raises(SystemExit):
        world.cycle()

    calls = world.app.connector(name).usage().calls
    world.wrap = lambda _, connector: connector
    assert calls > 4
    assert used(world, name) == before + calls


@pytest.mark.parametrize("name", BOTH)
def test_what_was_used_before_a_restart_counts_towards_the_share(world, name):
    window = world.orgs()[name].quotas["daily"]
    world.cycle()
    spent = used(world, name)
    connector = world.app.connector(name)
    connector.identify()
    budget = connector._client.budget if name == "salesforce" else connector._budget
    budget._daily_share = (spent + 3) / window.limit

    with pytest.raises(QuotaSpent) as caught:
        identify_often(connector)

    assert caught.value.until > world.clock.now()


def test_two_processes_at_once_share_the_day(world):
    with another(world) as other:
        plan_fields(world.app, "salesforce")
        mine = world.app.connector("salesforce").usage().calls
        plan_fields(other, "salesforce")
        theirs = other.connector("salesforce").usage().calls

        assert used_by(other, world) >= mine + theirs
        plan_fields(world.app, "salesforce")

        assert used_by(world.app, world) >= mine + theirs


def used_by(app, world):
    return app.connector("salesforce")._client.budget._recent.since(world.clock.now().replace(hour=0, minute=0))


def identify_often(connector):
    for _ in range(6):
        connector.identify()


def another(world):
    """Another App on the same store."""
    return closing(open_app(load_settings(world.folder / "leadgrade.yaml"), clock=world.clock))


def test_calls_older_than_a_day_are_forgotten(world):
    world.cycle()
    world.advance(26 * 3600)
    world.cycle()

    with world.app.store.read() as unit:
        kept = unit.markers.get(f"api_calls.{world.number('salesforce')}")

    assert len(kept) == 1
