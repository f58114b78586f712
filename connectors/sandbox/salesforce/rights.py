"""What a user was granted on objects and in the system, as PermissionSet and ObjectPermissions tell it.

The sandbox shows every row to its API user whatever stands here: this is what an admin sees, and what a doctor asks.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.access import define_setup_objects
from connectors.sandbox.schema import Field, ObjectType

_OBJECT_RIGHTS = ("Create", "Read", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")
_SYSTEM_RIGHTS = ("ApiEnabled", "ViewAllData", "ModifyAllData", "AllowViewEditConvertedLeads")
_PROFILE = "X00ex00000018ozh_128_09_04_12"


def grant_rights(
    org: Org, *, all_rows: Iterable[str] = (), system: Iterable[str] = ("ApiEnabled",), open_to_all: Iterable[str] = ()
) -> None:
    """Gives the API user a profile with these rights, and the org these public organization-wide defaults.

    Args:
        org: The org.
        all_rows: Objects with View All Records.
        system: System rights, without `Permissions`.
        open_to_all: Objects whose organization-wide default is public.
    """
    define_setup_objects(org)
    _define(org)
    profile = next(iter(org.where("PermissionSet", "Name", _PROFILE)), None)
    if profile is None:
        names = {"Name": _PROFILE, "Label": "API Only", "IsOwnedByProfile": True}
        profile = org.create("PermissionSet", names)
        org.create("PermissionSetAssignment", {"AssigneeId": org.api_user, "PermissionSetId": profile.id})
    org.update("PermissionSet", profile.id, {f"Permissions{right}": True for right in system})
    for name in all_rows:
        granted = {"ParentId": profile.id, "SobjectType": name, "PermissionsRead": True}
        org.create("ObjectPermissions", {**granted, "PermissionsViewAllRecords": True})
    for name in open_to_all:
        field = f"Default{name}Access"
        org.type("Organization").add([Field(name=field, label=f"Default {name} Access", type="picklist")])
        org.update("Organization", org.id, {field: "ControlledByParent" if name == "Contact" else "Read"})


def _define(org: Org) -> None:
    flags = [Field(name=f"Permissions{right}", label=right, type="boolean") for right in _SYSTEM_RIGHTS]
    owned = Field(name="IsOwnedByProfile", label="Is Owned By Profile", type="boolean")
    org.type("PermissionSet").add([owned, *flags])
    if "ObjectPermissions" in org.schema:
        return
    system = [
        Field(name="Id", label="Record ID", type="id", length=18, read_only=True, nillable=False),
        Field(name="IsDeleted", label="Deleted", type="boolean", read_only=True),
        Field(name="SystemModstamp", label="System Modstamp", type="datetime", read_only=True),
    ]
    parent = Field(
        name="ParentId",
        label="Parent ID",
        type="reference",
        reference_to=("PermissionSet",),
        relationship="Parent",
        nillable=False,
    )
    kind = Field(name="SobjectType", label="SObject Type", type="string", length=40)
    rights = [Field(name=f"Permissions{right}", label=right, type="boolean") for right in _OBJECT_RIGHTS]
    made = ObjectType(name="ObjectPermissions", label="Object Permissions", prefix="110", soft_delete=False)
    org.define(made).add([*system, parent, kind, *rights])
