"""Forgetting reaches every table and every byte of the store, and nothing that either CRM tells later brings the person back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from connectors.records import Ref
from connectors.sandbox.faults import Reply
from sync.admin.actions.explain import explain
from sync.admin.actions.runs import queue_records
from sync.errors import NotFound
from sync.store.run_rows import RunKind, RunStatus
from sync.store.tables import metadata
from tests.operators import Operator
from tests.worlds import LATER, World, people

ADDRESS, OLD = "planted.person@planted.example", "older.person@planted.example"
FIRST, LAST, TITLE = "Plantina", "Plantagenetta", "Chief Planting Officer"
PHONE = "+33612345678"
REFUSAL = {"status": "error", "message": f"{FIRST} {LAST} <{ADDRESS}> is not valid", "category": "VALIDATION_ERROR"}


@pytest.fixture
def world(tmp_path):
    with World.opened(tmp_path, population=people(6)) as world:
        hubspot, salesforce = world.hubspot, world.salesforce
        ours = {"firstname": FIRST, "lastname": LAST, "jobtitle": TITLE, "phone": PHONE}
        world.one = hubspot.create("contacts", {"email": OLD, **ours}).id
        world.other = hubspot.create("contacts", {"email": "twin.person@planted.example", **ours}).id
        theirs = {"FirstName": FIRST, "LastName": LAST, "Title": TITLE, "Phone": PHONE, "Company": "Planted"}
        world.deal = salesforce.create("Lead", {"Email": ADDRESS, **theirs}).id
        world.loaded()
        # A second address, a page view that holds it, a merge, a refused write, an attribute that changed.
        hubspot.update("contacts", world.one, {"email": ADDRESS})
        world.visit(world.one, f"/pricing?mail={ADDRESS}")
        world.cycle()
        world.merged = hubspot.merge("contacts", world.one, [world.other]).id
        world.faults("hubspot").add(Reply(status=400, payload=REFUSAL), path="contacts/batch/update", times=None)
        world.faults("hubspot").add(Reply(status=400, payload=REFUSAL), method="PATCH", path="/contacts/", times=None)
        salesforce.update("Lead", world.deal, {"Title": "Chief Executive Planting Officer"})
        world.cycle()
        world.faults("hubspot").clear()
        queue_records(world.app, "hubspot", [Ref(object="contacts", id=world.merged)], by="webhook")
        world.cycle(record=f"hubspot:contacts:{world.merged}")
        world.advance(LATER)
        world.cycle(RunKind.RESCORE)
        yield world


def traces(world):
    """What must not be found anywhere: words, addresses, numbers, and the ids of records."""
    words = (
        ADDRESS,
        OLD,
        "twin.person",
        "planted.person",
        "older.person",
        FIRST,
        LAST,
        "Planting Officer",
        "612345678",
    )
    return [*words, world.deal, *(f"'contacts', '{each}'" for each in (world.merged, world.one, world.other))]


def cells(world):
    """(table, text) of every row, as whoever opens the database sees it."""
    with world.app.store.read() as unit:
        return [
            (table.name, str(tuple(row))) for table in metadata.sorted_tables for row in unit.sql.rows(sa.select(table))
        ]


def about_the_record(world):
    """Runs that named a record."""
    with world.app.store.read() as unit:
        return [run for run in unit.runs.recent(limit=100) if run.kind is RunKind.RECORD]


def files(world):
    """Every byte that lies on the disk, the write-ahead log among them."""
    return {path.name: path.read_bytes() for path in sorted(world.folder.glob("leadgrade.db*"))}


def test_after_forgetting_no_table_and_no_byte_tells_of_the_person_and_nothing_brings_them_back(world, monkeypatch):
    operator = Operator(world, monkeypatch)
    before = {trace for trace in traces(world) for _, text in cells(world) if trace in text}
    ids = [("contacts", world.merged), ("contacts", world.one), ("contacts", world.other)]

    seen = operator("people", "forget", ADDRESS, "--yes", "--json")

    assert {ADDRESS, FIRST, LAST} <= before
    assert seen.json["contacts"] >= 2
    found = [(table, trace) for table, text in cells(world) for trace in traces(world) if trace in text]
    assert found == []
    assert {run.status for run in about_the_record(world)} == {RunStatus.CANCELLED, RunStatus.SUCCEEDED}
    # Closing the last connection folds the log into the file.
    world.restart()
    words = [trace for trace in traces(world) if not trace.startswith("'")]
    assert [(name, trace) for name, held in files(world).items() for trace in words if trace.encode() in held] == []

    world.advance(LATER)
    world.hubspot.update("contacts", world.merged, {"jobtitle": TITLE})
    world.salesforce.update("Lead", world.deal, {"Title": TITLE})
    world.visit(world.merged, f"/pricing?mail={ADDRESS}")
    # The same human as a new record, by any address that was ever theirs.
    for address in (ADDRESS, OLD, ADDRESS.upper()):
        world.salesforce.create("Lead", {"Email": address, "LastName": LAST, "Company": "Planted"})
        world.hubspot.create("contacts", {"email": f" {address}" if address is OLD else f"{address}", "lastname": LAST})
    untouched = world.hubspot.get("contacts", world.merged).modified_at
    for kind in (RunKind.INCREMENTAL, RunKind.FULL, RunKind.SWEEP, RunKind.REWRITE):
        world.cycle(kind)
        world.advance(LATER)
    for name, record_id in ids:
        world.cycle(record=f"hubspot:{name}:{record_id}")
    world.cycle(record=f"salesforce:Lead:{world.deal}")

    for address in (ADDRESS, OLD):
        with pytest.raises(NotFound):
            explain(world.app, address)
    assert world.hubspot.get("contacts", world.merged).modified_at == untouched
    told = [(table, trace) for table, text in cells(world) for trace in (ADDRESS, OLD, FIRST, LAST) if trace in text]
    assert told == []
