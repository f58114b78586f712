"""What is remembered of scores: writes and changes of standing with their causes and lines, and everybody once a month."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.admin.actions.explain import explain, score_history
from sync.rules import scoring_day
from sync.store.tables import score_history as remembered
from sync.store.tables import score_snapshot
from tests.operators import Operator
from tests.worlds import LATER, World

MODEL = """\
model: remembered
language: en
horizon: 365 days
fit:
  rules:
    - {id: director, label: Director or above, when: {seniority: [director, vp, c_level]}, points: 20}
engagement:
  decay: {half_life: 60 days}
  rules:
    - {id: pricing, label: Pricing page, on: page_view, where: {url: {contains: /pricing}}, points: 40}
grade:
  letter: {from: fit, A: 20, B: 10, C: 1}
  number: {from: engagement, 1: 40, 2: 20, 3: 1}
companies: {roll_up: sum, weights: {by: seniority, director: 1.2, c_level: 1.5}}
"""
DAY = 86_400


@pytest.fixture
def world(tmp_path):
    (tmp_path / "remembered.yaml").write_text(MODEL)
    settings = {"model": "remembered.yaml", "deadband": 3}
    with World.opened(tmp_path, crms=["hubspot"], settings=settings) as opened:
        opened.turn_writes_on()
        opened.ada = opened.hubspot.create(
            "contacts", {"email": "ada@acme.example", "lastname": "A", "jobtitle": "Sales Director"}
        )
        opened.advance(LATER)
        opened.cycle()
        yield opened


def days(world, many):
    for _ in range(many):
        world.advance(DAY)
        world.cycle()


def test_a_row_is_written_with_each_write_or_change_of_standing_and_not_for_every_point(world):
    world.visit(world.ada.id, "/pricing")
    world.advance(LATER)
    world.cycle()
    days(world, 8)

    rows = world.rows(remembered)

    # 20 at first; 60 with the visit; then a point or less a day: a row when the grade falls, and when it is written again,
    # here by the weekly settle, which comes a day before the deadband would let 56 through.
    assert [(row["total"], row["grade"], row["changed_by"]) for row in rows] == [
        (20, "A4", "profile"),
        (60, "A1", "activity"),
        (60, "A2", "decay"),
        (57, "A2", "decay"),
    ]
    assert world.scores()[rows[0]["person_no"]]["total"] == 56


def test_compact_lines_add_up_to_the_total_they_stand_beside(world):
    world.visit(world.ada.id, "/pricing")
    days(world, 5)

    told = score_history(world.app, "ada@acme.example")

    assert len(told.changes) > 1
    for row in told.changes:
        assert sum(points for _, _, points in row["lines"]) == row["total"] * 1000
    assert told.changes[-1]["lines"][0] == ["fit", "director", 20_000]


def test_everybody_is_kept_once_a_month(world):
    first = scoring_day(world.app)
    days(world, 12)

    assert first.month == 11
    assert [row["day"].isoformat() for row in world.rows(score_snapshot)] == [first.isoformat(), "2026-12-01"]
    assert [each["day"].month for each in score_history(world.app, "ada@acme.example").months] == [11, 12]
    assert explain(world.app, "ada@acme.example").months == score_history(world.app, "ada@acme.example").months


def test_a_snapshot_goes_with_whoever_is_forgotten(world, monkeypatch):
    operator = Operator(world, monkeypatch)
    assert operator("people", "forget", "ada@acme.example", "--yes").code == 0

    assert world.rows(score_snapshot) == []
    assert world.rows(remembered) == []


def test_the_history_and_a_past_day_are_told_on_the_command_line(world, monkeypatch):
    operator = Operator(world, monkeypatch)
    first = scoring_day(world.app)
    world.visit(world.ada.id, "/pricing")
    world.advance(LATER)
    world.cycle()
    days(world, 2)

    history, past = (
        operator("explain", "ada@acme.example", "--history"),
        operator("explain", "ada@acme.example", "--day", first.isoformat()),
    )
    told = operator("explain", "ada@acme.example", "--day", first.isoformat(), "--json").json
    before = operator("explain", "ada@acme.example", "--day", str(first - timedelta(days=40)))

    assert "Month by month" in history.out
    assert "activity" in history.out
    assert "written then" in past.out
    assert "differs" not in past.out
    assert (told["total"], told["written_then"]["total"]) == (60, 60)
    assert told["waterfall"][-1]["running"] == 60
    assert told["unknown"] == []
    assert before.code == 1
    assert "was not there" in before.all


def test_a_company_is_taken_apart_by_its_domain_and_by_its_record(world, monkeypatch):
    operator = Operator(world, monkeypatch)
    firm = world.hubspot.create("companies", {"name": "Acme", "domain": "acme.example"})
    world.hubspot.create("contacts", {"email": "bob@acme.example", "lastname": "B", "jobtitle": "Analyst"})
    world.advance(LATER)
    world.cycle()

    told = operator("explain", "acme.example", "--json").json
    shown = operator("explain", f"hubspot:companies:{firm.id}")

    assert (told["score"], told["people"], told["covered"], told["uncovered"]) == (20, 2, ["director"], ["c_level"])
    assert [(each["total"], each["role"], each["weight"]) for each in told["members"]] == [
        (20, "director", 1.2),
        (0, None, 1),
    ]
    assert shown.code == 0
    assert "c_level" in shown.out
    assert "1 (1 scored, 0 to be scored)" in operator("status").all
    assert operator("preview", "--json").json["companies"] == 1
    assert operator("explain", "nowhere.example").code == 1
    assert operator("explain", "acme.example", "--history").code == 2
