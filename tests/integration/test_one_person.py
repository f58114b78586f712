"""The life of one point: page view -> activity -> line -> total -> outbox -> field. The newcomer's first test.

docs/life-of-a-point.md tells the same story in words. Each step below names the table it looks into.
"""

from __future__ import annotations

from decimal import Decimal

from sync.admin.actions.explain import explain
from sync.store.tables import activity, activity_contact, asset, contact, delivery, outbox, person, score, score_history
from tests.worlds import LATER, World

MODEL = """\
model: story
title: A title and a page
language: en
time_zone: UTC
horizon: 365 days

fit:
  rules:
    - {id: director, label: Director or above, when: {seniority: [director, vp, c_level]}, points: 20}

engagement:
  decay: {half_life: 30 days}
  rules:
    - {id: pricing-page, label: Pricing page, on: page_view, where: {url: {contains: /pricing}}, points: 12}
"""


def test_a_page_view_becomes_twelve_points_in_a_field(tmp_path):
    (tmp_path / "story.yaml").write_text(MODEL)
    with World.opened(tmp_path, crms=["hubspot"], settings={"model": "story.yaml"}) as world:
        portal = world.hubspot

        # Ada is in the portal. She is a director; nothing is known of what she does.
        ada = portal.create(
            "contacts", {"email": "ada@acme.example", "lastname": "Byron", "jobtitle": "Sales Director"}
        )
        world.advance(LATER)
        world.turn_writes_on()
        world.cycle()

        # `contact` is the CRM's row, `person` the human that is scored; here each contact is somebody of their own.
        (row,) = world.rows(contact)
        (human,) = world.rows(person)
        assert (row["object"], row["record_id"], row["person_no"]) == ("contacts", ada.id, human["person_no"])
        assert row["derived"]["seniority"] == "director"
        assert world.held("hubspot", "contacts", ada.id)["score"] == "20"

        # She looks at the prices.
        world.visit(ada.id, "/pricing")
        world.advance(60)
        report = world.cycle()
        assert report.rescored["scored"] == 1

        # sync.pull: one `activity`, the page as an `asset`, and a link to her contact and person in `activity_contact`.
        (event,) = world.rows(activity)
        (page,) = world.rows(asset)
        (link,) = world.rows(activity_contact)
        assert event["kind"] == "page_view"
        assert page["url"] == "https://www.vendor.example/pricing"
        assert event["asset_no"] == page["asset_no"]
        assert (link["activity_no"], link["person_no"]) == (event["activity_no"], human["person_no"])
        assert (link["contact_no"], link["counted"]) == (row["contact_no"], True)

        # That made her dirty; sync.rescore has caught up with it.
        (human,) = world.rows(person)
        assert human["dirty_cause"] == "activity"
        assert human["dirty_seq"] == human["scored_seq"] > 0

        # scoring.explain: each rule that gave something is a line, and the lines add up to the total.
        lines = world.lines(human["person_no"])
        assert lines.select("rule_id", "points").rows() == [
            ("director", Decimal("20.000")),
            ("pricing-page", Decimal("12.000")),
        ]

        # `score` holds what is true now, `score_history` how it came about.
        (now,) = world.rows(score)
        assert (now["fit"], now["engagement"], now["total"], now["changed_by"]) == (20, 12, 32, "activity")
        assert [then["total"] for then in world.rows(score_history)] == [20, 32]

        # `outbox` holds one entry for her record: what it should hold, what we sent. `delivery` has each attempt.
        (entry,) = world.rows(outbox)
        assert (entry["object"], entry["record_id"]) == ("contacts", ada.id)
        assert entry["desired"]["score"] == entry["sent"]["score"] == 32
        assert entry["due"] is False
        assert [attempt["outcome"] for attempt in world.rows(delivery)] == ["accepted", "accepted"]

        # And there it is, in the CRM, with its reasons.
        field = world.held("hubspot", "contacts", ada.id)
        assert field["score"] == "32"
        assert "Pricing page" in field["reasons"]
        assert "Pricing page" in field["breakdown"]

        # `leadgrade explain` says the same.
        told = explain(world.app, "ada@acme.example")
        assert told.lines["points"].sum() == told.score["total"] == 32

        # The write moved the record's modified stamp, so it is read again: nothing of it has changed, and that is the end.
        world.advance(LATER)
        echo = world.cycle()
        pulled = echo.connections["hubspot"].pulled
        assert pulled["unchanged"] == pulled["pulled"] > 0
        assert echo.rescored["scored"] == 0
        assert echo.connections["hubspot"].delivered.total() == 0

        # Thirty days later the visit is worth half.
        world.advance(30 * 86_400)
        world.cycle()
        (later,) = world.rows(score)
        assert (later["total"], later["changed_by"]) == (26, "decay")
        assert world.held("hubspot", "contacts", ada.id)["score"] == "26"
