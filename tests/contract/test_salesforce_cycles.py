"""Cycles over an org that never stands still, through faults and restarts: in the end everything read equals the org."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from connectors.records import ContactRecord, Ref, Stream
from connectors.salesforce import SalesforceConnector
from connectors.sandbox.clock import instant_of
from connectors.sandbox.conversion import convert_lead
from connectors.sandbox.faults import Drop, Effect, Reply, Truncate, delay, expire_sessions
from connectors.sandbox.records import Record
from connectors.sandbox.server import SandboxServer
from tests.contract.connector_case import PASSING, Replica
from tests.contract.salesforce_case import SalesforceCase

_EFFECTS: tuple[Effect, ...] = (
    Reply(status=503),
    Reply(status=500, body=b"oops"),
    Drop(),
    Drop(keep=120),
    Truncate(keep=90),
    delay(20),
    expire_sessions(),
)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer) -> Iterator[SalesforceCase]:
    made = SalesforceCase(server)
    yield made
    made.close()
    server.unmount("org")


class Life:
    """What users do to the org meanwhile."""

    def __init__(self, case: SalesforceCase, rng: Random) -> None:
        self._org = case.org
        self._rng = rng

    def go_on(self) -> None:
        """One to four acts."""
        acts = (
            self._rename,
            self._rename,
            self._late,
            self._delete,
            self._undelete,
            self._merge,
            self._convert,
            self._act,
        )
        for _ in range(self._rng.randrange(1, 5)):
            self._rng.choice(acts)()

    def _one(self, name: str, *, deleted: bool = False) -> Record | None:
        found = [item for item in self._org.scan(name, deleted=deleted) if not item.get("IsConverted")]
        return self._rng.choice(found) if found else None

    def _rename(self) -> None:
        name = self._rng.choice(("Lead", "Contact"))
        if record := self._one(name):
            self._org.update(name, record.id, {"LastName": f"Name{self._rng.randrange(10**6)}"})

    def _late(self) -> None:
        """A transaction that began up to nine minutes ago commits now."""
        if record := self._one("Lead"):
            at = self._org.now() - self._rng.randrange(540) * 1000
            self._org.update(
                "Lead", record.id, {"Title": f"Late {self._rng.randrange(10**6)}"}, at=max(at, record.system_at)
            )

    def _delete(self) -> None:
        name = self._rng.choice(("Lead", "Contact", "Task", "Event", "Account"))
        if record := self._one(name):
            self._org.delete(name, record.id)

    def _undelete(self) -> None:
        record = self._one("Lead", deleted=True)
        if record and record.merged_into is None:
            self._org.undelete("Lead", record.id)

    def _merge(self) -> None:
        winner, loser = self._one("Contact"), self._one("Contact")
        if winner and loser and winner is not loser:
            self._org.merge("Contact", winner.id, [loser.id])

    def _convert(self) -> None:
        if record := self._one("Lead"):
            convert_lead(self._org, record.id)

    def _act(self) -> None:
        if record := self._one("Lead"):
            stamp = instant_of(self._org.now()).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
            values = {"WhoId": record.id, "Subject": "Follow up", "Type": "Other", "TaskSubtype": "Task"}
            values |= {"Status": "Completed", "CompletedDateTime": stamp}
            self._org.create("Task", values)


def _cycle(case: SalesforceCase, rng: Random, life: Life, replica: Replica, stream: Stream, cursor: str) -> str:
    """Reads one window, each page perhaps in another process and with something going on between the pages."""
    connector: SalesforceConnector = case.connector(page_size=rng.choice((40, 150, 2000)))
    for _ in range(200):
        if rng.random() < 0.4:
            case.faults.add(rng.choice(_EFFECTS), path=case.paged_path())
        if rng.random() < 0.2:
            connector = case.connector(page_size=rng.choice((40, 150, 2000)))
        try:
            page = connector.read(stream, cursor)
        except PASSING:
            continue
        replica.apply(page)
        cursor = page.next
        if not page.more:
            return cursor
        if rng.random() < 0.3:
            life.go_on()
        case.advance(rng.randrange(5))
    raise AssertionError("the window never ends")


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_reader_ends_equal_to_the_org(case: SalesforceCase, seed: int) -> None:
    rng = Random(seed)
    life = Life(case, rng)
    streams = (Stream.ACCOUNTS, Stream.CONTACTS, Stream.ACTIVITIES)
    replicas = {stream: Replica() for stream in streams}
    cursors = {stream: case.connector().start(stream) for stream in streams}
    for _ in range(4):
        for stream in streams:
            cursors[stream] = _cycle(case, rng, life, replicas[stream], stream, cursors[stream])
        case.advance(rng.choice((1, 30, 400)))
        life.go_on()
    case.faults.clear()
    case.advance(2)

    for stream in streams:
        replicas[stream].drain(case.connector(), stream, cursors[stream])
        truth = case.truth(stream)
        followed = _followed(replicas[Stream.CONTACTS])
        assert _led(replicas[stream].facts(truth), followed) == _led(truth, followed)
        assert replicas[stream].bad == []


def _followed(contacts: Replica) -> dict[Ref, Ref]:
    """Who merged and converted people are now: their activities need not have a stamp of their own for that."""
    links = {
        record.ref: link.ref
        for record in contacts.records.values()
        if isinstance(record, ContactRecord)
        for link in record.same_as
    }
    return {**links, **contacts.moved}


def _led(known: dict[Ref, dict[str, object]], followed: dict[Ref, Ref]) -> dict[Ref, dict[str, object]]:
    def last(ref: Ref) -> Ref:
        while ref in followed:
            ref = followed[ref]
        return ref

    return {
        ref: {
            name: frozenset(last(person) for person in value) if isinstance(value, frozenset) else value
            for name, value in found.items()
        }
        for ref, found in known.items()
    }


def test_nothing_is_lost_even_without_an_overlap(case: SalesforceCase) -> None:
    connector = case.made(case.settings(overlap=timedelta(0)))
    replica = Replica()
    cursor = connector.start(Stream.CONTACTS)
    for number, ref in enumerate(case.pick(5)):
        cursor = replica.drain(connector, Stream.CONTACTS, cursor)
        case.rename(ref, f"Now{'abcde'[number]}")
        case.advance(1)

    replica.drain(connector, Stream.CONTACTS, cursor)

    truth = case.truth(Stream.CONTACTS)
    assert replica.facts(truth) == truth
