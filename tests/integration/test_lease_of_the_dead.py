"""A killed process leaves its lease behind: the next one on the same machine need not wait until it runs out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from sync.holder import is_dead, own_holder, shown
from sync.store.open import open_store
from tests.fakes import FakeClock

_HOLDS = """
import sys
from sync.holder import own_holder
from sync.store.open import open_store
from tests.fakes import FakeClock

with open_store(sys.argv[1], clock=FakeClock()).write() as unit:
    unit.leases.acquire("work", own_holder(), 600)
print(own_holder(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def another(tmp_path):
    """Another process that holds the lease of the store here, and what it calls itself."""
    address = f"sqlite:///{tmp_path}/leadgrade.db"
    open_store(address, clock=FakeClock()).close()
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield address, process, process.stdout.readline().strip()
        process.kill()


def taken(address):
    store = open_store(address, clock=FakeClock())
    with store.write() as unit:
        epoch = unit.leases.acquire("work", own_holder(), 600)
        held = unit.leases.of("work")
    store.close()
    return epoch, held


def test_a_lease_is_respected_while_its_process_lives(another):
    address, _, holder = another

    epoch, held = taken(address)

    assert epoch is None
    assert (held.holder, held.who, held.live) == (holder, shown(holder), True)


def test_a_killed_process_holds_nothing_even_before_its_parent_has_noticed(another):
    address, process, holder = another
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert is_dead(holder)
    epoch, held = taken(address)

    assert (epoch, held.holder) == (2, own_holder())
    process.wait()
    assert is_dead(holder)


def test_another_process_with_the_same_pid_is_not_the_holder():
    host, pid, start, realm = own_holder().rsplit(":", 3)

    assert not is_dead(own_holder())
    assert is_dead(f"{host}:{pid}:{int(start) - 1}:{realm}")


def test_of_another_machine_and_of_older_holders_nobody_here_knows():
    host, pid, start, _ = own_holder().rsplit(":", 3)

    assert not is_dead(f"{host}:{pid}:{int(start) - 1}:00000000")
    assert not is_dead("elsewhere:1")
    assert not is_dead("")


def test_where_the_system_does_not_tell_a_holder_has_no_start(tmp_path):
    assert own_holder(tmp_path).count(":") == 1
    assert not is_dead(own_holder(), tmp_path)
