"""Converting a lead as a user does on its page: a Contact takes over, activities and campaign members move to it."""

from __future__ import annotations

from connectors.sandbox.clock import day_of
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record

_CARRIED = ("FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone", "LeadSource", "OwnerId", "DoNotCall")
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")


def convert_lead(
    org: Org, lead_id: str, *, account_id: str | None = None, opportunity: bool = False, by: str | None = None
) -> str:
    """Converts a lead and gives the id of its Contact.

    Tasks, events and campaign members are re-attached to the Contact (and the opportunity) with new stamps; the lead keeps
    nothing but its conversion fields and becomes read-only.
    """
    with org.lock:
        lead = org.get("Lead", lead_id)
        account = (
            account_id or org.create("Account", {"Name": lead.get("Company"), "OwnerId": lead.get("OwnerId")}, by=by).id
        )
        values = {field: lead.get(field) for field in _CARRIED}
        values |= {f"Mailing{field}": lead.get(field) for field in _ADDRESS}
        values |= {
            field: value for field, value in lead.values.items() if field.endswith("__c") and _on_contact(org, field)
        }
        contact = org.create("Contact", {**values, "AccountId": account}, by=by)
        deal = _opportunity(org, lead, account, by) if opportunity else None
        for name in ("Task", "Event"):
            for record in org.where(name, "WhoId", lead.id):
                moved = {"WhoId": contact.id, "WhatId": deal or record.get("WhatId")}
                org.update(name, record.id, moved, by=by)
        for link in org.where("EmailMessageRelation", "RelationId", lead.id):
            org.update(
                "EmailMessageRelation", link.id, {"RelationId": contact.id, "RelationObjectType": "Contact"}, by=by
            )
        for member in org.where("CampaignMember", "LeadId", lead.id):
            org.update("CampaignMember", member.id, {"ContactId": contact.id, "LeadOrContactId": contact.id}, by=by)
        org.update(
            "Lead",
            lead.id,
            {
                "IsConverted": True,
                "Status": "Closed - Converted",
                "ConvertedDate": day_of(org.now()),
                "ConvertedAccountId": account,
                "ConvertedContactId": contact.id,
                "ConvertedOpportunityId": deal,
            },
            by=by,
        )
        return contact.id


def _on_contact(org: Org, field: str) -> bool:
    """Custom fields go over where the admin has mapped them: here, where the Contact has a field of the same name."""
    return field in org.type("Contact").fields


def _opportunity(org: Org, lead: Record, account: str, by: str | None) -> str:
    values = {
        "Name": f"{lead.get('Company')}-",
        "AccountId": account,
        "StageName": "Prospecting",
        "CloseDate": day_of(org.now() + 30 * 86_400_000),
        "OwnerId": lead.get("OwnerId"),
    }
    deal = org.create("Opportunity", values, by=by)
    org.create("OpportunityHistory", {"OpportunityId": deal.id, "StageName": "Prospecting"}, by=by)
    return deal.id
