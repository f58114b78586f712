"""Cycles over a portal that never stands still, through faults, lag and restarts: in the end everything read equals it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

import pytest

from connectors.hubspot import HubSpotConnector, Paths
from connectors.records import Ref, Stream
from connectors.sandbox.clock import iso
from connectors.sandbox.faults import Drop, Effect, Reply, Truncate, delay
from connectors.sandbox.objects_hubspot import DEAL_STAGES, EDGES
from connectors.sandbox.records import Record
from connectors.sandbox.server import SandboxServer
from tests.contract.connector_case import PASSING, Replica
from tests.contract.hubspot_case import HubSpotCase

LIMITED = {"status": "error", "message": "You have reached your secondly limit.", "policyName": "SECONDLY"}
EFFECTS: tuple[Effect, ...] = (
    Reply(status=503),
    Reply(status=500, body=b"\xff oops"),
    Reply(status=429, payload=LIMITED),
    Drop(),
    Drop(keep=120),
    Truncate(keep=90),
    delay(20),
)
SIZES = (15, 60, 200)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


class Life:
    """What users do to the portal meanwhile."""

    def __init__(self, case: HubSpotCase, rng: Random) -> None:
        self._org = case.org
        self._rng = rng

    def go_on(self) -> None:
        """One to four acts."""
        acts = (
            self._rename, self._rename, self._arrive, self._delete, self._restore, self._merge, self._act, self._move_deal,
            self._forget, self._visit,
        )  # fmt: skip
        for _ in range(self._rng.randrange(1, 5)):
            self._rng.choice(acts)()

    def _one(self, name: str, *, deleted: bool = False) -> Record | None:
        found = list(self._org.scan(name, deleted=deleted))
        return self._rng.choice(found) if found else None

    def _rename(self) -> None:
        name, field = self._rng.choice((("contacts", "lastname"), ("companies", "name")))
        if record := self._one(name):
            self._org.update(name, record.id, {field: f"Name{self._rng.randrange(10**6)}"})

    def _arrive(self) -> None:
        number = self._rng.randrange(10**9)
        self._org.create("contacts", {"email": f"new{number}@acme.example", "lastname": f"New{number}"})

    def _delete(self) -> None:
        name = self._rng.choice(("contacts", "calls", "meetings", "deals"))
        if record := self._one(name):
            self._org.delete(name, record.id)

    def _restore(self) -> None:
        # Not of contacts: their associations would come back without moving any stamp, which only a full read sees.
        if record := self._one("calls", deleted=True):
            self._org.undelete("calls", record.id)

    def _merge(self) -> None:
        winner, loser = self._one("contacts"), self._one("contacts")
        if winner and loser and winner is not loser:
            self._org.merge("contacts", winner.id, [loser.id])

    def _forget(self) -> None:
        if record := self._one("contacts"):
            self._org.purge("contacts", record.id)

    def _act(self) -> None:
        if record := self._one("contacts"):
            values = {
                "hs_timestamp": iso(self._org.now()),
                "hs_call_direction": "INBOUND",
                "hs_call_status": "COMPLETED",
            }
            call = self._org.create("calls", values)
            edge, back = EDGES["calls", "contacts"][0], EDGES["contacts", "calls"][0]
            self._org.associate("calls", call.id, "contacts", record.id, edge=edge, back=back)

    def _visit(self) -> None:
        if record := self._one("contacts"):
            values = {"objectId": record.id, "eventType": "e_visited_page", "occurredAt": iso(self._org.now())}
            self._org.create("page_events", values)

    def _move_deal(self) -> None:
        if record := self._one("deals"):
            self._org.update("deals", record.id, {"dealstage": self._rng.choice(DEAL_STAGES)[0]})


def cycle(case: HubSpotCase, rng: Random, life: Life, replica: Replica, stream: Stream, cursor: str) -> str:
    """One cycle, each page perhaps in another process and with something going on between the pages."""
    connector: HubSpotConnector = case.connector(page_size=rng.choice(SIZES))
    for _ in range(500):
        if rng.random() < 0.4:
            case.faults.add(rng.choice(EFFECTS))
        if rng.random() < 0.2:
            connector = case.connector(page_size=rng.choice(SIZES))
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
    raise AssertionError("the stream never reaches the present")


def swept(connector: HubSpotConnector, stream: Stream, replica: Replica) -> None:
    """Drops what is no more, as the sweep does: objects of which ids come are complete."""
    present = {ref for block in connector.present_ids(stream) for ref in block}
    objects = {ref.object for ref in present}
    for ref in list(replica.records):
        if ref.object in objects and ref not in present:
            del replica.records[ref]


def led(known: Mapping[Ref, Mapping[str, object]], moved: Mapping[Ref, Ref]) -> dict[Ref, dict[str, object]]:
    """Facts in which contacts that were merged since are named as they are now; gone ones are left out.

    Neither a merge nor a deletion of a contact moves the stamps of what is associated with it.
    """

    def last(ref: Ref) -> Ref:
        while ref in moved:
            ref = moved[ref]
        return ref

    return {
        ref: {
            name: frozenset(last(person) for person in value) if isinstance(value, frozenset) else value
            for name, value in found.items()
        }
        for ref, found in known.items()
    }


def without_strangers(known: dict[Ref, dict[str, object]], contacts: Replica) -> dict[Ref, dict[str, object]]:
    for found in known.values():
        if isinstance(found.get("contacts"), frozenset):
            found["contacts"] = frozenset(ref for ref in found["contacts"] if ref in contacts.records)  # type: ignore[attr-defined]
    return known


@pytest.mark.parametrize("paths", list(Paths))
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_reader_ends_equal_to_the_portal(server: SandboxServer, seed: int, paths: Paths) -> None:
    case = HubSpotCase(server, "cycles", paths, count=60)
    rng = Random(seed)
    life = Life(case, rng)
    case.org.search_lag = 45_000
    replicas = {stream: Replica() for stream in Stream}
    cursors = {stream: case.connector().start(stream) for stream in Stream}
    for _ in range(4):
        for stream in Stream:
            cursors[stream] = cycle(case, rng, life, replicas[stream], stream, cursors[stream])
        case.advance(rng.choice((1, 30, 400)))
        life.go_on()
    case.faults.clear()
    case.advance(60)

    # Only the last reads see a portal at rest.
    for stream in Stream:
        replicas[stream].drain(case.connector(), stream, cursors[stream])
        swept(case.connector(), stream, replicas[stream])

    contacts = replicas[Stream.CONTACTS]
    for stream in Stream:
        truth = case.truth(stream)
        known = led(replicas[stream].facts(truth), contacts.moved)
        expected = led(truth, contacts.moved)
        assert without_strangers(known, contacts) == without_strangers(expected, contacts)
        assert replicas[stream].bad == []
    case.close()
    server.unmount("cycles")
