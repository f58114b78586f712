"""Permission sets: a custom field is invisible until one that is assigned grants it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.errors import Refusal, not_emulated
from connectors.sandbox.schema import Field, ObjectType

_GRANTS = ("FieldPermissions", "PermissionSetAssignment")


def define_setup_objects(org: Org) -> None:
    """Adds the objects that carry permissions and custom fields to an org that lacks them."""
    for name, label, prefix, fields in _SETUP:
        if name not in org.schema:
            system = [
                Field(name="Id", label="Record ID", type="id", length=18, read_only=True, nillable=False),
                Field(name="IsDeleted", label="Deleted", type="boolean", read_only=True),
                Field(name="CreatedDate", label="Created Date", type="datetime", read_only=True),
                Field(name="SystemModstamp", label="System Modstamp", type="datetime", read_only=True),
            ]
            org.define(ObjectType(name=name, label=label, prefix=prefix, soft_delete=False))
            org.type(name).add([*system, *fields])
    for object_type in list(org.schema.values()):
        for field in object_type.fields.values():
            if field.custom:
                note_custom(org, object_type.name, field.name)


def before_create(org: Org, name: str, values: Mapping[str, Any]) -> None:
    """What Salesforce checks about permissions before they are saved."""
    if name == "PermissionSet" and org.where("PermissionSet", "Name", values.get("Name")):
        raise Refusal(
            400, "DUPLICATE_DEVELOPER_NAME", f"duplicate developer name: {values.get('Name')}", fields=["Name"]
        )
    if name == "FieldPermissions":
        object_name, _, field = str(values.get("Field")).partition(".")
        if object_name != values.get("SobjectType") or field not in getattr(org.schema.get(object_name), "fields", {}):
            raise Refusal(
                400,
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"Field Name: bad value for restricted picklist field: {values.get('Field')}",
                fields=["Field"],
            )
        if values.get("PermissionsEdit") and org.type(object_name).fields[field].read_only:
            raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", f"{field} cannot be edited", fields=["PermissionsEdit"])
        held = org.where("FieldPermissions", "Field", values["Field"])
        if any(record.get("ParentId") == values.get("ParentId") for record in held):
            raise Refusal(400, "DUPLICATE_VALUE", "duplicate value found: Field duplicates value on record")


def after_create(org: Org, name: str) -> None:
    """Lets new grants take effect for the API user."""
    if name not in _GRANTS:
        return
    for assignment in org.where("PermissionSetAssignment", "AssigneeId", org.api_user):
        for grant in org.where("FieldPermissions", "ParentId", assignment.get("PermissionSetId")):
            object_name, _, field = str(grant.get("Field")).partition(".")
            held = org.type(object_name).fields[field]
            org.type(object_name).alter(
                field,
                visible=held.visible or bool(grant.get("PermissionsRead")),
                editable=held.editable or bool(grant.get("PermissionsEdit")),
            )


def before_delete(name: str) -> None:
    """Grants can only be added here."""
    if name in (*_GRANTS, "PermissionSet"):
        raise not_emulated("taking permissions away")


def note_custom(org: Org, object_name: str, name: str) -> str:
    """The id of the CustomField row of a field, which is added where it is missing."""
    developer_name = name.removesuffix("__c")
    for record in org.where("CustomField", "DeveloperName", developer_name):
        if record.get("TableEnumOrId") == object_name:
            return record.id
    return org.create("CustomField", {"DeveloperName": developer_name, "TableEnumOrId": object_name}).id


def _text(name: str, **more: Any) -> Field:
    return Field(name=name, label=name, type="string", length=255, **more)


_SETUP: tuple[tuple[str, str, str, list[Field]], ...] = (
    (
        "PermissionSet",
        "Permission Set",
        "0PS",
        [_text("Name", nillable=False), _text("Label", nillable=False), _text("Description")],
    ),
    (
        "FieldPermissions",
        "Field Permissions",
        "01k",
        [
            Field(
                name="ParentId",
                label="Parent ID",
                type="reference",
                reference_to=("PermissionSet",),
                relationship="Parent",
                nillable=False,
            ),
            _text("SobjectType", nillable=False),
            _text("Field", nillable=False),
            Field(name="PermissionsRead", label="Read Access", type="boolean"),
            Field(name="PermissionsEdit", label="Edit Access", type="boolean"),
        ],
    ),
    (
        "PermissionSetAssignment",
        "Permission Set Assignment",
        "0Pa",
        [
            Field(
                name="AssigneeId",
                label="Assignee ID",
                type="reference",
                reference_to=("User",),
                relationship="Assignee",
                nillable=False,
            ),
            Field(
                name="PermissionSetId",
                label="PermissionSet ID",
                type="reference",
                reference_to=("PermissionSet",),
                relationship="PermissionSet",
                nillable=False,
            ),
        ],
    ),
    ("CustomField", "Custom Field", "00N", [_text("DeveloperName"), _text("TableEnumOrId"), _text("NamespacePrefix")]),
)
