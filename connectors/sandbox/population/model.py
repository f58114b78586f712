"""The shapes of the population: what is true, before a CRM writes it down. Stamps are milliseconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from typing import NamedTuple

from connectors.sandbox.clock import Stamp


class Kind(StrEnum):
    """What people do and what is done with them."""

    EMAIL_SENT = "email_sent"
    EMAIL_OPENED = "email_opened"
    EMAIL_CLICKED = "email_clicked"
    EMAIL_REPLIED = "email_replied"
    EMAIL_BOUNCED = "email_bounced"
    UNSUBSCRIBED = "unsubscribed"
    SALES_EMAIL = "sales_email"
    PAGE_VIEW = "page_view"
    FORM_SUBMITTED = "form_submitted"
    DOWNLOAD = "download"
    DEMO_REQUESTED = "demo_requested"
    DEMO_ATTENDED = "demo_attended"
    WEBINAR_REGISTERED = "webinar_registered"
    WEBINAR_ATTENDED = "webinar_attended"
    EVENT_ATTENDED = "event_attended"
    CALL_ATTEMPTED = "call_attempted"
    CALL_CONNECTED = "call_connected"
    CALL_INBOUND = "call_inbound"
    MEETING_HELD = "meeting_held"
    MEETING_NO_SHOW = "meeting_no_show"
    CAMPAIGN_SENT = "campaign_sent"
    CAMPAIGN_RESPONDED = "campaign_responded"
    TASK_COMPLETED = "task_completed"
    NOTE = "note"


class Activity(NamedTuple):
    """One thing that happened with one person."""

    kind: Kind
    at: Stamp
    #: When the CRM learned of it: calls are often logged a day later.
    recorded_at: Stamp
    #: Mail, page, form, webinar, event or campaign that it refers to, by its key in `assets`.
    asset: str
    duration_s: int = 0
    #: A link scanner did it, not a human.
    machine: bool = False
    #: The native sync has copied it into the other CRM.
    mirrored: bool = False


class SalesforceShape(Enum):
    """What a person is in Salesforce."""

    PROSPECT = "Lead"
    CONTACT = "Contact"
    #: A Lead that became a Contact; both rows exist.
    CONVERTED = "converted"


class Double(Enum):
    """A second row of the same person in the same CRM."""

    SAME_MAIL = "same mail"
    OTHER_MAIL = "other mail"
    #: Merged away again: the row is in the recycle bin.
    MERGED = "merged"


@dataclass(kw_only=True, slots=True)
class Company:
    """One company; texts are as somebody typed them."""

    number: int
    name: str
    domain: str
    industry: int
    employees: int
    revenue: int
    country: str
    country_text: str
    state: str
    city: str
    postcode: str
    phone: str
    #: prospect, customer, partner, competitor, former.
    relation: str
    #: Its mail gateway clicks every link.
    scanner: bool
    #: Empty where nobody filled them in.
    employees_known: bool = True
    industry_known: bool = True
    in_salesforce: bool = False
    in_hubspot: bool = False


@dataclass(kw_only=True, slots=True)
class Opportunity:
    """One opportunity of one person, with the stages it went through (0 first contact ... 4 contract, 5 won, 6 lost)."""

    company: int | None
    name: str
    amount: int
    stages: list[tuple[Stamp, int]]
    close: Stamp
    #: None while it is open.
    won: bool | None


@dataclass(kw_only=True, slots=True)
class Person:
    """One human, with the rows that CRMs hold of them; texts are as somebody typed them."""

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    mobile: str
    title: str
    #: True whatever the title says: c_level vp director manager individual intern student.
    seniority: str
    #: marketing sales it finance operations hr engineering procurement.
    function: str
    language: str
    country: str
    country_text: str
    state: str
    city: str
    postcode: str
    company: int | None
    company_text: str
    source: int
    #: decision_maker, influencer, user or empty.
    authority: str
    competing_product: str
    created: Stamp
    opted_out: bool = False
    do_not_call: bool = False
    in_salesforce: bool = False
    in_hubspot: bool = False
    #: The native sync knows both rows as one.
    linked: bool = False
    shape: SalesforceShape = SalesforceShape.PROSPECT
    converted: Stamp | None = None
    seller: int = 0
    #: E-mail in HubSpot where it differs from Salesforce's.
    email_in_hubspot: str = ""
    double: Double | None = None
    #: What is dirty about this person, by the names in `dirt`.
    dirt: list[str] = field(default_factory=list)
    #: Share of interest, 0 to 1; drives the activities.
    interest: float = 0.0
    #: Probability of opening an opportunity and of winning it, as `truth` says.
    chance_open: float = 0.0
    chance_win: float = 0.0
    activities: list[Activity] = field(default_factory=list)
    opportunity: Opportunity | None = None


@dataclass(kw_only=True, slots=True)
class Population:
    """Everybody, as of the midnight that begins `day`."""

    seed: int
    day: date
    people: list[Person]
    companies: list[Company]
