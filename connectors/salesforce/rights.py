"""What the integration user was granted: rows of all owners, converted leads, the API. As far as the org tells.

Salesforce holds rows back without a word, so missing rights look like missing people. Profile and permission sets are asked
in two queries; an org that does not answer them is no error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.errors import NeedsAttention
from connectors.salesforce import soql
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import Schema

#: Objects with sharing of their own; activities, members and messages follow what they belong to.
SHARED: Final = ("Lead", "Contact", "Account", "Opportunity", "Campaign")
_EVERYTHING: Final = ("PermissionsViewAllData", "PermissionsModifyAllData")
_CONVERTED: Final = "PermissionsAllowViewEditConvertedLeads"
#: Organization-wide defaults that show every row to everybody.
_OPEN: Final = frozenset({"Read", "Edit", "ReadEditTransfer", "All", "ReadSelect"})
_BY_PARENT: Final = "ControlledByParent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rights:
    """What one user may do, by all of its permission sets together."""

    #: Every row of every object.
    everything: bool
    #: Objects of which the user sees every row.
    all_rows: frozenset[str]
    converted_leads: bool

    def hidden(self, names: Sequence[str]) -> list[str]:
        """Objects of which sharing may hold rows back."""
        return [] if self.everything else [name for name in names if name not in self.all_rows]


def rights_of_user(client: SalesforceClient, schema: Schema) -> Rights | None:
    """The rights of the user in whose name we speak; None when the org does not tell."""
    user = client.user_id()
    schema.load(["PermissionSet", "ObjectPermissions", "Organization"])
    sets, objects = schema.of("PermissionSet"), schema.of("ObjectPermissions")
    if user is None or sets is None or objects is None:
        return None
    named = [name for name in (*_EVERYTHING, _CONVERTED) if name in sets.fields]
    mine = f"(SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = {soql.text(user)})"  # noqa: S608
    queries = [
        ("PermissionSet", soql.select("PermissionSet", ["Id", *named], where=[f"Id IN {mine}"])),
        (
            "ObjectPermissions",
            soql.select(
                "ObjectPermissions",
                ["Id", "SobjectType", "PermissionsViewAllRecords"],
                where=[f"ParentId IN {mine}", soql.one_of("SobjectType", SHARED)],
            ),
        ),
    ]
    try:
        granted, per_object = client.query_together(queries)
        open_to_all = _open_to_all(client, schema)
    except NeedsAttention:
        return None
    everything = any(row.get(name) is True for row in granted.rows for name in _EVERYTHING)
    seen = {str(row.get("SobjectType")) for row in per_object.rows if row.get("PermissionsViewAllRecords") is True}
    return Rights(
        everything=everything,
        all_rows=frozenset(seen) | open_to_all,
        converted_leads=any(row.get(_CONVERTED) is True for row in granted.rows),
    )


def _open_to_all(client: SalesforceClient, schema: Schema) -> frozenset[str]:
    """Objects that the organization-wide defaults show to everybody."""
    fields = {name: f"Default{name}Access" for name in SHARED}
    known = {name: field for name, field in fields.items() if schema.field("Organization", field) is not None}
    if not known:
        return frozenset()
    rows = client.rows(soql.select("Organization", ["Id", *known.values()]), subject="Organization")
    row: Mapping[str, Any] = rows[0] if rows else {}
    found = {name for name, field in known.items() if row.get(field) in _OPEN}
    if row.get(known.get("Contact", "")) == _BY_PARENT and "Account" in found:
        found.add("Contact")
    return frozenset(found)
