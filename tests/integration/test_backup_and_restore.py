"""A backup made while others work, and a store that was restored from it: only what differs is written."""

from __future__ import annotations

import shutil
import sqlite3
import stat

import pytest

from connectors.records import Stream
from sync.admin.actions.backups import backup, restored, upgrade
from sync.errors import SchemaOutdated, StoreError
from sync.pull.cycle import Puller
from sync.rules import people_rules
from sync.store.open import open_store
from sync.store.run_rows import RunStatus
from sync.store.sql.checkpoints import Track
from sync.store.tables import marker, outbox
from tests.operators import Operator
from tests.worlds import LATER, World, people


@pytest.fixture
def world(tmp_path):
    settings = {"guard": "{changes: 100, blanks: 100}", "deadband": 3}
    with World.opened(tmp_path, population=people(12), crms=("hubspot",), settings=settings) as world:
        world.loaded()
        yield world


def made(world, name="copy.db"):
    """A backup of the world's store."""
    return backup(world.app.settings, world.folder / name, clock=world.clock).file


def changed_meanwhile(world):
    """What happens after the backup: clicks, rescored people, writes, a night."""
    ids = sorted(key[2] for key in world.contacts() if key[1] == "contacts")[:5]
    for each in ids:
        world.visit(each, "/pricing")
    world.advance(LATER)
    world.cycle()
    world.advance(86_400)
    world.cycle()
    world.advance(LATER)
    return ids


def put_back(world, copy):
    world.app.close()
    store = world.folder / "leadgrade.db"
    for name in ("leadgrade.db-wal", "leadgrade.db-shm"):
        (world.folder / name).unlink(missing_ok=True)
    shutil.copy(copy, store)
    world.start()


def test_a_backup_is_one_private_sound_file(world):
    copy = made(world)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(each.name for each in world.folder.glob("copy*")) == ["copy.db"]
    with sqlite3.connect(copy) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert opened.execute("SELECT count(*) FROM person").fetchone()[0] > 0


def test_a_backup_keeps_no_writer_waiting_and_is_one_instant(world):
    wrote = []

    def write_in_between(_done, _all):
        if not wrote:
            with world.app.store.write() as unit:
                unit.markers.put("written in between", 1)
            wrote.append(True)

    copy = backup(world.app.settings, world.folder / "copy.db", clock=world.clock, progress=write_in_between).file

    assert wrote
    with sqlite3.connect(copy) as opened:
        assert opened.execute("SELECT count(*) FROM marker WHERE name = 'written in between'").fetchone() == (0,)


def test_a_backup_overwrites_nothing_and_names_the_folder_that_is_missing(world):
    copy = made(world)

    with pytest.raises(StoreError, match="exists already"):
        made(world)
    with pytest.raises(StoreError, match="there is no folder"):
        made(world, "nowhere/copy.db")
    assert copy.exists()


def test_postgresql_has_its_own_tools(world):
    settings = world.app.settings.model_copy(update={"store": "postgresql://crm:secret@db.acme.example/leadgrade"})

    with pytest.raises(StoreError) as refused:
        backup(settings, world.folder / "copy.db", clock=world.clock)

    assert "pg_dump" in refused.value.next_step
    assert "secret" not in str(refused.value)


def test_after_a_restore_only_what_differs_is_written(world):
    copy = made(world)
    changed_meanwhile(world)
    before = world.stamps()
    scores = {number: row["total"] for number, row in world.scores().items()}

    put_back(world, copy)
    report = world.cycle()

    assert report.run.status is RunStatus.SUCCEEDED
    assert world.stamps() == before
    assert {number: row["total"] for number, row in world.scores().items()} == scores
    assert world.rows(outbox, outbox.c.drift_times > 0) == []
    assert world.rows(marker, marker.c.name.like("restored.%")) == []


def test_after_a_restore_what_changed_in_the_crm_is_written(world):
    copy = made(world)
    ids = changed_meanwhile(world)
    put_back(world, copy)
    before = world.stamps()
    for _ in range(3):
        world.visit(ids[0], "/pricing")
    world.advance(LATER)

    world.cycle()

    now = world.stamps()
    assert {key for key, at in now.items() if at != before[key]} <= {
        key for key in now if key[2] in {record for _, record in keys_of_person(world, ids[0])}
    }


def keys_of_person(world, contact_id):
    number = world.person_of("hubspot", "contacts", contact_id)
    return [
        (name, record)
        for name in world.crms
        for (_, record), entry in world.entries(name).items()
        if entry.person_no == number
    ]


def test_without_the_note_a_store_that_was_restored_by_other_means_is_told_so(world, monkeypatch):
    say = Operator(world, monkeypatch)

    seen = say("backup", "--restored")

    assert seen.code == 0
    assert "counts as what was written" in seen.out
    assert len(world.rows(marker, marker.c.name.like("restored.%"))) == 2
    assert restored(world.app) == ["hubspot"]


def test_whoever_was_over_the_line_stays_there_after_a_restore(world):
    record, entry = next(
        (key, entry) for key, entry in world.contact_entries("hubspot").items() if not entry.sent.get("qualified")
    )
    field = world.app.field_map("hubspot").outputs["contacts"]["qualified"]
    restored(world.app)
    world.hubspot.update("contacts", record[1], {field: "true"})
    world.advance(LATER)

    # Read, and nothing else: what the next scoring will start from.
    Reader(world).contacts()

    assert world.scores()[entry.person_no]["qualified"] is True
    assert world.entries("hubspot")[record].sent["qualified"] is True
    assert world.entries("hubspot")[record].drift_times == 0


class Reader:
    """Reads the contacts of the portal once, as a cycle does."""

    def __init__(self, world):
        row = world.app.connection("hubspot")
        connector = world.app.connector("hubspot")
        rules = people_rules(world.app)
        self._puller = Puller(
            store=world.app.store, clock=world.clock, connector=connector, connection=row, rules=rules
        )

    def contacts(self):
        while self._puller.page(Stream.CONTACTS, Track.MAIN).more:
            pass


def test_the_command_says_how_large_it_is_and_refuses_half_a_question(world, monkeypatch):
    say = Operator(world, monkeypatch)

    seen = say("backup", str(world.folder / "told.db"), "--json")

    assert seen.code == 0
    assert seen.json["checked"] is True
    assert seen.json["bytes"] == (world.folder / "told.db").stat().st_size
    assert say("backup").code == 2


def test_an_upgrade_makes_a_backup_of_the_older_tables_first(world, monkeypatch):
    opened = []

    def open_older(url, *, clock, upgrade=False):
        opened.append(upgrade)
        if not upgrade:
            raise SchemaOutdated("tables of revision 0000", next_step="leadgrade doctor --upgrade")
        return open_store(url, clock=clock)

    monkeypatch.setattr("sync.admin.actions.backups.open_store", open_older)

    copy = upgrade(world.app.settings, clock=world.clock).file

    assert opened == [False, True]
    assert copy.name.startswith("leadgrade.db.2026")
    with sqlite3.connect(copy) as there:
        assert there.execute("SELECT count(*) FROM person").fetchone()[0] > 0


def test_tables_of_this_release_need_no_upgrade(world):
    assert upgrade(world.app.settings, clock=world.clock) is None
