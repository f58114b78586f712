"""Units: what is committed, what is seen, what is lost by nobody."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from sync.errors import StatementRefused, StoreBusy, StoreReadOnly
from sync.store.open import open_store
from sync.store.tables import connection, marker, person
from sync.store.unit import Store
from tests.contract.store_builders import a_connection, a_contact, a_person
from tests.contract.store_processes import count_up, counted
from tests.fakes import FakeClock


class UnitCases:
    """Transactions."""

    def test_what_a_write_unit_did_is_there_after_it(self, store: Store) -> None:
        with store.write() as unit:
            number = unit.connections.workspace("default")

        with store.read() as unit:
            assert unit.connections.all(number) == []

        with store.write() as unit:
            assert unit.connections.workspace("default") == number

    def test_an_exception_undoes_the_whole_unit(self, store: Store) -> None:
        connection_no = a_connection(store)

        with pytest.raises(ZeroDivisionError), store.write() as unit:  # noqa: PT012
            unit.contacts.upsert(connection_no, [a_contact()])
            raise ZeroDivisionError

        with store.read() as unit:
            assert unit.contacts.count() == {}

    def test_a_read_unit_keeps_seeing_what_it_saw_first(self, store: Store) -> None:
        connection_no = a_connection(store)

        with store.read() as reading:
            before = reading.contacts.count()
            with store.write() as unit:
                unit.contacts.upsert(connection_no, [a_contact()])
            after = reading.contacts.count()

        assert (before, after) == ({}, {})

    def test_a_read_unit_cannot_write(self, store: Store) -> None:
        with pytest.raises(StoreReadOnly), store.read() as unit:
            unit.connections.workspace("default")

    def test_a_write_unit_inside_another_of_the_same_thread_is_refused(self, store: Store) -> None:
        with store.write(), pytest.raises(RuntimeError, match="inside a write unit"), store.write():
            pass

        with store.write() as unit:
            unit.connections.workspace("still works")

    def test_the_second_writer_gives_up_after_its_patience(self, store: Store, address: str, clock: FakeClock) -> None:
        impatient = open_store(address, clock=clock, busy_seconds=0.05)

        with store.write() as unit:
            unit.connections.workspace("default")
            with pytest.raises(StoreBusy), impatient.write():
                pass

        with impatient.write() as unit:
            unit.connections.workspace("default")
        impatient.close()

    def test_a_second_thread_gives_up_after_its_patience(self, address: str, clock: FakeClock) -> None:
        impatient = open_store(address, clock=clock, busy_seconds=0.05)
        caught: list[BaseException] = []

        def other() -> None:
            try:
                with impatient.write():
                    pass
            except StoreBusy as error:
                caught.append(error)

        with impatient.write():
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()

        assert len(caught) == 1
        impatient.close()

    def test_threads_that_read_and_then_write_lose_nothing(self, store: Store) -> None:
        threads = [threading.Thread(target=count_up, args=(store, 20)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert counted(store) == 80

    def test_a_refused_statement_names_the_constraint_and_no_value(self, store: Store) -> None:
        secret = "jane@example.com"
        a_connection(store, name=secret)
        row = {"workspace_no": 1, "name": secret, "kind": "x", "writes": "off"}

        with pytest.raises(StatementRefused) as caught, store.write() as unit:
            unit.sql.insert(connection, [row])

        assert secret not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__

    def test_numbers_of_a_sequence_are_never_given_twice(self, store: Store) -> None:
        with store.write() as unit:
            first = list(unit.sql.take("person", 3))
        with pytest.raises(ZeroDivisionError), store.write() as unit:  # noqa: PT012
            unit.sql.take("person", 2)
            raise ZeroDivisionError
        with store.write() as unit:
            second = list(unit.sql.take("person", 2))
            other = list(unit.sql.take("asset"))

        assert first == [1, 2, 3]
        assert not set(first) & set(second)
        assert other == [1]

    def test_what_no_database_can_hold_becomes_a_question_mark(self, store: Store) -> None:
        with store.write() as unit:
            unit.sql.insert(marker, [{"name": "odd", "value": {"text": "a\0b\ud800c"}}])

        with store.read() as unit:
            found = unit.sql.value(sa.select(marker.c.value))

        assert found == {"text": "a\0b?c"}

    def test_a_change_between_reading_and_scoring_is_not_lost(self, store: Store) -> None:
        with store.write() as unit:
            unit.people.create([a_person(7)], unit.sql.now())
        with store.read() as unit:
            read = unit.sql.first(sa.select(person.c.shard, person.c.dirty_seq))

        with store.write() as unit:
            unit.sql.run(sa.update(person).values(dirty_seq=person.c.dirty_seq + 1))
        with store.write() as unit:
            unit.scores.settle([(read.shard, 7, read.dirty_seq)])
            still = unit.sql.rows(sa.select(person.c.person_no).where(person.c.dirty_seq > person.c.scored_seq))
            assert [row.person_no for row in still] == [7]

        with store.write() as unit:
            unit.scores.settle([(read.shard, 7, read.dirty_seq + 1)])
            assert unit.sql.rows(sa.select(person.c.person_no).where(person.c.dirty_seq > person.c.scored_seq)) == []
