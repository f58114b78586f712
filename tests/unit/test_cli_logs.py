"""Logs: JSON lines on stderr when nobody looks, at the level of the settings."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from sync.admin.cli.logs import set_up_logs


@pytest.fixture(autouse=True)
def logging_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_our_events_are_json_lines_with_their_fields():
    stream = io.StringIO()
    set_up_logs("info", stream=stream)

    structlog.get_logger("sync").info("outbox_delivered", connection="crm", records=7)

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "outbox_delivered", "level": "info", "connection": "crm", "records": 7}


def test_events_below_the_level_are_not_written():
    stream = io.StringIO()
    set_up_logs("warning", stream=stream)

    structlog.get_logger("sync").info("quiet")

    assert stream.getvalue() == ""


def test_libraries_are_heard_from_warnings_on_only():
    stream = io.StringIO()
    set_up_logs("debug", stream=stream)

    logging.getLogger("urllib3").info("connection opened")
    logging.getLogger("urllib3").warning("retrying")

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["event"], line["level"]) == ("retrying", "warning")


def test_setting_up_twice_does_not_say_everything_twice():
    first, second = io.StringIO(), io.StringIO()
    set_up_logs("info", stream=first)
    set_up_logs("info", stream=second)

    logging.getLogger("urllib3").warning("retrying")

    assert first.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1
