"""Which CRM's activities count, per kind, for people who exist in both: nothing that the native sync mirrors counts twice.

For a person with contacts in a Salesforce and a HubSpot connection, a kind that both CRMs can bring is taken from the
believed one alone. A kind that only one of them can bring (by its activity map) counts from wherever it comes.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from scoring.vocabulary import ACTIVITY_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HUBSPOT: Final = "hubspot"
SALESFORCE: Final = "salesforce"

#: Where marketing happens: mail, the site and its forms, what is read, watched and registered for there.
_HUBSPOT_KINDS: Final = """
email_sent email_delivered email_opened email_clicked email_replied email_forwarded email_bounced unsubscribed
spam_complaint page_view search form_submitted download chat callback_requested demo_requested
webinar_registered webinar_attended webinar_replayed content_viewed content_shared video_viewed podcast_played
survey_completed social_engaged social_negative community_posted intent_signal
"""
#: Where sales happens: calls, meetings and tasks, campaigns and the events run as campaigns, what customers do and sign.
_SALESFORCE_KINDS: Final = """
call_inbound call_connected call_attempted meeting_booked meeting_held meeting_no_show task_completed note
campaign_sent campaign_responded event_registered event_attended event_no_show booth_visit demo_viewed demo_attended
trial_started trial_used training_completed certification_earned product_used
timeline_slipped contract_refused do_not_call_added other
"""

#: Activity kind -> kind of the CRM that is believed; complete over the closed list.
BELIEVED_CRM: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(_HUBSPOT_KINDS.split(), HUBSPOT) | dict.fromkeys(_SALESFORCE_KINDS.split(), SALESFORCE)
)


def believed_kinds(
    brings: Mapping[str, Iterable[str]], *, believed: Mapping[str, str] | None = None
) -> frozenset[tuple[str, str]]:
    """(CRM kind, activity kind) pairs that do not count for a person who exists in several CRMs.

    `brings`: kind of each CRM in which the person exists -> activity kinds that its activity map can bring. `believed`
    overrides single kinds of BELIEVED_CRM. A kind whose believed CRM is not among the CRMs, or cannot bring it, counts
    from everywhere.
    """
    table = {**BELIEVED_CRM, **(believed or {})}
    can_bring = {crm: frozenset(kinds) for crm, kinds in brings.items()}
    return frozenset(
        (crm, kind)
        for crm in can_bring
        for kind in can_bring[crm] & set(ACTIVITY_KINDS)
        if table[kind] != crm and kind in can_bring.get(table[kind], frozenset())
    )
