"""Whatever the order in which contacts and activities arrive, the same people end up with the same activities."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Deletion
from sync.store.activity_rows import ActivityRow
from sync.store.contact_rows import ContactRow
from sync.store.open import open_store
from sync.store.tables import activity, activity_contact, activity_orphan, contact
from sync.store.unit import Store, Unit
from tests.contract.store_builders import a_connection, a_contact, an_activity, lead, people_for, task
from tests.fakes import FakeClock

IDS = "123"
Event = ContactRow | ActivityRow | Deletion


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Contacts and activities that name, mail and supersede one another; some activities are deleted in the end."""
    contacts = [a_contact(one, email=f"{one}@example.com") for one in IDS if draw(st.booleans())]
    activities = [
        an_activity(
            one,
            contacts=tuple(lead(other) for other in draw(st.sets(st.sampled_from(IDS), max_size=2))),
            emails=tuple(f"{other}@example.com" for other in draw(st.sets(st.sampled_from(IDS), max_size=1))),
            supersedes=task(draw(st.sampled_from(IDS))) if draw(st.booleans()) else None,
        )
        for one in IDS
        if draw(st.booleans())
    ]
    return [*contacts, *activities]


@settings(max_examples=25, deadline=None)
@given(histories(), st.randoms(use_true_random=False), st.sets(st.sampled_from(IDS)))
def test_the_order_of_arrival_does_not_matter(events: list[Event], random: object, deleted: set[str]) -> None:
    shuffled = events.copy()
    random.shuffle(shuffled)
    deletions = [Deletion(ref=task(one)) for one in sorted(deleted)]

    assert outcome([*events, *deletions]) == outcome([*shuffled, *deletions])


def outcome(events: list[Event]) -> tuple[object, object]:
    """(links with whether they count, orphans) after these arrivals, one page each."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        shutil.copy(empty(), path)
        store = open_store(f"sqlite:///{path}", clock=FakeClock())
        connection_no = a_connection(store)
        with store.write() as unit:
            for event in events:
                arrive(unit, connection_no, event)
        found = everything(store)
        store.close()
    return found


def arrive(unit: Unit, connection_no: int, event: Event) -> None:
    if isinstance(event, ContactRow):
        (arrival,) = unit.contacts.upsert(connection_no, [event])
        people_for(unit, [arrival.contact_no])
        unit.activities.resolve(connection_no, [arrival.contact_no])
    elif isinstance(event, ActivityRow):
        unit.activities.upsert(connection_no, [event])
    else:
        unit.activities.tombstone(connection_no, [event])


def everything(store: Store) -> tuple[object, object]:
    links = (
        sa.select(activity.c.record_id, contact.c.record_id, activity_contact.c.counted, activity.c.superseded)
        .select_from(activity_contact)
        .join(activity, activity.c.activity_no == activity_contact.c.activity_no)
        .join(contact, contact.c.contact_no == activity_contact.c.contact_no)
    )
    orphans = sa.select(activity.c.record_id, activity_orphan.c.record_id, activity_orphan.c.email).join(
        activity, activity.c.activity_no == activity_orphan.c.activity_no
    )
    with store.read() as unit:
        return sorted(map(tuple, unit.sql.rows(links))), sorted(map(tuple, unit.sql.rows(orphans)))


@lru_cache(maxsize=1)
def empty() -> Path:
    """A store without anything in it, to be copied."""
    path = Path(mkdtemp(prefix="store")) / "empty.db"
    open_store(f"sqlite:///{path}", clock=FakeClock()).close()
    return path
