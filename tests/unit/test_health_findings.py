"""What health finds is a pure function of facts: each silence, each pause, nothing twice, nothing when all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sync.watch.health import ConnectionFacts, Facts, HeldRun, Paused, Severity, StreamFacts, findings, is_well

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_stream(**changed):
    return StreamFacts(**({"name": "contacts", "loaded": True, "moved_at": NOW - timedelta(minutes=5)} | changed))


def a_connection(**changed):
    well = ConnectionFacts(
        name="crm",
        writes="on",
        streams=(a_stream(),),
        round_at=NOW - timedelta(minutes=5),
        late_from=NOW + timedelta(minutes=20),
        worked_on=True,
    )
    return replace(well, **changed)


def the_facts(*connections, **changed):
    day = date(2026, 3, 2)
    known = {"now": NOW, "connections": connections or (a_connection(),), "scored_for": day, "expected_day": day}
    return Facts(**(known | changed))


def codes(facts):
    return [(each.place, each.code) for each in findings(facts)]


def test_nothing_is_found_when_all_is_well():
    assert findings(the_facts()) == []
    assert is_well([])


DUE = {"due": 5, "due_since": NOW - timedelta(hours=2)}
CASES = {
    "due and nothing accepted for an hour": (DUE, "nothing_accepted"),
    "due and the last accepted long ago": (DUE | {"accepted_at": NOW - timedelta(hours=2)}, "nothing_accepted"),
    "no round for several intervals": ({"late_from": NOW}, "no_round"),
    "never a round": ({"late_from": NOW, "round_at": None}, "no_round"),
    "rounds that fail": ({"failures": 3, "last_run": 9, "late_from": NOW}, "failing"),
    "a first load that stands still": (
        {"loaded": False, "streams": (a_stream(loaded=False, moved_at=NOW - timedelta(hours=1)),)},
        "load_stuck",
    ),
    "no rows where yesterday had many": ({"streams": (a_stream(yesterday=100, today=0),)}, "rows_fell"),
    "a cursor that does not move": ({"streams": (a_stream(moved_at=NOW - timedelta(days=3)),)}, "cursor_still"),
    "a share that is nearly spent": ({"calls": 900, "share": 1000}, "quota"),
    "dead letters": ({"refused": 1}, "refused"),
    "quarantine": ({"quarantined": 1}, "quarantine"),
}


@pytest.mark.parametrize(("changed", "code"), CASES.values(), ids=CASES)
def test_one_cause_is_one_finding_with_a_next_step(changed, code):
    (found,) = findings(the_facts(a_connection(**changed)))

    assert (found.place, found.code) == ("crm", code)
    assert found.message
    assert found.next_step


WELL = {
    "due for a few minutes": {"due": 5, "due_since": NOW - timedelta(minutes=59)},
    "due for long, accepted lately": DUE | {"accepted_at": NOW - timedelta(minutes=10)},
    "due, but writes are off": DUE | {"writes": "off"},
    "due, but only a sample is written": DUE | {"writes": "sample"},
    "due in quiet hours": DUE | {"quiet": True},
    "a day without rows after a day with few": {"streams": (a_stream(yesterday=99, today=0),)},
    "a stream that is not expected to move": {
        "streams": (a_stream(name="opportunities", moved_at=NOW - timedelta(days=30)),)
    },
    "a share that is half spent": {"calls": 500, "share": 1000},
    "two failed rounds": {"failures": 2},
    "nothing on the schedule": {"late_from": None, "round_at": None},
}


@pytest.mark.parametrize("changed", WELL.values(), ids=WELL)
def test_what_is_as_it_should_be_is_no_finding(changed):
    assert findings(the_facts(a_connection(**changed))) == []


def test_a_pause_says_its_reason_and_is_no_silence_besides():
    paused = Paused(code="permission", access="write", subject="Lead", reason="no right to edit", next_step="grant it")

    (found,) = findings(the_facts(a_connection(pauses=(paused,), **DUE)))

    assert (found.code, found.next_step, found.severity) == ("permission", "grant it", Severity.PROBLEM)
    assert "no right to edit" in found.message


def test_a_connection_that_is_paused_altogether_is_told_once():
    paused = Paused(code="credentials", access="read", subject="", reason="refused")

    assert codes(the_facts(a_connection(pauses=(paused,), late_from=NOW, failures=5))) == [("crm", "credentials")]


def test_a_held_run_explains_why_nothing_is_written():
    held = HeldRun(run_no=7, message="would change 40 %", connection="crm")

    (found,) = findings(the_facts(a_connection(**DUE), held=(held,)))

    assert (found.code, found.subject) == ("held", "7")
    assert "runs release 7" in found.next_step


def test_nobody_is_written_while_another_connection_is_being_loaded():
    other = a_connection(name="other", loaded=False, streams=())

    assert findings(the_facts(a_connection(**DUE), other)) == []


def test_without_any_lease_it_is_the_daemon_that_is_missing():
    facts = the_facts(a_connection(late_from=NOW - timedelta(hours=1)), anybody=False)

    assert codes(facts) == [("daemon", "daemon_gone")]


def test_without_a_daemon_nothing_is_missing_until_a_round_is():
    assert findings(the_facts(anybody=False)) == []


def test_the_rescore_of_a_day_that_did_not_happen_is_found():
    facts = the_facts(scored_for=date(2026, 3, 1), expected_day=date(2026, 3, 2))

    assert codes(facts) == [("scores", "rescore_missing")]


def test_model_and_disk_are_looked_at():
    assert codes(the_facts(model_problem="m.yaml:3:1: no", room=1000)) == [("model", "model"), ("store", "disk")]


def test_problems_stand_before_warnings():
    found = findings(the_facts(a_connection(refused=1, failures=3, last_run=2)))

    assert [each.severity for each in found] == [Severity.PROBLEM, Severity.WARNING]
    assert not is_well(found)


def test_the_same_cause_has_the_same_key_whatever_its_words():
    first, second = (findings(the_facts(a_connection(**(DUE | {"due": due}))))[0] for due in (5, 6))

    assert first.message != second.message
    assert first.key == second.key
