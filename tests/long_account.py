"""`python -m tests.long_account`: one CRM account of any size in a process of its own, which does what standard input says.

Each line in is a JSON object `{"do": …}`, each line out its JSON answer; it ends with its standard input.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

from connectors.sandbox.accounts import empty_hubspot_org
from connectors.sandbox.clock import iso
from connectors.sandbox.hubspot import HubSpotDialect
from connectors.sandbox.objects_hubspot import EDGES
from connectors.sandbox.population import generate
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.seed_salesforce import salesforce_org
from connectors.sandbox.serve import announcement
from connectors.sandbox.server import SandboxServer, Vendor

_YEAR = 365 * 86_400_000
_TITLES = ("CEO", "VP Sales", "Head of Marketing", "Engineer", "Intern", "Buyer", "Director IT", None)
_COUNTRIES = ("Germany", "France", "Spain", "Italy", "United States", None)
_ENGAGEMENTS = {
    "calls": {"hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED", "hs_call_duration": "90000"},
    "emails": {"hs_email_direction": "EMAIL", "hs_email_status": "SENT", "hs_email_subject": "Your question"},
    "meetings": {"hs_meeting_title": "Meeting", "hs_meeting_outcome": "COMPLETED"},
    "notes": {"hs_note_body": "<p>Spoke</p>"},
    "tasks": {"hs_task_subject": "Follow up", "hs_task_status": "COMPLETED", "hs_task_type": "TODO"},
}


def hubspot_portal(contacts, engagements, seed):
    """A portal with so many contacts and engagements; each engagement has one or two contacts."""
    org = empty_hubspot_org()
    rng = Random(f"portal:{seed}")
    end = org.clock.now() - 3_600_000
    ids = []
    for number in range(contacts):
        created = end - _YEAR + int(rng.random() * _YEAR * 0.9)
        values = {
            "email": f"person{number}@company{number // 4}.example",
            "firstname": f"First{number % 1000}",
            "lastname": f"Last{number}",
            "jobtitle": rng.choice(_TITLES),
            "country": rng.choice(_COUNTRIES),
            "company": f"Company {number // 4}",
            "lifecyclestage": rng.choice(("subscriber", "lead", "marketingqualifiedlead")),
        }
        record = org.create("contacts", values, at=created)
        record.modified_at = record.system_at = created + int(rng.random() * (end - created))
        ids.append(record.id)
    kinds = list(_ENGAGEMENTS)
    for number in range(engagements):
        kind = kinds[number % len(kinds)]
        at = end - int(rng.random() * _YEAR)
        values = {"hs_timestamp": iso(at), **_ENGAGEMENTS[kind]}
        if kind == "tasks":
            values["hs_task_completion_date"] = iso(at)
        record = org.create(kind, values, at=at)
        for who in {rng.choice(ids) for _ in range(1 + (number % 11 == 0))}:
            org.associate(
                kind, record.id, "contacts", who, edge=EDGES[kind, "contacts"][0], back=EDGES["contacts", kind][0]
            )
    return org


class Counting:
    """A dialect that counts the records which it hands out and takes in."""

    def __init__(self, dialect):
        self._dialect = dialect
        self._jobs = {}
        self.rows = Counter()

    def handle(self, request):
        response = self._dialect.handle(request)
        if response.status < 300:
            self._count(request, response)
        return response

    def _count(self, request, response):
        path = request.path
        if "/jobs/query" in path:
            if request.method == "POST":
                made = response.json()
                self._jobs[made["id"]] = made["object"]
            elif path.endswith("/results"):
                name = self._jobs[path.split("/")[-2]]
                self.rows[f"read {name}"] += int(response.headers["Sforce-NumberOfRecords"])
        elif request.method == "GET" and path.startswith(("/crm/objects/", "/crm/v3/objects/")):
            self.rows[f"read {path.split('/')[4]}"] += len(response.json().get("results", ()))
        elif request.method == "PATCH" and path.endswith("/composite/sobjects"):
            self.rows["written"] += len(request.json()["records"])
        elif path.endswith("/batch/update"):
            self.rows["written"] += len(request.json()["inputs"])


class Account:
    """What can be done with the account."""

    def __init__(self, org, dialect):
        self._org = org
        self._dialect = dialect

    def calls(self):
        """Calls by method, template and status, and records by object."""
        calls = {" ".join(map(str, key)): many for key, many in self._org.requests.counts.items()}
        return {"calls": calls, "rows": dict(self._dialect.rows)}

    def forget_calls(self):
        """Count anew."""
        self._org.requests.clear()
        self._dialect.rows.clear()
        return {}

    def counts(self):
        """Live records by object."""
        return {name: many for name in self._org.schema if (many := self._org.count(name))}

    def dump(self, *, path, fields):
        """All live records of some objects, one JSON line each: object, id, created, values, associated contacts."""
        org = self._org
        with org.lock, Path(path).open("w", encoding="utf-8") as file:
            for name, wanted in fields.items():
                for record in org.scan(name):
                    values = [record.values.get(field) for field in wanted]
                    who = sorted(org.associations.of(name, record.id, "contacts"))
                    file.write(json.dumps([name, record.id, record.created_at, values, who]) + "\n")
        return {}

    def other_client(self, *, calls, seconds=10):
        """Somebody else makes so many calls in each stretch of seconds from now on."""
        window, stretch = self._org.quotas["burst"], seconds / 20

        def work():
            owed, turn = 0.0, threading.Event()
            while not turn.wait(stretch):
                owed += calls / 20
                with self._org.lock:
                    # HubSpot refuses the other client, too, when the window is full.
                    now = self._org.clock.now()
                    window.spend(now, min(int(owed), window.remaining(now)))
                owed -= int(owed)

        threading.Thread(target=work, daemon=True).start()
        return {}


def main():
    """Make the account and obey."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--crm", choices=["salesforce", "hubspot"], required=True)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--engagements", type=int, default=0)
    parser.add_argument("--burst", type=int, help="HubSpot's calls in ten seconds, when nobody is to wait for them")
    parser.add_argument("--intensity", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    options = parser.parse_args()
    if options.crm == "salesforce":
        org = salesforce_org(generate(options.people, options.seed, options.day, intensity=options.intensity))
        dialect = Counting(SalesforceDialect(org))
    else:
        org = hubspot_portal(options.people, options.engagements, options.seed)
        if options.burst:
            org.quotas["burst"].limit = options.burst
        dialect = Counting(HubSpotDialect(org))
    account = Account(org, dialect)
    with SandboxServer() as server:
        server.mount(options.crm, vendor=Vendor(options.crm), org=org, dialect=dialect)
        print(json.dumps(announcement(server)[options.crm]), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(getattr(account, asked.pop("do"))(**asked)), flush=True)


if __name__ == "__main__":
    main()
