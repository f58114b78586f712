from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.records import Ref
from sync.people.believed import HUBSPOT, SALESFORCE
from sync.rescore.frames import activities_frame
from sync.store.sql.scoring_inputs import Who
from tests.people_world import Crms

#: What each CRM can bring: calls come from Salesforce alone, page views from HubSpot alone.
BRINGS = {
    HUBSPOT: {"email_opened", "email_clicked", "page_view", "meeting_held"},
    SALESFORCE: {"email_opened", "email_clicked", "meeting_held", "call_connected"},
}
MARKETED = ("email_opened", "email_clicked", "page_view")
SOLD = ("meeting_held", "call_connected")


@pytest.fixture
def crms(tmp_path):
    with Crms.opened("sqlite", tmp_path) as crms:
        yield crms


def a_life(crms, name, *, mirrored):
    """One human in both CRMs; the native sync writes what happens in one into the other, under ids of its own."""
    crms.sales("Contact", name, email=f"{name}@acme.example")
    crms.marketing(name, email=f"{name}@acme.example")
    happened = [("marketing", kind) for kind in MARKETED] + [("sales", kind) for kind in SOLD]
    for connection, kind in happened:
        other = "sales" if connection == "marketing" else "marketing"
        for place in (connection, other) if mirrored else (connection,):
            crms.pass_time(timedelta(minutes=1))
            object_ = "Contact" if place == "sales" else "contacts"
            if kind in BRINGS[HUBSPOT if place == "marketing" else SALESFORCE]:
                crms.activity(f"{name}-{place}-{kind}", name, connection=place, object_=object_, kind=kind)
    return crms.person_of("sales", "Contact", name).person_no


def counted(crms):
    """person -> kinds of the activities that count, sorted."""
    with crms.store.read() as unit:
        stored = unit.scoring_inputs.activities(Who())
        contact_crms = unit.scoring_inputs.contact_crms(Who())
        crm_kinds = unit.scoring_inputs.crm_kinds()
    frame = activities_frame(stored, crm_kinds=crm_kinds, brings=BRINGS, contact_crms=contact_crms)
    kinds = {}
    for row in frame.select("person_id", "kind").iter_rows():
        kinds.setdefault(row[0], []).append(row[1])
    return {person_no: sorted(found) for person_no, found in kinds.items()}


def test_a_pair_counts_the_same_with_and_without_mirroring(crms):
    with_mirror = a_life(crms, "ada", mirrored=True)
    without = a_life(crms, "bob", mirrored=False)

    kinds = counted(crms)

    assert kinds[with_mirror] == kinds[without] == sorted([*MARKETED, *SOLD])


def test_a_person_of_one_crm_keeps_everything(crms):
    crms.marketing("1", email="eve@lonely.example")
    for kind in ("meeting_held", "email_opened"):
        crms.activity(kind, "1", kind=kind)

    assert list(counted(crms).values()) == [["email_opened", "meeting_held"]]


def test_an_activity_of_two_contacts_of_one_person_counts_once(crms):
    crms.sales("Lead", "1", email="ada@acme.example")
    crms.sales("Contact", "2", email="ada@acme.example")
    crms.activity(
        "t", "1", connection="sales", object_="Lead", kind="call_connected", also=(Ref(object="Contact", id="2"),)
    )

    assert list(counted(crms).values()) == [["call_connected"]]
