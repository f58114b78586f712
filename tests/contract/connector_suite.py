"""What every connector must do, whichever CRM it speaks to. A binding subclasses `ConnectorSuite` and gives it a case.

Each test gets a fresh org of about two hundred people on the sandbox, its clock frozen; after every run, however faulty, what
was read must equal the org.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from connectors.errors import (
    Contended,
    NeedsAttention,
    QuotaSpent,
    Throttled,
    Unavailable,
)
from connectors.port import Connector, Presence, WriteOutcome, WriteRequest
from connectors.records import (
    AccountRecord,
    ActivityRecord,
    BadRecord,
    ContactRecord,
    DeletionKind,
    Page,
    Record,
    Ref,
    Stream,
)
from connectors.sandbox.faults import Drop, Effect, Faults, Reply
from connectors.sandbox.org import Org

#: Errors that end a read but not the load: it goes on at the last cursor.
PASSING = (Unavailable, Throttled, Contended)


class ConnectorCase(Protocol):
    """One CRM on the sandbox, as the suite needs it."""

    org: Org
    faults: Faults

    def connector(
        self, *, page_size: int | None = None, wrong_credentials: bool = False, daily_share: float = 1.0
    ) -> Connector:
        """A connector as a new process would make it, on the shipped field map, with no allowance by default."""
        ...

    def truth(self, stream: Stream) -> dict[Ref, dict[str, object]]:
        """Every live record of a stream with some facts about it (see `facts`), taken from the org, not over HTTP."""
        ...

    def advance(self, seconds: float) -> None:
        """Moves the org's clock and the connector's."""
        ...

    def pick(self, number: int) -> list[Ref]:
        """Live, writable contacts of one object without a partner, always the same."""
        ...

    def rename(self, ref: Ref, last_name: str, *, at: datetime | None = None) -> None:
        """Changes a contact's last name; `at` back-dates the stamps, as a transaction that commits late does."""
        ...

    def delete(self, ref: Ref) -> None:
        """Deletes a contact in the CRM."""
        ...

    def merge(self, winner: Ref, loser: Ref) -> Ref:
        """Merges two contacts in the CRM and gives the id that survives."""
        ...

    def hide_field(self) -> tuple[str, str]:
        """Makes a mapped contact field invisible to us: (object, field)."""
        ...

    def expire_sessions(self) -> bool:
        """Ends our sessions; False where the CRM knows none."""
        ...

    def malform(self, ref: Ref) -> None:
        """From now on this contact comes back malformed."""
        ...

    def exhaust_quota(self) -> None:
        """Someone else uses up the day's calls."""
        ...

    def held(self, ref: Ref, output: str) -> object:
        """What the org holds in an output field of a record, as plain text, number or boolean; None when empty."""
        ...

    def idle_calls(self, stream: Stream) -> int:
        """Calls that an unchanged stream costs."""
        ...

    def paged_path(self) -> str:
        """Regular expression for the requests that read pages of contacts."""
        ...


def facts(record: Record) -> dict[str, object]:
    """The part of a record that a case tells the truth about."""
    if isinstance(record, ContactRecord):
        return {**record.attributes, "account": record.account}
    if isinstance(record, AccountRecord):
        return dict(record.attributes)
    if isinstance(record, ActivityRecord):
        return {"kind": record.kind, "contacts": frozenset(record.contacts), "at": record.at}
    return {
        "stage": record.stage,
        "outcome": record.outcome,
        "account": record.account,
        "amount": record.amount,
        "contacts": frozenset(ref for ref, _ in record.contacts),
        "stages": tuple(entry.stage for entry in record.stages),
    }


@dataclass
class Replica:
    """What a reader of pages holds, the way the store keeps it."""

    records: dict[Ref, Record] = field(default_factory=dict)
    bad: list[BadRecord] = field(default_factory=list)
    moved: dict[Ref, Ref] = field(default_factory=dict)
    pages: int = 0
    rows: int = 0

    def apply(self, page: Page) -> None:
        """Takes one page in."""
        self.pages += 1
        self.rows += len(page.records)
        for record in page.records:
            self.records[record.ref] = record
        for deletion in page.deletions:
            self.records.pop(deletion.ref, None)
            if deletion.kind is DeletionKind.MERGED and deletion.moved_to:
                self.moved[deletion.ref] = deletion.moved_to
        self.bad.extend(page.bad)

    def drain(self, connector: Connector, stream: Stream, cursor: str, *, faulty: bool = False) -> str:
        """Reads until the stream has reached the present; `faulty` goes on at the same cursor after passing errors."""
        failures = 0
        while True:
            try:
                page = connector.read(stream, cursor)
            except PASSING:
                failures += 1
                if not faulty or failures > 50:
                    raise
                continue
            self.apply(page)
            cursor = page.next
            assert self.pages < 5_000, "the stream never ends"
            if not page.more:
                return cursor

    def facts(self, like: Mapping[Ref, Mapping[str, object]]) -> dict[Ref, dict[str, object]]:
        """The same facts that the truth tells, of everything held."""
        return {
            ref: {name: facts(record).get(name) for name in like.get(ref, {})} for ref, record in self.records.items()
        }


