"""Rises of counters, on a store that is a dictionary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectors.records import ContactRecord, CounterValue, LinkReason, Ref, VendorLink
from sync.pull.counters import rises

START = datetime(2026, 11, 20, tzinfo=UTC)
ADA = Ref(object="contacts", id="7")
OPENS = "hs_email_open"


class Shelf:
    """What `unit.counters` does, in memory."""

    def __init__(self):
        self.held = {}

    @property
    def counters(self):
        return self

    def get(self, numbers):
        return {number: self.held[number] for number in numbers if number in self.held}

    def put(self, seen):
        self.held |= {each.contact_no: each for each in seen}


def ada(value, minute, *, merged=(), counted=True):
    return ContactRecord(
        ref=ADA,
        created_at=None,
        modified_at=START + timedelta(minutes=minute),
        attributes={},
        same_as=tuple(VendorLink(ref=Ref(object="contacts", id=each), reason=LinkReason.MERGE) for each in merged),
        counters=(CounterValue(name=OPENS, kind="email_opened", value=value, counted=counted),),
    )


def told(shelf, *records):
    return [(each.ref.id, each.count) for record in records for each in rises(shelf, {ADA: 1}, [record])]


def test_an_older_copy_of_a_contact_is_no_fall():
    shelf = Shelf()
    assert told(shelf, ada(2, 0), ada(5, 10), ada(2, 5), ada(5, 11)) == [("7:5", 3)]


def test_a_winner_that_keeps_its_id_begins_anew():
    shelf = Shelf()
    assert told(shelf, ada(2, 0), ada(9, 10, merged=["8"]), ada(10, 20, merged=["8"])) == [("7:10", 1)]


def test_a_counter_that_rests_is_kept_in_mind():
    shelf = Shelf()
    assert told(shelf, ada(2, 0), ada(6, 10, counted=False), ada(7, 20)) == [("7:7", 1)]


def test_without_a_date_of_its_own_the_change_of_the_contact_stands_for_it():
    shelf = Shelf()
    rises(shelf, {ADA: 1}, [ada(1, 0)])
    (found,) = rises(shelf, {ADA: 1}, [ada(2, 30)])
    assert (found.at, found.precision.value, found.contacts) == (START + timedelta(minutes=30), "derived", (ADA,))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_what_is_told_are_the_rises_each_once_under_an_id_of_its_own(values):
    shelf = Shelf()
    # Every copy comes twice, as pulls and resyncs bring it.
    copies = [ada(value, minute) for minute, value in enumerate(values) for _ in range(2)]
    found = told(shelf, *copies)
    rising = [after - before for before, after in pairwise(values) if after > before]
    assert [count for _, count in found] == rising
    assert len({record_id for record_id, _ in found}) == len(found)
