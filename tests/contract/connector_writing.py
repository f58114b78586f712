"""The part of the connector suite about fields and writing; the other part builds on it."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.port import Connector, Presence, WriteOutcome, WriteRequest
from connectors.records import ContactRecord, Ref, Stream
from tests.contract.connector_case import ConnectorCase, Replica


class WritingSuite:
    """Fields are provisioned, values are written, held by the CRM and observed."""

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
