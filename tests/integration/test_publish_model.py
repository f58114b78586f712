"""Publishing a model: announced, approved in its size, put in place, delivered past the guard; and back again."""

from __future__ import annotations

import shutil

import pytest

from config.errors import SettingsError
from config.settings import PRESETS, load_settings
from sync.admin.actions.publishing import announce, draft, earlier, publish, versions
from sync.deliver.approval import approval_in_force
from sync.errors import NotFound
from sync.jobs.daemon import Daemon
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.connections import WriteMode
from sync.store.tables import audit, model_version, outbox
from tests.operators import Operator, own_model
from tests.worlds import LATER, World, people


@pytest.fixture
def world(tmp_path):
    own_model(tmp_path)
    settings = {"model": "model.yaml", "deadband": 3, "guard": "{changes: 1, blanks: 1, at_least: 1}"}
    with World.opened(tmp_path, population=people(16), crms=("hubspot",), settings=settings) as world:
        yield world.loaded()


def heavier(folder, name="draft.yaml"):
    """The preset with pricing pages worth ever so much and another line between grades; its path."""
    text = (PRESETS / "b2b.yaml").read_text(encoding="utf-8")
    path = folder / "drafts" / name
    path.parent.mkdir(exist_ok=True)
    shutil.copytree(PRESETS / "lists", path.parent / "lists", dirs_exist_ok=True)
    path.write_text(text.replace("points: 12", "points: 40"))
    assert path.read_text() != text
    return path


def values(world):
    return {row["record_id"]: row["sent"] for row in world.rows(outbox, outbox.c.person_no.is_not(None))}


def test_what_is_announced_is_what_is_written_past_the_guard_and_can_be_taken_back(world):
    first, before = world.app.model.version, values(world)
    drafted = draft(world.app, heavier(world.folder))

    told = announce(world.app, drafted)

    (here,) = told.connections
    assert told.people == len(world.scores())
    assert told.changed >= told.by["total"] > 0
    assert 0 < here.changes <= here.records
    assert here.calls == 1
    assert values(world) == before
    assert world.app.model.version == first

    publish(world.app, drafted, told, by="ann")
    world.restart()
    report = world.cycle()

    assert world.app.model.version == told.version
    assert report.run.status is RunStatus.SUCCEEDED
    assert report.connections["hubspot"].delivered["accepted"] >= here.records
    assert sum(values(world)[key] != sent for key, sent in before.items()) == here.records
    assert [row["detail"]["version"] for row in world.rows(audit, audit.c.action == "model published")] == [
        told.version
    ]
    with world.app.store.read() as unit:
        assert approval_in_force(unit, world.number("hubspot")) is None

    (world.folder / "back").mkdir()
    back = earlier(world.app, first[:10], world.folder / "back")
    publish(world.app, back, announce(world.app, back), action="rolled back")
    world.restart()
    world.advance(LATER)
    report = world.cycle()

    assert world.app.model.version == first
    assert report.run.status is RunStatus.SUCCEEDED
    assert {key: each["score"] for key, each in values(world).items()} == {
        key: each["score"] for key, each in before.items()
    }
    assert [each.version for each in versions(world.app)] == [first, told.version]


def test_a_file_that_was_changed_without_publishing_is_held_by_the_guard(world):
    shutil.copy(heavier(world.folder), world.folder / "model.yaml")
    world.restart()

    report = world.cycle()

    assert report.run.status is RunStatus.HELD

    told = announce(world.app, draft(world.app, None))
    publish(world.app, draft(world.app, None), told)

    assert world.cycle().run.status is not RunStatus.HELD


def test_an_approval_covers_what_was_announced_and_no_more(world):
    drafted = draft(world.app, heavier(world.folder))
    told = announce(world.app, drafted)
    publish(world.app, drafted, told)
    world.turn_writes(WriteMode.OFF)
    world.restart()
    world.cycle(RunKind.RESCORE)
    with world.app.store.write() as unit:
        known = unit.markers.get("approved.1")
        unit.markers.put("approved.1", known | {"changes": 0})
    world.turn_writes_on()

    assert world.cycle().run.status is RunStatus.HELD


def test_it_is_paused_by_turning_writes_off_and_goes_on(world):
    drafted = draft(world.app, heavier(world.folder))
    publish(world.app, drafted, announce(world.app, drafted))
    world.turn_writes(WriteMode.OFF)
    world.restart()
    world.cycle()
    waiting = [row for row in world.rows(outbox) if row["due"]]

    world.turn_writes_on()
    report = world.cycle()

    assert waiting
    assert report.connections["hubspot"].delivered["accepted"] == len(waiting)
    # Important changes went first.
    assert {row["urgent"] for row in waiting} == {True, False}


def test_a_daemon_takes_a_published_model_by_itself(world):
    def load():
        return load_settings(world.folder / "leadgrade.yaml")

    daemon = Daemon(app=world.app, load=load)
    drafted = draft(world.app, heavier(world.folder))
    told = announce(world.app, drafted)

    daemon.adopt()
    before = daemon.shared.app.model.version
    publish(world.app, drafted, told)
    daemon.adopt()

    assert before != told.version
    assert daemon.shared.app.model.version == told.version
    daemon.leave()


def test_what_ships_is_not_replaced_and_versions_must_be_known(world):
    path = heavier(world.folder)
    world.settings["model"] = "preset:b2b"
    world.restart()

    with pytest.raises(SettingsError, match="ships with Leadgrade"):
        draft(world.app, path)
    with pytest.raises(NotFound, match="no version begins with zzz"):
        earlier(world.app, "zzz", world.folder)


def test_of_several_models_the_one_of_the_same_name_is_replaced(world):
    shutil.copy(PRESETS / "industrial.yaml", world.folder / "industrial.yaml")
    del world.settings["model"]
    world.settings["models"] = "[{model: industrial.yaml, when: {country_code: [DE]}}, {model: model.yaml}]"
    world.restart()
    old = world.app.model.version
    untouched = (world.folder / "industrial.yaml").read_text()

    drafted = draft(world.app, heavier(world.folder))
    told = announce(world.app, drafted)
    publish(world.app, drafted, told)
    world.restart()

    assert list(drafted.files)[-1] == world.folder / "model.yaml"
    assert world.app.model.version == told.version != old
    assert (world.folder / "industrial.yaml").read_text() == untouched
    assert len(world.rows(model_version)) >= 1


def test_the_commands(world, monkeypatch):
    say = Operator(world, monkeypatch)
    path = str(heavier(world.folder))
    first = world.app.model.version

    dry = say("model", "publish", path, "--dry-run", "--json")
    refused = say("model", "publish", path, answer="n\n")
    done = say("model", "publish", path, "--yes")
    listed = say("model", "versions", "--json")
    back = say("model", "rollback", first[:8], "--yes", "--json")

    assert dry.code == 0
    assert dry.json["published"] is False
    assert dry.json["connections"][0]["records"] > 0
    assert "nothing was published" in refused.err
    assert done.code == 0
    assert "writes off" in done.out
    assert {each["version"] for each in listed.json} >= {first}
    assert back.json["version"] == first
    assert load_settings(world.folder / "leadgrade.yaml").model_path().read_text() == (PRESETS / "b2b.yaml").read_text()
