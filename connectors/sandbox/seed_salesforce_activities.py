"""Renders activities into Salesforce: tasks, events, campaign members, e-mail messages with the tasks that mirror them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.clock import Stamp, day_of, iso, stamp_of
from connectors.sandbox.org import Org
from connectors.sandbox.population import Activity, Kind, Person, Population
from connectors.sandbox.population.assets import DAY, FORMS, PAGES, SITE, assets_before

#: Kinds that a marketing tool writes as tasks; for people in HubSpot the native sync writes a part of them.
_MARKETING = {
    Kind.EMAIL_SENT: ("Email", "Email sent: "),
    Kind.EMAIL_OPENED: ("Email", "Email opened: "),
    Kind.EMAIL_CLICKED: ("Email", "Email link clicked: "),
    Kind.EMAIL_BOUNCED: ("Email", "Email bounced: "),
    Kind.UNSUBSCRIBED: ("Email", "Unsubscribed: "),
    Kind.PAGE_VIEW: ("Web Visit", "Visited: "),
    Kind.FORM_SUBMITTED: ("Form", "Form submitted: "),
    Kind.DOWNLOAD: ("Form", "Form submitted: "),
    Kind.DEMO_REQUESTED: ("Form", "Form submitted: "),
}
_CALLS = {
    Kind.CALL_CONNECTED: ("Outbound", "Connected", "Call"),
    Kind.CALL_ATTEMPTED: ("Outbound", "No answer", "Call attempt"),
    Kind.CALL_INBOUND: ("Inbound", "Connected", "Inbound call"),
}
_EVENTS = {
    Kind.MEETING_HELD: ("Meeting", "Meeting"),
    Kind.DEMO_ATTENDED: ("Demo", "Product demo"),
    Kind.MEETING_NO_SHOW: ("Demo", "No-show: Product demo"),
}
#: A member's status after each kind; a later kind of the same campaign replaces it.
_MEMBERS = {
    Kind.WEBINAR_REGISTERED: "Registered",
    Kind.WEBINAR_ATTENDED: "Attended",
    Kind.EVENT_ATTENDED: "Visited Booth",
    Kind.CAMPAIGN_SENT: "Sent",
    Kind.CAMPAIGN_RESPONDED: "Responded",
}
_PLAIN = {Kind.TASK_COMPLETED: "Follow up", Kind.NOTE: "Note: spoke about next steps"}


class ActivityRows:
    """Writes the activities of one person after the other."""

    def __init__(self, org: Org, population: Population, campaigns: dict[str, str]) -> None:
        self._org = org
        self._campaigns = campaigns
        self._sellers: list[str] = org.settings["sellers"]
        self._sync: str = org.settings["native_sync"]
        self._admin: str = org.settings["admin"]
        self._end = stamp_of(population.day)
        #: Contacts of each account, as far as they have been written to.
        self._colleagues: dict[str, list[str]] = {}
        self._mails = {mail.key: mail.name for mail in assets_before(population.day).mails}

    def write(self, person: Person, kind: str, who: str) -> Stamp | None:
        """Writes what Salesforce holds of a person's activities; gives the stamp of the last task or event."""
        contact = kind == "Contact"
        row = self._org.get(kind, who)
        account = row.values.get("AccountId") if contact else None
        if account is not None:
            self._colleagues.setdefault(account, []).append(who)
        last = None
        members: dict[str, list[Activity]] = {}
        for activity in person.activities:
            if activity.kind in _MEMBERS:
                members.setdefault(activity.asset, []).append(activity)
            elif self._activity(person, activity, who, account):
                last = activity.at
        for asset, steps in members.items():
            self._member(asset, steps, who, contact=contact)
        if person.opportunity is not None and person.opportunity.won is None:
            self._task(person, "Call", "Next step", who=who, account=account, due=self._end + 5 * DAY,
                       at=self._end - DAY, status="Not Started")  # fmt: skip
        return last

    def _activity(self, person: Person, activity: Activity, who: str, account: str | None) -> bool:
        kind = activity.kind
        if kind in _MARKETING:
            if person.in_hubspot and not activity.mirrored:
                return False
            shape, prefix = _MARKETING[kind]
            self._task(person, shape, prefix + self._name(activity), who=who, account=account, due=activity.at,
                       at=activity.recorded_at, by=self._sync if person.in_hubspot else self._admin,
                       details=SITE + activity.asset if kind is Kind.PAGE_VIEW else None)  # fmt: skip
        elif kind in _CALLS:
            direction, outcome, subject = _CALLS[kind]
            self._task(person, "Call", subject, who=who, account=account, due=activity.at, at=activity.recorded_at,
                       more={"TaskSubtype": "Call", "CallType": direction, "CallDisposition": outcome,
                             "CallDurationInSeconds": activity.duration_s})  # fmt: skip
        elif kind in _EVENTS:
            self._event(person, activity, who, account)
        elif kind in (Kind.SALES_EMAIL, Kind.EMAIL_REPLIED):
            self._message(person, activity, who, account)
        else:
            self._task(
                person, "Other", _PLAIN[kind], who=who, account=account, due=activity.at, at=activity.recorded_at
            )
        return True

    def _name(self, activity: Activity) -> str:
        asset = activity.asset
        if asset in self._mails:
            return self._mails[asset]
        return FORMS[asset][0] if asset in FORMS else f"{PAGES[asset]} ({asset})"

    def _task(
        self, person: Person, shape: str, subject: str, *, who: str, account: str | None, due: Stamp, at: Stamp,
        by: str | None = None, status: str = "Completed", details: str | None = None, more: dict[str, Any] | None = None,
    ) -> str:  # fmt: skip
        owner = self._sellers[person.seller]
        values: dict[str, Any] = {
            "WhoId": who,
            "WhatId": account,
            "AccountId": account,
            "Subject": subject,
            "ActivityDate": day_of(due),
            "OwnerId": owner,
            "Status": status,
            "Priority": "Normal",
            "Type": shape,
            "TaskSubtype": "Task",
            "Description": details,
            "IsArchived": False,
            "CompletedDateTime": _instant(at) if status == "Completed" else None,
        }
        return self._org.create("Task", values | (more or {}), at=_second(at), by=by or owner).id

    def _event(self, person: Person, activity: Activity, who: str, account: str | None) -> None:
        shape, subject = _EVENTS[activity.kind]
        seconds = activity.duration_s or 1800
        owner = self._sellers[person.seller]
        values = {
            "WhoId": who,
            "WhatId": account,
            "AccountId": account,
            "Subject": subject,
            "Type": shape,
            "ActivityDate": day_of(activity.at),
            "ActivityDateTime": _instant(activity.at),
            "StartDateTime": _instant(activity.at),
            "EndDateTime": _instant(activity.at + seconds * 1000),
            "DurationInMinutes": seconds // 60,
            "OwnerId": owner,
            "IsArchived": False,
        }
        self._org.create("Event", values, at=_second(activity.recorded_at), by=owner)

    def _message(self, person: Person, activity: Activity, who: str, account: str | None) -> None:
        incoming = activity.kind is Kind.EMAIL_REPLIED
        owner = self._sellers[person.seller]
        seller = self._org.get("User", owner).values["Email"]
        subject = "Re: Your question about Suite" if incoming else "Your question about Suite"
        mirror = self._task(person, "Email", f"Email: {subject}", who=who, account=account, due=activity.at,
                            at=activity.recorded_at, more={"TaskSubtype": "Email"})  # fmt: skip
        theirs = person.email.strip()
        values = {
            "ActivityId": mirror,
            "RelatedToId": account,
            "Subject": subject,
            "FromAddress": theirs if incoming else seller,
            "ToAddress": seller if incoming else theirs,
            "Incoming": incoming,
            "Status": "1" if incoming else "3",
            "MessageDate": _instant(activity.at),
            "IsTracked": not incoming,
            "IsBounced": False,
            "MessageIdentifier": f"<{person.number}.{activity.at}@mail.sandbox-industries.example>",
        }
        at = _second(activity.recorded_at)
        message = self._org.create("EmailMessage", values, at=at, by=owner)
        kind = "Contact" if who.startswith("003") else "Lead"
        links = [
            (who, theirs, "FromAddress" if incoming else "ToAddress", kind),
            (owner, seller, "ToAddress" if incoming else "FromAddress", "User"),
        ]
        colleagues = self._colleagues.get(account or "", [])
        if len(colleagues) > 1 and activity.at % 4 == 0:
            other = colleagues[0]
            links.append((other, self._org.get("Contact", other).values.get("Email", ""), "CcAddress", "Contact"))
        for related, address, relation, shape in links:
            link = {
                "EmailMessageId": message.id,
                "RelationId": related,
                "RelationType": relation,
                "RelationAddress": address,
                "RelationObjectType": shape,
            }
            self._org.create("EmailMessageRelation", link, at=at, by=owner)

    def _member(self, asset: str, steps: list[Activity], who: str, *, contact: bool) -> None:
        status = _MEMBERS[steps[-1].kind]
        if status == "Registered" and asset.startswith("webinar"):
            status = "No-Show"
        responses = [step.at for step in steps if step.kind is not Kind.CAMPAIGN_SENT]
        values = {
            "CampaignId": self._campaigns[asset],
            "LeadId": None if contact else who,
            "ContactId": who if contact else None,
            "LeadOrContactId": who,
            "Status": status,
            "FirstRespondedDate": day_of(responses[0]) if responses else None,
        }
        record = self._org.create("CampaignMember", values, at=_second(steps[0].recorded_at), by=self._admin)
        record.modified_at = record.system_at = _second(steps[-1].recorded_at)


def _second(stamp: Stamp) -> Stamp:
    return stamp - stamp % 1000


def _instant(stamp: Stamp) -> str:
    return iso(_second(stamp), "+0000")
