"""Which rule of an activity map a record falls under, whatever came before it."""

from __future__ import annotations

import pickle
from random import Random

import pytest

from connectors import mapping
from connectors.mapping import ActivityMap

_MAP = {
    "kinds": [
        {"when": {"Type": "Call", "Direction": ["Inbound", "In"]}, "kind": "call_inbound"},
        {"when": {"Type": "call"}, "kind": "call_connected"},
        {"when": {"Subject": "Note:*", "Done": "true"}, "kind": "note"},
        {"when": {"Type": ""}, "kind": "task_completed"},
    ],
    "skip": [{"when": {"Done": "false"}}],
}
_VALUES = {
    "Type": (None, "", " Call ", "CALL", "Mail"),
    "Direction": (None, "inbound", "IN", "Out"),
    "Subject": (None, "note: x", "Note", "Other"),
    "Done": (None, True, False, "TRUE", 1),
}


def kinds(found):
    return found.kind if found else None


@pytest.mark.parametrize("remembered", [4096, 3])
def test_a_map_that_has_seen_many_records_judges_like_a_fresh_one(remembered, monkeypatch):
    monkeypatch.setattr(mapping, "_REMEMBERED", remembered)
    rng, old = Random(5), ActivityMap.model_validate(_MAP)

    for _ in range(400):
        record = {name: rng.choice(values) for name, values in _VALUES.items() if rng.random() < 0.9}
        first = next((rule for rule in old.kinds if rule.matches(record)), None)
        assert old.rule_for(record) is first
        assert old.skips(record) == any(rule.matches(record) for rule in old.skip)
        fresh = ActivityMap.model_validate(_MAP)
        assert kinds(fresh.rule_for(record)) == kinds(first)


def test_what_a_map_has_seen_is_no_part_of_it():
    old = ActivityMap.model_validate(_MAP)
    old.rule_for({"Type": "Call"})

    assert old == ActivityMap.model_validate(_MAP)
    assert old.model_dump() == ActivityMap.model_validate(_MAP).model_dump()
    assert pickle.loads(pickle.dumps(old)) == old


def test_without_rules_nothing_is_skipped_and_nothing_has_a_kind():
    empty = ActivityMap()

    assert empty.rule_for({"Type": "Call"}) is None
    assert not empty.skips({"Type": "Call"})
