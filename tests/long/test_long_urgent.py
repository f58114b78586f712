"""While a first load, a rescore of everybody and a write-back are under way, one record reaches the CRM and a signal ends the daemon.

They need `-m slow`; LEADGRADE_LONG_PEOPLE sets the contacts (100,000 by default). What was measured is printed: run with -s.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.long_runs import AccountProcess, Installation
from tests.long_writing import turn_writes_on, with_fields

PEOPLE = int(os.environ.get("LEADGRADE_LONG_PEOPLE", "100000"))
#: Seconds between two looks, and those after which something is taken to hang.
LOOK, TOO_LONG = 0.1, 7200.0
OPTIONS = {"hubspot": {"people": PEOPLE, "engagements": PEOPLE // 10}, "salesforce": {"people": round(PEOPLE / 0.78)}}
OBJECTS = {"hubspot": ("contacts",), "salesforce": ("Lead", "Contact")}


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_one_record_and_a_signal_in_the_middle_of_a_first_load(tmp_path, crm):
    with AccountProcess(crm, day=datetime.now(UTC).date(), **OPTIONS[crm]) as there:
        installation = with_fields(Installation(tmp_path / "store", there))
        turn_writes_on(installation)
        names = contacts_of(there, crm, tmp_path / "contacts.jsonl")
        total = sum(many for many in there.ask("counts").values())
        print(
            f"\n{crm}: {len(names):,} contacts, {total:,} records, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        )
        # The records that the load brings last: they are not here when they are asked for.
        wanted = iter(names[::-1])

        for stage, begun in (
            ("a tenth loaded", lambda: installation.stored() > 0.1 * len(names)),
            ("half loaded", lambda: installation.stored() > 0.5 * len(names)),
            ("rescore of everybody", lambda: stage_of(installation) == "rescore"),
            ("write-back", lambda: sent(installation) > 1000),
        ):
            with a_daemon(installation) as process:
                wait_for(process, begun)
                seconds = one_record(installation, process, crm, next(wanted))
                again = one_record(installation, process, crm, next(wanted))
                still = len(names) - sent(installation)
                process.send_signal(signal.SIGTERM)
                began = time.monotonic()
                code = process.wait(60)
            ended = time.monotonic() - began
            print(
                f"{stage}: one record in {seconds:.1f} s, another in {again:.1f} s, end {ended:.1f} s, {still:,} unwritten"
            )
            assert code == 0
            # Others were still waiting: it did not come with everybody.
            assert still > 0
            assert "daemon_left_behind" not in installation.printed()


@contextmanager
def a_daemon(installation):
    """`leadgrade daemon`, gone at the end in any case."""
    process = installation.start("daemon")
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def one_record(installation, process, crm, record):
    """Ask for a record beside the daemon; seconds until the CRM has accepted it."""
    name, record_id = record
    began = time.monotonic()
    life = installation.run("sync", "--record", f"{crm}:{name}:{record_id}")
    assert life.code == 0, installation.printed()[-3000:]
    wait_for(
        process, lambda: installation.rows("SELECT 1 FROM outbox WHERE record_id = ? AND sent IS NOT NULL", record_id)
    )
    return time.monotonic() - began


def wait_for(process, reached):
    """Look until it is so; the daemon must live."""
    handle, end = os.pidfd_open(process.pid), time.monotonic() + TOO_LONG
    try:
        while not reached():
            assert not select.select([handle], [], [], LOOK)[0], "the daemon ended"
            assert time.monotonic() < end
    finally:
        os.close(handle)


def contacts_of(there, crm, path):
    """(object, id) of all contacts in the order in which they were made."""
    there.dump(path=str(path), fields={name: [] for name in OBJECTS[crm]})
    with path.open(encoding="utf-8") as lines:
        return [tuple(json.loads(line)[:2]) for line in lines]


def stage_of(installation):
    """What the rescore that is under way is at."""
    rows = installation.rows(
        "SELECT json_extract(progress, '$.stage') FROM sync_run WHERE kind = 'rescore' AND status = 'running'"
    )
    return rows[0][0] if rows else None


def sent(installation):
    """Records that hold what was sent."""
    return installation.rows("SELECT count(*) FROM outbox WHERE sent IS NOT NULL")[0][0]
