"""What every connector must do, whichever CRM it speaks to. A binding subclasses `ConnectorSuite` and gives it a case.

Each test gets a fresh org of about two hundred people on the sandbox, its clock frozen; after every run, however faulty, what
was read must equal the org.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import NeedsAttention, QuotaSpent, Unavailable
from connectors.port import Presence
from connectors.records import Ref, Stream
from connectors.sandbox.faults import Drop, Effect, Reply
from tests.contract.connector_case import ConnectorCase, Replica, facts
from tests.contract.connector_writing import WritingSuite

__all__ = ["ConnectorCase", "ConnectorSuite", "Replica", "facts"]


class ConnectorSuite(WritingSuite):
    """Subclass as `TestX(ConnectorSuite)` with a fixture `case`."""

    @pytest.fixture
    def case(self) -> ConnectorCase:
        raise RuntimeError("the binding gives the case")

    # ---- who and what ----

    def test_the_org_tells_who_it_is_and_what_time_it_is(self, case: ConnectorCase) -> None:
        identity = case.connector().identify()

        assert identity.org_id == case.org.id
        assert abs(identity.now.timestamp() * 1000 - case.org.clock.now()) < 1500

    def test_wrong_credentials_need_attention_and_say_the_next_step(self, case: ConnectorCase) -> None:
        with pytest.raises(NeedsAttention) as caught:
            case.connector(wrong_credentials=True).identify()

        assert caught.value.code == "credentials"
        assert caught.value.next_step
        assert caught.value.connection

    def test_every_mapped_field_of_the_shipped_map_exists_in_the_sandbox(self, case: ConnectorCase) -> None:
        checks = case.connector().check_fields()

        assert checks
        assert [item for item in checks if not item.written and item.presence is not Presence.OK] == []

    def test_a_hidden_field_is_reported_as_missing(self, case: ConnectorCase) -> None:
        name, hidden = case.hide_field()

        missing = {
            (item.object, item.field)
            for item in case.connector().check_fields()
            if not item.written and item.presence is Presence.MISSING
        }

        assert missing == {(name, hidden)}

    def test_the_mapping_digest_is_the_same_in_every_process(self, case: ConnectorCase) -> None:
        first, second = case.connector(), case.connector()

        for stream in Stream:
            assert first.mapping_digest(stream) == second.mapping_digest(stream)

    # ---- reading ----

    @pytest.mark.parametrize("stream", list(Stream))
    def test_a_first_load_equals_the_org(self, case: ConnectorCase, stream: Stream) -> None:
        replica = Replica()
        connector = case.connector(page_size=70)

        replica.drain(connector, stream, connector.start(stream))

        truth = case.truth(stream)
        assert len(truth) > 20
        assert replica.facts(truth) == truth
        assert replica.bad == []

    @pytest.mark.parametrize("stream", list(Stream))
    def test_an_unchanged_stream_costs_its_few_calls_and_brings_nothing(
        self, case: ConnectorCase, stream: Stream
    ) -> None:
        connector = case.connector()
        cursor = Replica().drain(connector, stream, connector.start(stream))
        case.advance(1200)
        cursor = Replica().drain(connector, stream, cursor)
        case.advance(1200)
        before = connector.usage().calls

        page = connector.read(stream, cursor)

        assert connector.usage().calls - before == case.idle_calls(stream)
        assert (page.more, page.records, page.deletions) == (False, (), ())

    def test_a_changed_contact_comes_again_alone(self, case: ConnectorCase) -> None:
        connector, replica, cursor = self._loaded(case)
        case.advance(3600)
        cursor = replica.drain(connector, Stream.CONTACTS, cursor)
        (ref,) = case.pick(1)
        case.advance(3600)
        case.rename(ref, "Newname")
        case.advance(60)

        fresh = Replica()
        fresh.drain(connector, Stream.CONTACTS, cursor)

        assert list(fresh.records) == [ref]
        assert facts(fresh.records[ref])["last_name"] == "Newname"

    def test_a_deleted_contact_comes_as_a_deletion(self, case: ConnectorCase) -> None:
        connector, replica, cursor = self._loaded(case)
        (ref,) = case.pick(1)
        case.advance(60)
        case.delete(ref)
        case.advance(60)

        replica.drain(connector, Stream.CONTACTS, cursor)

        assert ref not in replica.records
        self._equals(case, replica)

    def test_a_merged_contact_says_who_it_is_now(self, case: ConnectorCase) -> None:
        connector, replica, cursor = self._loaded(case)
        winner, loser = case.pick(2)
        case.advance(60)
        survivor = case.merge(winner, loser)
        case.advance(60)

        replica.drain(connector, Stream.CONTACTS, cursor)

        assert replica.moved.get(loser, survivor) == survivor
        linked = {link.ref for link in self._contact(replica, survivor).same_as}
        assert loser in replica.moved or loser in linked
        self._equals(case, replica)

    def test_a_transaction_that_commits_late_is_not_missed(self, case: ConnectorCase) -> None:
        connector, replica, cursor = self._loaded(case)
        case.advance(3600)
        cursor = replica.drain(connector, Stream.CONTACTS, cursor)
        now = datetime.fromtimestamp(case.org.clock.now() / 1000, UTC)
        (ref,) = case.pick(1)
        case.rename(ref, "Lately", at=now - timedelta(seconds=60))
        case.advance(30)

        replica.drain(connector, Stream.CONTACTS, cursor)

        assert facts(replica.records[ref])["last_name"] == "Lately"
        self._equals(case, replica)

    def test_many_records_with_one_stamp_are_all_read_over_small_pages(self, case: ConnectorCase) -> None:
        connector, replica, cursor = self._loaded(case, page_size=10)
        case.advance(3600)
        cursor = replica.drain(connector, Stream.CONTACTS, cursor)
        case.advance(3600)
        refs = case.pick(37)
        for ref in refs:
            case.rename(ref, "Together")
        case.advance(60)

        fresh = Replica()
        fresh.drain(connector, Stream.CONTACTS, cursor)

        assert set(fresh.records) == set(refs)
        replica.records.update(fresh.records)
        self._equals(case, replica)

    def test_a_load_goes_on_in_another_process_where_the_first_one_stopped(self, case: ConnectorCase) -> None:
        replica = Replica()
        cursor = case.connector().start(Stream.CONTACTS)
        while True:
            page = case.connector(page_size=25).read(Stream.CONTACTS, cursor)
            replica.apply(page)
            cursor = page.next
            if not page.more:
                break

        self._equals(case, replica)

    def test_contacts_that_change_while_they_are_loaded_are_right_after_the_next_cycle(
        self, case: ConnectorCase
    ) -> None:
        connector, replica = case.connector(page_size=20), Replica()
        cursor = connector.start(Stream.CONTACTS)
        for step, ref in enumerate(case.pick(8)):
            page = connector.read(Stream.CONTACTS, cursor)
            replica.apply(page)
            cursor = page.next
            case.advance(30)
            case.rename(ref, f"Moving{'abcdefgh'[step]}")
        cursor = replica.drain(connector, Stream.CONTACTS, cursor)
        case.advance(120)

        replica.drain(connector, Stream.CONTACTS, cursor)

        self._equals(case, replica)

    def test_a_malformed_record_is_named_and_the_page_goes_on(self, case: ConnectorCase) -> None:
        (ref,) = case.pick(1)
        case.malform(ref)
        connector, replica = case.connector(), Replica()

        replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))

        assert [bad.ref for bad in replica.bad] == [ref]
        assert "@" not in replica.bad[0].reason
        assert set(replica.records) == set(case.truth(Stream.CONTACTS)) - {ref}

    def test_named_records_are_read_and_absent_ones_come_as_deletions(self, case: ConnectorCase) -> None:
        first, second = case.pick(2)
        case.delete(second)

        page = case.connector().read_records(Stream.CONTACTS, [first, second])

        assert [record.ref for record in page.records] == [first]
        assert [deletion.ref for deletion in page.deletions] == [second]

    def test_all_activities_of_a_contact_are_found(self, case: ConnectorCase) -> None:
        truth = case.truth(Stream.ACTIVITIES)
        by_contact: dict[Ref, set[Ref]] = {}
        for activity, known in truth.items():
            for contact in known["contacts"]:  # type: ignore[attr-defined]
                by_contact.setdefault(contact, set()).add(activity)
        busiest = max(by_contact, key=lambda ref: len(by_contact[ref]))

        found = {record.ref for page in case.connector().activities_of([busiest]) for record in page.records}

        assert found == by_contact[busiest]

    @pytest.mark.parametrize("stream", list(Stream))
    def test_the_ids_that_are_present_cover_the_org(self, case: ConnectorCase, stream: Stream) -> None:
        found = {ref for block in case.connector(page_size=50).present_ids(stream) for ref in block}

        assert set(case.truth(stream)) <= found

    # ---- faults ----

    @pytest.mark.parametrize(
        "effect",
        [
            Reply(status=503, body=b"<html>down</html>"),
            Reply(status=500, payload={"message": "internal"}),
            Drop(),
            Drop(keep=200),
        ],
        ids=["unavailable", "internal error", "dropped", "cut off"],
    )
    def test_a_load_through_faults_ends_equal_to_the_org(self, case: ConnectorCase, effect: Effect) -> None:
        connector, replica = case.connector(page_size=25), Replica()
        for after in (1, 2, 4, 7):
            case.faults.add(effect, path=case.paged_path(), after=after)

        replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS), faulty=True)

        self._equals(case, replica)

    def test_a_fault_is_unavailable_and_tells_connection_and_stream(self, case: ConnectorCase) -> None:
        connector = case.connector()
        cursor = connector.start(Stream.CONTACTS)
        connector.mapping_digest(Stream.CONTACTS)
        case.faults.add(Reply(status=503), path=case.paged_path(), times=None)

        with pytest.raises(Unavailable) as caught:
            connector.read(Stream.CONTACTS, cursor)

        assert caught.value.connection
        assert caught.value.stream == "contacts"

    def test_a_session_that_ends_in_the_middle_is_renewed(self, case: ConnectorCase) -> None:
        connector, replica = case.connector(page_size=25), Replica()
        cursor = connector.start(Stream.CONTACTS)
        replica.apply(page := connector.read(Stream.CONTACTS, cursor))
        if not case.expire_sessions():
            pytest.skip("this CRM knows no sessions")

        replica.drain(connector, Stream.CONTACTS, page.next)

        self._equals(case, replica)

    def test_a_spent_quota_says_so_and_the_load_goes_on_later(self, case: ConnectorCase) -> None:
        connector, replica = case.connector(page_size=25), Replica()
        replica.apply(page := connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS)))
        case.exhaust_quota()

        with pytest.raises(QuotaSpent):
            Replica().drain(connector, Stream.CONTACTS, page.next)
        case.advance(86_400)
        replica.drain(case.connector(page_size=25), Stream.CONTACTS, page.next)

        self._equals(case, replica)

    def test_no_more_than_the_share_of_the_day_is_used(self, case: ConnectorCase) -> None:
        limit = case.org.quotas["daily"].limit
        connector = case.connector(page_size=5, daily_share=12 / limit)

        with pytest.raises(QuotaSpent):
            Replica().drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))

        assert connector.usage().calls <= 14
