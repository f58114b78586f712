"""The large runs of this folder with a few hundred people, so that every test run kills a few processes."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from sync.admin.actions.runs import ask
from sync.jobs.progress import Silent
from sync.jobs.runner import Runner
from sync.store.run_rows import RunKind
from tests.long_contents import content, differences
from tests.long_runs import AccountProcess, Installation, killed_after
from tests.long_writing import opened, with_fields, write_killed, wrong_values

SEED = 1


def account(crm, **options):
    return AccountProcess(crm, people=300, day=datetime.now(UTC).date(), **options)


def test_a_load_from_salesforce_killed_at_two_instants_leaves_what_an_undisturbed_one_leaves(tmp_path):
    with account("salesforce", intensity=0.3) as there:
        calm = Installation(tmp_path / "calm", there, bulk_threshold=100)
        with opened(calm) as app:
            Runner(app=app, progress=Silent()).execute(ask(app, RunKind.INCREMENTAL, by="test"))
        killed = Installation(tmp_path / "killed", there, bulk_threshold=100)

        lives = killed_after(killed, ["sync"], kills=2, rng=Random(SEED), seconds=3)

        assert lives[-1].code == 0, killed.printed()
        assert differences(killed.folder, "salesforce", there.dump) == {}
    assert content(killed) == content(calm)


def test_a_portal_loaded_and_written_by_killed_processes_holds_what_was_computed(tmp_path):
    with account("hubspot", engagements=400, burst=10_000) as there:
        installation = with_fields(Installation(tmp_path / "killed", there))

        lives = killed_after(installation, ["sync"], kills=1, rng=Random(SEED), seconds=3)

        assert lives[-1].code == 0, installation.printed()
        assert differences(installation.folder, "hubspot", there.dump) == {}

        many, _ = write_killed(installation, there, kills=1, rng=Random(SEED))

        scored, different = wrong_values(installation, there)
    assert (many, scored) == (300, 300)
    assert different == []
