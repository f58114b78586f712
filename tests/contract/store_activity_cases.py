"""Activities in the store: links, orphans, records that tell of the same event."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from connectors.records import Deletion
from sync.store.shards import shard_of
from sync.store.tables import activity, activity_contact, activity_orphan, asset
from sync.store.unit import Store, Unit
from tests.contract.store_builders import (
    EARLIER,
    a_connection,
    a_contact,
    an_activity,
    lead,
    people_for,
    stored_people,
    task,
)

Links = list[tuple[int, bool]]


def links_of(unit: Unit, record_id: str) -> Links:
    """(person, counted) of an activity."""
    query = (
        sa.select(activity_contact.c.person_no, activity_contact.c.counted, activity_contact.c.shard)
        .join(activity, activity.c.activity_no == activity_contact.c.activity_no)
        .where(activity.c.record_id == record_id)
        .order_by(activity_contact.c.person_no)
    )
    rows = unit.sql.rows(query)
    assert all(row.shard == shard_of(row.person_no) for row in rows)
    return [(row.person_no, row.counted) for row in rows]


class ActivityCases:
    """Pages of activities."""

    def test_an_activity_is_linked_to_the_people_of_its_contacts(self, store: Store) -> None:
        connection_no = a_connection(store)
        one, two = stored_people(store, connection_no, "1", "2")

        with store.write() as unit:
            page = unit.activities.upsert(connection_no, [an_activity("T", contacts=(lead("1"), lead("2"), lead("1")))])

            assert (page.new, page.changed, page.unchanged, page.people) == (1, 0, 0, {one, two})
            assert links_of(unit, "T") == [(one, True), (two, True)]

    def test_an_unchanged_activity_touches_nobody(self, store: Store) -> None:
        connection_no = a_connection(store)
        stored_people(store, connection_no, "1")
        row = an_activity("T", contacts=(lead("1"),))

        with store.write() as unit:
            unit.activities.upsert(connection_no, [row])
            page = unit.activities.upsert(connection_no, [row])

        assert (page.new, page.changed, page.unchanged, page.people) == (0, 0, 1, frozenset())

    def test_a_changed_link_touches_the_old_and_the_new_person(self, store: Store) -> None:
        connection_no = a_connection(store)
        one, two = stored_people(store, connection_no, "1", "2")

        with store.write() as unit:
            unit.activities.upsert(connection_no, [an_activity("T", contacts=(lead("1"),))])
            page = unit.activities.upsert(connection_no, [an_activity("T", contacts=(lead("2"),))])

            assert page.people == {one, two}
            assert links_of(unit, "T") == [(two, True)]

    def test_links_repeat_what_scoring_reads(self, store: Store) -> None:
        connection_no = a_connection(store)
        stored_people(store, connection_no, "1")
        row = an_activity(
            "T",
            contacts=(lead("1"),),
            url="https://example.com/pricing",
            outcome="x" * 300,
            direction="inbound",
            duration_s=2**40,
            message_id="m",
            machine=True,
            count=4,
        )

        with store.write() as unit:
            unit.activities.upsert(connection_no, [row])
            link = unit.sql.first(sa.select(activity_contact))
            page = unit.sql.first(sa.select(asset).where(asset.c.asset_no == link.asset_no))

        assert (link.kind, link.at, link.outcome, link.direction) == ("page_view", EARLIER, "x" * 300, "inbound")
        assert (link.duration_s, link.message_id, link.machine, tuple(link)[-2]) == (2**40, "m", True, 4)
        assert page.url == "https://example.com/pricing"

    def test_an_asset_is_stored_once(self, store: Store) -> None:
        connection_no = a_connection(store)
        rows = [an_activity(str(number), url=f"https://example.com/{number % 2}") for number in range(6)]

        with store.write() as unit:
            unit.activities.upsert(connection_no, rows[:3])
            unit.activities.upsert(connection_no, rows[3:])

            assert unit.sql.value(sa.select(sa.func.count()).select_from(asset)) == 2

    @pytest.mark.parametrize("by", ["record", "address"])
    def test_an_activity_waits_for_its_contact(self, store: Store, by: str) -> None:
        connection_no = a_connection(store)
        who = {"contacts": (lead("1"),)} if by == "record" else {"emails": ("a@example.com",)}
        with store.write() as unit:
            early = unit.activities.upsert(connection_no, [an_activity("T", **who)])
            (arrival,) = unit.contacts.upsert(connection_no, [a_contact("1", email="a@example.com")])
            too_soon = unit.activities.resolve(connection_no, [arrival.contact_no])
            (person_no,) = people_for(unit, [arrival.contact_no])

        with store.write() as unit:
            people = unit.activities.resolve(connection_no, [arrival.contact_no])

            assert (early.people, too_soon, people) == (frozenset(), set(), {person_no})
            assert links_of(unit, "T") == [(person_no, True)]
            assert unit.sql.rows(sa.select(activity_orphan)) == []
            assert unit.activities.resolve(connection_no, [arrival.contact_no]) == set()

    def test_an_address_that_many_carry_names_nobody(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            arrivals = unit.contacts.upsert(
                connection_no, [a_contact(str(n), email="office@example.com") for n in range(4)]
            )
            people_for(unit, [arrival.contact_no for arrival in arrivals])
            page = unit.activities.upsert(connection_no, [an_activity("T", emails=("office@example.com",))])

        assert page.people == frozenset()

    @pytest.mark.parametrize("order", [("mail", "mirror"), ("mirror", "mail"), ("both",)])
    def test_a_superseded_record_does_not_count_whichever_came_first(
        self, store: Store, order: tuple[str, ...]
    ) -> None:
        connection_no = a_connection(store)
        (one,) = stored_people(store, connection_no, "1")
        mail = an_activity("mail", contacts=(lead("1"),), supersedes=task("mirror"))
        mirror = an_activity("mirror", contacts=(lead("1"),))
        pages = {"mail": [mail], "mirror": [mirror], "both": [mirror, mail]}

        with store.write() as unit:
            for name in order:
                assert one in unit.activities.upsert(connection_no, pages[name]).people
            assert (links_of(unit, "mail"), links_of(unit, "mirror")) == ([(one, True)], [(one, False)])

            changed = an_activity("mirror", contacts=(lead("1"),), outcome="opened")
            unit.activities.upsert(connection_no, [changed])
            assert links_of(unit, "mirror") == [(one, False)]

            assert unit.activities.tombstone(connection_no, [Deletion(ref=task("mail"))]) == {one}
            assert (links_of(unit, "mail"), links_of(unit, "mirror")) == ([(one, False)], [(one, True)])

            assert unit.activities.restore(connection_no, [task("mail")]) == {one}
            assert (links_of(unit, "mail"), links_of(unit, "mirror")) == ([(one, True)], [(one, False)])

            alone = replace(mail, record=replace(mail.record, supersedes=None), fingerprint="other")
            unit.activities.upsert(connection_no, [alone])
            assert (links_of(unit, "mail"), links_of(unit, "mirror")) == ([(one, True)], [(one, True)])

    def test_a_gone_activity_counts_again_when_it_comes_again(self, store: Store) -> None:
        connection_no = a_connection(store)
        (one,) = stored_people(store, connection_no, "1")
        row = an_activity("T", contacts=(lead("1"),))

        with store.write() as unit:
            unit.activities.upsert(connection_no, [row])
            assert unit.activities.tombstone(connection_no, [Deletion(ref=task("T"))]) == {one}
            assert unit.activities.count(connection_no) == {}
            assert links_of(unit, "T") == [(one, False)]

            page = unit.activities.upsert(connection_no, [row])

            assert (page.changed, page.people) == (1, {one})
            assert links_of(unit, "T") == [(one, True)]

    def test_erasing_a_contact_keeps_what_others_took_part_in(self, store: Store) -> None:
        connection_no = a_connection(store)
        _, two = stored_people(store, connection_no, "1", "2")

        with store.write() as unit:
            rows = [
                an_activity("alone", contacts=(lead("1"),)),
                an_activity("shared", contacts=(lead("1"), lead("2"))),
                an_activity("waiting", emails=("gone@example.com",)),
                an_activity("other", contacts=(lead("2"),)),
            ]
            unit.activities.upsert(connection_no, rows)
            contact_no = unit.contacts.at(connection_no, [lead("1")])[lead("1")].contact_no

            assert unit.activities.erase_contacts([contact_no], ["gone@example.com"]) == 2
            assert links_of(unit, "shared") == [(two, True)]
            assert unit.activities.count(connection_no) == {"page_view": 2}

    def test_present_activities_come_by_object(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.activities.upsert(connection_no, [an_activity("1"), an_activity("2")])
            unit.activities.tombstone(connection_no, [Deletion(ref=task("2"))])

            assert unit.activities.objects(connection_no) == ["Task"]
            assert list(unit.activities.present(connection_no, "Task")) == [[task("1")]]
