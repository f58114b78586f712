"""A record that cannot be read is kept aside, shown, and read again on request."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connectors.sandbox.faults import Rewrite
from tests.operators import Operator
from tests.worlds import World, people


@pytest.fixture
def world(tmp_path):
    with World.opened(tmp_path, population=people(16), crms=("hubspot",)) as world:
        yield world


def spoil_first(response):
    """The first record of a page loses the date on which it was changed."""
    body = json.loads(response.body)
    body["results"][0]["updatedAt"] = "not a date"
    body["results"][0]["properties"]["lastmodifieddate"] = "not a date"
    return replace(response, body=json.dumps(body).encode())


def test_a_malformed_record_is_shown_with_its_id_and_comes_in_on_retry(world, monkeypatch):
    operator = Operator(world, monkeypatch)
    world.faults("hubspot").add(Rewrite(change=spoil_first), method="GET", path="/objects/.*contacts", times=1)

    synced = operator("sync", "--json")
    listed = operator("quarantine", "--json").json

    assert synced.code == 0
    assert synced.json["connections"][0]["quarantined"] == 1
    (kept,) = listed["records"]
    assert kept["record"].startswith("hubspot:contacts:")
    assert kept["stream"] == "contacts"
    assert operator("explain", kept["record"]).code == 1
    assert "leadgrade quarantine retry" in operator("quarantine").all
    assert operator("status", "--json").json["connections"][0]["quarantined"] == 1

    retried = operator("quarantine", "retry", "--json")

    assert retried.code == 0
    assert retried.json["connections"][0]["new"] == 1
    assert operator("quarantine", "--json").json["records"] == []
    assert operator("explain", kept["record"]).code == 0
    assert operator("quarantine", "retry").out == "nothing is in quarantine\n"
