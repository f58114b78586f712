"""One Salesforce org on the sandbox for the connector suite, and what it holds, told without HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from connectors.mapping import FieldMap, load_field_map
from connectors.records import Outcome, Ref, Stream
from connectors.salesforce import SalesforceConnector, SalesforceSettings
from connectors.sandbox.clock import OrgClock, instant_of, iso, stamp_of
from connectors.sandbox.faults import Rewrite
from connectors.sandbox.population import REFERENCE_DAY, Population, generate
from connectors.sandbox.records import Record
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.seed_salesforce import salesforce_org
from connectors.sandbox.server import SandboxServer, Vendor
from connectors.sandbox.wire import WireResponse
from tests.contract.connector_case import Replica

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_CALLS = {"No answer": "call_attempted", "Connected": "call_connected"}
_SUBJECTS = {
    "Email sent": "email_sent",
    "Email opened": "email_opened",
    "Email link clicked": "email_clicked",
    "Email bounced": "email_bounced",
    "Unsubscribed": "unsubscribed",
    "Visited": "page_view",
    "Form submitted": "form_submitted",
    "Note": "note",
    "Follow up": "task_completed",
    "Email": "email_sent",
}
_MEMBERS = {
    ("Webinar", "Registered"): "webinar_registered",
    ("Webinar", "Attended"): "webinar_attended",
    ("Webinar", "No-Show"): "event_no_show",
    ("Conference", "Visited Booth"): "booth_visit",
    ("Email", "Sent"): "campaign_sent",
    ("Email", "Responded"): "campaign_responded",
}
_PERSON = {"email": "Email", "first_name": "FirstName", "last_name": "LastName", "title": "Title", "owner": "OwnerId"}
_LEAD = {**_PERSON, "company": "Company", "country": "Country", "status": "Status", "employees": "NumberOfEmployees"}
_CONTACT = {**_PERSON, "country": "MailingCountry"}
_ACCOUNT = {"company": "Name", "website": "Website", "country": "BillingCountry", "relation": "Type"}


@cache
def people() -> Population:
    return generate(200, 7, REFERENCE_DAY)


@cache
def shipped_map() -> FieldMap:
    path = Path(__file__).parents[2] / "config" / "fields" / "salesforce.yaml"
    return load_field_map(path.read_text(encoding="utf-8"), name=path.name)


class SalesforceCase:
    """A fresh org with a frozen clock."""

    def __init__(self, server: SandboxServer, name: str = "org", *, bulk_threshold: int = 2000) -> None:
        self._bulk_threshold = bulk_threshold
        self.org = salesforce_org(people(), clock=OrgClock.frozen_at(NOW))
        self.site = server.mount(name, vendor=Vendor.SALESFORCE, org=self.org, dialect=SalesforceDialect(self.org))
        self.faults = self.site.faults
        self._made: list[SalesforceConnector] = []
        self._add_opportunities()

    def settings(self, **changes: object) -> SalesforceSettings:
        made = SalesforceSettings(
            name="sales",
            domain="sandbox.my.salesforce.com",
            client_id="sandbox-client",
            client_secret="sandbox-secret",
            daily_share=1.0,
            bulk_threshold=self._bulk_threshold,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def made(self, settings: SalesforceSettings, field_map: FieldMap | None = None) -> SalesforceConnector:
        connector = SalesforceConnector(
            settings,
            field_map or shipped_map(),
            clock=lambda: instant_of(self.org.clock.now()),
            session_host=self.site.url,
            sleep=self.advance,
        )
        self._made.append(connector)
        return connector

    def connector(
        self, *, page_size: int | None = None, wrong_credentials: bool = False, daily_share: float = 1.0
    ) -> SalesforceConnector:
        secret = "wrong" if wrong_credentials else "sandbox-secret"
        return self.made(self.settings(page_size=page_size or 2000, daily_share=daily_share, client_secret=secret))

    def close(self) -> None:
        for connector in self._made:
            connector.close()

    def advance(self, seconds: float) -> None:
        self.org.clock.advance(seconds)

    # ---- acts ----

    def pick(self, number: int) -> list[Ref]:
        found = [record for record in self.org.scan("Lead") if not record.get("IsConverted")]
        assert len(found) >= number
        return [Ref(object="Lead", id=record.id) for record in found[:number]]

    def rename(self, ref: Ref, last_name: str, *, at: datetime | None = None) -> None:
        seller = self.org.settings["sellers"][0]
        self.org.update(ref.object, ref.id, {"LastName": last_name}, by=seller, at=stamp_of(at) if at else None)

    def delete(self, ref: Ref) -> None:
        self.org.delete(ref.object, ref.id)

    def merge(self, winner: Ref, loser: Ref) -> Ref:
        self.org.merge(winner.object, winner.id, [loser.id])
        return winner

    def hide_field(self) -> tuple[str, str]:
        self.org.type("Lead").alter("Industry", visible=False)
        return "Lead", "Industry"

    def expire_sessions(self) -> bool:
        self.org.expire_sessions()
        return True

    def malform(self, ref: Ref) -> None:
        def spoil(value: Any) -> None:
            if isinstance(value, dict):
                if value.get("Id") == ref.id and "LastName" in value:
                    value["LastName"] = {"unexpected": ["shape"]}
                for inner in value.values():
                    spoil(inner)
            elif isinstance(value, list):
                for inner in value:
                    spoil(inner)

        def change(response: WireResponse) -> WireResponse:
            content = response.json()
            spoil(content)
            headers = {name: value for name, value in response.headers.items() if name != "Content-Type"}
            return WireResponse.of_json(content, status=response.status, headers=headers)

        self.faults.add(Rewrite(change=change), path=self.paged_path(), times=None)

    def exhaust_quota(self) -> None:
        self.org.quotas["daily"].exhaust(self.org.clock.now())

    def held(self, ref: Ref, output: str) -> object:
        return self.org.get(ref.object, ref.id).get(shipped_map().outputs[ref.object][output])

    def idle_calls(self, stream: Stream) -> int:
        return 1

    def paged_path(self) -> str:
        return r"/composite$|/queryAll"

    def _add_opportunities(self) -> None:
        """Every rung of the ladder: role, sole contact, only the account, and stages that come and go."""
        accounts = list(self.org.scan("Account"))
        yesterday = self.org.now() - 86_400_000
        for number in range(24):
            account = accounts[number % len(accounts)]
            values: dict[str, Any] = {
                "AccountId": account.id,
                "Name": f"Deal {number}",
                "Amount": 1000.5 * (number + 1),
                "CloseDate": "2026-12-31",
                "OwnerId": self.org.settings["sellers"][0],
            }
            stages = ["Prospecting", "Proposal/Price Quote", "Proposal/Price Quote", "Closed Lost"][: 1 + number % 4]
            record = self.org.create("Opportunity", {**values, "StageName": stages[0]}, at=yesterday)
            for step, stage in enumerate(stages[1:], start=1):
                changed = {"StageName": stage, "Amount": values["Amount"] + step}
                self.org.update("Opportunity", record.id, changed, at=yesterday + 1000 * step)
            if number % 3 == 0:
                colleagues = self.org.where("Contact", "AccountId", account.id)
                for contact in colleagues[:2]:
                    role = {"OpportunityId": record.id, "ContactId": contact.id, "Role": "Influencer"}
                    self.org.create("OpportunityContactRole", role, at=yesterday)

    # ---- truth ----

    def truth(self, stream: Stream) -> dict[Ref, dict[str, object]]:
        if stream is Stream.CONTACTS:
            return {**self._rows("Lead", _LEAD, account=None), **self._rows("Contact", _CONTACT, account="AccountId")}
        if stream is Stream.ACCOUNTS:
            return self._rows("Account", _ACCOUNT)
        return self._activities() if stream is Stream.ACTIVITIES else self._opportunities()

    def _rows(self, name: str, fields: dict[str, str], **account: str | None) -> dict[Ref, dict[str, object]]:
        found = {}
        for record in self.org.scan(name):
            known: dict[str, object] = {attribute: _clean(record.get(field)) for attribute, field in fields.items()}
            for key, field in account.items():
                known[key] = Ref(object="Account", id=record.values[field]) if field and record.get(field) else None
            found[Ref(object=name, id=record.id)] = known
        return found

    def _activities(self) -> dict[Ref, dict[str, object]]:
        found: dict[Ref, dict[str, object]] = {}
        for task in self.org.scan("Task"):
            if task.get("IsClosed"):
                at = _instant(task.values["CompletedDateTime"])
                found[Ref(object="Task", id=task.id)] = _fact(_task_kind(task), at, [task.values["WhoId"]])
        for event in self.org.scan("Event"):
            subject = event.values["Subject"]
            kind = {"Product demo": "demo_attended", "No-show: Product demo": "meeting_no_show"}.get(
                subject, "meeting_held"
            )
            at = _instant(event.values["StartDateTime"])
            found[Ref(object="Event", id=event.id)] = _fact(kind, at, [event.values["WhoId"]])
        for member in self.org.scan("CampaignMember"):
            campaign = self.org.get("Campaign", member.values["CampaignId"])
            kind = _MEMBERS[campaign.values["Type"], member.values["Status"]]
            responded = member.get("FirstRespondedDate") if member.get("HasResponded") else None
            at = _noon(responded) if responded else instant_of(member.created_at)
            who = member.get("ContactId") or member.values["LeadId"]
            found[Ref(object="CampaignMember", id=member.id)] = _fact(kind, at, [who])
        for message in self.org.scan("EmailMessage"):
            links = self.org.where("EmailMessageRelation", "EmailMessageId", message.id)
            kind = "email_replied" if message.get("Incoming") else "email_sent"
            at = _instant(message.values["MessageDate"])
            found[Ref(object="EmailMessage", id=message.id)] = _fact(
                kind, at, [link.values["RelationId"] for link in links]
            )
        return found

    def _opportunities(self) -> dict[Ref, dict[str, object]]:
        found: dict[Ref, dict[str, object]] = {}
        for record in self.org.scan("Opportunity"):
            history = self.org.where("OpportunityHistory", "OpportunityId", record.id)
            names = [
                entry.values["StageName"] for entry in sorted(history, key=lambda entry: (entry.created_at, entry.id))
            ]
            closed, won = record.get("IsClosed"), record.get("IsWon")
            account = record.get("AccountId")
            amount = record.get("Amount")
            found[Ref(object="Opportunity", id=record.id)] = {
                "stage": record.values["StageName"],
                "outcome": (Outcome.WON if won else Outcome.LOST) if closed else Outcome.OPEN,
                "account": Ref(object="Account", id=account) if account else None,
                "amount": None if amount is None else Decimal(str(amount)),
                "contacts": frozenset(self._people_of(record)),
                "stages": tuple(name for place, name in enumerate(names) if place == 0 or names[place - 1] != name),
            }
        return found

    def _people_of(self, opportunity: Record) -> list[Ref]:
        roles = self.org.where("OpportunityContactRole", "OpportunityId", opportunity.id)
        if roles:
            return [Ref(object="Contact", id=role.values["ContactId"]) for role in roles]
        for lead in self.org.where("Lead", "ConvertedOpportunityId", opportunity.id):
            return [Ref(object="Contact", id=lead.values["ConvertedContactId"])]
        colleagues = [
            item for item in self.org.where("Contact", "AccountId", opportunity.get("AccountId")) if not item.deleted
        ]
        return [Ref(object="Contact", id=colleagues[0].id)] if len(colleagues) == 1 else []


class SalesforceBulkCase(SalesforceCase):
    """The same with all first loads by Bulk API 2.0."""

    def __init__(self, server: SandboxServer) -> None:
        super().__init__(server, bulk_threshold=0)

    def paged_path(self) -> str:
        return r"/jobs/query|/composite$|/queryAll"

    def malform(self, ref: Ref) -> None:
        """Half of a date-time, as only a proxy or a bug could send it."""
        stamp = iso(self.org.get(ref.object, ref.id).system_at)

        def change(response: WireResponse) -> WireResponse:
            lines = [
                line.replace(stamp.encode(), b"yesterday") if line.startswith(f'"{ref.id}"'.encode()) else line
                for line in response.body.split(b"\n")
            ]
            return WireResponse(status=response.status, headers=response.headers, body=b"\n".join(lines))

        self.faults.add(Rewrite(change=change), path="/results", times=None)


def loaded(case: SalesforceCase, stream: Stream) -> tuple[Replica, str]:
    replica = Replica()
    connector = case.connector()
    cursor = replica.drain(connector, stream, connector.start(stream))
    case.advance(60)
    return replica, cursor


def equals(case: SalesforceCase, replica: Replica, stream: Stream) -> None:
    truth = case.truth(stream)
    assert replica.facts(truth) == truth


def _fact(kind: str, at: datetime, people: list[str]) -> dict[str, object]:
    prefixes = {"003": "Contact", "00Q": "Lead"}
    refs = frozenset(Ref(object=prefixes[who[:3]], id=who) for who in people if who[:3] in prefixes)
    return {"kind": kind, "at": at, "contacts": refs}


def _task_kind(task: Record) -> str:
    if task.values["TaskSubtype"] == "Call":
        inbound = task.values["CallType"] == "Inbound"
        return "call_inbound" if inbound else _CALLS[task.values["CallDisposition"]]
    return _SUBJECTS[task.values["Subject"].partition(":")[0]]


def _clean(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _noon(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(12), UTC)
