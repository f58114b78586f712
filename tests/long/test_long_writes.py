"""Writing back a hundred thousand scores: killed at random instants, under HubSpot's ten-second limit, with another client.

Sizes, seeds and how to run: see test_long_loads.py.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from random import Random

import pytest

from tests.long_runs import AccountProcess, Installation
from tests.long_writing import BATCH, due, turn_writes_on, with_fields, write_killed, writing_calls, wrong_values

SCALE = float(os.environ.get("LEADGRADE_LONG_SCALE", "1"))
SEED = int(os.environ.get("LEADGRADE_LONG_SEED", "1"))
SCORES = round(100_000 * SCALE)
#: HubSpot's window of ten seconds, in smaller versions a smaller one, so that it is met; somebody else uses half of it.
BURST = max(20, round(190 * SCALE))


def account(crm):
    day = datetime.now(UTC).date()
    if crm == "hubspot":
        return AccountProcess(crm, people=SCORES, engagements=SCORES // 5, burst=BURST, day=day)
    # Of ten made-up people about seven have a row in Salesforce that can be written.
    return AccountProcess(crm, people=round(SCORES / 0.7), intensity=0.01, day=day)


def loaded(folder, there):
    """Everything read and scored, nothing written yet."""
    installation = with_fields(Installation(folder, there))
    assert installation.run("sync").code == 0, installation.printed()[-3000:]
    return installation


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_100_000_scores_written_by_killed_processes_are_right(crm, tmp_path):
    with account(crm) as there:
        installation = loaded(tmp_path / "killed", there)

        many, killed = write_killed(installation, there, kills=10, rng=Random(SEED))

        scored, differences = wrong_values(installation, there)
    assert (many >= SCORES, killed) == (True, 10)
    assert differences == []
    assert 0 < scored <= many


@pytest.mark.slow
def test_100_000_scores_for_hubspot_under_the_ten_second_limit(tmp_path):
    with account("hubspot") as there:
        alone = loaded(tmp_path / "alone", there)
        # The same scores once more: a store that does not know yet that they were written.
        beside = Installation(tmp_path / "beside", there)
        shutil.copy(alone.store, beside.store)
        written(alone, there, "without other traffic")
        assert there.calls(status=429) == 0

        there.ask("other_client", calls=BURST // 2)
        written(beside, there, "another client takes half of the window")


def written(installation, there, what):
    many = turn_writes_on(installation)
    there.ask("forget_calls")
    life = installation.run("sync", "--kind", "rewrite")
    print(
        f"\nhubspot, {what}: {many:,} records in {life.seconds:.0f} s, {writing_calls(there)} calls that write, at least "
        f"{-(-many // BATCH['hubspot'])}, all calls {there.calls()}, 429: {there.calls(status=429)}, peak {life.peak_mb} MB"
    )
    assert (life.code, due(installation)) == (0, 0), installation.printed()[-3000:]
    assert there.rows()["written"] == many
