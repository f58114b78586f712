"""Activities that HubSpot only counts: a story over five pulls, and what else could make one count twice or never."""

from __future__ import annotations

import pytest

from connectors.sandbox.clock import iso
from sync.admin.actions.people import forget
from sync.store.run_rows import RunKind
from sync.store.tables import activity, activity_contact, contact_counter
from tests.worlds import LATER, World

OPENS = ("hs_email_open", "hs_email_last_open_date")
CLICKS = ("hs_email_click", "hs_email_last_click_date")
VIEWS = ("hs_analytics_num_page_views", "hs_analytics_last_timestamp")
FORMS = ("num_conversion_events", "recent_conversion_date")


class Portal:
    """A portal without events, and what is told of its contacts."""

    def __init__(self, world):
        self.world, self.org = world, world.hubspot
        self.org.settings["plan"] = "free"
        self.org.settings["denied"] = ["forms"]

    def contact(self, name, **counts):
        values = {"email": f"{name}@acme.example", "lastname": name} | counts
        return self.org.create("contacts", values).id

    def count(self, contact_id, counter, value):
        name, last = counter
        self.org.update("contacts", contact_id, {name: str(value), last: iso(self.org.now())})
        return self.org.now()

    def pull(self, kind=RunKind.INCREMENTAL, **asked):
        self.world.advance(LATER)
        return self.world.cycle(kind, **asked)

    def told(self):
        """(counter, kind, how many) of all activities that count, oldest first."""
        rows = [row for row in self.world.rows(activity) if row["gone_at"] is None]
        assert {row["at_precision"] for row in rows} <= {"derived"}
        return [(row["object"], row["kind"], row["count"]) for row in sorted(rows, key=lambda row: row["activity_no"])]


@pytest.fixture
def portal(tmp_path):
    with World.opened(tmp_path, crms=["hubspot"], fields=False) as world:
        yield Portal(world)


def test_five_pulls_end_with_exactly_the_right_activities(portal):
    ada = portal.contact("ada", hs_email_open="5", hs_analytics_num_page_views="3")
    bob = portal.contact("bob", hs_email_open="4")

    # 1. What was before is a baseline: nobody knows when it happened.
    portal.pull()
    assert portal.told() == []

    # 2. New counts. The click is the first ever: it was nothing before.
    opened = portal.count(ada, OPENS, 7)
    clicked = portal.count(ada, CLICKS, 1)
    portal.count(bob, OPENS, 5)
    portal.pull()
    expected = [
        ("hs_email_click", "email_clicked", 1),
        ("hs_email_open", "email_opened", 1),
        ("hs_email_open", "email_opened", 2),
    ]
    assert sorted(portal.told()) == expected
    stamps = {row["record_id"]: round(row["at"].timestamp() * 1000) for row in portal.world.rows(activity)}
    assert (stamps[f"{ada}:7"], stamps[f"{ada}:1"]) == (opened, clicked)

    # 3. HubSpot counts anew: a fall tells nothing, and what comes after it is told, old values included.
    portal.count(ada, OPENS, 0)
    portal.pull()
    portal.count(ada, OPENS, 7)
    portal.count(ada, VIEWS, 5)
    portal.pull()
    expected += [("hs_analytics_num_page_views", "page_view", 2), ("hs_email_open", "email_opened", 7)]
    assert sorted(portal.told()) == sorted(expected)

    # 4. Ada and Bob are merged into a record with an id of its own, on which the counts of both stand.
    one = portal.org.merge("contacts", ada, [bob]).id
    portal.count(one, OPENS, 12)
    portal.pull()
    assert sorted(portal.told()) == sorted(expected)

    # 5. Everything is read again, twice.
    portal.pull(RunKind.FULL)
    portal.pull(RunKind.FULL)
    assert sorted(portal.told()) == sorted(expected)
    portal.count(one, OPENS, 13)
    portal.pull()
    expected.append(("hs_email_open", "email_opened", 1))
    assert sorted(portal.told()) == sorted(expected)

    # All of it is of one person now, and each counts.
    rows = portal.world.rows(activity_contact)
    assert len({row["person_no"] for row in rows}) == 1
    assert sum(row["count"] for row in rows if row["counted"]) == sum(count for *_, count in expected)


def test_derived_activities_score(portal):
    ada = portal.contact("ada")
    portal.pull()
    before = portal.world.scores()[1]["engagement"]

    portal.count(ada, FORMS, 1)
    portal.pull()

    assert portal.world.scores()[1]["engagement"] > before


def test_a_new_connector_and_a_killed_run_tell_nothing_twice(portal):
    ada = portal.contact("ada")
    portal.pull()
    portal.count(ada, OPENS, 2)
    portal.pull()

    portal.world.restart()
    portal.world.cycle()
    portal.world.cycle(record=f"hubspot:contacts:{ada}")

    assert portal.told() == [("hs_email_open", "email_opened", 2)]


def test_where_events_are_read_the_counters_rest_and_what_they_told_gives_way(portal):
    ada = portal.contact("ada")
    portal.pull()
    portal.count(ada, VIEWS, 2)
    portal.count(ada, FORMS, 1)
    portal.pull()
    assert sorted(kind for _, kind, _ in portal.told()) == ["form_submitted", "page_view"]

    # The portal goes up to Enterprise: both page views come with their addresses, the form stays counted.
    portal.world.visit(ada, "/pricing")
    portal.world.visit(ada, "/demo")
    portal.org.settings["plan"] = "enterprise"
    portal.world.restart()
    portal.count(ada, VIEWS, 3)
    portal.world.visit(ada, "/contact")
    portal.pull()
    rows = [row for row in portal.world.rows(activity) if row["gone_at"] is None]
    assert sorted((row["object"], row["count"]) for row in rows) == [
        ("e_visited_page", 1), ("e_visited_page", 1), ("e_visited_page", 1), ("num_conversion_events", 1),
    ]  # fmt: skip

    # And back again: from here on counts alone tell, without the three that came as events.
    portal.org.settings["plan"] = "free"
    portal.world.restart()
    portal.count(ada, VIEWS, 4)
    portal.pull()
    rows = [row for row in portal.world.rows(activity) if row["gone_at"] is None and row["kind"] == "page_view"]
    assert sum(row["count"] for row in rows) == 4


def test_forgetting_takes_the_counters_along(portal):
    portal.contact("ada", hs_email_open="3")
    portal.pull()
    assert [row["counts"]["hs_email_open"] for row in portal.world.rows(contact_counter)] == [[3, 0]]

    forget(portal.world.app, "ada@acme.example")

    assert portal.world.rows(contact_counter) == []
