"""A whole world in one process: both CRMs on the sandbox, a store, an App, and one clock that moves only when told.

Tests change records through `world.hubspot` and `world.salesforce` (the sandbox's orgs), let time pass with `advance`, run
`cycle()` and look at the store, at the CRMs over HTTP (`readback`) or at the orgs themselves.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache

import polars as pl
import sqlalchemy as sa

from config.settings import load_settings
from connectors.mapping import load_field_map
from connectors.sandbox.accounts import empty_hubspot_org, empty_salesforce_org
from connectors.sandbox.clock import OrgClock, iso
from connectors.sandbox.hubspot import HubSpotDialect
from connectors.sandbox.population import Population, generate
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.seed_hubspot import hubspot_org
from connectors.sandbox.seed_salesforce import salesforce_org
from connectors.sandbox.server import SandboxServer, Vendor
from scoring.segments import Segment, Segments
from scoring.vocabulary import ACTIVITY_KINDS
from sync.admin.actions.connections import apply_fields, set_writes
from sync.admin.actions.runs import ask
from sync.admin.demo.crm import HubSpot, Salesforce
from sync.admin.demo.readback import compare
from sync.admin.demo.world import Account
from sync.app import open_app
from sync.jobs.progress import Silent
from sync.jobs.runner import Runner
from sync.rescore.scoring_run import Rescore
from sync.rules import scoring_day, scoring_rules
from sync.scoring_model import LoadedEntry, ModelInForce, read_model
from sync.store.run_rows import RunKind
from sync.store.sql.connections import WriteMode
from sync.store.sql.scoring_inputs import Who
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
#: Longer than what both connectors read again behind their cursors.
LATER = 1800
BOTH = ("salesforce", "hubspot")

_EMPTY = {"salesforce": empty_salesforce_org, "hubspot": empty_hubspot_org}
_SEEDED = {"salesforce": salesforce_org, "hubspot": hubspot_org}
_DIALECTS = {"salesforce": SalesforceDialect, "hubspot": HubSpotDialect}
_OUTSIDERS = {"salesforce": Salesforce, "hubspot": HubSpot}


@cache
def people(many: int, seed: int = 7) -> Population:
    """Some made-up people with a year behind them."""
    return generate(many, seed, NOW.date())


@cache
def _preset(path):
    entry = LoadedEntry(loaded=read_model(path), when=None)
    segments = Segments([Segment(model=entry.loaded.model)])
    return ModelInForce(entries=(entry,), segments=segments, source=entry.loaded.source)


@cache
def _shipped_map(path):
    return load_field_map(path.read_text(encoding="utf-8"), name=str(path), kinds=frozenset(ACTIVITY_KINDS))


class World:
    """Sandbox, settings and App. Made by `World.opened`."""

    def __init__(self, folder, server, clock, crms, settings):
        self.folder, self.server, self.clock = folder, server, clock
        self.crms = crms
        self.settings = {"deadband": 0, **settings}
        self.app = None
        #: What each connection may write while writes are on `sample`.
        self.sample = None
        #: Connection -> further keys of its settings, from the next start on.
        self.more = {}
        #: Wraps each connector that the App makes: (name, connector) -> connector.
        self.wrap = lambda _name, connector: connector

    @classmethod
    @contextmanager
    def opened(cls, folder, *, population=None, crms=BOTH, settings=None, fields=True, server=None, more=None):
        """A world with a first connection to each CRM; nothing has been read yet.

        Args:
            folder: Where settings and store lie.
            population: Who is in the CRMs; nobody when absent.
            crms: Which of the two there are.
            settings: Top-level settings besides `store` and `connections`; the deadband is 0 unless given.
            fields: Whether Leadgrade's fields are created in the CRMs.
            server: One that runs already; the accounts of an earlier world on it are gone.
            more: Connection -> further keys of its settings.
        """
        clock = FakeClock(NOW)
        with SandboxServer() if server is None else nullcontext(server) as server:
            for name in crms:
                running = OrgClock(host=lambda: clock.now().timestamp())
                org = _SEEDED[name](population, clock=running) if population else _EMPTY[name](clock=running)
                server.mount(name, vendor=Vendor(name), org=org, dialect=_DIALECTS[name](org))
            world = cls(folder, server, clock, crms, settings or {})
            world.more = more or {}
            world.start()
            try:
                if fields:
                    for name in crms:
                        assert [step.error for step in apply_fields(world.app, name) if step.error] == []
                yield world
            finally:
                world.app.close()

    # ------------------------------------------------------------ the App

    def start(self):
        """Open the store with a new App, as a new process would."""
        path = self.folder / "leadgrade.yaml"
        lines = [f"{key}: {value}" for key, value in self.settings.items()]
        path.write_text("\n".join([*lines, "connections:", *(self._connection(name) for name in self.crms)]) + "\n")
        self.app = open_app(load_settings(path), clock=self.clock)
        # What ships is read once a test session: reading it takes longer than a cycle.
        if self.app.settings.model.startswith("preset:") and not self.app.settings.models:
            self.app.model = _preset(self.app.settings.model_path())
        for name, connection in self.app.settings.connections.items():
            if connection.fields is None:
                self.app._field_maps[name] = _shipped_map(self.app.settings.fields_path(name))
        vendor = self.app.make_connector
        self.app.make_connector = lambda name, *rest: self.wrap(name, vendor(name, *rest))

    def restart(self):
        """Close the App and open another one on the same store."""
        self.app.close()
        self.start()

    def _connection(self, name):
        site = self.server.sites[name]
        secrets = site.org.credentials
        values = {"kind": name, "host": site.url}
        if name == "salesforce":
            values |= {"domain": "demo.my.salesforce.com"} | {
                key: secrets[key] for key in ("client_id", "client_secret")
            }
        else:
            values |= {"token": secrets["access_token"]}
        values |= self.more.get(name, {})
        for key, secret in values.items():
            if key in {"client_id", "client_secret", "token", "webhook_secret"}:
                file = self.folder / f"{name}-{key}"
                file.touch(mode=0o600)
                file.write_text(secret)
                values[key] = f"file:{file.name}"
        if self.sample is not None:
            values["sample"] = json.dumps(self.sample)
        return "\n".join([f"  {name}:", *(f"    {key}: {value}" for key, value in values.items())])

    def number(self, name):
        """The number of a connection."""
        return self.app.connection(name).connection_no

    # ------------------------------------------------------------ what happens

    def cycle(self, kind=RunKind.INCREMENTAL, **asked):
        """One run from beginning to end; its report."""
        return Runner(app=self.app, progress=Silent()).execute(ask(self.app, kind, by="test", **asked))

    def turn_writes(self, mode, name=None):
        """Set the write mode of one connection or all."""
        set_writes(self.app, mode, name, by="test")

    def turn_writes_on(self):
        """Write to all CRMs from now on."""
        self.turn_writes(WriteMode.ON)

    def loaded(self):
        """First load done, writes on, everybody written, and our own writes seen again: a CRM at rest."""
        self.cycle()
        self.turn_writes_on()
        self.cycle()
        self.advance(LATER)
        self.cycle()
        self.advance(LATER)
        return self

    def visit(self, contact_id, path):
        """A contact of the portal looks at a page, now."""
        at = self.hubspot.now()
        values = {
            "objectId": contact_id,
            "eventType": "e_visited_page",
            "occurredAt": iso(at),
            "hs_url": f"https://www.vendor.example{path}",
        }
        return self.hubspot.create("page_events", values, at=at)

    def advance(self, seconds):
        """Let time pass, here and in both CRMs."""
        self.clock.advance(seconds)

    @property
    def salesforce(self):
        """The Salesforce org."""
        return self.server.sites["salesforce"].org

    @property
    def hubspot(self):
        """The HubSpot portal."""
        return self.server.sites["hubspot"].org

    def orgs(self):
        """Name -> org."""
        return {name: self.server.sites[name].org for name in self.crms}

    def faults(self, name):
        """The scripted misbehaviour of one CRM."""
        return self.server.sites[name].faults

    # ------------------------------------------------------------ what there is to see

    def readback(self):
        """Every contact read over HTTP: (records that hold a score, differences from what was computed)."""
        scored, found = 0, []
        for name in self.crms:
            self.advance(11)  # the burst window of the portal is ours
            many, differences = compare(self.app, name, self.outsider(name))
            scored += many
            found += differences
        return scored, found

    def outsider(self, name):
        """Somebody else who speaks to the CRM over HTTP."""
        site = self.server.sites[name]
        return _OUTSIDERS[name](Account(base_url=site.url, credentials=site.org.credentials))

    def contacts(self):
        """(connection, object, id) -> record, of all live contacts in the orgs."""
        found = {}
        for name, org in self.orgs().items():
            for object_name in self.app.field_map(name).contacts:
                with org.lock:
                    found |= {(name, object_name, record.id): record for record in org.scan(object_name)}
        return found

    def stamps(self):
        """(connection, object, id) -> when it was last changed, of all live contacts."""
        return {key: record.modified_at for key, record in self.contacts().items()}

    def held(self, name, object_name, record_id):
        """Output -> what a record in the org holds in our fields."""
        outputs = self.app.field_map(name).outputs[object_name]
        record = self.orgs()[name].get(object_name, record_id)
        return {output: record.values.get(field) for output, field in outputs.items()}

    def entries(self, name):
        """(object, id) -> outbox entry of one connection."""
        with self.app.store.read() as unit:
            blocks = list(unit.outbox.entries(self.number(name)))
        return {(entry.object, entry.record_id): entry for block in blocks for entry in block}

    def contact_entries(self, name):
        """The entries of contacts alone: those of accounts have nobody behind them."""
        return {key: entry for key, entry in self.entries(name).items() if entry.person_no is not None}

    def person_of(self, name, object_name, record_id):
        """The person behind a record."""
        return self.entries(name)[object_name, record_id].person_no

    def scores(self):
        """All rows of the score table by person."""
        with self.app.store.read() as unit:
            frame = unit.scores.frame(Who())
        return {row["person_no"]: row for row in frame.iter_rows(named=True)}

    def lines(self, person_no=None):
        """The lines of one person, or of everybody, as of today."""
        rules = scoring_rules(self.app, day=scoring_day(self.app), model=self.app.model)
        inputs = Rescore(store=self.app.store, clock=self.clock, rules=rules).inputs(Who(person_no=person_no))
        return pl.concat([each.lines(day=rules.day, assets=inputs.assets) for each in inputs.cohorts])

    def rows(self, table, *conditions):
        """The rows of a table that meet the conditions, by column."""
        with self.app.store.read() as unit:
            return [dict(row) for row in unit.sql.mappings(sa.select(table).where(*conditions))]


@contextmanager
def counted(org):
    """Counts what is asked of an org inside the block, by (method, template)."""
    calls = Counter()
    before = Counter(org.requests.counts)
    yield calls
    for (method, template, _status), many in (Counter(org.requests.counts) - before).items():
        calls[method, template] += many
