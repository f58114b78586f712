"""`explain --day`: for every past day the score that was computed on that day, whatever has been learnt since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.sandbox.clock import iso
from connectors.sandbox.objects_hubspot import EDGES
from sync.admin.actions.explain import explain
from sync.errors import NotFound
from sync.rules import scoring_day
from tests.worlds import LATER, World

MODEL = """\
model: past
language: en
horizon: 365 days
fit:
  rules:
    - {id: director, label: Director or above, when: {seniority: [director, vp, c_level]}, points: 20}
    - {id: banking, label: Banking, when: {industry: BANKING}, points: 9}
    - {id: german, label: German, when: {country: DE}, points: 5}
engagement:
  decay: {half_life: 10 days}
  rules:
    - {id: pricing, label: Pricing page, on: page_view, where: {url: {contains: /pricing}}, points: 12}
    - {id: call, label: Call, on: call_inbound, points: 30}
qualified: {total: 40, keep_until: 25}
"""
NEXT_MODEL = MODEL.replace("points: 12", "points: 17").replace("points: 5}", "points: 6}")
DAY = 86_400


class Story:
    """Nine days in a portal; what was computed on each day is kept."""

    def __init__(self, world):
        self.world, self.portal = world, world.hubspot
        #: day -> e-mail address -> (total, grade, qualified).
        self.told = {}
        self.people = {}
        #: day -> the version that scored on it.
        self.versions = {}

    def create(self, name, **values):
        given = {"email": f"{name}@{name}.example", "lastname": name, "jobtitle": "Analyst"} | values
        self.people[name] = self.portal.create("contacts", given)

    def end_of_day(self):
        """Read, score, keep what came out."""
        self.world.advance(LATER)
        self.world.cycle()
        scores = self.world.scores()
        entries = self.world.entries("hubspot")
        self.versions[scoring_day(self.world.app)] = self.world.app.model.version
        self.told[scoring_day(self.world.app)] = {
            name: scores[entries["contacts", record.id].person_no]
            for name, record in self.people.items()
            if ("contacts", record.id) in entries and entries["contacts", record.id].person_no in scores
        }
        self.world.advance(DAY - LATER)

    def call(self, name, *, days_ago):
        """A call that is logged late."""
        at = iso(self.portal.now() - days_ago * DAY * 1000)
        made = self.portal.create("calls", {"hs_timestamp": at, "hs_call_direction": "INBOUND"})
        edge, back = EDGES["calls", "contacts"][0], EDGES["contacts", "calls"][0]
        self.portal.associate("calls", made.id, "contacts", self.people[name].id, edge=edge, back=back)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    (folder / "past.yaml").write_text(MODEL)
    with World.opened(folder, crms=["hubspot"], settings={"model": "past.yaml"}) as world:
        world.turn_writes_on()
        told = Story(world)
        told.create("ada", jobtitle="Sales Director", country="Germany")
        told.create("bob", industry="BANKING")
        told.end_of_day()
        world.visit(told.people["ada"].id, "/pricing")
        told.end_of_day()
        world.hubspot.update("contacts", told.people["ada"].id, {"jobtitle": "Intern"})
        world.visit(told.people["bob"].id, "/pricing")
        told.call("ada", days_ago=2)
        told.end_of_day()
        world.hubspot.update("contacts", told.people["bob"].id, {"industry": None, "country": "Germany"})
        told.create("eve", jobtitle="CEO")
        told.end_of_day()
        (folder / "past.yaml").write_text(NEXT_MODEL)
        world.restart()
        told.end_of_day()
        # Scored on no day: nobody is at work.
        world.advance(DAY)
        world.hubspot.update(
            "contacts", told.people["ada"].id, {"jobtitle": "Chief Executive Officer", "country": None}
        )
        world.visit(told.people["eve"].id, "/pricing")
        told.end_of_day()
        world.hubspot.update("contacts", told.people["eve"].id, {"email": "eve@elsewhere.example"})
        # Back to the first model: the version that scored each day stays known.
        (folder / "past.yaml").write_text(MODEL)
        world.restart()
        told.end_of_day()
        world.hubspot.delete("contacts", told.people["bob"].id)
        told.end_of_day()
        yield told


def test_every_past_day_gives_what_was_computed_on_it(story):
    today = scoring_day(story.world.app)
    checked = 0
    for day, scores in story.told.items():
        for name, row in scores.items():
            found = explain(story.world.app, str(row["person_no"]), day=day)

            assert found.day == day < today
            computed = {key: found.score[key] for key in ("total", "grade", "qualified", "fit", "engagement")}
            assert (day, name, computed) == (day, name, {key: row[key] for key in computed})
            assert found.lines["points"].sum() == row["total"]
            assert found.score["version"] == story.versions[day]
            assert found.past.unknown == ()
            assert not found.past.differs(found.score["total"])
            checked += 1
    assert checked >= 20
    assert len({row["total"] for scores in story.told.values() for row in scores.values()}) > 5


def test_two_versions_scored_and_the_first_one_came_back(story):
    versions = list(story.versions.values())

    assert versions[0] == versions[-1] != versions[4]


def test_a_day_before_the_first_load_says_so(story):
    first = min(story.told)
    found = explain(story.world.app, "ada@ada.example", day=first)
    assert found.past.unknown == ()

    with pytest.raises(NotFound, match="was not there"):
        explain(story.world.app, "ada@ada.example", day=first - timedelta(days=30))


def test_a_day_without_a_rescore_says_so(story):
    (lacking,) = {min(story.told) + timedelta(days=n) for n in range(9)} - story.told.keys()

    found = explain(story.world.app, "ada@ada.example", day=lacking)

    assert [each.startswith(f"Nobody was scored on {lacking}") for each in found.past.unknown] == [True]


def test_somebody_who_came_later_was_not_there(story):
    with pytest.raises(NotFound, match="was not there"):
        explain(story.world.app, "eve@elsewhere.example", day=min(story.told))


def test_the_waterfall_of_a_past_day_ends_at_its_total(story):
    for day in story.told:
        found = explain(story.world.app, "ada@ada.example", day=day)

        assert found.waterfall[-1].running == found.score["total"]
