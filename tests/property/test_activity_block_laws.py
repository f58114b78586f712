"""Packed blocks of activities tell just what the table holds, after whatever the store does, and nothing of who was forgotten."""

from __future__ import annotations

import shutil
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.records import Deletion, DeletionKind
from sync.people.forget import forget
from sync.store.activity_rows import ActivityRow
from sync.store.open import open_store
from sync.store.shards import shard_of
from sync.store.sql.activity_blocks import Block
from sync.store.sql.scoring_inputs import Who, activity_columns
from sync.store.tables import activity_block, activity_contact, activity_moved
from sync.store.unit import Store, Unit
from tests.contract.store_builders import EARLIER, a_connection, a_contact, a_person, an_activity, lead, task
from tests.fakes import FakeClock

IDS = "1234"
#: Two people of one shard, and two of another.
PEOPLE = [number for shard in (3, 200) for number in [n for n in range(1, 3000) if shard_of(n) == shard][:2]]
SINCE = EARLIER - timedelta(days=10)
COLUMNS = activity_columns({"asset_no", "link", "count"})
#: In sequence: what happens to which record, what it then says, whose it becomes.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["came", "came", "went", "returned", "assigned", "forgotten", "read", "kept", "kept", "shorter", "wider"]
        ),
        st.sampled_from(IDS),
        st.sets(st.sampled_from(IDS), min_size=1, max_size=2),
        st.sampled_from(PEOPLE),
        st.integers(-12, 3),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_blocks_and_what_changed_since_are_the_table(steps) -> None:
    with a_world() as world:
        for step in steps:
            world.take(*step)
            world.check()


def test_a_block_older_than_the_newest_change_is_not_stored_over_a_newer_one() -> None:
    with a_world() as world:
        world.take("came", "1", {"1"}, 0, 0)
        old = world.blocks()
        world.take("came", "1", {"1"}, 0, 1)
        world.keep(world.blocks())

        world.keep(old)

        world.check()
        assert world.stored_rows()["link"].to_list() == ["1"]


def test_what_a_contact_did_under_another_person_leaves_all_blocks_with_the_one_who_is_forgotten() -> None:
    with a_world() as world:
        world.take("came", "1", {"1"}, 0, 0)
        world.keep(world.blocks())
        late = world.blocks()
        world.take("assigned", "1", {"1"}, PEOPLE[3], 0)
        assert world.stored_rows().height == 1

        world.take("forgotten", "1", {"1"}, 0, 0)
        world.keep(late)

        assert world.stored_rows().is_empty()
        assert world.noted() == 0


def test_what_was_said_of_an_activity_before_leaves_the_block_with_the_one_who_is_forgotten() -> None:
    with a_world() as world:
        world.take("came", "1", {"1"}, 0, 0)
        world.keep(world.blocks())
        world.take("came", "1", {"2"}, 0, 1)
        assert world.stored_rows().height == 1

        world.take("forgotten", "1", {"1"}, 0, 0)

        assert world.stored_rows().is_empty()


def test_small_shards_get_no_block() -> None:
    with a_world() as world:
        world.take("came", "1", {"1"}, 0, 0)

        with world.store.read() as unit:
            _, blocks = unit.activity_blocks.read(0, 255, since=SINCE, columns=COLUMNS)

        assert blocks == []


def test_a_block_is_made_anew_when_a_tenth_of_it_is_not_true_any_more() -> None:
    with a_world() as world:
        for number in range(20):
            world.add(str(100 + number), ["1"])
        world.keep(world.blocks())
        assert world.blocks() == []

        world.add("1", ["2"])
        assert [block.shard for block in world.blocks() if block.rows.height == 1] == []
        for number in range(3):
            world.add(str(200 + number), ["1"])

        assert [block.rows.height for block in world.blocks() if block.shard == shard_of(world.people["1"])]


@pytest.mark.parametrize("wanted", [{"recorded_at"}, {"asset_no", "link", "count", "message_id"}])
def test_a_block_that_lacks_a_column_is_not_used(wanted: set[str]) -> None:
    with a_world() as world:
        world.take("came", "1", {"1"}, 0, 0)
        world.keep(world.blocks())

        with world.store.read() as unit:
            rows, blocks = unit.activity_blocks.read(0, 255, since=SINCE, columns=activity_columns(wanted), worth=1)
            direct = unit.scoring_inputs.activities(Who(), since=SINCE, columns=wanted)

        assert_frame_equal(rows, direct)
        assert [block.rows.columns for block in blocks] == [direct.columns]


