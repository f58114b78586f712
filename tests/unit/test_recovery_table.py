"""The error table, cell by cell (design.md section 7)."""

from __future__ import annotations

import pytest

from connectors import errors
from connectors.errors import (
    Contended,
    Gone,
    NeedsAttention,
    QuotaSpent,
    Rejected,
    Throttled,
    Unavailable,
    connection_context,
)
from sync.jobs.patience import LONGEST_WAIT, TRIES, patiently
from sync.recovery import TABLE, Access, Act, decide
from tests.fakes import FakeClock


@pytest.mark.parametrize(
    ("error", "reading", "writing"),
    [
        (NeedsAttention("x"), Act.PAUSE, Act.PAUSE),
        (QuotaSpent("x"), Act.SUSPEND, Act.SUSPEND),
        (Throttled("x"), Act.WAIT, Act.WAIT),
        (Unavailable("x"), Act.BACK_OFF, Act.BACK_OFF),
        (Rejected("x"), Act.QUARANTINE, Act.DEAD_LETTER),
        (Contended("x"), Act.RETRY, Act.RETRY),
        (Gone("x"), Act.TOMBSTONE, Act.REKEY),
        (ZeroDivisionError("x"), Act.FAIL, Act.FAIL),
    ],
)
def test_what_an_error_means(error, reading, writing):
    assert (decide(error, Access.READ), decide(error, Access.WRITE)) == (reading, writing)


def test_every_connector_error_has_a_row():
    classes = {
        value for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.ConnectorError) and value is not errors.ConnectorError
    }  # fmt: skip

    assert set(TABLE) == classes


def failing(times, error):
    left = [error] * times

    def call():
        if left:
            raise left.pop()
        return "done"

    return call


@pytest.mark.parametrize("error", [Unavailable("x"), Throttled("x", retry_after=3), Contended("x")])
def test_passing_trouble_is_waited_out(error):
    clock = FakeClock()

    assert patiently(failing(TRIES - 1, error), Access.READ, clock) == "done"
    assert len(clock.slept) == TRIES - 1


def test_a_crm_that_names_its_pause_gets_exactly_that():
    clock = FakeClock()
    patiently(failing(1, Throttled("x", retry_after=7)), Access.WRITE, clock)

    assert clock.slept == [7]


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("x"),
        NeedsAttention("x"),
        QuotaSpent("x"),
        Rejected("x"),
        Throttled("x", retry_after=LONGEST_WAIT + 1),
    ],
)
def test_trouble_that_lasts_or_needs_somebody_is_raised(error):
    with pytest.raises(type(error)):
        patiently(failing(TRIES + 1, error), Access.READ, FakeClock())


def test_an_error_says_where_it_happened_and_what_to_do():
    def trouble():
        with connection_context("acme", "contacts"):
            raise NeedsAttention("the token was refused", next_step="leadgrade doctor")

    with pytest.raises(
        NeedsAttention, match=r"the token was refused \[connection=acme stream=contacts\] Next: leadgrade doctor"
    ):
        trouble()
