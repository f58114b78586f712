"""What deriving attributes remembers is bounded: a first load of a million people must fit into a small process."""

from __future__ import annotations

import gc
from functools import _lru_cache_wrapper

import scoring.attributes
from scoring.attributes.remembered import OWN, SHARED


def test_no_function_of_the_package_remembers_more_than_agreed():
    assert scoring.attributes.derive({"email": "a@b.example"})
    found = [
        each
        for each in gc.get_objects()
        if isinstance(each, _lru_cache_wrapper) and each.__wrapped__.__module__.startswith("scoring.attributes")
    ]

    assert len(found) > 20
    assert {each.cache_parameters()["maxsize"] for each in found} <= {OWN, SHARED}
    # A rule and the functions below it remember the same person once each.
    assert OWN <= SHARED <= 10_000
