"""A store at rest for benchmarks: everybody loaded, scored and written, straight into SQLite; and a CRM on paper in which some change."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from connectors.records import ActivityRecord, ContactRecord, Page, Ref, Stream
from sync.jobs.rescoring import basis_now
from sync.rules import scoring_day
from sync.store.shards import SHARDS
from sync.store.sql.checkpoints import Checkpoint, Track
from tests.bench_population import fill
from tests.paper_crm import PaperCrm

#: People of one company.
COLLEAGUES = 20
_SENT = '{"grade":"D","qualified":false,"rating":"Cold","score":1}'


class ChangingCrm(PaperCrm):
    """Holds only what changes: contacts with another title who looked at a page."""

    def __init__(self, name, clock):
        super().__init__(name, clock, page=1000)
        self._rounds = 0
        self._waiting = {Stream.CONTACTS: [], Stream.ACTIVITIES: []}

    def change(self, numbers):
        """These contacts change now."""
        now = self.clock.now()
        self._rounds += 1
        refs = [Ref(object="contacts", id=str(number)) for number in numbers]
        self._waiting[Stream.CONTACTS] += [
            ContactRecord(
                ref=ref,
                created_at=now - timedelta(days=400),
                modified_at=now,
                attributes={
                    "email": f"person.{ref.id}@example.com",
                    "last_name": "Person",
                    "title": f"Director of round {self._rounds}",
                    "country": "Germany",
                },
            )
            for ref in refs
        ]
        self._waiting[Stream.ACTIVITIES] += [
            ActivityRecord(
                ref=Ref(object="page_views", id=f"{self._rounds}-{ref.id}"),
                kind="page_view",
                at=now,
                modified_at=now,
                contacts=(ref,),
                url="https://www.acme.example/pricing1",
            )
            for ref in refs
        ]

    def read(self, stream, cursor):
        self._call("read", (stream, int(cursor)))
        records = tuple(self._waiting.pop(stream, ()))
        self._waiting[stream] = []
        return Page(records=records, next=str(int(cursor) + len(records)), more=False)


def fill_at_rest(app, path, *, people, activities):
    """Fill the app's new store with people who have nothing left to be done: scored on this day, their records as wanted."""
    day = scoring_day(app)
    numbers = tuple(app.connection(name).connection_no for name in app.names())
    fill(path, people=people, activities=activities, day=day, connections=numbers)
    now = round(app.clock.now().timestamp() * 1_000_000)
    epoch_day = (day - day.replace(year=1970, month=1, day=1)).days
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("BEGIN IMMEDIATE")
        for statement in _STATEMENTS:
            database.execute(
                statement,
                {
                    "now": now,
                    "day": epoch_day,
                    "colleagues": COLLEAGUES,
                    "first": numbers[0],
                    "sent": _SENT,
                    "version": app.model.version,
                    "model": app.model.name,
                    "shards": SHARDS,
                },
            )
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with app.store.write() as unit:
        unit.markers.put("rescored", basis_now(app) | {"day": day.isoformat()})
        for number in numbers:
            for stream in Stream:
                checkpoint = Checkpoint(
                    connection_no=number,
                    stream=stream,
                    track=Track.MAIN,
                    cursor="0",
                    mapping_digest="paper",
                    baseline_at=app.clock.now(),
                    moved_at=app.clock.now(),
                )
                unit.checkpoints.put(checkpoint)


_STATEMENTS = (
    """INSERT INTO identity_key (workspace_no, kind, value, person_no, since)
       SELECT 1, 'email', email, person_no, :now FROM contact WHERE connection_no = :first""",
    """INSERT INTO company (company_no, workspace_no, domain, profile, created_at, stale)
       SELECT DISTINCT 1 + person_no / :colleagues, 1, 'firm' || (1 + person_no / :colleagues) || '.example', '{}', :now, 0
       FROM person""",
    """INSERT INTO account (workspace_no, connection_no, object, record_id, company_no, domain, attributes, derived,
         derived_version, fingerprint, modified_at, first_seen_at, writable)
       SELECT 1, :first, 'companies', company_no, company_no, domain, '{}', '{}', 1, '', :now, :now, 1 FROM company""",
    """UPDATE contact SET account_object = 'companies', account_id = CAST(1 + person_no / :colleagues AS TEXT)
       WHERE connection_no = :first""",
    "UPDATE person SET company_no = 1 + person_no / :colleagues, scored_seq = dirty_seq",
    """INSERT INTO score (shard, person_no, in_scope, total, fit, engagement, quality, completeness, grade, rating, stars,
         qualified, disqualified, recent, trend, overridden, day, model, version, changed_by, scored_at)
       SELECT shard, person_no, 1, 1, 1, 0, 0, 50, 'D', 'Cold', 1, 0, 0, 0, 0, 0, :day, :model, :version, 'profile', :now
       FROM person""",
    """INSERT INTO score_history (shard, person_no, day, at, total, grade, rating, qualified, version, changed_by)
       SELECT shard, person_no, :day, :now, 1, 'D', 'Cold', 0, :version, 'profile' FROM person""",
    """INSERT INTO outbox (connection_no, object, record_id, shard, person_no, contact_no, desired, sent, observed,
         observed_at, due, urgent, attempts, drift_times, sent_at)
       SELECT contact.connection_no, object, record_id, shard, contact.person_no, contact_no, :sent, :sent, :sent,
         :now, 0, 0, 0, 0, :now FROM contact JOIN person ON person.person_no = contact.person_no""",
    """INSERT INTO activity (activity_no, workspace_no, connection_no, object, record_id, kind, at, recorded_at,
         at_precision, machine, count, superseded, fingerprint)
       SELECT activity_no, 1, connection_no, 'page_views', 'old-' || activity_no, kind, at, recorded_at,
         'instant', 0, 1, 0, '' FROM activity_contact""",
    """INSERT INTO company_score (company_no, score, people, qualified, day, version)
       SELECT company_no, 1, :colleagues, 0, :day, :version FROM company""",
    """INSERT OR REPLACE INTO sequence (name, value)
       SELECT 'contact', max(contact_no) FROM contact UNION ALL SELECT 'person', max(person_no) FROM person
       UNION ALL SELECT 'activity', max(activity_no) FROM activity UNION ALL SELECT 'asset', max(asset_no) FROM asset
       UNION ALL SELECT 'company', max(company_no) FROM company UNION ALL SELECT 'account', max(account_no) FROM account""",
)
