"""Custom fields by the Tooling API, and permission sets: a new field is invisible until one that is assigned grants it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.errors import Refusal, no_such_type, not_emulated
from connectors.sandbox.schema import Field, ObjectType, Option

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*__c")
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
                _note_custom(org, object_type.name, field.name)


def create_custom_field(org: Org, body: Any) -> str:
    """POST /tooling/sobjects/CustomField: the id of the new field, which nobody may see yet."""
    if not isinstance(body, Mapping) or not isinstance(body.get("Metadata"), Mapping):
        raise Refusal(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", fields=["Metadata"])
    full_name = body.get("FullName")
    object_name, _, name = full_name.partition(".") if isinstance(full_name, str) else ("", "", "")
    if object_name not in org.schema:
        raise no_such_type(object_name)
    if not _NAME.fullmatch(name):
        raise Refusal(
            400,
            "FIELD_INTEGRITY_EXCEPTION",
            "Field Name: The Field API Name can only contain underscores and alphanumeric characters. It must be unique, "
            "begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.",
            fields=["FullName"],
        )
    object_type = org.type(object_name)
    if any(held.casefold() == name.casefold() for held in object_type.fields):
        raise Refusal(
            400,
            "DUPLICATE_DEVELOPER_NAME",
            f"There is already a field named {name.removesuffix('__c')} on {object_type.label}.",
            fields=["DeveloperName"],
        )
    object_type.add([_field(name, body["Metadata"])])
    return _note_custom(org, object_name, name)


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


def _note_custom(org: Org, object_name: str, name: str) -> str:
    developer_name = name.removesuffix("__c")
    for record in org.where("CustomField", "DeveloperName", developer_name):
        if record.get("TableEnumOrId") == object_name:
            return record.id
    return org.create("CustomField", {"DeveloperName": developer_name, "TableEnumOrId": object_name}).id


def _field(name: str, metadata: Mapping[str, Any]) -> Field:
    kind, label = metadata.get("type"), metadata.get("label")
    if not isinstance(label, str) or not label:
        raise Refusal(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [label]", fields=["Metadata"])
    hidden: dict[str, Any] = {
        "name": name,
        "label": label,
        "custom": True,
        "visible": False,
        "editable": False,
        "description": str(metadata.get("description") or ""),
        "extra": {"inlineHelpText": metadata.get("inlineHelpText")},
    }
    if "formula" in metadata:
        return _formula(metadata, hidden)
    if kind == "Number":
        precision, scale = metadata.get("precision"), metadata.get("scale")
        if not isinstance(precision, int) or not isinstance(scale, int) or not 0 < precision <= 18 or scale > precision:
            raise _bad("Can not specify a precision and scale that do not fit: at most 18 digits")
        return Field(type="double", precision=precision, scale=scale, **hidden)
    if kind == "Text":
        return Field(type="string", length=_length(metadata, 1, 255), **hidden)
    if kind == "LongTextArea":
        if not isinstance(metadata.get("visibleLines"), int):
            raise _bad("Must specify visibleLines for a CustomField of type LongTextArea")
        return Field(type="textarea", length=_length(metadata, 256, 131_072), **hidden)
    if kind == "TextArea":
        if "length" in metadata:
            raise _bad("Can not specify 'length' for a CustomField of type TextArea")
        return Field(type="textarea", length=255, **hidden)
    if kind == "Checkbox":
        if "defaultValue" not in metadata:
            raise _bad("Must specify 'defaultValue' for a CustomField of type Checkbox")
        return Field(type="boolean", nillable=False, **hidden)
    if kind == "DateTime":
        return Field(type="datetime", **hidden)
    if kind == "Date":
        return Field(type="date", **hidden)
    if kind == "Picklist":
        return _picklist(metadata, hidden)
    raise not_emulated(f"custom fields of type {kind}")


def _formula(metadata: Mapping[str, Any], hidden: dict[str, Any]) -> Field:
    """A field that is computed; what it shows is left empty."""
    if metadata.get("type") != "Text" or not isinstance(metadata["formula"], str):
        raise not_emulated("formula fields that are no text")
    extra = {**hidden.pop("extra"), "formula": metadata["formula"]}
    return Field(type="string", length=1300, read_only=True, extra=extra, **hidden)


def _picklist(metadata: Mapping[str, Any], hidden: dict[str, Any]) -> Field:
    value_set = metadata.get("valueSet")
    definition = value_set.get("valueSetDefinition") if isinstance(value_set, Mapping) else None
    values = definition.get("value") if isinstance(definition, Mapping) else None
    named = isinstance(values, list) and values and all(isinstance(item, Mapping) for item in values)
    if not isinstance(value_set, Mapping) or not isinstance(values, list) or not named:
        raise _bad("Must specify a valueSet for a CustomField of type Picklist")
    names = [item.get("valueName") or item.get("fullName") for item in values]
    if not all(isinstance(item, str) and item for item in names) or len(set(names)) != len(names):
        raise _bad("Picklist values need names that differ")
    options = tuple(Option(value=item, label=str(value.get("label") or item)) for item, value in zip(names, values))
    return Field(type="picklist", length=255, options=options, restricted=value_set.get("restricted") is True, **hidden)


def _length(metadata: Mapping[str, Any], least: int, most: int) -> int:
    length = metadata.get("length")
    if not isinstance(length, int) or not least <= length <= most:
        raise _bad(f"Must specify a length between {least} and {most}")
    return length


def _bad(message: str) -> Refusal:
    return Refusal(400, "FIELD_INTEGRITY_EXCEPTION", message, fields=["Metadata"])


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
