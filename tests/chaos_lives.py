"""`python -m tests.chaos_lives`: lives of the daemon, each a process of its own that may be killed at any instant.

Starting Python takes longer than a cycle of a few people, so each life is forked from one process that has read the libraries
and opened nothing. A line in is `{"config": …, "clock": …, "kill_after": seconds or null}`, the line out says how the life ended. A life lets the
daemon's workers take turns until none has anything to do.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from pathlib import Path

from config.settings import FIELDS, load_settings
from sync.app import open_app
from sync.jobs.daemon import Daemon
from tests.chaos_crms import SharedClock
from tests.worlds import _shipped_map


def live(config, clock):
    """One life of the daemon."""
    settings = load_settings(config)
    app = open_app(settings, clock=SharedClock(clock))
    for name in settings.connections:
        app._field_maps[name] = _shipped_map(settings.fields_path(name))
    daemon = Daemon(app=app, load=lambda: settings)
    while daemon.turn():
        pass
    daemon.leave()
    app.close()


def forked(config, clock, log):
    """A life in a process of its own; its number there."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        live(config, clock)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it was, this process ends here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def threads():
    """Names of the threads of this process."""
    return sorted(path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm"))


def main():
    """Fork lives as told, kill them when it is time, say how they ended."""
    # Not the model: reading it begins Polars' pool, whose threads no fork survives. The vendors' libraries, and the rest.
    import connectors.hubspot.connector
    import connectors.salesforce.connector  # noqa: F401

    for line in sys.stdin:
        asked = json.loads(line)
        config, kill_after = Path(asked["config"]), asked["kill_after"]
        for name in ("salesforce", "hubspot"):
            _shipped_map(FIELDS / f"{name}.yaml")
        log = os.open(config.parent / "lives.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        began = time.monotonic()
        pid = forked(config, asked["clock"], log)
        os.close(log)
        handle = os.pidfd_open(pid)
        if kill_after is not None and not select.select([handle], [], [], kill_after)[0]:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(handle)
        ended = {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began, "threads": threads()}
        print(json.dumps(ended), flush=True)


if __name__ == "__main__":
    main()
