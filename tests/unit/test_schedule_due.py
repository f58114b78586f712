"""What is due now: intervals, cron expressions, changes of the clocks, clocks that are set back, quiet hours, new days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schedule import Schedule
from sync.jobs.schedule import Facts, Last, day_due, due, next_time, plan_of
from sync.store.run_rows import RunKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
ROUND, SWEEP = RunKind.INCREMENTAL, RunKind.SWEEP


def a_plan(zone="UTC", **settings):
    return plan_of("hub", Schedule(**({"jitter_seconds": 0, "sweep": "never"} | settings)), zone)


def after(last, kind=ROUND, **known):
    return Facts(since=NOW - timedelta(days=9), last={kind: Last(asked_at=last, **known)})


def test_a_connection_that_was_never_read_is_read_at_once_and_swept_at_night():
    plan = a_plan(sweep="30 2 * * *")

    assert due(plan, Facts(), NOW) == [ROUND]
    assert due(plan, Facts(since=NOW), NOW) == [ROUND]
    assert next_time(plan, SWEEP, Facts(since=NOW), NOW) == datetime(2026, 3, 3, 2, 30, tzinfo=UTC)


def test_a_round_is_due_when_its_interval_has_passed():
    plan = a_plan(incremental="5 minutes")

    assert due(plan, after(NOW), NOW + timedelta(minutes=4, seconds=59)) == []
    assert due(plan, after(NOW), NOW + timedelta(minutes=5)) == [ROUND]


def test_what_was_missed_is_done_once():
    plan = a_plan(incremental="5 minutes", sweep="30 2 * * *")
    week_later = NOW + timedelta(days=7)
    facts = Facts(since=NOW, last={ROUND: Last(asked_at=NOW), SWEEP: Last(asked_at=NOW)})

    assert due(plan, facts, week_later) == [ROUND, SWEEP]
    done = Facts(since=NOW, last={ROUND: Last(asked_at=week_later), SWEEP: Last(asked_at=week_later)})
    assert due(plan, done, week_later) == []


def test_nothing_is_asked_for_while_the_same_is_under_way():
    assert due(a_plan(), after(NOW - timedelta(hours=3), open=True), NOW) == []


def test_rounds_that_fail_come_more_slowly_but_at_least_every_hour():
    plan = a_plan(incremental="5 minutes")
    pauses = [
        next_time(plan, ROUND, after(NOW, failures=failures), NOW) - NOW  # type: ignore[operator]
        for failures in (0, 1, 2, 3, 4, 50)
    ]

    assert pauses == [timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 60, 60)]
    daily = a_plan(incremental="1 day")
    assert next_time(daily, ROUND, after(NOW, failures=9), NOW) == NOW + timedelta(days=1)


def test_a_clock_that_was_set_back_neither_stops_the_rounds_nor_repeats_the_night():
    plan = a_plan(incremental="5 minutes", sweep="30 2 * * *")
    night = datetime(2026, 3, 2, 2, 30, 5, tzinfo=UTC)
    hour_before = night - timedelta(hours=1)
    facts = Facts(since=NOW - timedelta(days=9), last={ROUND: Last(asked_at=night), SWEEP: Last(asked_at=night)})

    assert due(plan, facts, hour_before) == [ROUND]
    assert next_time(plan, SWEEP, facts, hour_before) == datetime(2026, 3, 3, 2, 30, tzinfo=UTC)


def test_what_a_wrong_clock_did_next_year_does_not_stop_the_nights_of_this_one():
    plan = a_plan(sweep="30 2 * * *")
    facts = after(NOW + timedelta(days=365), SWEEP)

    assert next_time(plan, SWEEP, facts, NOW) == datetime(2026, 3, 3, 2, 30, tzinfo=UTC)


def test_an_hour_that_does_not_exist_and_one_that_comes_twice_have_one_sweep_each():
    plan = a_plan("Europe/Paris", sweep="30 2 * * *")
    found = []
    for begin in (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)):
        last, nights = begin, []
        for minutes in range(0, 48 * 60, 5):
            now = begin + timedelta(minutes=minutes)
            if SWEEP in due(plan, after(last, SWEEP), now):
                last = now
                nights.append(now.astimezone(PARIS).strftime("%d %H:%M"))
        found.append(nights)

    assert found == [["29 03:30", "30 02:30"], ["25 02:30", "26 02:30"]]


def test_a_quarter_of_every_hour_is_meant_in_the_hour_that_comes_twice_too():
    plan = a_plan("Europe/Paris", incremental="*/15 * * * *")
    at, found = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), []
    for _ in range(6):
        at = next_time(plan, ROUND, after(at), at)
        found.append(at.astimezone(PARIS).strftime("%H:%M"))

    assert found == ["02:45", "02:00", "02:15", "02:30", "02:45", "03:00"]


def test_intervals_do_not_notice_the_change_of_the_clocks():
    plan = a_plan("Europe/Paris", incremental="30 minutes")
    before = datetime(2026, 10, 25, 2, 45, tzinfo=PARIS)

    last = before.astimezone(UTC)

    assert next_time(plan, ROUND, after(last), last) == last + timedelta(minutes=30)


def test_nothing_begins_in_quiet_hours_and_all_of_it_once_after_them():
    plan = a_plan("Europe/Paris", quiet_hours="22:00-06:00", sweep="30 2 * * *")
    evening = datetime(2026, 3, 1, 20, 59, tzinfo=UTC)  # 21:59 in Paris
    facts = Facts(since=NOW, last={ROUND: Last(asked_at=evening), SWEEP: Last(asked_at=evening)})

    assert due(plan, facts, evening + timedelta(minutes=6)) == []
    assert due(plan, facts, datetime(2026, 3, 2, 4, 59, tzinfo=UTC)) == []
    assert due(plan, facts, datetime(2026, 3, 2, 5, 0, tzinfo=UTC)) == [ROUND, SWEEP]


def test_jitter_is_the_same_for_whoever_asks_and_never_early():
    plan = a_plan(incremental="5 minutes", jitter_seconds=20)
    times = {next_time(plan, ROUND, after(NOW), NOW + timedelta(minutes=minutes)) for minutes in range(4)}

    (at,) = times
    assert NOW + timedelta(minutes=5) <= at <= NOW + timedelta(minutes=5, seconds=20)


@given(
    st.integers(0, 86_400 * 400),
    st.sampled_from(["5 minutes", "1 day", "*/15 * * * *", "30 2 * * sun", "0 0 1 * *"]),
    st.integers(0, 600),
)
def test_after_asking_nothing_is_due_and_the_next_time_is_ahead(seconds, timing, jitter):
    plan = a_plan("Europe/Paris", incremental=timing, jitter_seconds=jitter)
    now = NOW + timedelta(seconds=seconds)
    asked = after(now)

    assert due(plan, asked, now) == []
    assert next_time(plan, ROUND, asked, now) > now  # type: ignore[operator]


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-03-02 23:59", None),
        ("2026-03-03 00:04", None),
        ("2026-03-03 00:05", date(2026, 3, 3)),
        ("2026-03-05 00:01", date(2026, 3, 5)),
        ("2026-03-01 12:00", None),
    ],
)
def test_a_new_day_is_due_at_its_time_one_that_was_missed_at_once_and_an_old_one_never(now, found):
    at = datetime.fromisoformat(now).replace(tzinfo=PARIS)

    assert day_due(scored_for=date(2026, 3, 2), now=at, zone=PARIS, at=time(0, 5)) == found


def test_before_anybody_was_scored_no_day_is_due():
    assert day_due(scored_for=None, now=NOW, zone=PARIS, at=time(0, 5)) is None