class ConnectorSuite:
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
        case.advance(3600)
        cursor = Replica().drain(connector, stream, cursor)
        case.advance(3600)
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
            for _ in range(3):
                page = connector.read(Stream.CONTACTS, page.next)
                replica.apply(page)
        case.advance(86_400)
        replica.drain(case.connector(page_size=25), Stream.CONTACTS, page.next)

        self._equals(case, replica)

    def test_no_more_than_the_share_of_the_day_is_used(self, case: ConnectorCase) -> None:
        limit = case.org.quotas["daily"].limit
        connector = case.connector(page_size=5, daily_share=12 / limit)

        with pytest.raises(QuotaSpent):
            Replica().drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))

        assert connector.usage().calls <= 14

    # ---- fields ----

    def test_fields_are_planned_created_and_then_there(self, case: ConnectorCase) -> None:
        connector = case.connector()
        plan = connector.plan_fields()
        assert plan
        assert all(step.manual for step in plan)

        done = connector.apply_fields()

        assert [step for step in done if not step.done] == []
        assert case.connector().plan_fields() == []
        written = [item for item in case.connector().check_fields() if item.written]
        assert written
        assert {item.presence for item in written} == {Presence.OK}

    # ---- writing ----

    def test_written_values_are_held_by_the_crm_and_observed(self, case: ConnectorCase) -> None:
        connector = self._provisioned(case)
        refs = case.pick(5)
        stamp = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
        values = {"score": 71, "grade": "A2", "qualified": True, "reasons": "Pricing page – Straße", "scored_at": stamp}

        results = connector.write([WriteRequest(ref=ref, values=dict(values)) for ref in refs])

        assert [(result.ref, result.outcome) for result in results] == [(ref, WriteOutcome.ACCEPTED) for ref in refs]
        assert {case.held(ref, "score") for ref in refs} == {71}
        assert {case.held(ref, "reasons") for ref in refs} == {"Pricing page – Straße"}
        page = connector.read_records(Stream.CONTACTS, refs)
        for record in page.records:
            assert isinstance(record, ContactRecord)
            assert {name: record.observed[name] for name in values} == values
            assert record.observed["rating"] is None

    def test_none_clears_a_field(self, case: ConnectorCase) -> None:
        connector = self._provisioned(case)
        (ref,) = case.pick(1)
        connector.write([WriteRequest(ref=ref, values={"score": 5, "reasons": "x", "grade": "A1"})])

        (result,) = connector.write([connector.clear_request(ref)])

        assert result.outcome is WriteOutcome.ACCEPTED
        assert [case.held(ref, name) for name in ("score", "reasons", "grade")] == [None, None, None]

    def test_a_deleted_record_among_others_is_gone_and_the_others_are_written(self, case: ConnectorCase) -> None:
        connector = self._provisioned(case)
        first, second, third = case.pick(3)
        case.delete(second)

        results = connector.write([WriteRequest(ref=ref, values={"score": 9}) for ref in (first, second, third)])

        assert [result.ref for result in results] == [first, second, third]
        assert [result.outcome for result in results] == [
            WriteOutcome.ACCEPTED,
            WriteOutcome.GONE,
            WriteOutcome.ACCEPTED,
        ]

    def test_a_full_batch_has_one_result_per_request_in_their_order(self, case: ConnectorCase) -> None:
        connector = self._provisioned(case)
        refs = list(reversed(case.pick(min(connector.write_batch, 60))))

        results = connector.write([WriteRequest(ref=ref, values={"score": place}) for place, ref in enumerate(refs)])

        assert [result.ref for result in results] == refs
        assert [case.held(ref, "score") for ref in refs] == list(range(len(refs)))

    def test_our_own_writes_come_back_without_other_changes(self, case: ConnectorCase) -> None:
        connector, replica, cursor = self._loaded(case)
        connector.apply_fields()
        refs = case.pick(4)
        before = {ref: self._contact(replica, ref).attributes for ref in refs}
        case.advance(60)
        connector.write([WriteRequest(ref=ref, values={"score": 50}) for ref in refs])
        case.advance(60)

        replica.drain(case.connector(), Stream.CONTACTS, cursor)

        assert {ref: self._contact(replica, ref).attributes for ref in refs} == before
        assert {self._contact(replica, ref).observed["score"] for ref in refs} == {50}

    # ---- parts ----

    def _loaded(self, case: ConnectorCase, *, page_size: int | None = None) -> tuple[Connector, Replica, str]:
        connector, replica = case.connector(page_size=page_size), Replica()
        cursor = replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS))
        return connector, replica, cursor

    def _provisioned(self, case: ConnectorCase) -> Connector:
        connector = case.connector()
        connector.apply_fields()
        return connector

    def _contact(self, replica: Replica, ref: Ref) -> ContactRecord:
        record = replica.records[ref]
        assert isinstance(record, ContactRecord)
        return record

    def _equals(self, case: ConnectorCase, replica: Replica) -> None:
        truth = case.truth(Stream.CONTACTS)
        assert replica.facts(truth) == truth
