"""The outbox against a plain model: rescores, answers of every kind, drift, crashes and two workers, in any order.

The model says which entries are due, what we believe the CRM holds and what it does hold; in the end, when nothing
disturbs any more, every record that was not refused holds what was computed last. LEADGRADE_TEST_EXAMPLES=1000 looks longer.
"""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from config.settings import Sample
from connectors.errors import RefusalScope, Unavailable
from connectors.port import WriteOutcome, WriteResult
from connectors.records import ContactRecord, Ref
from sync.deliver.send import Delivery
from sync.errors import LeaseLost
from sync.pull.observed import HEALS_A_DAY, note_observed
from sync.rescore.entries import entry_row
from sync.store.open import open_store
from sync.store.shards import shard_of
from sync.store.sql.connections import WriteMode
from sync.values import normal_values
from tests.fakes import FakeClock
from tests.people_world import Crms

IDS = ("1", "2", "3")
DEADBAND = 3
NUMBERS = ("score", "fit")
_workspaces = count(1)

VALUES = st.fixed_dictionaries(
    {"score": st.integers(0, 12), "fit": st.sampled_from([0, 2, 9]), "grade": st.sampled_from(["A", "B"])}
)
#: What a CRM may say to one request.
ANSWERS = st.sampled_from(
    [*["accepted"] * 6, *["deferred"] * 2, "refused value", "refused record", "refused object", "gone"]
)


class Record:
    """One record in the model."""

    def __init__(self):
        self.wanted = None
        #: What we wrote last, as far as we know; what the CRM holds.
        self.sent, self.held = None, {}
        self.due = self.claimed = self.gone = False
        self.not_before = None
        self.refused = None
        #: What was seen in the CRM and when, and when we wrote last.
        self.seen, self.seen_at, self.sent_at = None, None, None
        self.changed_at = None
        self.healed = (None, 0)
        #: Everything that was ever computed, and what somebody else wrote there.
        self.ever = []
        self.foreign = {}

    def sendable(self, now):
        waits = self.not_before is not None and self.not_before > now
        return self.due and self.refused is None and not self.claimed and not waits and not self.gone

    def known(self):
        """What we believe is there; a first look counts."""
        if self.sent is not None:
            return self.sent
        return self.seen if self.seen and any(value is not None for value in self.seen.values()) else None

    def differs(self):
        known = self.known()
        if known is None:
            return True
        if self.wanted["grade"] != known.get("grade"):
            return True
        return any(_apart(self.wanted[name], known.get(name)) for name in NUMBERS)

    def overwritten(self):
        """Seen with other values than ours after we wrote."""
        if None in (self.sent, self.sent_at, self.seen_at) or self.seen_at <= self.sent_at:
            return False
        return any(self.seen.get(name) != self.sent[name] for name in self.sent)


def _apart(one, other):
    return other is None or abs(one - other) > DEADBAND


class Crm:
    """The other end: answers as it is told, and takes what it accepts."""

    write_batch = 2

    def __init__(self, machine):
        self.machine = machine
        #: What to do: answers by record, an error instead of answers, something that happens meanwhile.
        self.answers, self.error, self.meanwhile = {}, None, lambda: None

    def write(self, requests):
        self.machine.sent_now = [request.ref.id for request in requests]
        self.meanwhile()
        if self.error == "before":
            raise Unavailable("broken before")
        results = []
        for request in requests:
            answer = self.answers[request.ref.id]
            record = self.machine.records[request.ref.id]
            # Nothing is sent that no rescore computed, all of it at one time.
            sent = normal_values(request.values)
            assert any(sent.items() <= ever.items() for ever in record.ever)
            outcome, _, scope = answer.partition(" ")
            if outcome == "accepted":
                record.held |= sent
                record.changed_at = self.machine.clock.now()
            results.append(
                WriteResult(
                    ref=request.ref,
                    outcome=WriteOutcome("rejected" if outcome == "refused" else outcome),
                    code="NO" if scope else None,
                    scope=RefusalScope(scope) if scope else None,
                    retry_after=30 if outcome == "deferred" else None,
                )
            )
        if self.error == "after":
            raise Unavailable("broken after")
        return results


class Killed(BaseException):
    """The process is gone."""


class World:
    """One store for all examples; each has a workspace of its own."""

    store = None
    clock = FakeClock()

    @classmethod
    def fresh(cls):
        cls.store = cls.store or open_store(f"sqlite:///{Path(tempfile.mkdtemp()) / 'store.db'}", clock=cls.clock)
        return Crms(cls.store, cls.clock, workspace=f"w{next(_workspaces)}")


@pytest.fixture(scope="module", autouse=True)
def _the_store_is_closed():
    yield
    if World.store is not None:
        World.store.close()
        World.store = None


