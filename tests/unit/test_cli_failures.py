"""Every kind of error becomes a message with a next step and a stable exit code."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from config.errors import SettingsError
from connectors.errors import NeedsAttention, QuotaSpent, Rejected, Throttled, Unavailable, connection_context
from scoring.errors import ModelError, Problem
from sync.admin.cli.failures import (
    ExitCode,
    Failure,
    Refused,
    WrongUse,
    explain_failure,
    failures_become_exits,
)
from sync.errors import LeaseHeld, StoreBusy


def test_exit_codes_are_the_documented_ones():
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "FAILED": 1,
        "WRONG_USE": 2,
        "NEEDS_ATTENTION": 3,
    }


@pytest.mark.parametrize(
    ("error", "message", "next_step", "code"),
    [
        (
            SettingsError("leadgrade.yaml:3:1: guard: unknown key", next_step="correct it"),
            "leadgrade.yaml:3:1: guard: unknown key",
            "correct it",
            2,
        ),
        (WrongUse("a.csv: named twice", next_step="another"), "a.csv: named twice", "another", 2),
        (Refused("not overwritten", next_step="move it"), "not overwritten", "move it", 1),
        (LeaseHeld("box:7 is working", next_step="wait for it"), "box:7 is working", "wait for it", 1),
        (StoreBusy("the database is busy"), "the database is busy", None, 1),
        (Rejected("no such picklist value"), "no such picklist value", None, 1),
        (
            NeedsAttention("the token is refused", next_step="make a new one"),
            "the token is refused",
            "make a new one",
            3,
        ),
        (Unavailable("no answer"), "no answer", "the same again in a while; it goes on where it stopped", 1),
        (Throttled("slow down"), "slow down", "the same again in a while; it goes on where it stopped", 1),
        (
            QuotaSpent("the day's share is used", until=datetime(2026, 3, 2, 9, tzinfo=UTC)),
            "the day's share is used",
            "the same again when the CRM's daily quota is back (from 2026-03-02 09:00 UTC); what was done is stored",
            1,
        ),
        (KeyboardInterrupt(), "stopped; what was done is stored", "the same command again goes on from there", 1),
        (MemoryError(), "there is not enough memory", None, 1),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(error, message, next_step, code):
    assert explain_failure(error) == Failure(message=message, next_step=next_step, code=ExitCode(code))


def test_a_model_error_lists_every_place():
    error = ModelError(
        [
            Problem(file="m.yaml", line=9, column=5, message="unknown key 'pionts'; did you mean 'points'?"),
            Problem(file="m.yaml", line=2, column=1, message="`model` is missing"),
        ]
    )

    failure = explain_failure(error)

    assert failure.code is ExitCode.FAILED
    assert failure.message.splitlines() == [
        "the scoring model cannot be used",
        "m.yaml:2:1: `model` is missing",
        "m.yaml:9:5: unknown key 'pionts'; did you mean 'points'?",
    ]
    assert failure.next_step == "correct these places, then leadgrade model check FILE"


def test_an_error_of_a_crm_names_connection_stream_and_record():
    with pytest.raises(NeedsAttention) as caught, connection_context("crm", "contacts", "003"):
        raise NeedsAttention("the field is gone", next_step="leadgrade fields plan crm")

    failure = explain_failure(caught.value)

    assert failure.message == "the field is gone [connection=crm stream=contacts record=003]"
    assert failure.next_step == "leadgrade fields plan crm"


def test_a_file_that_cannot_be_read_is_named():
    failure = explain_failure(PermissionError(errno.EACCES, "Permission denied", "scores.csv"))

    assert failure.message == "scores.csv: permission denied"
    assert failure.code is ExitCode.FAILED


def test_a_full_disk_is_no_bug():
    failure = explain_failure(OSError(errno.ENOSPC, "No space left on device"))

    assert (failure.message, failure.next_step) == ("no space left on device", "free some room, then the same again")


def test_a_bug_tells_nothing_of_what_it_held_and_keeps_its_traceback_for_this_user_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    try:
        raise KeyError("ann@acme.example")
    except KeyError as error:
        failure = explain_failure(error)

    (kept,) = tmp_path.iterdir()
    assert failure.message == f"this is a bug in Leadgrade (KeyError); the traceback is in {kept}"
    assert failure.code is ExitCode.FAILED
    assert "Traceback" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_failure_is_printed_on_stderr_and_leaves_with_its_code(capsys):
    with pytest.raises(typer.Exit) as caught, failures_become_exits():
        raise SettingsError("secret env:TOKEN is not set", next_step="export TOKEN=…")

    assert caught.value.exit_code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "error: secret env:TOKEN is not set\nnext: export TOKEN=…\n"


@pytest.mark.parametrize(
    "error", [typer.Exit(3), typer.Abort(), typer.BadParameter("no"), BrokenPipeError(errno.EPIPE, "Broken pipe")]
)
def test_what_the_command_line_itself_deals_with_passes(error):
    with pytest.raises(type(error)), failures_become_exits():
        raise error


def test_where_no_traceback_can_be_kept_the_message_says_so(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(Path("/nowhere")))

    assert explain_failure(KeyError()).message.endswith("its traceback could not be stored")
