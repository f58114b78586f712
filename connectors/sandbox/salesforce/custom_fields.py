"""Custom fields by the Tooling API: created, shown, changed and deleted. Who may see them is told by permission sets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.salesforce.access import note_custom
from connectors.sandbox.salesforce.computed import computed
from connectors.sandbox.salesforce.errors import Refusal, no_such_resource, no_such_type, not_emulated
from connectors.sandbox.salesforce.field_values import full_id
from connectors.sandbox.schema import Field, Option

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*__c")


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
    field = _field(name, body["Metadata"])
    if field.extra.get("formula"):
        computed(org, object_type, field)  # is refused where it makes no sense
    object_type.add([replace(field, visible=False, editable=False)])
    return note_custom(org, object_name, name)


def custom_field(org: Org, field_id: str, version: str) -> dict[str, Any]:
    """GET /tooling/sobjects/CustomField/ID."""
    record, object_name, field = _found(org, field_id)
    url = f"/services/data/v{version}/tooling/sobjects/CustomField/{record.id}"
    plain = {"label": field.label, "type": field.type, "length": field.length or None, "required": not field.nillable}
    return {
        "attributes": {"type": "CustomField", "url": url},
        "Id": record.id,
        "DeveloperName": record.get("DeveloperName"),
        "TableEnumOrId": object_name,
        "FullName": f"{object_name}.{field.name}",
        "Metadata": field.extra.get("metadata") or plain,
    }


def change_custom_field(org: Org, field_id: str, body: Any) -> None:
    """PATCH /tooling/sobjects/CustomField/ID: the whole Metadata, of the same type; who may see it stays."""
    _, object_name, field = _found(org, field_id)
    if not isinstance(body, Mapping) or not isinstance(body.get("Metadata"), Mapping):
        raise Refusal(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", fields=["Metadata"])
    changed = _field(field.name, body["Metadata"])
    if changed.type != field.type or changed.read_only != field.read_only:
        raise not_emulated("changing the type of a custom field")
    if changed.extra.get("formula"):
        computed(org, org.type(object_name), changed)
    org.type(object_name).add([replace(changed, visible=field.visible, editable=field.editable)])


def delete_custom_field(org: Org, field_id: str) -> None:
    """DELETE /tooling/sobjects/CustomField/ID: the field, its values and who was granted it."""
    record, object_name, field = _found(org, field_id)
    for held in list(org.scan(object_name, deleted=None)):
        if field.name in held.values:
            org.overwrite(object_name, held, {field.name: None})
    for grant in org.where("FieldPermissions", "Field", f"{object_name}.{field.name}"):
        org.purge("FieldPermissions", grant.id)
    del org.type(object_name).fields[field.name]
    org.purge("CustomField", record.id)


def _found(org: Org, field_id: str) -> tuple[Record, str, Field]:
    record = org.find("CustomField", full_id(field_id))
    if record is None:
        raise no_such_resource()
    object_name = str(record.get("TableEnumOrId"))
    return record, object_name, org.type(object_name).fields[f"{record.get('DeveloperName')}__c"]


def _field(name: str, metadata: Mapping[str, Any]) -> Field:
    kind, label = metadata.get("type"), metadata.get("label")
    if not isinstance(label, str) or not label:
        raise Refusal(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [label]", fields=["Metadata"])
    shared: dict[str, Any] = {
        "name": name,
        "label": label,
        "custom": True,
        "description": str(metadata.get("description") or ""),
        "unique": metadata.get("unique") is True,
        "extra": {
            "inlineHelpText": metadata.get("inlineHelpText"),
            "externalId": metadata.get("externalId") is True,
            "metadata": dict(metadata),
        },
    }
    if "formula" in metadata:
        return _formula(metadata, shared)
    if kind == "Number":
        precision, scale = metadata.get("precision"), metadata.get("scale")
        if not isinstance(precision, int) or not isinstance(scale, int) or not 0 < precision <= 18 or scale > precision:
            raise _bad("Can not specify a precision and scale that do not fit: at most 18 digits")
        return Field(type="double", precision=precision, scale=scale, **shared)
    if kind == "Text":
        return Field(type="string", length=_length(metadata, 1, 255), **shared)
    if kind == "LongTextArea":
        if not isinstance(metadata.get("visibleLines"), int):
            raise _bad("Must specify visibleLines for a CustomField of type LongTextArea")
        return Field(type="textarea", length=_length(metadata, 256, 131_072), **shared)
    if kind == "TextArea":
        if "length" in metadata:
            raise _bad("Can not specify 'length' for a CustomField of type TextArea")
        return Field(type="textarea", length=255, **shared)
    if kind == "Checkbox":
        if "defaultValue" not in metadata:
            raise _bad("Must specify 'defaultValue' for a CustomField of type Checkbox")
        return Field(type="boolean", nillable=False, **shared)
    if kind == "DateTime":
        return Field(type="datetime", **shared)
    if kind == "Date":
        return Field(type="date", **shared)
    if kind == "Picklist":
        return _picklist(metadata, shared)
    raise not_emulated(f"custom fields of type {kind}")


def _formula(metadata: Mapping[str, Any], shared: dict[str, Any]) -> Field:
    """A field that is computed, and of which nobody can write the value."""
    kinds: dict[Any, dict[str, Any]] = {
        "Text": {"type": "string", "length": 1300},
        "Checkbox": {"type": "boolean", "nillable": False},
        "Number": {"type": "double", "precision": metadata.get("precision", 18), "scale": metadata.get("scale", 2)},
    }
    kind = kinds.get(metadata.get("type"))
    if kind is None or not isinstance(metadata["formula"], str):
        raise not_emulated("formula fields that are no text, number or checkbox")
    extra = {**shared.pop("extra"), "formula": metadata["formula"]}
    return Field(read_only=True, extra=extra, **kind, **shared)


def _picklist(metadata: Mapping[str, Any], shared: dict[str, Any]) -> Field:
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
    return Field(type="picklist", length=255, options=options, restricted=value_set.get("restricted") is True, **shared)


def _length(metadata: Mapping[str, Any], least: int, most: int) -> int:
    length = metadata.get("length")
    if not isinstance(length, int) or not least <= length <= most:
        raise _bad(f"Must specify a length between {least} and {most}")
    return length


def _bad(message: str) -> Refusal:
    return Refusal(400, "FIELD_INTEGRITY_EXCEPTION", message, fields=["Metadata"])
