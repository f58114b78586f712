"""Renders activities into HubSpot: engagements, marketing e-mail events, page views, form submissions, webinars, counters."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.clock import iso
from connectors.sandbox.objects_hubspot import EDGES
from connectors.sandbox.org import Org
from connectors.sandbox.population import Activity, Kind, Person, Population
from connectors.sandbox.population.assets import FORMS, PAGES, SITE, assets_before
from connectors.sandbox.records import Record

_MAIL_EVENTS = {
    Kind.EMAIL_SENT: "SENT",
    Kind.EMAIL_OPENED: "OPEN",
    Kind.EMAIL_CLICKED: "CLICK",
    Kind.EMAIL_BOUNCED: "BOUNCE",
    Kind.UNSUBSCRIBED: "STATUSCHANGE",
}
_FORM_KINDS = frozenset({Kind.FORM_SUBMITTED, Kind.DOWNLOAD, Kind.DEMO_REQUESTED})
_CALLS = {
    Kind.CALL_CONNECTED: ("OUTBOUND", "COMPLETED", "Call"),
    Kind.CALL_ATTEMPTED: ("OUTBOUND", "NO_ANSWER", "Call attempt"),
    Kind.CALL_INBOUND: ("INBOUND", "COMPLETED", "Inbound call"),
}
_MEETINGS = {
    Kind.MEETING_HELD: ("COMPLETED", "Meeting"),
    Kind.DEMO_ATTENDED: ("COMPLETED", "Product demo"),
    Kind.MEETING_NO_SHOW: ("NO_SHOW", "Product demo"),
}
_PARTICIPATION = {
    Kind.WEBINAR_REGISTERED: "REGISTERED",
    Kind.WEBINAR_ATTENDED: "ATTENDED",
    Kind.EVENT_ATTENDED: "ATTENDED",
}
#: (counter, date of the latest) that a kind moves on a contact.
_SUMS = {
    Kind.EMAIL_SENT: ("hs_email_delivered", "hs_email_last_send_date"),
    Kind.EMAIL_OPENED: ("hs_email_open", "hs_email_last_open_date"),
    Kind.EMAIL_CLICKED: ("hs_email_click", "hs_email_last_click_date"),
    Kind.EMAIL_BOUNCED: ("hs_email_bounce", ""),
    Kind.PAGE_VIEW: ("hs_analytics_num_page_views", "hs_analytics_last_timestamp"),
    Kind.FORM_SUBMITTED: ("num_conversion_events", "recent_conversion_date"),
    Kind.DOWNLOAD: ("num_conversion_events", "recent_conversion_date"),
    Kind.DEMO_REQUESTED: ("num_conversion_events", "recent_conversion_date"),
    Kind.CALL_CONNECTED: ("num_contacted_notes", "notes_last_contacted"),
    Kind.MEETING_HELD: ("num_contacted_notes", "notes_last_contacted"),
    Kind.SALES_EMAIL: ("num_contacted_notes", "notes_last_contacted"),
}


class EngagementRows:
    """Writes the activities of one person after the other and the counters on their contact."""

    def __init__(self, org: Org, population: Population, contacts: dict[int, str], companies: dict[int, str]) -> None:
        self._org = org
        self._contacts = contacts
        self._companies = companies
        self._sellers: list[str] = org.settings["sellers"]
        self._colleagues: dict[int, list[int]] = {}
        for person in population.people:
            if person.in_hubspot and person.company is not None:
                self._colleagues.setdefault(person.company, []).append(person.number)
        assets = assets_before(population.day)
        self._subjects = {mail.key: mail.name for mail in assets.mails}
        self._mails: dict[str, str] = {}
        for mail in assets.mails:
            values = {"name": mail.name, "subject": mail.name}
            self._mails[mail.key] = org.create("marketing_emails", values, at=mail.at).id
        self._forms: dict[str, str] = {}
        for number, (key, (name, _)) in enumerate(FORMS.items(), start=1):
            guid = f"{number:08x}-5a4d-4b0c-8e00-00000000f0{number:02x}"
            org.create("forms", {"name": name, "formType": "hubspot"}, at=assets.mails[0].at, record_id=guid)
            self._forms[key] = guid
        self._events: dict[str, str] = {}
        for asset, kind in [(item, "WEBINAR") for item in assets.webinars] + [
            (item, "CONFERENCE") for item in assets.fairs
        ]:
            values = {"eventName": asset.name, "eventType": kind, "startDateTime": iso(asset.at)}
            self._events[asset.key] = org.create("marketing_events", values, at=asset.at).id

    def write(self, person: Person) -> None:
        """Writes what HubSpot holds of a person's activities."""
        contact = self._org.get("contacts", self._contacts[person.number])
        counters = _Counters()
        for activity in person.activities:
            kind = activity.kind
            if kind in _MAIL_EVENTS:
                if contact.values.get("email"):
                    self._mail_event(activity, contact)
                    counters.note(activity)
            elif kind is Kind.PAGE_VIEW:
                self._page_view(activity, contact)
                counters.note(activity)
            elif kind in _FORM_KINDS:
                self._submission(activity, contact)
                counters.note(activity)
            elif kind in _PARTICIPATION:
                self._participation(activity, contact)
            elif not person.in_salesforce or activity.mirrored:
                self._engagement(person, activity, contact.id)
                counters.note(activity)
        self._org.overwrite("contacts", contact, counters.values)

    def _mail_event(self, activity: Activity, contact: Record) -> None:
        values = {
            "recipient": contact.values["email"],
            "type": _MAIL_EVENTS[activity.kind],
            "created": str(activity.at),
            "emailCampaignId": self._mails[activity.asset],
            "appName": "Batch",
            "subject": self._subjects[activity.asset],
            "contactId": contact.id,
        }
        if activity.kind is Kind.EMAIL_CLICKED:
            page = tuple(PAGES)[activity.at % len(PAGES)]
            values["url"] = SITE + page
        self._org.create("email_events", values, at=activity.at)

    def _page_view(self, activity: Activity, contact: Record) -> None:
        values = {
            "objectId": contact.id,
            "eventType": "e_visited_page",
            "occurredAt": iso(activity.at),
            "hs_url": SITE + activity.asset,
            "hs_title": PAGES[activity.asset],
        }
        self._org.create("page_events", values, at=activity.at)

    def _submission(self, activity: Activity, contact: Record) -> None:
        fields = ("email", "firstname", "lastname", "company")
        values = {
            "formGuid": self._forms[activity.asset],
            "submittedAt": str(activity.at),
            "pageUrl": SITE + FORMS[activity.asset][1],
            "email": contact.values.get("email"),
            "contactId": contact.id,
            "values": [
                {"name": field, "value": contact.values[field], "objectTypeId": "0-1"}
                for field in fields
                if field in contact.values
            ],
        }
        self._org.create("form_submissions", values, at=activity.at)

    def _participation(self, activity: Activity, contact: Record) -> None:
        values = {
            "eventId": self._events[activity.asset],
            "contactId": contact.id,
            "email": contact.values.get("email"),
            "state": _PARTICIPATION[activity.kind],
            "occurredAt": iso(activity.at),
        }
        self._org.create("marketing_event_participations", values, at=activity.recorded_at)

    def _engagement(self, person: Person, activity: Activity, contact: str) -> None:
        kind = activity.kind
        owner = self._sellers[person.seller]
        values: dict[str, Any] = {"hs_timestamp": iso(activity.at), "hubspot_owner_id": owner}
        if kind in _CALLS:
            name = "calls"
            direction, status, title = _CALLS[kind]
            values |= {
                "hs_call_direction": direction,
                "hs_call_status": status,
                "hs_call_title": title,
                "hs_call_duration": str(activity.duration_s * 1000),
            }
        elif kind in _MEETINGS:
            name = "meetings"
            outcome, title = _MEETINGS[kind]
            values |= {
                "hs_meeting_title": title,
                "hs_meeting_outcome": outcome,
                "hs_meeting_start_time": iso(activity.at),
                "hs_meeting_end_time": iso(activity.at + (activity.duration_s or 1800) * 1000),
            }
        elif kind in (Kind.SALES_EMAIL, Kind.EMAIL_REPLIED):
            name = "emails"
            incoming = kind is Kind.EMAIL_REPLIED
            values |= {
                "hs_email_subject": "Re: Your question about Suite" if incoming else "Your question about Suite",
                "hs_email_direction": "INCOMING_EMAIL" if incoming else "EMAIL",
                "hs_email_status": "SENT",
                "hs_email_message_id": f"<{person.number}.{activity.at}@mail.sandbox-industries.example>",
            }
        elif kind is Kind.NOTE:
            name = "notes"
            values["hs_note_body"] = "<p>Spoke about next steps</p>"
        elif kind is Kind.TASK_COMPLETED:
            name = "tasks"
            values |= {
                "hs_task_subject": "Follow up",
                "hs_task_status": "COMPLETED",
                "hs_task_type": "TODO",
                "hs_task_completion_date": iso(activity.recorded_at),
            }
        else:
            return
        record = self._org.create(name, values, at=activity.recorded_at, by=owner)
        self._link(name, record.id, "contacts", contact)
        if name == "meetings":
            self._company_side(person, activity, record)

    def _company_side(self, person: Person, activity: Activity, meeting: Record) -> None:
        """A meeting belongs to the company too, and every third one to a colleague as well."""
        if person.company is None:
            return
        self._link("meetings", meeting.id, "companies", self._companies[person.company])
        others = [number for number in self._colleagues[person.company] if number != person.number]
        if others and activity.at % 3 == 0:
            colleague = others[activity.at % len(others)]
            self._link("meetings", meeting.id, "contacts", self._contacts[colleague])

    def _link(self, source: str, source_id: str, target: str, target_id: str) -> None:
        edge, back = EDGES[source, target][0], EDGES[target, source][0]
        self._org.associate(source, source_id, target, target_id, edge=edge, back=back)


class _Counters:
    """The sums that HubSpot keeps on a contact."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def note(self, activity: Activity) -> None:
        """Counts one activity; they come in the order of time."""
        counter, last = _SUMS.get(activity.kind, ("", ""))
        if counter:
            self.values[counter] = str(int(self.values.get(counter, "0")) + 1)
        if last:
            self.values[last] = iso(activity.at)
        if counter == "num_conversion_events":
            self.values["recent_conversion_event_name"] = FORMS[activity.asset][0]
