"""HubSpot's search, pulled by many: thousands of contacts that share a stamp, and an index that trails behind the writes.

One process and one clock that is moved, so that HubSpot's limits cost no time. Sizes and how to run: see test_long_loads.py.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from connectors.sandbox.faults import Meanwhile
from tests.long_account import Account
from tests.long_contents import differences
from tests.worlds import LATER, World, counted

SCALE = float(os.environ.get("LEADGRADE_LONG_SCALE", "1"))
SEED = int(os.environ.get("LEADGRADE_LONG_SEED", "1"))
LAG = 90_000


@pytest.fixture
def portal(tmp_path):
    """A HubSpot account that has been read once."""
    with World.opened(tmp_path, crms=("hubspot",), fields=False) as world:
        yield world


def pulled_all(world):
    return differences(world.folder, "hubspot", Account(world.hubspot, None).dump)


def create(world, many, *, start=0, at=None):
    org = world.hubspot
    with org.lock:
        return [
            org.create("contacts", {"email": f"p{number}@company{number}.example", "lastname": f"P{number}"}, at=at).id
            for number in range(start, start + many)
        ]


def ties(world, many):
    """Contacts that share their stamps, changed after the first load: (search calls, the least there can be)."""
    world.cycle()
    world.advance(LATER)
    create(world, many, at=world.hubspot.now())
    world.advance(300)
    with counted(world.hubspot) as calls:
        world.cycle()
    searches = sum(times for (_, path), times in calls.items() if path.endswith("contacts/search"))
    with counted(world.hubspot) as calls:
        world.advance(LATER)
        world.cycle()
    again = sum(times for (_, path), times in calls.items() if path.endswith("contacts/search"))
    print(f"\n{many:,} contacts of one stamp: {searches} searches, at least {-(-many // 200)}; the next cycle: {again}")
    assert pulled_all(world) == {}
    assert len(world.contacts()) == many
    # One more to see that there is no more.
    assert searches <= -(-many // 200) + 2
    assert again <= 2


def lagging(world, many, changes, cycles=10):
    """Cycles with an index that is 90 seconds late and contacts that change while they are read."""
    org, rng = world.hubspot, Random(SEED)
    ids = create(world, many)
    world.advance(LATER)
    org.search_lag = LAG

    def change(_org):
        with org.lock:
            for _ in range(changes):
                number = rng.randrange(len(ids))
                org.update("contacts", ids[number], {"jobtitle": rng.choice(("CEO", "Buyer", "Intern", "VP Sales"))})
            ids.extend(create(world, 1, start=len(ids)))
            number = rng.randrange(len(ids))
            org.update("contacts", ids[number], {"email": f"q{rng.random()}@other.example"})

    fault = world.faults("hubspot").add(Meanwhile(act=change), path="/objects/.*/contacts", times=None)
    world.cycle()
    found = []
    for cycle in range(cycles):
        if cycle == cycles - 1:
            world.faults("hubspot").clear()
        # Sometimes sooner than the index.
        world.advance(rng.choice((20, 60, 91, 300)) if cycle < cycles - 1 else LAG // 1000 + 1)
        world.cycle()
        found.append(sum(pulled_all(world).values()))
    print(
        f"\nseed {SEED}, {len(ids):,} contacts, {fault.seen} calls with changes between; other values after each cycle: {found}"
    )
    assert fault.seen >= cycles - 1
    assert found[-1] == 0


def test_a_few_hundred_contacts_of_one_stamp_are_all_pulled(portal):
    ties(portal, 250)


def test_a_lagging_index_loses_no_change(portal):
    lagging(portal, 40, 3, cycles=4)


@pytest.mark.slow
def test_25_000_contacts_of_one_stamp_are_all_pulled(portal):
    ties(portal, round(25_000 * SCALE))


@pytest.mark.slow
def test_a_lagging_index_loses_no_change_of_many(portal):
    lagging(portal, round(5_000 * SCALE), 40)
