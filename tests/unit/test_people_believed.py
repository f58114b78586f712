from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from scoring.vocabulary import ACTIVITY_KINDS
from sync.people.believed import BELIEVED_CRM, HUBSPOT, SALESFORCE, believed_kinds

EVERYTHING = {HUBSPOT: ACTIVITY_KINDS, SALESFORCE: ACTIVITY_KINDS}


def counted(activities, left_out):
    """What counts of (CRM, kind) pairs, by kind."""
    return Counter(kind for crm, kind in activities if (crm, kind) not in left_out)


def test_every_kind_has_a_believed_crm():
    assert BELIEVED_CRM.keys() == set(ACTIVITY_KINDS)
    assert set(BELIEVED_CRM.values()) == {HUBSPOT, SALESFORCE}


def test_hubspot_is_believed_for_mail_web_and_forms_salesforce_for_calls_meetings_and_campaigns():
    believed = {kind: BELIEVED_CRM[kind] for kind in ("email_clicked", "page_view", "form_submitted")}
    assert set(believed.values()) == {HUBSPOT}
    believed = {kind: BELIEVED_CRM[kind] for kind in ("call_connected", "meeting_held", "campaign_responded")}
    assert set(believed.values()) == {SALESFORCE}


@given(st.lists(st.sampled_from(ACTIVITY_KINDS), max_size=30))
def test_what_the_native_sync_mirrors_counts_once(kinds):
    original = [(BELIEVED_CRM[kind], kind) for kind in kinds]
    mirror = [(SALESFORCE if crm == HUBSPOT else HUBSPOT, kind) for crm, kind in original]
    left_out = believed_kinds(EVERYTHING)

    assert counted(original + mirror, left_out) == counted(original, left_out) == Counter(kinds)


def test_nobody_loses_what_the_believed_crm_cannot_bring():
    left_out = believed_kinds(
        {HUBSPOT: {"email_opened", "meeting_held"}, SALESFORCE: {"email_opened", "call_connected"}}
    )

    assert left_out == {(SALESFORCE, "email_opened")}


def test_a_person_of_one_crm_loses_nothing():
    assert believed_kinds({HUBSPOT: ACTIVITY_KINDS}) == frozenset()


def test_single_kinds_can_be_believed_otherwise():
    left_out = believed_kinds(EVERYTHING, believed={"meeting_held": HUBSPOT})

    assert (SALESFORCE, "meeting_held") in left_out
    assert (HUBSPOT, "meeting_held") not in left_out
