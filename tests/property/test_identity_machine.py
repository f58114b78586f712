"""People against a plain model that looks at everybody each time: same groups, whatever the pages and their order."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from itertools import combinations, count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connectors.records import Deletion, DeletionKind, LinkReason, Ref, VendorLink
from sync.people import identity
from sync.people.identity import STRENGTH, Verdict, judge_address
from sync.people.resolve import link, settle_links, unlink
from sync.store.open import open_store
from sync.store.people_rows import Member, Reason
from sync.store.shards import shard_of
from sync.store.tables import activity_contact, contact, identity_key, person
from tests.fakes import FakeClock
from tests.people_world import START, Crms

#: Small, so that components grow too large in a few steps.
LIMIT = 4
WEEK = timedelta(days=7)
ORDER = ("sales", "marketing")
KEYS = [("sales", "Contact", str(n)) for n in range(4)]
KEYS += [("sales", "Lead", str(n)) for n in range(5)] + [("marketing", "contacts", str(n)) for n in range(3)]
EMAILS = [None, "a@one.example", "b@two.example", "c@three.example", "info@one.example"]
NAMES = [None, "Smith", "Jones", "Unknown"]
_workspaces = count(1)


def a_statement(key):
    connection, object_, record_id = key
    crm = "salesforce" if connection == "sales" else "hubspot"
    return VendorLink(ref=Ref(object=object_, id=record_id), reason=LinkReason.NATIVE_SYNC, crm=crm)


RECORDS = st.fixed_dictionaries(
    {
        "email": st.sampled_from(EMAILS),
        "last_name": st.sampled_from(NAMES),
        "says": st.lists(st.sampled_from(KEYS), max_size=1),
    }
)


class Plain:
    """The rules without any economy: all contacts, all pairs, each time."""

    def __init__(self):
        self.records = {}
        self.live = {}
        self.moved = {}
        self.mails = {}
        self.operator = {}
        #: Addresses that identify somebody.
        self.joining = set()

    def arrive(self, page, now):
        for key, record in page.items():
            self.records[key], self.live[key] = record, True
            self.moved.pop(key, None)
        self._mail(now)

    def go(self, key, moved_to, now):
        self.live[key] = False
        if moved_to is not None:
            self.moved[key] = moved_to
        self._mail(now)

    def settle(self, now):
        self.mails = {ends: since for ends, since in self.mails.items() if since is None or since > now - WEEK}

    def groups(self):
        edges = {(Reason.EMAIL, ends) for ends in self.mails}
        edges |= {(reason, ends) for ends, reason in self.operator.items() if reason is Reason.OPERATOR}
        stated = [(key, other) for key, record in self.records.items() for other in record["says"]]
        edges |= {(Reason.NATIVE_SYNC, _ends(one, other)) for one, other in stated if self._stored(one, other)}
        merges = self.moved.items()
        edges |= {(Reason.MERGE, _ends(one, other)) for one, other in merges if self._stored(one, other)}
        parts = self._joined(list(self.records), edges)
        for weak in ({Reason.EMAIL}, {Reason.EMAIL, Reason.NATIVE_SYNC, Reason.MERGE}, set(Reason)):
            parts = [
                smaller
                for part in parts
                for smaller in (
                    [part]
                    if sum(self.live[key] for key in part) <= LIMIT
                    else self._joined(part, {edge for edge in edges if edge[0] not in weak and edge[1] <= set(part)})
                )
            ]
        return {frozenset(part) for part in parts}

    def _stored(self, one, other):
        return one != other and other in self.records

    def _joined(self, keys, edges):
        parts = [{key} for key in keys]
        apart = [ends for ends, reason in self.operator.items() if reason is Reason.UNLINK]
        for _, ends in sorted(edges, key=lambda edge: (STRENGTH[edge[0]], sorted(map(_rank, edge[1])))):
            one, other = (next(part for part in parts if key in part) for key in ends)
            if one is other or any(ends <= one | other and not ends <= one and not ends <= other for ends in apart):
                continue
            parts.remove(other)
            one |= other
        return parts

    def _mail(self, now):
        verdicts = {}
        self.joining = set()
        for address in filter(None, EMAILS):
            carriers = [key for key, record in self.records.items() if self.live[key] and record["email"] == address]
            verdicts[address] = judge_address(address, [self._member(key) for key in carriers])
            if verdicts[address] is Verdict.JOINS:
                self.joining |= {address} if carriers else set()
                for one, other in combinations(carriers, 2):
                    self.mails.setdefault(_ends(one, other), None)
        for ends in list(self.mails):
            one, other = ends
            mine, theirs = self.records[one]["email"], self.records[other]["email"]
            if not (self.live[one] and self.live[other] and mine and theirs):
                self.mails[ends] = None
            elif mine != theirs:
                self.mails[ends] = self.mails[ends] or now
            elif verdicts[mine] in {Verdict.TOO_MANY, Verdict.LAST_NAMES}:
                del self.mails[ends]
            else:
                self.mails[ends] = None

    def _member(self, key):
        connection, object_, record_id = key
        record = self.records[key]
        return Member(
            contact_no=0,
            connection_no=ORDER.index(connection),
            object=object_,
            record_id=record_id,
            email=record["email"],
            last_name=record["last_name"],
            live=True,
            born_at=START,
        )


def _ends(one, other):
    return frozenset({one, other})


def _rank(key):
    return (ORDER.index(key[0]), *key[1:])


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


@pytest.fixture(autouse=True)
def _small_people(monkeypatch):
    monkeypatch.setattr(identity, "CONTACTS_PER_PERSON", LIMIT)


def rows_of(crms, keys, records):
    return [
        crms.row(key[1], key[2], same_as=tuple(map(a_statement, record["says"])), **_texts(record))
        for key, record in zip(keys, records, strict=True)
    ]


def _texts(record):
    return {name: record[name] for name in ("email", "last_name")}


def groups_of(crms):
    names = {number: name for name, number in crms.connections.items()}
    query = sa.select(contact).where(contact.c.workspace_no == crms.workspace_no)
    groups = {}
    with crms.store.read() as unit:
        for row in unit.sql.rows(query):
            key = (names[row.connection_no], row.object, row.record_id)
            groups.setdefault(row.person_no, set()).add(key)
    return {person_no: frozenset(group) for person_no, group in groups.items()}


@given(
    records=st.dictionaries(st.sampled_from(KEYS), RECORDS, min_size=1),
    randomness=st.randoms(use_true_random=False),
    size=st.integers(1, 5),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_in_any_order_and_of_any_size_give_the_same_people(records, randomness, size):
    plain, profiles = Plain(), []
    plain.arrive(records, World.clock.now())
    for _ in range(2):
        crms, keys = World.fresh(), list(records)
        randomness.shuffle(keys)
        while keys:
            connection = keys[0][0]
            page = [key for key in keys[:size] if key[0] == connection]
            keys = [key for key in keys if key not in page]
            crms.page(connection, rows_of(crms, page, [records[key] for key in page]))
        assert set(groups_of(crms).values()) == plain.groups()
        check_store(crms, plain)
        profiles.append({groups_of(crms)[row.person_no]: row.profile for row in crms.people()})

    assert profiles[0] == profiles[1]


class IdentityMachine(RuleBasedStateMachine):
    """Arrivals, deletions, merges, time and the operator, in any order."""

    def __init__(self):
        super().__init__()
        self.crms, self.plain = World.fresh(), Plain()

    @rule(connection=st.sampled_from(ORDER), records=st.data())
    def a_page_arrives(self, connection, records):
        keys = [key for key in KEYS if key[0] == connection]
        page = records.draw(st.dictionaries(st.sampled_from(keys), RECORDS, min_size=1, max_size=4))
        new = [key for key in page if key not in self.plain.records]
        self.plain.arrive(page, self.crms.clock.now())
        self.crms.page(connection, rows_of(self.crms, list(page), list(page.values())))
        for key in new:
            self.crms.activity(":".join(key), key[2], connection=connection, object_=key[1])

    @precondition(lambda self: any(self.plain.live.values()))
    @rule(choice=st.data(), merged=st.booleans())
    def a_record_goes(self, choice, merged):
        key = choice.draw(st.sampled_from([key for key, live in self.plain.live.items() if live]))
        others = [other for other in KEYS if other[:2] == key[:2] and other != key]
        winner = choice.draw(st.sampled_from(others)) if merged else None
        self.plain.go(key, winner, self.crms.clock.now())
        deletion = Deletion(
            ref=Ref(object=key[1], id=key[2]),
            kind=DeletionKind.MERGED if winner else DeletionKind.DELETED,
            moved_to=Ref(object=winner[1], id=winner[2]) if winner else None,
        )
        self.crms.gone(key[0], deletion)

    @rule(days=st.integers(1, 8))
    def time_passes(self, days):
        self.crms.pass_time(timedelta(days=days))
        self.crms.settle(settle_links)
        self.plain.settle(self.crms.clock.now())

    @precondition(lambda self: len(self.plain.records) > 1)
    @rule(choice=st.data(), act=st.sampled_from([link, unlink]))
    def the_operator_speaks(self, choice, act):
        one, other = choice.draw(st.permutations(sorted(self.plain.records)))[:2]
        self.plain.operator[_ends(one, other)] = Reason.OPERATOR if act is link else Reason.UNLINK
        self.crms.operator(act, self.crms.number(*one), self.crms.number(*other))

    @invariant()
    def the_people_are_those_of_the_model(self):
        assert set(groups_of(self.crms).values()) == self.plain.groups()

    @invariant()
    def the_store_agrees_with_itself(self):
        check_store(self.crms, self.plain)


def check_store(crms, plain):
    """Numbers, counts, activities and keys follow the contacts."""
    here = contact.c.workspace_no == crms.workspace_no
    with crms.store.read() as unit:
        contacts = unit.sql.rows(sa.select(contact).where(here))
        people = {
            row.person_no: row
            for row in unit.sql.rows(sa.select(person).where(person.c.workspace_no == crms.workspace_no))
        }
        links = unit.sql.rows(
            sa.select(activity_contact, contact.c.person_no.label("of"))
            .join(contact, contact.c.contact_no == activity_contact.c.contact_no)
            .where(here)
        )
        keys = unit.sql.rows(sa.select(identity_key).where(identity_key.c.workspace_no == crms.workspace_no))
    holders = {}
    live = dict.fromkeys(people, 0)
    for row in contacts:
        assert people[row.person_no].alias_of is None
        live[row.person_no] += row.gone_at is None
        if row.gone_at is None and row.email:
            holders.setdefault(row.email, set()).add(row.person_no)
    assert live == {number: row.contacts for number, row in people.items()}
    assert all((row.person_no, row.shard) == (row.of, shard_of(row.of)) for row in links)
    assert all(row.person_no in holders[row.value] for row in keys)
    assert {row.value for row in keys} == plain.joining


TestIdentity = IdentityMachine.TestCase
TestIdentity.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestIdentity = pytest.mark.usefixtures("_small_people")(TestIdentity)
