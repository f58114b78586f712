"""The schedule in the settings: what may stand there, and what is said about the rest."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from config.errors import SettingsError
from config.settings import load_settings
from config.timing import Timing, parse_hours, parse_timing

CONNECTION = "connections:\n  hub:\n    kind: hubspot\n    token: env:TOKEN\n"


def settings_of(tmp_path, text):
    path = tmp_path / "leadgrade.yaml"
    path.write_text(CONNECTION + text, encoding="utf-8")
    return load_settings(path)


@pytest.mark.parametrize(
    ("text", "timing"),
    [
        ("5 minutes", Timing(every=timedelta(minutes=5))),
        ("every 90 seconds", Timing(every=timedelta(seconds=90))),
        ("1 day", Timing(every=timedelta(days=1))),
        ("never", Timing()),
        ("*/10 6-20 * * mon-fri", Timing(cron="*/10 6-20 * * mon-fri")),
    ],
)
def test_intervals_cron_expressions_and_never_are_understood(text, timing):
    assert parse_timing(text) == timing
    assert parse_timing(str(timing)) == timing


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("incremental", "often", "give an interval"),
        ("incremental", "3 seconds", "at least 10 seconds"),
        ("sweep", "0 3 * * 0", "name the days of the week"),
        ("sweep", "0 25 * * *", "not a cron expression"),
        ("quiet_hours", "22", "give a part of the day"),
        ("quiet_hours", "22:00-22:00", "the two times are the same"),
        ("quiet_hours", "22:00-26:00", "give a time of the day"),
        ("time_zone", "Paris", "there is no time zone 'Paris'"),
        ("jitter_seconds", "-1", "greater than or equal to 0"),
        ("incrementals", "1 day", "unknown key"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(tmp_path, key, value, words):
    with pytest.raises(SettingsError, match=words) as caught:
        settings_of(tmp_path, f'schedule:\n  {key}: "{value}"\n')

    assert f"leadgrade.yaml:6:3: schedule.{key}: " in str(caught.value)


def test_a_connection_differs_where_it_says_so(tmp_path):
    own = "    schedule: {incremental: 1 minute, quiet_hours: '08:00-09:00'}\n"
    settings = settings_of(tmp_path, own + "schedule:\n  sweep: never\nrescore_at: '04:00'\n")

    schedule = settings.schedule_of("hub")

    assert (schedule.incremental.every, schedule.sweep.never) == (timedelta(minutes=1), True)
    assert str(schedule.quiet_hours) == "08:00-09:00"
    assert settings.rescore_at == time(4)
    assert settings.schedule.incremental.every == timedelta(minutes=5)


def test_hours_may_go_over_midnight():
    night = parse_hours("22:00-06:00")

    assert [night.holds(time(hour)) for hour in (21, 22, 0, 5, 6)] == [False, True, True, True, False]
