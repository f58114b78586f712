"""Bands, cells and the choice of examples."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sync.admin.actions.preview import _bands, _spread


def inside(*totals):
    return pl.DataFrame({"total": totals, "people": [1] * len(totals)}, schema={"total": pl.Int64, "people": pl.Int64})


def test_bands_have_no_gaps_and_hold_everybody_once():
    bands = _bands(inside(0, 9, 10, 55, 100))

    assert [(band.low, band.high, band.people) for band in bands] == [
        *[(0, 9, 2), (10, 19, 1), (20, 29, 0), (30, 39, 0), (40, 49, 0)],
        *[(50, 59, 1), (60, 69, 0), (70, 79, 0), (80, 89, 0), (90, 99, 0), (100, 109, 1)],
    ]


def test_totals_below_zero_have_bands_of_their_own():
    assert [(band.low, band.high, band.people) for band in _bands(inside(-1, 0))] == [(-10, -1, 1), (0, 9, 1)]


def test_nobody_has_no_bands():
    assert _bands(inside()) == ()


@given(st.integers(0, 200), st.integers(0, 40))
def test_examples_are_distinct_from_the_highest_to_the_lowest(people, many):
    ranked = pl.DataFrame({"person_no": list(range(people)), "total": list(range(people))})

    chosen = _spread(ranked, many)

    assert len(chosen) == len(set(chosen)) == min(people, many)
    assert chosen == sorted(chosen, reverse=True)
    if many >= 2 and people:
        assert chosen[0] == people - 1
        assert chosen[-1] == 0 or people <= 1
