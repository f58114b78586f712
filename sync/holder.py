"""Who holds a lease: host, process and when it began, so that the next one sees at once whether that process still exists."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

_PROC = Path("/proc")
#: A zombie's memory is gone: it waits for its parent to look at it, and does nothing any more.
_ENDED = frozenset("ZX")


def own_holder(proc: Path = _PROC) -> str:
    """This process, for leases and runs: `host:pid`, and where the system tells it, the start and the realm of the pid."""
    # The column holds 80 characters.
    name = f"{socket.gethostname()[:40]}:{os.getpid()}"
    realm, stat = _realm(proc), _stat(proc, os.getpid())
    return name if realm is None or stat is None else f"{name}:{stat[1]}:{realm}"


def is_dead(holder: str, proc: Path = _PROC) -> bool:
    """Whether a holder is a process of this machine that has ended; of others nobody here knows, and the lease runs out."""
    parts = holder.rsplit(":", 3)
    if len(parts) != 4 or not parts[1].isdigit() or parts[3] != _realm(proc):
        return False
    try:
        # Asks the kernel itself: a mount of /proc may hide the processes of other users.
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    stat = _stat(proc, int(parts[1]))
    return stat is not None and (stat[0] in _ENDED or stat[1] != parts[2])


def shown(holder: str) -> str:
    """Host and process, for people."""
    return ":".join(holder.split(":")[:2])


def _realm(proc: Path) -> str | None:
    """Where a pid means the same process as here: this boot of this kernel, these namespaces of pids and of time."""
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        pids = str((proc / "self/ns/pid").readlink())
    except OSError:
        return None
    clock = proc / "self/ns/time"
    times = str(clock.readlink()) if clock.is_symlink() else ""
    return hashlib.sha256(f"{boot} {pids} {times}".encode()).hexdigest()[:8]


def _stat(proc: Path, pid: int) -> tuple[str, str] | None:
    """(state, start in ticks since boot) of a process, None when it is not to be seen."""
    try:
        text = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name stands in parentheses and may hold anything.
    fields = text.rpartition(")")[2].split()
    return fields[0], fields[19]
