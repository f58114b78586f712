"""Progress: plain lines that do not flood a log, bars on a terminal."""

from __future__ import annotations

import io

from sync.admin.cli.progress import Bars, shown_progress
from tests.fakes import FakeClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_stage_prints_its_first_step_then_a_line_every_few_seconds_and_its_last():
    file, clock = io.StringIO(), FakeClock()

    with shown_progress(file=file, clock=clock) as progress:
        for done in range(1, 13):
            progress.step("pull contacts", "crm", done * 100, None)
            clock.advance(1)

    assert file.getvalue().splitlines() == [
        "crm: pull contacts: 100",
        "crm: pull contacts: 600 (100.0 a second)",
        "crm: pull contacts: 1,100 (100.0 a second)",
        "crm: pull contacts: 1,200 (100.0 a second)",
    ]


def test_a_stage_that_is_complete_says_so_at_once_and_only_once():
    file, clock = io.StringIO(), FakeClock()

    with shown_progress(file=file, clock=clock) as progress:
        progress.step("rescore", None, 10, 20)
        progress.step("rescore", None, 15, 20)
        progress.step("rescore", None, 20, 20)
        progress.step("rescore", None, 20, 20)

    assert file.getvalue().splitlines() == ["rescore: 10 of 20", "rescore: 20 of 20"]


def test_stages_and_connections_have_their_own_pace():
    file, clock = io.StringIO(), FakeClock()

    with shown_progress(file=file, clock=clock) as progress:
        progress.step("pull", "a", 1, None)
        progress.step("pull", "b", 1, None)
        progress.note("b: nothing more")

    assert file.getvalue().splitlines() == ["a: pull: 1", "b: pull: 1", "b: nothing more"]


def test_a_terminal_gets_bars(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    file = Terminal()

    with shown_progress(file=file) as progress:
        progress.step("pull", "crm", 5, 10)
        progress.note("[half] way")
        assert isinstance(progress, Bars)

    assert "crm: pull" in file.getvalue()
    assert "[half] way" in file.getvalue()


def test_a_stage_whose_end_is_known_says_how_long_it_will_take():
    file, clock = io.StringIO(), FakeClock()

    with shown_progress(file=file, clock=clock) as progress:
        for done in (0, 100):
            progress.step("write", "crm", done, 2000)
            clock.advance(10)

    assert file.getvalue().splitlines()[-1] == "crm: write: 100 of 2,000 (10.0 a second, 3 min left)"
