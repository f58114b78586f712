"""However an org is changed, its indexes say what a plain scan says."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.accounts import empty_salesforce_org
from connectors.sandbox.clock import OrgClock

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "backdate", "update", "touch", "delete", "undelete", "purge", "read", "wait"]),
        st.integers(0, 9),
        st.sampled_from(["a@x.example", "A@x.example", "b@x.example", None]),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_indexes_agree_with_a_scan(steps):
    clock = OrgClock.frozen_at(datetime(2026, 11, 20, 12, tzinfo=UTC))
    org = empty_salesforce_org(clock=clock)
    ids = []
    for step, which, mail in steps:
        row = ids[which % len(ids)] if ids else None
        if step == "create" or row is None:
            ids.append(org.create("Contact", {"LastName": "Q", "Email": mail}).id)
        elif step == "backdate":
            ids.append(org.create("Contact", {"Email": mail}, at=org.now() - 3_000 * which).id)
        elif step == "update":
            org.update("Contact", row, {"Email": mail})
        elif step == "touch":
            org.touch("Contact", org.get("Contact", row), system_only=True)
        elif step == "delete":
            org.delete("Contact", row)
        elif step == "undelete":
            org.undelete("Contact", row)
        elif step == "purge":
            org.purge("Contact", row)
            ids.remove(row)
        elif step == "wait":
            clock.advance(which)
        org.changed_since("Contact", 0)
        org.where("Contact", "Email", "a@x.example")

    every = list(org.scan("Contact", deleted=None))
    by_stamp = sorted(every, key=lambda record: (record.system_at, record.id))
    assert [record.id for record in every] == sorted(ids)
    assert org.changed_since("Contact", 0, deleted=None) == by_stamp
    middle = org.now() - 5_000
    assert org.changed_since("Contact", middle, deleted=None) == [r for r in by_stamp if r.system_at >= middle]
    for mail in ("a@x.example", "b@x.example"):
        expected = [record for record in every if (record.get("Email") or "").casefold() == mail]
        assert org.where("Contact", "Email", mail) == expected
    assert all(record.system_at >= record.modified_at >= record.created_at for record in every)
