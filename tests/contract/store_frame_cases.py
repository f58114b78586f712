"""Bulk reads into frames."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
import sqlalchemy as sa

from sync.store.tables import api_calls, contact
from sync.store.unit import Store
from tests.contract.store_builders import EARLIER, a_connection, a_contact

COLUMNS = sa.select(
    contact.c.contact_no,
    contact.c.record_id,
    contact.c.email,
    contact.c.attributes,
    contact.c.created_at,
    contact.c.writable,
).order_by(contact.c.contact_no)


class FrameCases:
    """What a query becomes."""

    def test_columns_become_what_they_mean(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.contacts.upsert(
                connection_no,
                [a_contact("1", created_at=EARLIER, email="a@example.com"), a_contact("2", writable=False)],
            )

        frame = store.read_frame(COLUMNS)

        assert frame.schema == {
            "contact_no": pl.Int64,
            "record_id": pl.String,
            "email": pl.String,
            "attributes": pl.String,
            "created_at": pl.Datetime("us", "UTC"),
            "writable": pl.Boolean,
        }
        assert frame.rows() == [
            (1, "1", "a@example.com", '{"title":"CEO"}', EARLIER, True),
            (2, "2", None, '{"title":"CEO"}', None, False),
        ]

    def test_days_and_chosen_types(self, store: Store) -> None:
        connection_no, day = a_connection(store), date(2026, 3, 2)
        with store.write() as unit:
            unit.connections.count_calls(connection_no, day, 3)

        frame = store.read_frame(sa.select(api_calls.c.day, api_calls.c.calls), {"calls": pl.Int32()})

        assert frame.schema == {"day": pl.Date, "calls": pl.Int32}
        assert frame.rows() == [(day, 3)]

    def test_no_rows_still_have_types(self, store: Store) -> None:
        frame = store.read_frame(COLUMNS)

        assert frame.is_empty()
        assert frame.schema["created_at"] == pl.Datetime("us", "UTC")

    def test_conditions_take_values_of_all_kinds(self, store: Store) -> None:
        connection_no = a_connection(store)
        odd = "O'Brien \\ %s :x é"
        with store.write() as unit:
            unit.contacts.upsert(connection_no, [a_contact("1", email=odd, created_at=EARLIER), a_contact("2")])

        query = COLUMNS.where(
            contact.c.email == odd,
            contact.c.created_at >= EARLIER,
            contact.c.writable.is_(True),
            contact.c.record_id.in_(["1", "2", "3"]),
        )

        assert store.read_frame(query)["email"].to_list() == [odd]

    @pytest.mark.parametrize("many", [1, 2, 3])
    def test_a_few_rows_are_all_there(self, store: Store, many: int) -> None:
        """SQLAlchemy buffers the first rows of a result: they must not be lost on the way into a frame."""
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.contacts.upsert(connection_no, [a_contact(str(number)) for number in range(many)])
            inside = unit.sql.frame(COLUMNS)

        assert inside.height == many
        assert store.read_frame(COLUMNS).height == many
        assert sum(frame.height for frame in store.read_batches(COLUMNS)) == many

    def test_a_large_read_comes_in_batches(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.contacts.upsert(connection_no, [a_contact(str(number)) for number in range(250)])

        frames = list(store.read_batches(COLUMNS, size=100))

        assert [frame.height for frame in frames] == [100, 100, 50]
        assert pl.concat(frames)["contact_no"].to_list() == list(range(1, 251))

    def test_a_frame_in_a_unit_sees_what_the_unit_sees(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            unit.contacts.upsert(connection_no, [a_contact("1")])
            written = unit.sql.frame(COLUMNS)
        with store.read() as reading:
            before = reading.sql.frame(COLUMNS)
            with store.write() as unit:
                unit.contacts.upsert(connection_no, [a_contact("2")])
            after = reading.sql.frame(COLUMNS)

        assert (written.height, before.height, after.height) == (1, 1, 1)

    def test_a_column_without_a_type_is_refused(self, store: Store) -> None:
        with pytest.raises(TypeError, match="column odd"):
            store.read_frame(sa.select(sa.literal_column("1").label("odd")))
