"""Our brakes on HubSpot, with a clock that moves only when somebody sleeps or a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import QuotaSpent
from connectors.hubspot.budget import Budget

START = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def headers(*, most: int = 190, left: int = 150, day: int = 1_000_000, day_left: int = 900_000) -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Max": str(most),
        "x-hubspot-ratelimit-remaining": str(left),
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Daily": str(day),
        "X-HubSpot-RateLimit-Daily-Remaining": str(day_left),
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


def budget(clock: Clock, **more: float) -> Budget:
    return Budget(clock=clock, sleep=clock.sleep, **more)  # type: ignore[arg-type]


def most_in_any(moments: list[datetime], length: timedelta) -> int:
    return max(sum(1 for other in moments if moment <= other < moment + length) for moment in moments)


def test_no_second_sees_more_than_four_searches(clock: Clock) -> None:
    made, moments = budget(clock), []

    for _ in range(21):
        made.spend("search")
        moments.append(clock.now)

    assert most_in_any(moments, timedelta(seconds=1)) == 4
    assert clock.now - START == timedelta(seconds=5)


def test_before_any_header_the_smallest_window_is_respected(clock: Clock) -> None:
    made, moments = budget(clock), []

    for _ in range(200):
        made.spend("list")
        moments.append(clock.now)

    assert most_in_any(moments, timedelta(seconds=10)) == 90


def test_the_headers_tell_the_true_window(clock: Clock) -> None:
    made, moments = budget(clock), []

    for _ in range(400):
        made.spend("list")
        made.learn(headers())
        moments.append(clock.now)

    assert most_in_any(moments, timedelta(seconds=10)) == 171


def test_searches_do_not_count_against_the_ten_second_window(clock: Clock) -> None:
    made = budget(clock)
    for _ in range(90):
        made.spend("list")

    made.spend("search")

    assert clock.slept == []


def test_while_others_fill_the_window_we_make_one_call_a_second(clock: Clock) -> None:
    made = budget(clock)
    made.spend("list")
    made.learn(headers(left=3))

    for _ in range(3):
        made.spend("list")
        made.learn(headers(left=3))

    assert clock.slept == [1.0, 1.0, 1.0]


def test_our_share_of_the_day_ends_at_midnight_of_the_account(clock: Clock) -> None:
    made = budget(clock, daily_share=0.5)
    made.use_zone("Europe/Berlin")
    made.learn(headers(day=10, day_left=10))

    for _ in range(5):
        made.spend("list")
    with pytest.raises(QuotaSpent) as caught:
        made.spend("list")
    assert caught.value.until == datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    clock.now = caught.value.until

    made.spend("list")

    assert made.usage().calls == 6


def test_the_last_hundredth_of_the_account_is_left_to_others(clock: Clock) -> None:
    made = budget(clock)
    made.learn(headers(day=1_000, day_left=10))

    with pytest.raises(QuotaSpent):
        made.spend("list")


def test_an_unknown_zone_means_utc_and_bad_headers_mean_nothing(clock: Clock) -> None:
    made = budget(clock)
    made.use_zone("Moon/Base")
    made.learn({"X-HubSpot-RateLimit-Max": "many", "X-HubSpot-RateLimit-Daily": "-1"})

    made.spend("list")

    assert made.day_end() == datetime(2026, 11, 21, tzinfo=UTC)
    assert made.usage().day_limit is None


def test_a_clock_set_back_does_not_stop_us(clock: Clock) -> None:
    made = budget(clock)
    for _ in range(4):
        made.spend("search")
    clock.now -= timedelta(hours=1)

    made.spend("search")

    assert clock.slept == []


def test_usage_counts_by_kind_and_shows_the_accounts_day(clock: Clock) -> None:
    made = budget(clock)
    for kind in ("list", "list", "search", "write"):
        made.spend(kind)
    made.learn(headers(day=1_000, day_left=700))

    usage = made.usage()

    assert (usage.calls, usage.calls_by_kind) == (4, {"list": 2, "search": 1, "write": 1})
    assert (usage.day_used, usage.day_limit) == (300, 1_000)
