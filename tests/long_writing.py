"""Writing back by processes that are killed, and what the CRM then holds, read by somebody else over HTTP."""

from __future__ import annotations

import signal
from contextlib import contextmanager

from config.settings import load_settings
from sync.admin.actions.connections import apply_fields, set_writes
from sync.admin.demo.crm import HubSpot, Salesforce
from sync.admin.demo.readback import compare
from sync.admin.demo.world import Account
from sync.app import open_app
from sync.store.sql.connections import WriteMode
from tests.long_runs import killed_along, summary

BATCH = {"salesforce": 200, "hubspot": 100}
_OUTSIDERS = {"salesforce": Salesforce, "hubspot": HubSpot}
_WRITES = {"salesforce": ("PATCH", "/composite/sobjects"), "hubspot": ("POST", "/batch/update")}


@contextmanager
def opened(installation):
    """The App of an installation on which nobody works now."""
    app = open_app(load_settings(installation.folder / "leadgrade.yaml"))
    try:
        yield app
    finally:
        app.close()


def with_fields(installation):
    """The same installation; its CRM has Leadgrade's fields."""
    with opened(installation) as app:
        apply_fields(app, installation.crm)
    return installation


def turn_writes_on(installation):
    """Write from now on; how many records are due."""
    with opened(installation) as app:
        set_writes(app, WriteMode.ON, installation.crm, by="test")
    return due(installation)


def due(installation):
    """Records whose values are to be written."""
    with opened(installation) as app, app.store.read() as unit:
        return unit.outbox.counts(app.connection(installation.crm).connection_no)["due"]


def wrong_values(installation, there):
    """(records that hold a score, fields that are not what was computed)."""
    announced = dict(there.announced)
    outsider = _OUTSIDERS[there.crm](Account(base_url=announced.pop("base_url"), credentials=announced))
    with opened(installation) as app:
        return compare(app, there.crm, outsider)


def writing_calls(there):
    """Calls that wrote scores so far."""
    method, path = _WRITES[there.crm]
    return there.calls(method=method, path=path)


def write_killed(installation, there, *, kills, rng):
    """Write everything that is due, killed so often unless it is done before; what that took is printed and judged.

    The number of records that were due, and how often it was killed.
    """
    many = turn_writes_on(installation)
    there.ask("forget_calls")
    lives = killed_along(
        installation,
        ["sync", "--kind", "rewrite"],
        kills=kills,
        rng=rng,
        total=many,
        progress=lambda: there.rows().get("written", 0),
    )
    made, least = writing_calls(there), -(-many // BATCH[there.crm])
    print(
        f"\n{there.crm}: {many:,} records; {summary(lives)}; {made} calls that write, at least {least}; "
        f"{there.rows()['written'] - many:,} records written twice; 429: {there.calls(status=429)}"
    )
    assert lives[-1].code == 0, installation.printed()[-3000:]
    assert due(installation) == 0
    # A kill leaves what was in flight unknown: a call of each thread that writes.
    assert least <= made <= least + 12 * kills
    return many, sum(life.code == -signal.SIGKILL for life in lives)
