"""Salesforce's conversion of a Lead into account, contact and, if wanted, opportunity; activities move with it."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.sandbox.clock import day_of
from connectors.sandbox.org import Org

_CARRIED = (
    "FirstName", "LastName", "Title", "Phone", "MobilePhone", "Email", "HasOptedOutOfEmail", "DoNotCall", "LeadSource",
    "OwnerId", "Purchasing_Authority__c", "Competing_Product__c", "Language__c",
)  # fmt: skip
_ADDRESS = ("City", "State", "PostalCode", "Country")


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """What a Lead became."""

    account: str
    contact: str
    opportunity: str | None


def convert_lead(
    org: Org, lead_id: str, *, account: str | None = None, contact: str | None = None, opportunity: str | None = None
) -> Conversion:
    """Converts a Lead, into an existing account and contact when given; `opportunity` names a new one.

    Tasks, events and e-mail links are re-attached to the contact and their stamps move; campaign members move too.
    """
    with org.lock:
        lead = org.get("Lead", lead_id)
        account = account or org.create("Account", _account(lead.values)).id
        contact = contact or org.create("Contact", _contact(lead.values) | {"AccountId": account}).id
        sale = None
        if opportunity is not None:
            values = {
                "Name": opportunity,
                "AccountId": account,
                "StageName": "Prospecting",
                "CloseDate": day_of(org.now() + 90 * 86_400_000),
                "OwnerId": lead.get("OwnerId"),
            }
            sale = org.create("Opportunity", values).id
            role = {"OpportunityId": sale, "ContactId": contact, "IsPrimary": True}
            org.create("OpportunityContactRole", role)
        for name in ("Task", "Event"):
            for record in org.where(name, "WhoId", lead.id):
                org.update(name, record.id, {"WhoId": contact, "WhatId": sale or account, "AccountId": account})
        for record in org.where("EmailMessageRelation", "RelationId", lead.id):
            org.update("EmailMessageRelation", record.id, {"RelationId": contact, "RelationObjectType": "Contact"})
        for record in org.where("CampaignMember", "LeadId", lead.id):
            org.update("CampaignMember", record.id, {"LeadId": None, "ContactId": contact, "LeadOrContactId": contact})
        org.update(
            "Lead",
            lead.id,
            {
                "Status": "Closed - Converted",
                "IsConverted": True,
                "ConvertedDate": day_of(org.now()),
                "ConvertedAccountId": account,
                "ConvertedContactId": contact,
                "ConvertedOpportunityId": sale,
            },
        )
        return Conversion(account=account, contact=contact, opportunity=sale)


def _account(values: dict[str, object]) -> dict[str, object]:
    address = {f"Billing{part}": values.get(part) for part in _ADDRESS}
    size = {
        field: values.get(field)
        for field in ("Industry", "AnnualRevenue", "NumberOfEmployees", "Website", "Phone", "OwnerId")
    }
    return {"Name": values.get("Company")} | address | size


def _contact(values: dict[str, object]) -> dict[str, object]:
    address = {f"Mailing{part}": values.get(part) for part in _ADDRESS}
    return {field: values.get(field) for field in _CARRIED} | address
