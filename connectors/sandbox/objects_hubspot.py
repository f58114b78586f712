"""The objects of a HubSpot account, as far as the sandbox carries them, with their properties, pipelines and edge types.

System properties (hs_object_id, created and modified dates) are listed but not in `Record.values`: the dialect renders them.
Beside the CRM objects stand four tables that other APIs serve: `email_events`, `page_events`, `form_submissions`,
`marketing_event_participations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.associations import EdgeType
from connectors.sandbox.schema import Field, ObjectType, Option

LIFECYCLE = (
    ("subscriber", "Subscriber"), ("lead", "Lead"), ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"), ("opportunity", "Opportunity"), ("customer", "Customer"),
    ("evangelist", "Evangelist"), ("other", "Other"),
)  # fmt: skip
#: (stage id, label, probability, closed) of the default deal pipeline.
DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2", False),
    ("qualifiedtobuy", "Qualified To Buy", "0.4", False),
    ("presentationscheduled", "Presentation Scheduled", "0.6", False),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8", False),
    ("contractsent", "Contract Sent", "0.9", False),
    ("closedwon", "Closed Won", "1.0", True),
    ("closedlost", "Closed Lost", "0.0", True),
)
INDUSTRIES = (
    "COMPUTER_SOFTWARE", "INDUSTRIAL_AUTOMATION", "BANKING", "INSURANCE", "HOSPITAL_HEALTH_CARE", "RETAIL",
    "EDUCATION_MANAGEMENT", "GOVERNMENT_ADMINISTRATION", "MANAGEMENT_CONSULTING", "TRANSPORTATION_TRUCKING_RAILROAD",
    "OIL_ENERGY", "TELECOMMUNICATIONS", "ONLINE_MEDIA", "CONSTRUCTION", "HOSPITALITY",
)  # fmt: skip
BUYING_ROLES = ("DECISION_MAKER", "BUDGET_HOLDER", "CHAMPION", "INFLUENCER", "END_USER", "BLOCKER", "OTHER")

_TYPE_IDS = {
    "contacts": "0-1", "companies": "0-2", "deals": "0-3", "notes": "0-46", "meetings": "0-47", "calls": "0-48",
    "emails": "0-49", "tasks": "0-27", "communications": "0-18", "postal_mail": "0-116", "tickets": "0-5", "products": "0-7",
    "line_items": "0-8", "quotes": "0-14", "goal_targets": "0-74", "feedback_submissions": "0-19",
}  # fmt: skip


#: Groups of objects whose creation date is `createdate`, without the prefix of the younger objects.
_OLD_STYLE = frozenset(
    {
        *("companyinformation", "dealinformation", "tickets_information", "products_information"),
        *("line_items_information", "quotes_information"),
    }
)


def _defined(type_id: int) -> EdgeType:
    return ("HUBSPOT_DEFINED", type_id)


#: HubSpot-defined edge types by direction; the first is the plain one, a second is the primary label.
EDGES: dict[tuple[str, str], tuple[EdgeType, ...]] = {
    ("contacts", "companies"): (_defined(279), _defined(1)),
    ("companies", "contacts"): (_defined(280), _defined(2)),
    ("deals", "contacts"): (_defined(3),),
    ("contacts", "deals"): (_defined(4),),
    ("deals", "companies"): (_defined(341), _defined(5)),
    ("companies", "deals"): (_defined(342), _defined(6)),
    ("calls", "contacts"): (_defined(194),),
    ("contacts", "calls"): (_defined(193),),
    ("emails", "contacts"): (_defined(198),),
    ("contacts", "emails"): (_defined(197),),
    ("meetings", "contacts"): (_defined(200),),
    ("contacts", "meetings"): (_defined(199),),
    ("notes", "contacts"): (_defined(202),),
    ("contacts", "notes"): (_defined(201),),
    ("tasks", "contacts"): (_defined(204),),
    ("contacts", "tasks"): (_defined(203),),
    ("calls", "companies"): (_defined(182),),
    ("companies", "calls"): (_defined(181),),
    ("meetings", "companies"): (_defined(188),),
    ("companies", "meetings"): (_defined(187),),
    ("calls", "deals"): (_defined(206),),
    ("deals", "calls"): (_defined(205),),
    ("meetings", "deals"): (_defined(212),),
    ("deals", "meetings"): (_defined(211),),
}


def _property(name: str, label: str, kind: str, field_type: str, group: str, **more: Any) -> Field:
    return Field(name=name, label=label, type=kind, field_type=field_type, group=group, **more)


def _choice(name: str, label: str, group: str, values: Mapping[str, str], **more: Any) -> Field:
    options = tuple(Option(value=value, label=shown) for value, shown in values.items())
    return _property(name, label, "enumeration", "select", group, options=options, restricted=True, **more)


def _labels(values: tuple[str, ...]) -> dict[str, str]:
    return {value: value.replace("_", " ").title() for value in values}


_SHAPES = {
    "text": ("string", "text"), "area": ("string", "textarea"), "phone": ("string", "phonenumber"),
    "number": ("number", "number"), "datetime": ("datetime", "date"), "date": ("date", "date"),
    "html": ("string", "html"),
}  # fmt: skip


def _properties(group: str, listing: str) -> list[Field]:
    """Reads `name: Label: shape`, one a line; a trailing `!` makes it read-only."""
    found = []
    for line in listing.strip().splitlines():
        name, label, shape = (part.strip() for part in line.split(":"))
        read_only = shape.endswith("!")
        shape = shape.rstrip("!")
        if shape == "bool":
            flags = (Option(value="true", label="Yes"), Option(value="false", label="No"))
            found.append(_property(name, label, "bool", "booleancheckbox", group, options=flags, read_only=read_only))
        else:
            found.append(_property(name, label, *_SHAPES[shape], group, read_only=read_only))
    return found


def _system(group: str, modified: str) -> list[Field]:
    old_style = modified == "lastmodifieddate" or group in _OLD_STYLE
    owner = _property(
        "hubspot_owner_id", "Owner", "enumeration", "select", group, extra={"referencedObjectType": "OWNER"}
    )
    stamps = _properties(
        group,
        f"""
        hs_object_id: Record ID: number!
        {"createdate" if old_style else "hs_createdate"}: Create Date: datetime!
        {modified}: Last Modified Date: datetime!
        hs_merged_object_ids: Merged object IDs: text!
        """,
    )
    return [*stamps, owner]


def _contact() -> ObjectType:
    group = "contactinformation"
    fields = _system(group, "lastmodifieddate") + _properties(
        group,
        """
        firstname: First Name: text
        lastname: Last Name: text
        email: Email: text
        phone: Phone Number: phone
        mobilephone: Mobile Phone Number: phone
        jobtitle: Job Title: text
        company: Company Name: text
        website: Website URL: text
        industry: Industry: text
        city: City: text
        state: State/Region: text
        zip: Postal Code: text
        country: Country/Region: text
        hs_language: Preferred language: text
        numemployees: Number of Employees: text
        annualrevenue: Annual Revenue: text
        hs_email_domain: Email Domain: text!
        associatedcompanyid: Primary Associated Company ID: number!
        hs_email_optout: Unsubscribed from all email: bool
        hs_email_bounce: Marketing emails bounced: number!
        hs_email_open: Marketing emails opened: number!
        hs_email_click: Marketing emails clicked: number!
        hs_email_delivered: Marketing emails delivered: number!
        hs_email_last_open_date: Last marketing email open date: datetime!
        hs_email_last_click_date: Last marketing email click date: datetime!
        hs_email_last_send_date: Last marketing email send date: datetime!
        hs_analytics_num_page_views: Number of Pageviews: number!
        hs_analytics_last_timestamp: Time Last Seen: datetime!
        hs_analytics_source: Original Traffic Source: text!
        num_conversion_events: Number of Form Submissions: number!
        recent_conversion_date: Recent Conversion Date: datetime!
        recent_conversion_event_name: Recent Conversion: text!
        notes_last_contacted: Last Contacted: datetime!
        num_contacted_notes: Number of times contacted: number!
        salesforcecontactid: Salesforce Contact ID: text
        salesforceleadid: Salesforce Lead ID: text
        salesforceaccountid: Salesforce Account ID: text
        hs_calculated_merged_vids: Merged vids with timestamps of a contact: text!
        """,
    )
    custom = [
        _property("competing_product", "Competing product", "string", "text", group, custom=True),
        _property("do_not_call", "Do not call", "bool", "booleancheckbox", group, custom=True,
                  options=(Option(value="true", label="Yes"), Option(value="false", label="No"))),
    ]  # fmt: skip
    choices = [
        _choice("lifecyclestage", "Lifecycle Stage", group, dict(LIFECYCLE)),
        _choice("hs_buying_role", "Buying Role", group, _labels(BUYING_ROLES)),
        _choice(
            "hs_lead_status", "Lead Status", group, _labels(("NEW", "OPEN", "IN_PROGRESS", "CONNECTED", "UNQUALIFIED"))
        ),
    ]
    return _object("contacts", "Contact", [*fields, *choices, *custom], group, derive=_email_domain)


def _email_domain(values: Mapping[str, Any]) -> dict[str, Any]:
    domain = str(values.get("email") or "").rpartition("@")[2]
    return {"hs_email_domain": domain.lower() or None}


def _company() -> ObjectType:
    group = "companyinformation"
    fields = _system(group, "hs_lastmodifieddate") + _properties(
        group,
        """
        name: Company name: text
        domain: Company Domain Name: text
        website: Website URL: text
        phone: Phone Number: phone
        city: City: text
        state: State/Region: text
        zip: Postal Code: text
        country: Country/Region: text
        numberofemployees: Number of Employees: number
        annualrevenue: Annual Revenue: number
        description: Description: area
        salesforceaccountid: Salesforce Account ID: text
        """,
    )
    choices = [
        _choice("industry", "Industry", group, _labels(INDUSTRIES)),
        _choice("type", "Type", group, _labels(("PROSPECT", "PARTNER", "RESELLER", "VENDOR", "COMPETITOR", "OTHER"))),
        _choice("lifecyclestage", "Lifecycle Stage", group, dict(LIFECYCLE)),
    ]
    return _object("companies", "Company", [*fields, *choices], group)


def _deal() -> ObjectType:
    group = "dealinformation"
    fields = _system(group, "hs_lastmodifieddate") + _properties(
        group,
        """
        dealname: Deal Name: text
        amount: Amount: number
        closedate: Close Date: datetime
        deal_currency_code: Currency: text
        hs_is_closed: Is Deal Closed?: bool!
        hs_is_closed_won: Is Closed Won: bool!
        hs_deal_stage_probability: Deal probability: number!
        """,
    )
    choices = [
        _choice("pipeline", "Pipeline", group, {"default": "Sales Pipeline"}),
        _choice("dealstage", "Deal Stage", group, {stage[0]: stage[1] for stage in DEAL_STAGES}),
        _choice(
            "dealtype", "Deal Type", group, {"newbusiness": "New Business", "existingbusiness": "Existing Business"}
        ),
    ]
    return _object("deals", "Deal", [*fields, *choices], group, derive=_deal_outcome)


def _deal_outcome(values: Mapping[str, Any]) -> dict[str, Any]:
    for stage, _, probability, closed in DEAL_STAGES:
        if stage == values.get("dealstage"):
            won = "true" if stage == "closedwon" else "false"
            shut = "true" if closed else "false"
            return {"hs_is_closed": shut, "hs_is_closed_won": won, "hs_deal_stage_probability": probability}
    return {}


def _engagements() -> list[ObjectType]:
    listings = {
        "calls": """
            hs_timestamp: Activity date: datetime
            hs_call_title: Call Title: text
            hs_call_body: Call notes: html
            hs_call_direction: Call direction: text
            hs_call_disposition: Call outcome: text
            hs_call_duration: Call duration: number
            hs_call_status: Call status: text
            """,
        "emails": """
            hs_timestamp: Activity date: datetime
            hs_email_subject: Email subject: text
            hs_email_direction: Email direction: text
            hs_email_status: Email send status: text
            hs_email_text: Email body: area
            hs_email_message_id: Message ID: text!
            """,
        "meetings": """
            hs_timestamp: Activity date: datetime
            hs_meeting_title: Meeting name: text
            hs_meeting_body: Meeting description: html
            hs_meeting_start_time: Meeting start time: datetime
            hs_meeting_end_time: Meeting end time: datetime
            hs_meeting_outcome: Meeting outcome: text
            hs_activity_type: Call and meeting type: text
            """,
        "notes": """
            hs_timestamp: Activity date: datetime
            hs_note_body: Note body: html
            """,
        "tasks": """
            hs_timestamp: Due date: datetime
            hs_task_subject: Task Title: text
            hs_task_body: Task Notes: html
            hs_task_status: Task Status: text
            hs_task_type: Task Type: text
            hs_task_completion_date: Completed at: datetime!
            """,
    }
    found = []
    for name, listing in listings.items():
        group = name.removesuffix("s")
        fields = _system(group, "hs_lastmodifieddate") + _properties(group, listing)
        found.append(_object(name, group.title(), fields, group))
    return found


def _empty() -> list[ObjectType]:
    """Objects that every portal has and nobody here fills: who copies a whole portal asks for them, too."""
    listings = {
        "communications": "hs_timestamp: Activity date: datetime\nhs_communication_body: Body: html",
        "postal_mail": "hs_timestamp: Activity date: datetime\nhs_postal_mail_body: Body: html",
        "tickets": """
            subject: Ticket name: text
            content: Ticket description: area
            hs_pipeline: Pipeline: text
            hs_pipeline_stage: Ticket status: text
            hs_ticket_priority: Priority: text
            hs_ticket_category: Category: text
            """,
        "products": "name: Name: text\nprice: Unit price: number",
        "line_items": "name: Name: text\nprice: Unit price: number\nquantity: Quantity: number",
        "quotes": "hs_title: Quote title: text",
        "goal_targets": "hs_goal_name: Goal name: text",
        "feedback_submissions": "hs_survey_name: Survey name: text",
    }
    found = []
    for name, listing in listings.items():
        group = f"{name}_information"
        fields = _system(group, "hs_lastmodifieddate") + _properties(group, listing)
        found.append(_object(name, name.replace("_", " ").title(), fields, group))
    return found


def _streams() -> list[ObjectType]:
    """Tables of other APIs; their fields are documentation, nothing describes them."""
    listings = {
        "email_events": ("0-901", "recipient type created emailCampaignId appName subject url sentId contactId"),
        "page_events": ("0-902", "objectId eventType occurredAt hs_url hs_page_title hs_title"),
        "form_submissions": ("0-903", "formGuid submittedAt pageUrl email values contactId"),
        "forms": ("0-904", "name formType"),
        "marketing_emails": ("0-905", "name subject"),
        "marketing_events": ("0-906", "eventName eventType startDateTime"),
        "marketing_event_participations": ("0-907", "eventId contactId email state occurredAt"),
        "owners": ("0-115", "email firstName lastName userId archived"),
    }
    return [
        ObjectType(
            name=name,
            label=name,
            prefix=type_id,
            fields={field: _property(field, field, "string", "text", name) for field in fields.split()},
            writable=False,
        )
        for name, (type_id, fields) in listings.items()
    ]


def _object(name: str, label: str, fields: list[Field], group: str, **more: Any) -> ObjectType:
    return ObjectType(
        name=name,
        label=label,
        prefix=_TYPE_IDS[name],
        fields={item.name: item for item in fields},
        history=True,
        groups={group: f"{label} information"},
        **more,
    )


def hubspot_objects() -> list[ObjectType]:
    """Fresh definitions of all objects; an account may alter its own."""
    return [_contact(), _company(), _deal(), *_engagements(), *_empty(), *_streams()]
