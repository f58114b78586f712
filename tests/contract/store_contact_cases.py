"""Contacts in the store."""

from __future__ import annotations

from datetime import timedelta

from connectors.records import Deletion, DeletionKind, Ref
from sync.store.contact_rows import Arrival, ChangeSource
from sync.store.unit import Store
from tests.contract.store_builders import EARLIER, LATER, a_connection, a_contact, lead, people_for
from tests.fakes import FakeClock


class ContactCases:
    """Pages, history, tombstones, looking up."""

    def test_a_page_tells_new_changed_revised_and_unchanged_contacts_apart(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            first = unit.contacts.upsert(connection_no, [a_contact(str(number)) for number in range(3)])

        page = [
            a_contact("0"),
            a_contact("1", attributes={"title": "CFO"}),
            a_contact("2", writable=False, unwritable_reason="converted"),
            a_contact("3"),
        ]
        with store.write() as unit:
            second = unit.contacts.upsert(connection_no, page)

        assert [item.arrival for item in first] == [Arrival.NEW] * 3
        assert [item.arrival for item in second] == [
            Arrival.UNCHANGED,
            Arrival.CHANGED,
            Arrival.REVISED,
            Arrival.NEW,
        ]
        assert [item.contact_no for item in second[:3]] == [item.contact_no for item in first]
        assert second[1].changed == {"title"}

    def test_each_changed_attribute_leaves_a_row_of_history(self, store: Store, clock: FakeClock) -> None:
        connection_no = a_connection(store)
        account = Ref(object="Account", id="A")
        with store.write() as unit:
            (new,) = unit.contacts.upsert(
                connection_no, [a_contact(attributes={"title": "CEO", "city": "Bonn"}, email="a@example.com")]
            )
        clock.advance(60)

        with store.write() as unit:
            (changed,) = unit.contacts.upsert(
                connection_no,
                [
                    a_contact(
                        attributes={"title": "CFO", "phone": "1"},
                        email="b@example.com",
                        account=account,
                        modified_at=LATER,
                    )
                ],
            )
            history = unit.contacts.changes(new.contact_no)

        assert {(item.attribute, item.old, item.new) for item in history} == {
            ("title", "CEO", "CFO"),
            ("city", "Bonn", None),
            ("phone", None, "1"),
            ("$account", None, "Account:A"),
        }
        assert {(item.at, item.recorded_at, item.source) for item in history} == {
            (LATER, clock.now(), ChangeSource.PULL)
        }
        assert (changed.email_before, changed.account_before) == ("a@example.com", None)

    def test_only_a_changed_fingerprint_moves_the_modified_date(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            (new,) = unit.contacts.upsert(connection_no, [a_contact()])
            unit.contacts.upsert(connection_no, [a_contact(modified_at=LATER, completeness=50)])
            revised = unit.contacts.get([new.contact_no])[new.contact_no]
            unit.contacts.upsert(connection_no, [a_contact(attributes={"title": "x"}, modified_at=LATER)])
            changed = unit.contacts.get([new.contact_no])[new.contact_no]

        assert (revised.modified_at, revised.completeness) == (EARLIER, 50)
        assert changed.modified_at == LATER

    def test_a_backfill_fills_in_without_moving_the_modified_date(self, store: Store) -> None:
        connection_no = a_connection(store)
        filled = a_contact(attributes={"title": "CEO", "city": "Bonn"}, modified_at=LATER)
        with store.write() as unit:
            (new,) = unit.contacts.upsert(connection_no, [a_contact()])
            unit.contacts.upsert(connection_no, [filled], source=ChangeSource.BACKFILL)
            found = unit.contacts.get([new.contact_no])[new.contact_no]
            history = unit.contacts.changes(new.contact_no)

        assert found.attributes == {"title": "CEO", "city": "Bonn"}
        assert found.modified_at == EARLIER
        assert [item.source for item in history] == [ChangeSource.BACKFILL]

    def test_of_a_record_that_comes_twice_in_a_page_the_last_counts(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            arrivals = unit.contacts.upsert(connection_no, [a_contact(), a_contact(attributes={"title": "CFO"})])
            found = unit.contacts.at(connection_no, [lead("1")])

        assert len(arrivals) == 1
        assert found[lead("1")].attributes == {"title": "CFO"}

    def test_a_tombstone_is_soft_and_ends_when_the_record_comes_again(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.contacts.upsert(connection_no, [a_contact("1"), a_contact("2")])
            gone = unit.contacts.tombstone(connection_no, [Deletion(ref=lead("1"), at=LATER), Deletion(ref=lead("9"))])
            again = unit.contacts.tombstone(connection_no, [Deletion(ref=lead("1"))])
            counts = unit.contacts.count(connection_no)
            (back,) = unit.contacts.upsert(connection_no, [a_contact("1")])
            found = unit.contacts.at(connection_no, [lead("1")])[lead("1")]

        assert [item.ref for item in gone] == [lead("1")]
        assert again == []
        assert counts == {"Lead": 1}
        assert back.arrival is Arrival.RESTORED
        assert found.gone_at is None

    def test_a_merge_keeps_the_winner_and_restoring_forgets_it(self, store: Store) -> None:
        connection_no = a_connection(store)
        merged = Deletion(ref=lead("1"), kind=DeletionKind.MERGED, at=LATER, moved_to=lead("2"))
        with store.write() as unit:
            unit.contacts.upsert(connection_no, [a_contact("1"), a_contact("2")])
            (gone,) = unit.contacts.tombstone(connection_no, [merged])
            dead = unit.contacts.at(connection_no, [lead("1")])[lead("1")]
            (back,) = unit.contacts.restore(connection_no, [lead("1"), lead("2")])
            alive = unit.contacts.at(connection_no, [lead("1")])[lead("1")]
            history = unit.contacts.changes(gone.contact_no)

        assert (dead.gone_at, dead.gone_kind, dead.moved_to) == (LATER, "merged", lead("2"))
        assert gone.moved_to == lead("2")
        assert back.ref == lead("1")
        assert (alive.gone_at, alive.moved_to) == (None, None)
        assert [(item.attribute, item.old, item.new) for item in history] == [
            ("$gone", None, "merged"),
            ("$gone", "merged", None),
        ]

    def test_a_record_is_re_keyed_unless_its_new_id_is_known(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            (one, two) = unit.contacts.upsert(connection_no, [a_contact("1"), a_contact("2")])
            moved = unit.contacts.re_key(connection_no, lead("1"), lead("3"))
            taken = unit.contacts.re_key(connection_no, lead("3"), lead("2"))
            unknown = unit.contacts.re_key(connection_no, lead("8"), lead("9"))
            found = unit.contacts.at(connection_no, [lead("1"), lead("2"), lead("3")])

        assert (moved, taken, unknown) == (True, False, False)
        assert {ref: item.contact_no for ref, item in found.items()} == {
            lead("2"): two.contact_no,
            lead("3"): one.contact_no,
        }

    def test_contacts_are_found_by_number_person_address_and_account(self, store: Store) -> None:
        connection_no = a_connection(store)
        other = a_connection(store, name="other", kind="hubspot")
        account = Ref(object="Account", id="A")
        with store.write() as unit:
            arrivals = unit.contacts.upsert(
                connection_no, [a_contact("1", email="a@example.com", account=account), a_contact("2")]
            )
            arrivals += unit.contacts.upsert(other, [a_contact("1", email="a@example.com", account=account)])
            one, two, three = [item.contact_no for item in arrivals]
            waiting = [item.contact_no for item in unit.contacts.unassigned()]
            people = people_for(unit, [one, two, three])
            unit.contacts.tombstone(connection_no, [Deletion(ref=lead("2"))])

        with store.read() as unit:
            workspace_no = unit.connections.get(connection_no).workspace_no
            by_email = unit.contacts.by_email(workspace_no, ["a@example.com", "b@example.com"])
            of_account = unit.contacts.of_accounts(connection_no, [account])
            of_people = unit.contacts.of_people(people)
            with_gone = unit.contacts.of_people(people, gone=True)
            behind = unit.contacts.people_of_accounts(connection_no, [account])
            found = unit.contacts.get([one, two, 999])

        assert waiting == [one, two, three]
        assert [item.contact_no for item in by_email] == [one, three]
        assert [item.contact_no for item in of_account] == [one]
        assert [item.contact_no for item in of_people] == [one, three]
        assert [item.contact_no for item in with_gone] == [one, two, three]
        assert behind == {people[0]}
        assert sorted(found) == [one, two]

    def test_present_records_come_in_blocks_without_the_gone_ones(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.contacts.upsert(connection_no, [a_contact(f"{number:05d}") for number in range(5200)])
            unit.contacts.tombstone(connection_no, [Deletion(ref=lead("00007"))])

        with store.read() as unit:
            blocks = list(unit.contacts.present(connection_no, "Lead"))

        refs = [ref for block in blocks for ref in block]
        assert len(blocks) == 2
        assert len(refs) == len(set(refs)) == 5199
        assert lead("00007") not in refs

    def test_a_better_normaliser_re_derives_without_a_pull(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            (one, _) = unit.contacts.upsert(connection_no, [a_contact("1"), a_contact("2", derived_version=2)])
            old = unit.contacts.derived_before(2)
            unit.contacts.set_derived({one.contact_no: {"seniority": "c_level"}}, 2, {one.contact_no: 80})
            found = unit.contacts.get([one.contact_no])[one.contact_no]
            left = unit.contacts.derived_before(2)

        assert [item.contact_no for item in old] == [one.contact_no]
        assert (found.derived, found.derived_version, found.completeness) == ({"seniority": "c_level"}, 2, 80)
        assert left == []

    def test_an_erased_contact_leaves_nothing(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            (one,) = unit.contacts.upsert(connection_no, [a_contact()])
            unit.contacts.upsert(connection_no, [a_contact(attributes={"title": "x"})])
            unit.contacts.erase([one.contact_no])
            assert unit.contacts.get([one.contact_no]) == {}
            assert unit.contacts.changes(one.contact_no) == []

    def test_instants_keep_their_microseconds(self, store: Store) -> None:
        connection_no = a_connection(store)
        stamp = EARLIER + timedelta(microseconds=123457)
        with store.write() as unit:
            unit.contacts.upsert(connection_no, [a_contact(created_at=stamp)])
            assert unit.contacts.at(connection_no, [lead("1")])[lead("1")].created_at == stamp
