"""A CRM on paper: contacts in a list, pages by position, writes in a dict. For tests of who works when, not of what CRMs do."""

from __future__ import annotations

from collections import Counter
from functools import cache

from config.settings import Settings
from connectors.mapping import load_field_map
from connectors.port import OrgIdentity, Usage, WriteOutcome, WriteResult
from connectors.records import ContactRecord, Deletion, Page, Ref, Stream
from scoring.vocabulary import ACTIVITY_KINDS
from sync.app import open_app
from tests.fakes import FakeClock

TITLES = ("CEO", "Sales Director", "Student", "VP Marketing", "Analyst")


class PaperCrm:
    """One account and the connector to it."""

    kind = "hubspot"
    write_batch = 50

    def __init__(self, name, clock, *, contacts=0, page=100, first=0):
        self.name, self.clock, self.size = name, clock, page
        self.log = []
        self.people = {}
        #: What was written by record id.
        self.written = {}
        self.calls = Counter()
        #: Called with (method, argument) before every call.
        self.during = lambda _method, _argument: None
        for number in range(first, first + contacts):
            self.put(number, TITLES[number % len(TITLES)])

    def put(self, number, title):
        """A contact is new or has changed."""
        ref = Ref(object="contacts", id=str(number))
        self.people[ref.id] = ContactRecord(
            ref=ref,
            created_at=self.clock.now(),
            modified_at=self.clock.now(),
            attributes={"email": f"p{number}@company{number % 50}.example", "title": title, "last_name": f"L{number}"},
        )
        self.log.append(ref.id)

    def _call(self, method, argument=None):
        self.calls[method] += 1
        self.during(method, argument)

    def identify(self):
        self._call("identify")
        return OrgIdentity(org_id=f"org-{self.name}", host="paper", sandbox=True, name=self.name, now=self.clock.now())

    def check_fields(self):
        return []

    def mapping_digest(self, stream):
        return "paper"

    def start(self, stream):
        return "0"

    def since(self, stream, instant):
        return "0"

    def read(self, stream, cursor):
        self._call("read", (stream, int(cursor)))
        if stream is not Stream.CONTACTS:
            return Page(records=(), next=cursor, more=False)
        at = int(cursor)
        ids = dict.fromkeys(self.log[at : at + self.size])
        end = min(at + self.size, len(self.log))
        return Page(records=tuple(self.people[one] for one in ids), next=str(end), more=end < len(self.log))

    def read_records(self, stream, ids):
        self._call("read_records", tuple(ids))
        found = tuple(self.people[ref.id] for ref in ids if ref.id in self.people)
        gone = tuple(Deletion(ref=ref) for ref in ids if ref.id not in self.people)
        return Page(records=found, next="", more=False, deletions=gone)

    def activities_of(self, contacts):
        return iter(())

    def present_ids(self, stream):
        self._call("present_ids", stream)
        if stream is Stream.CONTACTS:
            yield [Ref(object="contacts", id=one) for one in self.people]

    def write(self, requests):
        self._call("write", len(requests))
        for request in requests:
            self.written.setdefault(request.ref.id, {}).update(request.values)
        return [WriteResult(ref=request.ref, outcome=WriteOutcome.ACCEPTED) for request in requests]

    def usage(self):
        return Usage(calls=self.calls.total())

    def recall_calls(self, by_hour):
        pass

    def use_currency(self, currency):
        pass

    def close(self):
        pass


#: A model that is quick to load: what scores are is the business of other tests.
MODEL = """
model: paper
time_zone: UTC
fit:
  rules:
    - {id: boss, label: Boss, when: {seniority: [c_level, vp, director]}, points: 20}
    - {id: student, label: Student, when: {seniority: student}, points: -5}
"""


@cache
def _shipped_map(path, name):
    return load_field_map(path.read_text(encoding="utf-8"), name=name, kinds=frozenset(ACTIVITY_KINDS))


def paper_settings(folder, names=("one", "two"), **more):
    """Settings with some connections that nobody ever reaches."""
    connection = {"kind": "hubspot", "token": "paper", "host": "http://127.0.0.1:1"}
    (folder / "paper.yaml").write_text(MODEL)
    more = {"model": "paper.yaml"} | more
    url = f"sqlite:///{folder / 'leadgrade.db'}"
    schedule = {"incremental": "5 minutes", "sweep": "never", "jitter_seconds": 0} | more.pop("schedule", {})
    connections = dict.fromkeys(names, connection)
    return Settings(store=url, connections=connections, source=folder / "x.yaml", schedule=schedule, **more)


def paper_app(folder, crms, clock=None, *, holder="here:1", **more):
    """An app whose connections are those CRMs on paper."""
    clock = clock or FakeClock()
    settings = paper_settings(folder, tuple(crms), **more)
    app = open_app(settings, clock=clock, make_connector=lambda name, *_: crms[name])
    app.holder = holder
    for name, connection in settings.connections.items():
        app._field_maps[name] = _shipped_map(settings.fields_path(name), connection.kind)
    return app
