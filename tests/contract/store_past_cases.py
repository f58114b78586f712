"""What the store keeps of the past: scores by month and day, changes of contacts, activities as they counted."""

from __future__ import annotations

from datetime import date, timedelta

from connectors.records import Deletion, DeletionKind
from sync.store.shards import shard_of
from sync.store.sql.scores import SCORE_TABLE_COLUMNS
from sync.store.unit import Store
from tests.contract.store_builders import (
    EARLIER,
    LATER,
    a_connection,
    a_contact,
    an_activity,
    lead,
    stored_people,
    task,
)
from tests.fakes import FakeClock

MONDAY = date(2026, 2, 2)


class PastCases:
    """Any past day stays answerable."""

    def test_a_snapshot_taken_twice_is_the_same_and_found_by_person(self, store: Store) -> None:
        (person_no,) = stored_people(store, a_connection(store), "1")
        with store.write() as unit:
            workspace_no = unit.connections.workspace("default")
            row = dict.fromkeys(SCORE_TABLE_COLUMNS) | {
                "shard": shard_of(person_no),
                "person_no": person_no,
                "in_scope": True,
                "total": 42,
                "grade": "B2",
                "day": MONDAY,
                "model": "m",
                "version": "v",
                "changed_by": "profile",
                "scored_at": LATER,
            }
            unit.scores.store([row])
            unit.scores.note_day(workspace_no, MONDAY, "v")
            for _ in range(2):
                unit.scores.take_snapshot(workspace_no, MONDAY, range(256))

        with store.read() as unit:
            assert unit.scores.snapshots(person_no) == [{"day": MONDAY, "total": 42, "grade": "B2"}]
            assert unit.scores.snapshots(person_no + 1) == []

    def test_a_day_keeps_its_last_rescore_and_answers_for_days_without_one(
        self, store: Store, clock: FakeClock
    ) -> None:
        with store.write() as unit:
            workspace_no = unit.connections.workspace("default")
            unit.scores.note_day(workspace_no, MONDAY, "v1")
            clock.advance(60)
            unit.scores.note_day(workspace_no, MONDAY, "v2")
            unit.scores.note_day(workspace_no, MONDAY + timedelta(days=3), "v3")

        with store.read() as unit:
            monday, wednesday = (unit.scores.scored_day(workspace_no, MONDAY + timedelta(days=n)) for n in (0, 2))
            assert monday is not None
            assert (monday.version, monday.at) == ("v2", clock.now())
            assert wednesday == monday == unit.scores.first_scored_day(workspace_no)
            assert unit.scores.scored_day(workspace_no, MONDAY - timedelta(days=1)) is None

    def test_activities_count_as_they_were_known(self, store: Store) -> None:
        number = a_connection(store)
        (person_no,) = stored_people(store, number, "1")
        with store.write() as unit:
            (contact_no,) = unit.people.contacts_of([person_no])
            known = an_activity("known", contacts=(lead("1"),), recorded_at=EARLIER)
            late = an_activity("late", contacts=(lead("1"),), recorded_at=LATER)
            mirror = an_activity("mirror", contacts=(lead("1"),), recorded_at=EARLIER)
            gone = an_activity("gone", contacts=(lead("1"),), recorded_at=EARLIER)
            unit.activities.upsert(number, [known, late, mirror, gone])
            better = an_activity("better", contacts=(lead("1"),), recorded_at=LATER, supersedes=task("mirror"))
            unit.activities.upsert(number, [better])
            unit.activities.tombstone(number, [Deletion(ref=task("gone"), kind=DeletionKind.DELETED, at=LATER)])

        def counted(at, newest=None):
            with store.read() as unit:
                rows = unit.past.activities(
                    person_no, [contact_no], at=at, newest=newest, since=EARLIER, columns=("asset_no",)
                )
                assert rows.columns == ["person_no", "activity_no", "connection_no", "kind", "at", "asset_no"]
                assert set(rows["person_no"]) <= {person_no}
                return rows["activity_no"].to_list()

        assert counted(EARLIER) == [1, 3, 4]
        assert counted(LATER) == [1, 2, 5]
        assert counted(LATER, newest=4) == [1, 2, 3]
        assert counted(EARLIER - timedelta(days=1)) == []

    def test_changes_come_in_the_order_in_which_they_were_learnt_of(self, store: Store) -> None:
        number = a_connection(store)
        with store.write() as unit:
            unit.contacts.upsert(number, [a_contact(attributes={"title": "Analyst"})])
            unit.contacts.upsert(number, [a_contact(attributes={"title": "CEO"}, modified_at=LATER)])
            (arrival,) = unit.contacts.upsert(number, [a_contact(attributes={}, modified_at=EARLIER)])

        with store.read() as unit:
            changes = unit.past.changes([arrival.contact_no])[arrival.contact_no]

        assert [(each.old, each.new) for each in changes] == [("Analyst", "CEO"), ("CEO", None)]
