"""`python -m tests.chaos_crms`: both CRMs in a process of their own, on the clock of a file; does what standard input says.

Each line in is a JSON object `{"do": …}`, each line out its JSON answer; it ends with its standard input. Whatever is written
into Leadgrade's fields is kept, to be asked for with `written`.
"""

from __future__ import annotations

import argparse
import json
import mmap
import struct
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from connectors.sandbox.clock import OrgClock, iso
from connectors.sandbox.faults import Drop, Reply, expire_sessions, lock_rows, unavailable
from connectors.sandbox.hubspot import HubSpotDialect
from connectors.sandbox.population import generate
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.seed_hubspot import hubspot_org
from connectors.sandbox.seed_salesforce import salesforce_org
from connectors.sandbox.serve import announcement
from connectors.sandbox.server import SandboxServer, Vendor

START = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
OBJECTS = {"salesforce": ("Lead", "Contact", "Account"), "hubspot": ("contacts", "companies")}
TITLES = ("Chief Financial Officer", "VP Marketing", "Head of Sales", "Intern", "Buyer", "Engineer", None)
#: Fields of Leadgrade in either CRM begin so.
OURS = "leadgrade_"


class SharedClock:
    """A clock in a file, the same for all processes; it stands still until it is moved, and sleeping moves it."""

    def __init__(self, path, start=None):
        if start is not None:
            Path(path).write_bytes(struct.pack("d", start.timestamp()))
        with Path(path).open("r+b") as file:
            self._held = mmap.mmap(file.fileno(), 8)

    def now(self):
        return datetime.fromtimestamp(self.monotonic(), UTC)

    def monotonic(self):
        return struct.unpack("d", self._held)[0]

    def sleep(self, seconds):
        self.advance(seconds)

    def advance(self, seconds):
        self.set(self.monotonic() + seconds)

    def set(self, seconds):
        self._held[:] = struct.pack("d", seconds)


class Crms:
    """What can be done with both CRMs."""

    def __init__(self, server, clock):
        self._server, self._clock = server, clock
        self._sites = server.sites
        #: (CRM, object, id, fields as they were then) of all writes by Leadgrade's own user.
        self._written = []

    def begin(self, people):
        """Two fresh accounts; how to reach them."""
        population = generate(people, 7, START.date())
        running = OrgClock(host=self._clock.monotonic)
        portal = hubspot_org(population, clock=running)
        # Nobody waits for a window of ten seconds on a clock that stands still.
        portal.quotas["burst"].limit = portal.quotas["search"].limit = 1_000_000
        sales = salesforce_org(population, clock=running)
        for name, org, dialect in (("salesforce", sales, SalesforceDialect), ("hubspot", portal, HubSpotDialect)):
            self._server.mount(name, vendor=Vendor(name), org=org, dialect=dialect(org))
            org.hooks = [*org.hooks, self._keeper(name)]
        self._written = []
        return announcement(self._server)

    def _keeper(self, name):
        def keep(org, event):
            ours = {
                field: event.record.values.get(field) for field in event.changed if field.casefold().startswith(OURS)
            }
            if ours and event.record.modified_by == org.api_user:
                self._written.append((name, event.object, event.record.id, ours))

        return keep

    def written(self):
        """All writes so far."""
        return self._written

    def requests(self):
        """Calls so far."""
        return {name: site.org.requests.total for name, site in self._sites.items()}

    def held(self):
        """(CRM, object, id, our fields) of all live records."""
        found = []
        for name, site in self._sites.items():
            with site.org.lock:
                found += [
                    (name, table, each.id, {f: v for f, v in each.values.items() if f.casefold().startswith(OURS)})
                    for table in OBJECTS[name]
                    for each in site.org.scan(table)
                ]
        return found

    def trouble(self, seed):
        """Transient faults at random calls from now on, instead of those before."""
        for name, site in self._sites.items():
            rng = Random(f"{name} {seed}")
            site.faults.clear()
            contacts = [each.id for each in site.org.scan(OBJECTS[name][0])]
            effects = [
                unavailable(),
                unavailable(),
                Drop(),
                Drop(apply=True),
                Drop(keep=rng.randrange(40)),
                Reply(status=429, payload={"message": "slow down"}, headers={"Retry-After": "2"}),
                expire_sessions(),
            ]
            if name == "salesforce":
                effects.append(lock_rows(rng.sample(contacts, min(2, len(contacts)))))
            for effect in effects:
                site.faults.add(effect, path="/services/data|/crm/|/events/", after=rng.randrange(40))
            # Writes are rare: their answers are lost on purpose.
            lost = rng.choice((Drop(apply=True), Reply(status=502, apply=True), unavailable()))
            site.faults.add(lost, path="composite/sobjects$|batch/update", after=rng.randrange(2))
        return {}

    def calm(self):
        """No faults from now on."""
        for site in self._sites.values():
            site.faults.clear()
        return {}

    def change(self, seed):
        """What people do in both CRMs between two cycles; depends on the seed and on the customers alone."""
        rng = Random(f"changes {seed}")
        portal, sales = self._sites["hubspot"].org, self._sites["salesforce"].org
        theirs = sorted((each.id for each in portal.scan("contacts")), key=int)
        prospects = sorted(each.id for each in sales.scan("Lead") if not each.values.get("IsConverted"))
        for one in rng.sample(theirs, 2):
            portal.update("contacts", one, {"jobtitle": rng.choice(TITLES)}, by="user")
        for one in rng.sample(prospects, min(2, len(prospects))):
            sales.update("Lead", one, {"Title": rng.choice(TITLES)}, by=sales.settings["admin"])
        at = portal.now()
        page = rng.choice(("/pricing", "/demo", "/jobs", "/docs"))
        visit = {"eventType": "e_visited_page", "occurredAt": iso(at), "hs_url": f"https://www.vendor.example{page}"}
        portal.create("page_events", {"objectId": rng.choice(theirs), **visit}, at=at)
        if rng.random() < 0.3:
            number = rng.randrange(10**6)
            values = {"email": f"new{number}@company{number}.example", "lastname": f"N{number}", "jobtitle": "CEO"}
            portal.create("contacts", values, by="user")
        if rng.random() < 0.2 and len(prospects) > 4:
            sales.delete("Lead", rng.choice(prospects), by=sales.settings["admin"])
        if rng.random() < 0.2 and len(theirs) > 8:
            portal.delete("contacts", rng.choice(theirs))
        if rng.random() < 0.25:
            # A workflow of somebody else writes into our field.
            portal.update("contacts", rng.choice(theirs[:4]), {"leadgrade_score": "1"}, by="workflow")
        return {}


def main():
    """Make the CRMs and obey."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", required=True)
    options = parser.parse_args()
    with SandboxServer() as server:
        crms = Crms(server, SharedClock(options.clock))
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(getattr(crms, asked.pop("do"))(**asked)), flush=True)


if __name__ == "__main__":
    main()
