"""Assignment rules: which one is active, and when it runs. The sandbox's own gives the leads of a country to one seller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.schema import Field, ObjectType


def define_rules(org: Org) -> None:
    """Adds the object that lists rules, and an active rule for Leads where the org has none."""
    if "AssignmentRule" in org.schema:
        return
    org.define(ObjectType(name="AssignmentRule", label="Assignment Rule", prefix="01Q", writable=False))
    org.type("AssignmentRule").add(
        [
            Field(name="Id", label="Assignment Rule ID", type="id", length=18, read_only=True, nillable=False),
            Field(name="Name", label="Name", type="string", length=120, read_only=True),
            Field(name="SobjectType", label="Object", type="string", length=40, read_only=True),
            Field(name="Active", label="Active", type="boolean", read_only=True),
        ]
    )
    org.assignment_rules.setdefault("Lead", by_country)
    org.create("AssignmentRule", {"Name": "Sellers by country", "SobjectType": "Lead", "Active": True})


def by_country(org: Org, record: Record) -> Mapping[str, Any]:
    """The rule: every country has its seller, and so have the leads without one."""
    sellers = org.settings.get("sellers") or [org.api_user]
    country = str(record.get("Country") or "").strip().casefold()
    return {"OwnerId": sellers[sum(country.encode()) % len(sellers)]}
