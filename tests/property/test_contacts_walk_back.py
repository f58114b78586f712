"""A contact walked back by its changes is what it was at every earlier instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Ref
from sync.people.past import contact_then
from sync.store.contact_rows import ChangeRow, ChangeSource, StoredContact

START = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = ("title", "country", "email", "industry")
_STEPS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.none() | st.sampled_from(["a", "b@x.example", "CEO"]), st.integers(0, 2)),
    max_size=12,
)


def a_contact(attributes, modified_at):
    return StoredContact(
        contact_no=1,
        workspace_no=1,
        connection_no=1,
        ref=Ref(object="contacts", id="1"),
        person_no=1,
        account=None,
        email=attributes.get("email", "").lower() or None,
        attributes=dict(attributes),
        derived={},
        derived_version=1,
        fingerprint="",
        created_at=START,
        modified_at=modified_at,
        first_seen_at=START,
        writable=True,
        unwritable_reason=None,
        completeness=None,
        gone_at=None,
        gone_kind=None,
        moved_to=None,
    )


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_every_earlier_state_comes_back(steps):
    now, stamp, instant = {"title": "Analyst"}, START, START
    changes, states = [], [(START, dict(now), START)]
    for name, value, hours in steps:
        instant += timedelta(hours=hours)
        if now.get(name) == value:
            continue
        stamp = instant - timedelta(minutes=5)
        changes.append(
            ChangeRow(
                attribute=name,
                old=now.get(name),
                new=value,
                at=stamp,
                recorded_at=instant,
                source=ChangeSource.PULL,
            )
        )
        now = {key: text for key, text in (now | {name: value}).items() if text is not None}
        if states[-1][0] == instant:
            states.pop()
        states.append((instant, dict(now), stamp))
    row = a_contact(now, stamp)

    for at, attributes, modified_at in states:
        then = contact_then(row, changes, at)
        assert then.attributes == attributes
        assert then.modified_at == modified_at
        assert then.email == (attributes.get("email", "").lower() or None)
        assert contact_then(row, changes, at + timedelta(minutes=1)).attributes == attributes


def test_a_tombstone_that_was_learnt_of_later_does_not_stand_yet():
    gone = START + timedelta(days=3)
    told = ChangeRow(
        attribute="$gone",
        old=None,
        new="deleted",
        at=gone,
        recorded_at=gone + timedelta(days=2),
        source=ChangeSource.PULL,
    )
    row = StoredContact(**{**_fields(a_contact({}, START)), "gone_at": gone, "gone_kind": "deleted"})

    assert contact_then(row, [told], gone + timedelta(days=1)).gone_at is None
    assert contact_then(row, [told], gone + timedelta(days=2)).gone_at == gone


def _fields(row):
    return {name: getattr(row, name) for name in StoredContact.__dataclass_fields__}