class OutboxMachine(RuleBasedStateMachine):
    """What rescores want, what deliveries do, what pulls see."""

    def __init__(self):
        super().__init__()
        crms = World.fresh()
        self.store, self.clock, self.number = crms.store, crms.clock, crms.connections["marketing"]
        crms.page("marketing", [crms.row("contacts", one, email=f"p{one}@acme.example") for one in IDS])
        self.records = {one: Record() for one in IDS}
        self.crm, self.sent_now = Crm(self), []
        self.lease = f"connection:{self.number}"
        with self.store.write() as unit:
            unit.connections.set_writes(self.number, WriteMode.ON)
            self.epoch = unit.leases.acquire(self.lease, "one:1", 120)
            found = unit.contacts.at(self.number, [self._ref(one) for one in IDS])
            self.owners = {ref.id: (each.person_no, each.contact_no) for ref, each in found.items()}

    @staticmethod
    def _ref(one):
        return Ref(object="contacts", id=one)

    def _pass(self, seconds=120):
        self.clock.advance(seconds)

    # ------------------------------------------------------------ rescoring

    def _rescore(self, one, values):
        record, now = self.records[one], self.clock.now()
        person_no, contact_no = self.owners[one]
        owner = {"connection_no": self.number, "object": "contacts", "record_id": one, "shard": shard_of(person_no)}
        owner |= {"person_no": person_no, "contact_no": contact_no}
        rules = SimpleNamespace(deadband=DEADBAND, force=False, deadband_of=lambda _shard: DEADBAND)
        with self.store.write() as unit:
            entry = unit.outbox.of_refs(self.number, [self._ref(one)]).get(("contacts", one))
            row = entry_row(owner, entry, dict(values), rules=rules, version="v", run_no=None, now=now)
            if row is not None:
                unit.outbox.want([row])
        same = record.wanted == values
        record.wanted = dict(values)
        record.ever.append(record.wanted)
        due = record.differs() or (record.due and record.overwritten())
        if same and (record.refused or due == record.due):
            return
        record.sent = record.known()
        if record.refused == "value":
            record.refused = None
        record.due = due and record.refused is None
        record.not_before = None

    @rule(one=st.sampled_from(IDS), values=VALUES)
    def a_rescore_wants_something(self, one, values):
        if not self.records[one].gone:
            self._rescore(one, values)

    # ------------------------------------------------------------ delivering

    def _delivery(self, epoch, holder="one:1"):
        return Delivery(
            store=self.store,
            clock=self.clock,
            connector=self.crm,
            connection="marketing",
            connection_no=self.number,
            deadband=DEADBAND,
            sample=Sample(),
            run_no=None,
            claim=f"{holder}:{epoch}",
            fence=lambda unit: unit.leases.check(self.lease, epoch),
            chance=Random(1),
        )

    def _plan(self, data, during=None):
        self.sent_now = []
        self.crm.answers = {one: data.draw(ANSWERS) for one in IDS}
        self.crm.error = None
        self.crm.meanwhile = during or (lambda: None)
        return {one: dict(record.wanted or {}) for one, record in self.records.items()}

    def _ready(self):
        return [one for one in IDS if self.records[one].sendable(self.clock.now())]

    @precondition(lambda self: not self._ready())
    @rule()
    def nothing_is_sent_that_is_not_due(self):
        assert self._delivery(self.epoch).batch() is None

    @precondition(lambda self: self._ready())
    @rule(data=st.data(), moves=st.sampled_from([True, True, False]), values=VALUES)
    def a_batch_is_sent(self, data, moves, values):
        ready = set(self._ready())
        one = data.draw(st.sampled_from(sorted(ready)))
        before = self._plan(data, (lambda: self._rescore(one, values)) if moves else None)
        self._pass(1)

        counts = self._delivery(self.epoch).batch()

        assert len(self.sent_now) == min(len(ready), Crm.write_batch)
        assert set(self.sent_now) <= ready
        assert counts.total() == len(self.sent_now)
        for sent in self.sent_now:
            self._answered(sent, before[sent])

    def _answered(self, one, wanted_then):
        record, (outcome, _, scope) = self.records[one], self.crm.answers[one].partition(" ")
        moved = record.wanted != wanted_then
        now = self.clock.now()
        record.not_before = None
        if outcome == "gone":
            record.gone, record.due = True, False
        elif outcome == "accepted":
            # Whatever we sent is there, and what we did not send was there before, as far as we know.
            record.sent = {**(record.sent or {}), **wanted_then}
            record.seen = {**(record.seen or {}), **record.held}
            record.sent_at = now
            record.due = moved and record.differs()
        elif outcome == "deferred":
            record.due, record.not_before = True, now + timedelta(seconds=30)
        elif moved:
            record.due = True
        else:
            record.due, record.refused = False, scope

    @precondition(lambda self: self._ready())
    @rule(data=st.data(), error=st.sampled_from(["before", "after"]))
    def a_batch_breaks_and_nobody_knows_what_was_written(self, data, error):
        self._plan(data)
        self.crm.error = error
        self._pass(1)

        with pytest.raises(Unavailable):
            self._delivery(self.epoch).batch()
        for one in self.sent_now:
            self.records[one].due = True

    @precondition(lambda self: self._ready())
    @rule(data=st.data(), error=st.sampled_from([None, "killed"]))
    def a_worker_dies_in_the_middle_and_another_takes_over(self, data, error):
        """Killed before its request reached the CRM, or it comes back late: its results are refused, the claims are due."""

        def take_over():
            with self.store.write() as unit:
                unit.leases.release(self.lease, self.epoch)
                self.epoch = unit.leases.acquire(self.lease, "two:2", 120)
                unit.outbox.release_claims(self.number)
            if error:
                raise Killed

        stale = self.epoch
        self._plan(data, take_over)
        self._pass(1)

        with pytest.raises(Killed if error else LeaseLost):
            self._delivery(stale).batch()
        for one in self.sent_now:
            self.records[one].due = True

    @precondition(lambda self: self.epoch > 1)
    @rule()
    def the_one_who_lost_the_lease_can_send_nothing(self):
        self.sent_now = []
        with pytest.raises(LeaseLost):
            self._delivery(self.epoch - 1).batch()
        assert self.sent_now == []

    # ------------------------------------------------------------ the CRM and its people

    @rule(one=st.sampled_from(IDS), values=VALUES, name=st.sampled_from(["score", "grade"]))
    def something_else_writes_our_field(self, one, values, name):
        record = self.records[one]
        self._pass()
        record.held[name] = values[name]
        record.changed_at = self.clock.now()

    def _pulled(self, one, *, late=False):
        record, now = self.records[one], self.clock.now()
        if record.gone or not record.held or record.changed_at is None:
            return
        read_at = now - timedelta(days=1) if late else now
        contact = ContactRecord(
            ref=self._ref(one),
            created_at=now,
            modified_at=record.changed_at,
            attributes={},
            observed=dict(record.held),
        )
        with self.store.write() as unit:
            beyond = note_observed(unit, self.number, [contact], read_at=read_at, now=now)
        if record.sent_at is not None and (
            read_at < record.sent_at or record.changed_at < record.sent_at - timedelta(seconds=60)
        ):
            assert beyond == []
            return
        if record.seen != record.held:
            record.seen, record.seen_at = dict(record.held), now
        sent = record.sent or {}
        foreign = any(record.held[name] != sent[name] for name in record.held if name in sent)
        if record.wanted is None or record.due or not foreign:
            assert beyond == []
            return
        day, times = record.healed
        times = times + 1 if day == now.date() else 1
        record.healed = now.date(), times
        record.due = times <= HEALS_A_DAY and record.refused is None
        record.not_before = now
        assert bool(beyond) == (times > HEALS_A_DAY)

    @rule(one=st.sampled_from(IDS), late=st.sampled_from([False, False, True]))
    def a_pull_sees_the_record(self, one, late):
        self._pass()
        self._pulled(one, late=late)

    @rule(one=st.sampled_from(IDS))
    def the_record_changes_which_revives_what_waits_for_it(self, one):
        with self.store.write() as unit:
            unit.outbox.revive([(self.number, "contacts", one)], "record")
        record = self.records[one]
        if record.refused == "record":
            record.refused, record.due = None, True

    @rule()
    def the_operator_retries_dead_letters(self):
        with self.store.write() as unit:
            many = unit.outbox.retry_dead_letters(self.number)
        dead = [record for record in self.records.values() if record.refused]
        assert many == len(dead)
        for record in dead:
            record.refused, record.due = None, True

    @rule(hours=st.sampled_from([1, 30]))
    def time_passes(self, hours):
        self._pass(3600 * hours)

    # ------------------------------------------------------------ what must hold

    @invariant()
    def the_store_says_what_the_model_says(self):
        with self.store.read() as unit:
            found = unit.outbox.of_refs(self.number, [self._ref(one) for one in IDS])
            claims = [entry.key for entry in unit.outbox.due(self.number, now=self.clock.now(), limit=9)]
        for one, record in self.records.items():
            entry = found.get(("contacts", one))
            if entry is None or entry.desired is None:
                assert record.gone or record.wanted is None
                continue
            assert not record.gone
            state = (entry.desired, entry.due, entry.refusal_scope)
            assert state == (record.wanted, record.due, record.refused)
            if record.sent is not None:
                assert {name: entry.sent[name] for name in record.sent} == record.sent
            assert ((self.number, "contacts", one) in claims) == record.sendable(self.clock.now())

    def teardown(self):
        """Nobody disturbs any more: a day later every record is looked at, and what is due is sent."""
        self.the_operator_retries_dead_letters()
        self._pass(86_400)
        self.crm.meanwhile, self.crm.error = lambda: None, None
        self.crm.answers = dict.fromkeys(IDS, "accepted")
        for _ in range(2):
            for one in IDS:
                self._pass()
                self._pulled(one)
            before = {one: dict(record.wanted or {}) for one, record in self.records.items()}
            for _ in range(len(IDS)):
                self.sent_now = []
                self._delivery(self.epoch).batch()
                for one in self.sent_now:
                    self._answered(one, before[one])
            self.the_store_says_what_the_model_says()
        for record in self.records.values():
            if record.wanted is None or record.gone:
                continue
            assert record.held["grade"] == record.wanted["grade"]
            assert not any(_apart(record.wanted[name], record.held[name]) for name in NUMBERS)


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(
    max_examples=int(os.environ.get("LEADGRADE_TEST_EXAMPLES", "10")), stateful_step_count=20, deadline=None
)
