"""The standard objects of a Salesforce account, as far as the sandbox carries them, with their fields.

The system fields (Id, stamps, IsDeleted, MasterRecordId) are listed but not in `Record.values`: the dialect renders them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.schema import Field, ObjectType, Option

#: Default sales process: stage, probability, forecast category, closed, won.
STAGES = (
    ("Prospecting", 10, "Pipeline", False, False),
    ("Qualification", 20, "Pipeline", False, False),
    ("Needs Analysis", 40, "Pipeline", False, False),
    ("Proposal/Price Quote", 65, "BestCase", False, False),
    ("Negotiation/Review", 85, "Commit", False, False),
    ("Closed Won", 100, "Closed", True, True),
    ("Closed Lost", 0, "Omitted", True, False),
)
LEAD_STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")
SOURCES = (
    "Web",
    "Webinar",
    "Trade Show",
    "Partner Referral",
    "Purchased List",
    "Phone Inquiry",
    "Advertisement",
    "Other",
)
AUTHORITIES = ("Decision Maker", "Influencer", "User", "None")
INDUSTRIES = (
    "Software", "Manufacturing", "Banking", "Insurance", "Healthcare", "Retail", "Education", "Government",
    "Consulting", "Transportation", "Energy", "Telecommunications", "Media", "Construction", "Hospitality",
)  # fmt: skip


def _field(name: str, label: str, kind: str, **more: Any) -> Field:
    return Field(name=name, label=label, type=kind, **more)


def _text(name: str, label: str, length: int = 255, kind: str = "string", **more: Any) -> Field:
    return _field(name, label, kind, length=length, **more)


def _pick(name: str, label: str, values: tuple[str, ...], **more: Any) -> Field:
    options = tuple(Option(value=value, label=value) for value in values)
    return _field(name, label, "picklist", length=255, options=options, **more)


def _flag(name: str, label: str, **more: Any) -> Field:
    return _field(name, label, "boolean", nillable=False, **more)


def _number(name: str, label: str, precision: int = 8, scale: int = 0, kind: str = "int", **more: Any) -> Field:
    return _field(name, label, kind, precision=precision, scale=scale, **more)


def _to(name: str, label: str, *objects: str, relationship: str | None = None, **more: Any) -> Field:
    joined = relationship or (name.removesuffix("Id") if name.endswith("Id") else None)
    return _field(name, label, "reference", length=18, reference_to=objects, relationship=joined, **more)


def _system(*, masters: bool = False, own: str = "") -> list[Field]:
    fields = [
        _field("Id", "Record ID", "id", length=18, nillable=False, read_only=True),
        _flag("IsDeleted", "Deleted", read_only=True),
        _field("CreatedDate", "Created Date", "datetime", nillable=False, read_only=True),
        _to("CreatedById", "Created By ID", "User", read_only=True),
        _field("LastModifiedDate", "Last Modified Date", "datetime", nillable=False, read_only=True),
        _to("LastModifiedById", "Last Modified By ID", "User", read_only=True),
        _field("SystemModstamp", "System Modstamp", "datetime", nillable=False, read_only=True),
    ]
    if masters:
        fields.insert(2, _to("MasterRecordId", "Master Record ID", own, read_only=True))
    return fields


def _address(prefix: str) -> list[Field]:
    spaced = f"{prefix} " if prefix else ""
    return [
        _text(f"{prefix}Street", f"{spaced}Street", kind="textarea"),
        _text(f"{prefix}City", f"{spaced}City", 40),
        _text(f"{prefix}State", f"{spaced}State/Province", 80),
        _text(f"{prefix}PostalCode", f"{spaced}Zip/Postal Code", 20),
        _text(f"{prefix}Country", f"{spaced}Country", 80),
        _field(f"{prefix}Address", f"{spaced}Address", "address", read_only=True, extra={"parts": prefix}),
    ]


def _human(title_length: int) -> list[Field]:
    return [
        _text("LastName", "Last Name", 80, nillable=False),
        _text("FirstName", "First Name", 40),
        _text("Salutation", "Salutation", 40),
        _text("Name", "Full Name", 121, read_only=True, nillable=False),
        _text("Title", "Title", title_length),
        _text("Phone", "Phone", 40, "phone"),
        _text("MobilePhone", "Mobile Phone", 40, "phone"),
        _text("Email", "Email", 80, "email"),
        _flag("HasOptedOutOfEmail", "Email Opt Out"),
        _flag("DoNotCall", "Do Not Call"),
        _text("EmailBouncedReason", "Email Bounced Reason"),
        _field("EmailBouncedDate", "Email Bounced Date", "datetime"),
        _pick("LeadSource", "Lead Source", SOURCES),
        _to("OwnerId", "Owner ID", "User", nillable=False),
        _text("Description", "Description", 32000, "textarea"),
        _field("LastActivityDate", "Last Activity", "date", read_only=True),
        _pick("Purchasing_Authority__c", "Purchasing Authority", AUTHORITIES, custom=True),
        _text("Competing_Product__c", "Competing Product", 120, custom=True),
        _pick("Language__c", "Language", ("en", "de", "fr", "es", "it"), custom=True),
    ]


def _full_name(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"Name": " ".join(part for part in (values.get("FirstName"), values.get("LastName")) if part) or None}


def _closed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"IsClosed": values.get("Status") == "Completed"}


def _stage(values: Mapping[str, Any]) -> dict[str, Any]:
    for name, probability, category, closed, won in STAGES:
        if name == values.get("StageName"):
            return {"Probability": float(probability), "ForecastCategory": category, "IsClosed": closed, "IsWon": won}
    return {"IsClosed": False, "IsWon": False}


def _responded(values: Mapping[str, Any]) -> dict[str, Any]:
    quiet = {"Sent", "Invited", "Planned", "No-Show", None}
    return {"HasResponded": values.get("Status") not in quiet}


def _people() -> list[ObjectType]:
    lead = [
        *_human(128),
        _text("Company", "Company", nillable=False),
        *_address(""),
        _text("Website", "Website", kind="url"),
        _pick("Status", "Lead Status", LEAD_STATUSES, nillable=False),
        _pick("Industry", "Industry", INDUSTRIES),
        _pick("Rating", "Rating", ("Hot", "Warm", "Cold")),
        _number("AnnualRevenue", "Annual Revenue", 18, kind="currency"),
        _number("NumberOfEmployees", "Employees"),
        _flag("IsConverted", "Converted", read_only=True),
        _field("ConvertedDate", "Converted Date", "date", read_only=True),
        _to("ConvertedAccountId", "Converted Account ID", "Account", read_only=True),
        _to("ConvertedContactId", "Converted Contact ID", "Contact", read_only=True),
        _to("ConvertedOpportunityId", "Converted Opportunity ID", "Opportunity", read_only=True),
    ]
    contact = [
        _to("AccountId", "Account ID", "Account"),
        *_human(128),
        _text("Department", "Department", 80),
        *_address("Mailing"),
        _to("ReportsToId", "Reports To ID", "Contact"),
    ]
    account = [
        _text("Name", "Account Name", nillable=False),
        _pick("Type", "Account Type", ("Prospect", "Customer", "Partner", "Competitor", "Former Customer", "Other")),
        *_address("Billing"),
        _text("Phone", "Account Phone", 40, "phone"),
        _text("Website", "Website", kind="url"),
        _pick("Industry", "Industry", INDUSTRIES),
        _number("AnnualRevenue", "Annual Revenue", 18, kind="currency"),
        _number("NumberOfEmployees", "Employees"),
        _to("ParentId", "Parent Account ID", "Account"),
        _to("OwnerId", "Owner ID", "User", nillable=False),
        _text("Description", "Account Description", 32000, "textarea"),
        _field("LastActivityDate", "Last Activity", "date", read_only=True),
    ]
    return [
        _object("Account", "Account", "001", account, masters=True),
        _object("Contact", "Contact", "003", contact, masters=True, derive=_full_name),
        _object("Lead", "Lead", "00Q", lead, masters=True, derive=_full_name),
    ]


def _activities() -> list[ObjectType]:
    shared = [
        _to("WhoId", "Name ID", "Contact", "Lead"),
        _to("WhatId", "Related To ID", "Account", "Opportunity", "Campaign"),
        _text("Subject", "Subject"),
        _field("ActivityDate", "Due Date Only", "date"),
        _to("OwnerId", "Assigned To ID", "User", nillable=False),
        _text("Description", "Description", 32000, "textarea"),
        _to("AccountId", "Account ID", "Account", read_only=True),
        _flag("IsArchived", "Archived", read_only=True),
    ]
    kinds = ("Call", "Email", "Meeting", "Web Visit", "Form", "Other")
    task = [
        *shared,
        _pick("Status", "Status", ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")),
        _pick("Priority", "Priority", ("High", "Normal", "Low")),
        _pick("Type", "Type", kinds),
        _pick("TaskSubtype", "Task Subtype", ("Task", "Email", "Call"), read_only=True),
        _flag("IsClosed", "Closed", read_only=True),
        _pick("CallType", "Call Type", ("Inbound", "Outbound", "Internal")),
        _text("CallDisposition", "Call Result"),
        _number("CallDurationInSeconds", "Call Duration"),
        _field("CompletedDateTime", "Completed Date/Time", "datetime", read_only=True),
    ]
    event = [
        *shared,
        _pick("Type", "Type", ("Meeting", "Demo", "Call", "Other")),
        _field("ActivityDateTime", "Due Date Time", "datetime"),
        _field("StartDateTime", "Start Date Time", "datetime"),
        _field("EndDateTime", "End Date Time", "datetime"),
        _number("DurationInMinutes", "Duration"),
        _text("Location", "Location"),
    ]
    message = [
        _to("ParentId", "Case ID", "Case"),
        _to("ActivityId", "Activity ID", "Task"),
        _to("RelatedToId", "Related To ID", "Account", "Opportunity", "Campaign"),
        _text("Subject", "Subject", 3000),
        _text("FromAddress", "From Address", 1000, "email"),
        _text("ToAddress", "To Address", 4000),
        _flag("Incoming", "Is Incoming"),
        _pick("Status", "Status", ("0", "1", "2", "3", "4", "5")),
        _field("MessageDate", "Message Date", "datetime"),
        _flag("IsTracked", "Is Tracked"),
        _flag("IsBounced", "Is Bounced"),
        _field("FirstOpenedDate", "First Opened", "datetime"),
        _field("LastOpenedDate", "Last Opened", "datetime"),
        _text("MessageIdentifier", "Message ID"),
        _to("ThreadIdentifierId", "Thread ID", "EmailMessage"),
    ]
    relation = [
        _to("EmailMessageId", "Email Message ID", "EmailMessage", nillable=False),
        _to("RelationId", "Relation ID", "Contact", "Lead", "User"),
        _pick("RelationType", "Relation Type", ("ToAddress", "CcAddress", "BccAddress", "FromAddress", "OtherAddress")),
        _text("RelationAddress", "Relation Address", 1000),
        _text("RelationObjectType", "Relation Object Type", read_only=True),
    ]
    return [
        _object("Task", "Task", "00T", task, derive=_closed),
        _object("Event", "Event", "00U", event),
        _object("EmailMessage", "Email Message", "02s", message),
        _object("EmailMessageRelation", "Email Message Relation", "0Nb", relation),
    ]


def _campaigns() -> list[ObjectType]:
    campaign = [
        _text("Name", "Name", 80, nillable=False),
        _pick("Type", "Type", ("Webinar", "Conference", "Email", "Content", "Advertisement", "Other")),
        _pick("Status", "Status", ("Planned", "In Progress", "Completed", "Aborted")),
        _field("StartDate", "Start Date", "date"),
        _field("EndDate", "End Date", "date"),
        _flag("IsActive", "Active"),
        _to("ParentId", "Parent Campaign ID", "Campaign"),
        _to("OwnerId", "Owner ID", "User", nillable=False),
    ]
    statuses = ("Sent", "Invited", "Responded", "Registered", "Attended", "No-Show", "Visited Booth", "Downloaded")
    member = [
        _to("CampaignId", "Campaign ID", "Campaign", nillable=False),
        _to("LeadId", "Lead ID", "Lead"),
        _to("ContactId", "Contact ID", "Contact"),
        _pick("Status", "Status", statuses),
        _flag("HasResponded", "Responded", read_only=True),
        _field("FirstRespondedDate", "First Responded Date", "date", read_only=True),
        _to("LeadOrContactId", "Lead or Contact ID", "Lead", "Contact", read_only=True),
    ]
    return [
        _object("Campaign", "Campaign", "701", campaign),
        _object("CampaignMember", "Campaign Member", "00v", member, derive=_responded, soft_delete=False),
    ]


def _sales() -> list[ObjectType]:
    stages = tuple(stage[0] for stage in STAGES)
    opportunity = [
        _to("AccountId", "Account ID", "Account"),
        _text("Name", "Name", 120, nillable=False),
        _pick("StageName", "Stage", stages, nillable=False),
        _number("Amount", "Amount", 18, 2, "currency"),
        _number("Probability", "Probability (%)", 3, kind="percent"),
        _field("CloseDate", "Close Date", "date", nillable=False),
        _pick("Type", "Opportunity Type", ("New Business", "Existing Business")),
        _pick("LeadSource", "Lead Source", SOURCES),
        _flag("IsClosed", "Closed", read_only=True),
        _flag("IsWon", "Won", read_only=True),
        _text("ForecastCategory", "Forecast Category", 40, read_only=True),
        _to("CampaignId", "Campaign ID", "Campaign"),
        _to("OwnerId", "Owner ID", "User", nillable=False),
        _to("ContactId", "Contact ID", "Contact"),
        _field("LastStageChangeDate", "Last Stage Change Date", "datetime", read_only=True),
    ]
    role = [
        _to("OpportunityId", "Opportunity ID", "Opportunity", nillable=False),
        _to("ContactId", "Contact ID", "Contact", nillable=False),
        _pick(
            "Role", "Role", ("Decision Maker", "Economic Buyer", "Influencer", "Business User", "Evaluator", "Other")
        ),
        _flag("IsPrimary", "Primary"),
    ]
    history = [
        _to("OpportunityId", "Opportunity ID", "Opportunity", nillable=False),
        _text("StageName", "Stage", 40),
        _number("Amount", "Amount", 18, 2, "currency"),
        _number("Probability", "Probability (%)", 3, kind="percent"),
        _field("CloseDate", "Close Date", "date"),
        _text("ForecastCategory", "To ForecastCategory", 40),
    ]
    stage = [
        _text("MasterLabel", "Master Label"),
        _text("ApiName", "API Name"),
        _flag("IsActive", "Is Active"),
        _number("SortOrder", "Sort Order"),
        _flag("IsClosed", "Closed"),
        _flag("IsWon", "Won"),
        _text("ForecastCategory", "Forecast Category", 40),
        _number("DefaultProbability", "Probability (%)", 3, kind="percent"),
    ]
    return [
        _object("Opportunity", "Opportunity", "006", opportunity, derive=_stage),
        _object("OpportunityContactRole", "Opportunity Contact Role", "00K", role, soft_delete=False),
        _object("OpportunityHistory", "Opportunity History", "008", history, writable=False),
        _object("OpportunityStage", "Opportunity Stage", "01J", stage, writable=False),
    ]


def _users() -> list[ObjectType]:
    user = [
        _text("Username", "Username", 80),
        _text("LastName", "Last Name", 80),
        _text("FirstName", "First Name", 40),
        _text("Name", "Full Name", 121, read_only=True),
        _text("Email", "Email", 128, "email"),
        _flag("IsActive", "Active"),
        _text("UserType", "User Type", 40),
        _text("TimeZoneSidKey", "Time Zone", 40),
        _text("Department", "Department", 80),
    ]
    organization = [
        _text("Name", "Name", 80),
        _text("OrganizationType", "Edition", 40),
        _flag("IsSandbox", "Is Sandbox"),
        _text("InstanceName", "Instance Name", 5),
        _text("DefaultLocaleSidKey", "Locale", 40),
        _text("TimeZoneSidKey", "Time Zone", 40),
    ]
    return [
        _object("User", "User", "005", user, derive=_full_name),
        _object("Organization", "Organization", "00D", organization, writable=False),
    ]


def _object(
    name: str, label: str, prefix: str, fields: list[Field], *, masters: bool = False, **more: Any
) -> ObjectType:
    held = _system(masters=masters, own=name) + fields
    return ObjectType(name=name, label=label, prefix=prefix, fields={item.name: item for item in held}, **more)


def salesforce_objects() -> list[ObjectType]:
    """Fresh definitions of all objects; an org may alter its own."""
    return [*_users(), *_people(), *_campaigns(), *_sales(), *_activities()]