class World:
    """A store with four contacts of four people, two in a shard."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.connection_no = a_connection(store)
        self.pending: list[Block] = []
        #: Numbers of activities that are forgotten.
        self.forgotten: set[int] = set()
        self.people: dict[str, int] = {}
        self.contacts: dict[str, int] = {}
        self.since = SINCE
        self.columns = COLUMNS
        with store.write() as unit:
            workspace_no = unit.connections.workspace("default")
            unit.people.create([a_person(number, workspace_no) for number in PEOPLE], EARLIER)
            unit.people.take(max(PEOPLE))
            for one, number in zip(IDS, PEOPLE, strict=True):
                (arrival,) = unit.contacts.upsert(self.connection_no, [a_contact(one)])
                self.contacts[one] = arrival.contact_no
                unit.people.assign({arrival.contact_no: number}, new=[arrival.contact_no])
                self.people[one] = number

    def take(self, what: str, one: str, others: set[str], person_no: int, days: int) -> None:
        match what:
            case "came":
                self.add(one, sorted(others & self.contacts.keys()), days=days)
            case "went":
                with self.store.write() as unit:
                    unit.activities.tombstone(self.connection_no, [Deletion(ref=task(one), kind=DeletionKind.DELETED)])
            case "returned":
                with self.store.write() as unit:
                    unit.activities.restore(self.connection_no, [task(one)])
            case "assigned" if one in self.contacts and person_no in self.people.values():
                with self.store.write() as unit:
                    unit.people.assign({self.contacts[one]: person_no}, new=())
                self.people[one] = person_no
            case "forgotten" if one in self.contacts:
                self._forget(one)
            case "read":
                self.pending = self.blocks()
            case "kept":
                # Read now or at some time before, as by a process that was asleep meanwhile.
                self.keep(self.pending or self.blocks())
                self.pending = []
            case "shorter":
                self.since = EARLIER + timedelta(days=days)
            case "wider":
                self.columns = activity_columns(None if days > 0 else {"link"})
            case _:
                pass

    def add(self, one: str, contacts: list[str], days: int = 0) -> None:
        row: ActivityRow = an_activity(
            one, contacts=tuple(map(lead, contacts)), at=EARLIER + timedelta(days=days), link=str(days)
        )
        with self.store.write() as unit:
            unit.activities.upsert(self.connection_no, [row])

    def blocks(self) -> list[Block]:
        with self.store.read() as unit:
            return unit.activity_blocks.read(0, 255, since=self.since, columns=self.columns, worth=1)[1]

    def keep(self, blocks: list[Block]) -> None:
        for block in blocks:
            with self.store.write() as unit:
                unit.activity_blocks.store(block, block.packed())

    def check(self) -> None:
        with self.store.read() as unit:
            direct = unit.scoring_inputs.activities(Who(), since=self.since, columns=set(self.columns))
            rows, _ = unit.activity_blocks.read(0, 255, since=self.since, columns=self.columns, worth=1)
        assert_frame_equal(rows, direct)
        assert self.forgotten.isdisjoint(self.stored_rows()["activity_no"].to_list())

    def stored_rows(self) -> pl.DataFrame:
        """All that stands in blocks, true or not."""
        query = sa.select(activity_block.c.body).where(activity_block.c.body.is_not(None))
        with self.store.read() as unit:
            parts = [pl.read_ipc_stream(row.body) for row in unit.sql.rows(query)]
        empty = pl.DataFrame(schema={"activity_no": pl.Int64, "link": pl.String})
        return pl.concat([empty, *(part.select(empty.columns) for part in parts)])

    def noted(self) -> int:
        with self.store.read() as unit:
            return int(unit.sql.value(sa.select(sa.func.count()).select_from(activity_moved)))

    def _forget(self, one: str) -> None:
        person_no = self.people[one]
        gone = [name for name, number in self.people.items() if number == person_no]
        with self.store.write() as unit:
            before = _activities(unit)
            forget(unit, person_no, now=EARLIER)
            self.forgotten |= before - _activities(unit)
        for name in gone:
            del self.people[name], self.contacts[name]


class a_world:  # noqa: N801 - reads as a builder
    """A world in a folder of its own."""

    def __enter__(self) -> World:
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name) / "store.db"
        shutil.copy(empty(), path)
        self._world = World(open_store(f"sqlite:///{path}", clock=FakeClock()))
        return self._world

    def __exit__(self, *_: object) -> None:
        self._world.store.close()
        self._folder.cleanup()


def _activities(unit: Unit) -> set[int]:
    return {int(row.activity_no) for row in unit.sql.rows(sa.select(activity_contact.c.activity_no).distinct())}


@lru_cache(maxsize=1)
def empty() -> Path:
    """A store without anything in it, to be copied."""
    path = Path(mkdtemp(prefix="store")) / "empty.db"
    open_store(f"sqlite:///{path}", clock=FakeClock()).close()
    return path
