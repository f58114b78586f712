"""Days of two CRMs and a daemon that is killed at random instants, and what is left in the end; judged against a calm run."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from random import Random

import sqlalchemy as sa

from config.settings import load_settings
from sync.admin.actions.connections import apply_fields, set_writes
from sync.admin.demo.crm import outsiders
from sync.admin.demo.readback import compare
from sync.admin.demo.world import Account
from sync.app import open_app
from sync.store.sql.connections import WriteMode
from sync.store.tables import activity, activity_contact, contact, outbox, score, sync_run
from sync.values import SILENT, normal_values
from tests.chaos_crms import START, SharedClock

_ROOT = Path(__file__).parents[1]
#: Seconds between two cycles: twelve a day.
CYCLE = 7200
#: Cycles without kills, faults and changes at the end.
LAST = 3
#: What the two ways to the same end may differ in: numbers and stamps of our own.
_OWN = {"person_no", "contact_no", "run_no", "scored_at", "changed_by", "shard"}
_AUDIT = "chaos_desired"


class Told:
    """A process that answers each line with a line."""

    def __init__(self, *words):
        self._process = subprocess.Popen(
            [sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def __call__(self, **asked):
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def stage(folder):
    """(clock, CRMs, giver of lives) for one story after the other."""
    clock = folder / "clock"
    SharedClock(clock, START)
    with Told("tests.chaos_crms", "--clock", str(clock)) as crms, Told("tests.chaos_lives") as life:
        yield clock, crms, life


class Story:
    """One run of the days in a folder and a store."""

    def __init__(self, folder, store, stage, *, people, seed, undisturbed=False):
        folder.mkdir(exist_ok=True)
        self.folder, self.seed, self.undisturbed = folder, seed, undisturbed
        self.config = folder / "leadgrade.yaml"
        self.file, self.crms, self.life = stage
        self.clock = SharedClock(self.file, START)
        self.kills = self.lives = self.cycles = 0
        self._store = store
        self._rng = Random(f"kills {seed}")
        #: How long a life that was not killed took lately.
        self._whole = 0.5
        self.announced = self.crms(do="begin", people=people)
        self._configure()

    def _configure(self):
        lines = [f"store: {self._store}", "deadband: 0", "schedule: {incremental: 1 hour, jitter_seconds: 0}"]
        lines.append("connections:")
        secrets = {"salesforce": ("client_id", "client_secret"), "hubspot": ("access_token",)}
        for name, announced in self.announced.items():
            lines += [f"  {name}:", f"    kind: {name}", f"    host: {announced['base_url']}", "    daily_share: 100"]
            if name == "salesforce":
                lines.append("    domain: demo.my.salesforce.com")
            for secret in secrets[name]:
                file = self.folder / f"{name}-{secret}"
                file.touch(mode=0o600)
                file.write_text(announced[secret])
                lines.append(f"    {'token' if secret == 'access_token' else secret}: file:{file.name}")
        self.config.write_text("\n".join(lines) + "\n")
        with self.app() as app:
            for name in app.names():
                assert [step.error for step in apply_fields(app, name) if step.error] == []
            set_writes(app, WriteMode.ON, by="test")
            with app.store.write() as unit:
                for statement in _audit(sqlite=self._store.startswith("sqlite")):
                    unit.sql.run(sa.text(statement))

    @contextmanager
    def app(self):
        """The App of a moment without a daemon."""
        app = open_app(load_settings(self.config), clock=self.clock)
        try:
            yield app
        finally:
            app.close()

    # ------------------------------------------------------------ what happens

    def cycle(self, most=0):
        """Two hours later: changes, faults, and lives until one ends by itself, at most so many killed before it."""
        self.clock.set(START.timestamp() + CYCLE * self.cycles)
        if self.cycles:
            self.crms(do="change", seed=self.cycles)
        if not self.undisturbed:
            self.crms(do="trouble", seed=f"{self.seed} {self.cycles}")
        self.cycles += 1
        for _ in range(most):
            if self._live(self._rng.random() * self._whole * 1.1):
                return
            self.kills += 1
        self._live(None)

    def end(self):
        """Calm cycles until all is said."""
        self.crms(do="calm")
        for _ in range(LAST):
            self.clock.set(START.timestamp() + CYCLE * self.cycles)
            self.cycles += 1
            self._live(None)

    def _live(self, kill_after):
        """Whether a life ended by itself."""
        ended = self.life(config=str(self.config), clock=str(self.file), kill_after=kill_after)
        self.lives += 1
        # Threads of the allocator survive a fork; workers of Polars' pool would not, and must not have begun.
        assert not [name for name in ended["threads"] if re.fullmatch(r"polars-\d+", name)]
        if ended["code"] == -signal.SIGKILL:
            return False
        assert ended["code"] == 0, (self.folder / "lives.log").read_text()[-4000:]
        self._whole = max(0.3, (self._whole + ended["seconds"]) / 2)
        return True

    # ------------------------------------------------------------ what is left

    def left(self):
        """Everything that matters, without the numbers that the order of arrival gives."""
        with self.app() as app, app.store.read() as unit:
            names = {row.connection_no: row.name for row in unit.connections.all(app.workspace_no)}

            def rows(*columns, where=()):
                return [dict(row) for row in unit.sql.mappings(sa.select(*columns).where(*where))]

            contacts = rows(contact)
            key = {each["contact_no"]: (each["object"], each["record_id"]) for each in contacts}
            people = {}
            for each in contacts:
                people.setdefault(each["person_no"], []).append((each["object"], each["record_id"]))
            owners = {number: min(group) for number, group in people.items()}
            kept = ("attributes", "derived", "email", "fingerprint", "modified_at", "completeness")
            who = {}
            for each in rows(activity_contact.c.activity_no, activity_contact.c.contact_no):
                who.setdefault(each["activity_no"], []).append(key[each["contact_no"]])
            open_runs = [run.run_no for run in unit.runs.open()]
            return {
                "contacts": _sorted(
                    # Whether it could be written matters while it is there: a write may learn first that it is gone.
                    [key[each["contact_no"]], each["gone_at"] is None and each["writable"], each["gone_at"] is None]
                    + [each[name] for name in kept]
                    for each in contacts
                ),
                "people": _sorted(sorted(group) for group in people.values()),
                "activities": _sorted(
                    [
                        each["object"],
                        each["record_id"],
                        each["kind"],
                        each["at"],
                        each["gone_at"] is None,
                        *sorted(who.get(each["activity_no"], ())),
                    ]
                    for each in rows(activity)
                ),
                "scores": _sorted(
                    [owners.get(each["person_no"]), {name: each[name] for name in each if name not in _OWN}]
                    for each in rows(score)
                ),
                "outbox": _sorted(
                    [
                        names[each["connection_no"]],
                        each["object"],
                        each["record_id"],
                        each["due"],
                        each["refusal"],
                        _loud(each["desired"]),
                        _loud(each["sent"]),
                    ]
                    for each in rows(outbox)
                ),
                "claims": rows(outbox.c.record_id, where=[outbox.c.claim.is_not(None)]),
                "leases": [each.name for each in unit.leases.all()],
                "open": open_runs,
                "failed": rows(sync_run.c.kind, sync_run.c.message, where=[sync_run.c.status == "failed"]),
                "held": _sorted(
                    [name, table, record_id, _loud(values, app.field_map(name).outputs.get(table, {}))]
                    for name, table, record_id, values in self.crms(do="held")
                ),
            }

    def different(self):
        """(records that hold a score, fields that are not as computed), read over HTTP."""
        announced = {
            name: Account(base_url=each["base_url"], credentials=each) for name, each in self.announced.items()
        }
        scored, found = 0, []
        with self.app() as app:
            for name, crm in outsiders(announced).items():
                many, different = compare(app, name, crm)
                scored += many
                found += different
        return scored, found

    def invented(self):
        """(writes, those that no rescore stored as wanted before)."""
        with self.app() as app, app.store.read() as unit:
            wanted = {}
            for number, table, record_id, text in unit.sql.rows(
                sa.text(f"SELECT connection_no, object, record_id, desired FROM {_AUDIT}")
            ):
                wanted.setdefault((number, table, record_id), []).append(normal_values(json.loads(text)))
            writes, wrong = self.crms(do="written"), []
            for name, table, record_id, values in writes:
                fields = {field: output for output, field in app.field_map(name).outputs[table].items()}
                written = normal_values({fields[field]: value for field, value in values.items()})
                known = wanted.get((app.connection(name).connection_no, table, record_id), ())
                if not any(written.items() <= each.items() for each in known):
                    wrong.append((name, table, record_id, sorted(written)))
        return len(writes), wrong


def _loud(values, outputs=None):
    """Values without what only tells of the last write; of a CRM by output."""
    if outputs is not None:
        values = {output: values.get(field) for output, field in outputs.items()}
    return {name: value for name, value in normal_values(values or {}).items() if name not in SILENT}


def _sorted(rows):
    return sorted(rows, key=repr)


def _audit(*, sqlite):
    """A table of all values that any rescore ever wanted, kept by the database itself."""
    yield f"CREATE TABLE {_AUDIT} (connection_no INTEGER, object TEXT, record_id TEXT, desired TEXT)"
    insert = f"INSERT INTO {_AUDIT} VALUES (NEW.connection_no, NEW.object, NEW.record_id, NEW.desired);"
    if sqlite:
        for when in ("INSERT", "UPDATE OF desired"):
            yield (
                f"CREATE TRIGGER {_AUDIT}_{when[:6]} AFTER {when} ON outbox WHEN NEW.desired IS NOT NULL "
                f"BEGIN {insert} END"
            )
        return
    yield f"CREATE FUNCTION {_AUDIT}_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert} RETURN NEW; END $$"
    yield (
        f"CREATE TRIGGER {_AUDIT}_kept AFTER INSERT OR UPDATE OF desired ON outbox FOR EACH ROW "
        f"WHEN (NEW.desired IS NOT NULL) EXECUTE FUNCTION {_AUDIT}_keep()"
    )
