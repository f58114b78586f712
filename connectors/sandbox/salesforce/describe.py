"""Objects and fields as Salesforce describes them: what the API user may not see is not there at all."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.salesforce.columns import CHILDREN, TOOLING
from connectors.sandbox.salesforce.field_values import is_lookup
from connectors.sandbox.schema import Field, ObjectType

_SOAP = {
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
    "id": "tns:ID",
    "reference": "tns:ID",
}
_DEFAULTED = frozenset({"OwnerId"})


def summary(object_type: ObjectType, version: str) -> dict[str, Any]:
    """One object as the list of objects shows it."""
    name = object_type.name
    base = f"/services/data/v{version}/sobjects/{name}"
    return {
        "name": name,
        "label": object_type.label,
        "labelPlural": f"{object_type.label}s",
        "keyPrefix": object_type.prefix,
        "custom": name.endswith("__c"),
        "customSetting": False,
        "createable": object_type.writable,
        "deletable": object_type.writable,
        "deprecatedAndHidden": False,
        "layoutable": True,
        "mergeable": "MasterRecordId" in object_type.fields,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": object_type.writable,
        "triggerable": object_type.writable,
        "undeletable": object_type.soft_delete,
        "updateable": object_type.writable,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }


def all_objects(org: Org, version: str) -> dict[str, Any]:
    """GET /sobjects."""
    shown = [item for item in org.schema.values() if item.name not in TOOLING]
    listed = [summary(item, version) for item in sorted(shown, key=lambda item: item.name)]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed}


def describe(org: Org, object_type: ObjectType, version: str) -> dict[str, Any]:
    """GET /sobjects/X/describe."""
    relations = [
        {
            "childSObject": child,
            "field": reference,
            "relationshipName": relationship,
            "cascadeDelete": False,
            "deprecatedAndHidden": False,
            "restrictedDelete": False,
        }
        for (parent, relationship), (child, reference) in CHILDREN.items()
        if parent == object_type.name and child in org.schema
    ]
    return {
        **summary(object_type, version),
        "childRelationships": relations,
        "fields": [_field(item, object_type) for item in object_type.fields.values() if item.visible],
        "recordTypeInfos": [],
    }


def _field(field: Field, object_type: ObjectType) -> dict[str, Any]:
    writable = object_type.writable and not field.read_only and field.editable
    textual = field.type in ("textarea", "address")
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "length": field.length,
        "byteLength": field.length * 3,
        "precision": field.precision,
        "scale": field.scale,
        "digits": field.precision if field.type == "int" else 0,
        "custom": field.custom,
        "nillable": field.nillable,
        "unique": field.unique,
        "createable": writable,
        "updateable": writable,
        "calculated": bool(field.extra.get("formula")),
        "defaultedOnCreate": field.type == "boolean" or field.name in _DEFAULTED,
        "deprecatedAndHidden": False,
        "filterable": not textual,
        "groupable": not textual
        and not field.extra.get("formula")
        and field.type not in ("double", "currency", "percent", "datetime"),
        "sortable": not textual,
        "aggregatable": not textual,
        "externalId": bool(field.extra.get("externalId")),
        "idLookup": field.name == "Id" or is_lookup(object_type, field),
        "nameField": field.name == "Name",
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "compoundFieldName": next((item.name for item in object_type.fields.values() if _is_part(field, item)), None),
        "picklistValues": [
            {"value": option.value, "label": option.label, "active": not option.hidden, "defaultValue": False}
            for option in field.options
        ],
        "inlineHelpText": field.extra.get("inlineHelpText"),
    }


def _is_part(field: Field, compound: Field) -> bool:
    parts = ("Street", "City", "State", "PostalCode", "Country")
    return compound.type == "address" and field.name in [f"{compound.extra['parts']}{part}" for part in parts]
