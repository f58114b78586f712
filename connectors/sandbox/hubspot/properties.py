"""`/crm/properties`: definitions and groups, created, changed, archived under HubSpot's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.hubspot.batch import batch_answer
from connectors.sandbox.hubspot.bodies import body_of, inputs_of, is_dated, rows, scalar
from connectors.sandbox.hubspot.errors import Refusal, invalid, row_error
from connectors.sandbox.hubspot.objects import flag
from connectors.sandbox.org import Org
from connectors.sandbox.schema import Field, ObjectType, Option
from connectors.sandbox.wire import WireRequest, WireResponse

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_REQUIRED = ("name", "label", "type", "fieldType", "groupName")
_FIELD_TYPES = {
    "bool": {"booleancheckbox", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "enumeration": {"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "phone_number": {"phonenumber"},
    "string": {"text", "textarea", "html", "file", "phonenumber", "calculation_equation"},
}
_OPTIONS = 5_000
_BATCH = 100
_CUSTOM = 1_000


def list_properties(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """All definitions that the token may see."""
    held = org.type(object_name)
    fields = held.archived_fields if flag(request, "archived") else held.fields
    rows = [_rendered(field, archived=flag(request, "archived")) for field in fields.values() if field.visible]
    return WireResponse.of_json({"results": rows})


def get_property(org: Org, request: WireRequest, object_name: str, name: str) -> WireResponse:  # noqa: ARG001
    """One definition."""
    return WireResponse.of_json(_rendered(_field(org.type(object_name), name)))


def create_property(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """201; the name of an archived property brings it back."""
    return WireResponse.of_json(_created(org, object_name, body_of(request)), status=201)


def batch_read_properties(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """Definitions by name; unknown ones are told among the errors."""
    held = org.type(object_name)
    archived = body_of(request).get("archived") is True
    fields = held.archived_fields if archived else held.fields
    asked = [scalar(item, "name") for item in inputs_of(request, most=_BATCH)]
    found = {name: field for name in asked if (field := fields.get(name)) is not None and field.visible}
    errors = [
        row_error("OBJECT_NOT_FOUND", f"Property {name} does not exist", name=[name])
        for name in asked
        if name not in found
    ]
    return batch_answer(org, [_rendered(field, archived=archived) for field in found.values()], errors)


def batch_create_properties(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """Creates what can be created, and tells what not."""
    results, errors = [], []
    for item in inputs_of(request, most=_BATCH):
        try:
            results.append(_created(org, object_name, item))
        except Refusal as refusal:
            errors.append(row_error(refusal.category or "", refusal.message, name=[str(item.get("name"))]))
    return batch_answer(org, results, errors, status=200 if is_dated(request) else 201)


def batch_archive_properties(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """204; HubSpot's own properties stay."""
    for item in inputs_of(request, most=_BATCH):
        archive_property(org, request, object_name, scalar(item, "name"))
    return WireResponse.empty()


def _created(org: Org, object_name: str, content: dict[str, Any]) -> dict[str, Any]:
    held = org.type(object_name)
    field = _defined(held, content)
    if field.name in held.fields:
        raise Refusal(
            409,
            f"A property named '{field.name}' already exists.",
            category="OBJECT_ALREADY_EXISTS",
            sub_category="Properties.PROPERTY_WITH_NAME_EXISTS",
        )
    if sum(1 for item in held.fields.values() if item.custom) >= int(org.settings.get("custom_properties", _CUSTOM)):
        raise Refusal(400, "The limit of custom properties is reached.", category="PROPERTY_LIMIT_REACHED")
    held.archived_fields.pop(field.name, None)
    held.add([field])
    return _rendered(field)


def update_property(org: Org, request: WireRequest, object_name: str, name: str) -> WireResponse:
    """Changes a definition; `options` replaces the whole list."""
    held = org.type(object_name)
    field = _field(held, name)
    if not field.custom and field.read_only:
        raise Refusal(400, f"The definition of {name} is read-only.", category="VALIDATION_ERROR")
    content = body_of(request)
    changes: dict[str, Any] = {}
    if "options" in content:
        changes["options"] = _options(content)
    for key, attribute in (("label", "label"), ("description", "description"), ("groupName", "group")):
        if key in content:
            changes[attribute] = str(content[key])
    if "groupName" in content and str(content["groupName"]) not in held.groups:
        raise invalid(f"Property group {content['groupName']} does not exist", code="INVALID_GROUP")
    return WireResponse.of_json(_rendered(held.alter(name, **changes)))


def archive_property(org: Org, request: WireRequest, object_name: str, name: str) -> WireResponse:  # noqa: ARG001
    """204; HubSpot's own properties stay."""
    held = org.type(object_name)
    field = held.fields.get(name)
    if field is None:
        return WireResponse.empty()
    if not field.custom:
        raise Refusal(400, f"{name} cannot be archived.", category="CANNOT_DELETE_PROPERTY_IN_USE")
    held.archived_fields[name] = held.fields.pop(name)
    return WireResponse.empty()


def list_groups(org: Org, request: WireRequest, object_name: str) -> WireResponse:  # noqa: ARG001
    """All property groups."""
    groups = org.type(object_name).groups
    return WireResponse.of_json({"results": [_group(name, label) for name, label in groups.items()]})


def get_group(org: Org, request: WireRequest, object_name: str, name: str) -> WireResponse:  # noqa: ARG001
    """One group."""
    groups = org.type(object_name).groups
    if name not in groups:
        raise Refusal(404, f"Group {name} does not exist", category="OBJECT_NOT_FOUND")
    return WireResponse.of_json(_group(name, groups[name]))


def create_group(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """201."""
    groups = org.type(object_name).groups
    content = body_of(request)
    name, label = str(content.get("name") or ""), str(content.get("label") or "")
    if not name or not label:
        raise invalid("Some required fields were not set: [name, label]")
    if name in groups:
        raise Refusal(
            409,
            f"Group {name} already exists",
            category="OBJECT_ALREADY_EXISTS",
            sub_category="Properties.GROUP_WITH_NAME_EXISTS",
        )
    groups[name] = label
    return WireResponse.of_json(_group(name, label), status=201)


def update_group(org: Org, request: WireRequest, object_name: str, name: str) -> WireResponse:
    """A group's label; its name stays."""
    groups = org.type(object_name).groups
    if name not in groups:
        raise Refusal(404, f"Group {name} does not exist", category="OBJECT_NOT_FOUND")
    content = body_of(request)
    groups[name] = str(content.get("label") or groups[name])
    return WireResponse.of_json(_group(name, groups[name]))


def archive_group(org: Org, request: WireRequest, object_name: str, name: str) -> WireResponse:  # noqa: ARG001
    """204; refused while properties are in it."""
    held = org.type(object_name)
    if any(field.group == name for field in held.fields.values()):
        raise Refusal(400, f"Group {name} still has properties.", category="VALIDATION_ERROR")
    held.groups.pop(name, None)
    return WireResponse.empty()


def _defined(held: ObjectType, content: dict[str, Any]) -> Field:
    missing = [key for key in _REQUIRED if not isinstance(content.get(key), str) or not content[key]]
    if missing:
        raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")
    name, kind, field_type = str(content["name"]), str(content["type"]), str(content["fieldType"])
    if not _NAME.fullmatch(name):
        raise invalid(f"{name} is not a valid property name.", code="INVALID_NAME")
    if field_type not in _FIELD_TYPES.get(kind, set()):
        raise invalid(f"{kind} cannot have the fieldType {field_type}.", code="INVALID_FIELD_TYPE")
    if content["groupName"] not in held.groups:
        raise invalid(f"Property group {content['groupName']} does not exist", code="INVALID_GROUP")
    options = _options(content)
    if kind == "bool" and {option.value for option in options} != {"true", "false"}:
        raise invalid("Boolean properties must have exactly two options: true and false", code="INVALID_OPTIONS")
    return Field(
        name=name,
        label=str(content["label"]),
        type=kind,
        field_type=field_type,
        group=str(content["groupName"]),
        options=options,
        restricted=kind == "enumeration",
        custom=True,
        unique=bool(content.get("hasUniqueValue")),
        description=str(content.get("description") or ""),
        read_only=field_type == "calculation_equation",
    )


def _options(content: dict[str, Any]) -> tuple[Option, ...]:
    options = []
    for item in rows(content, "options"):
        if "label" not in item or "value" not in item:
            raise invalid("Some required fields were not set: [label, value]")
        options.append(Option(value=str(item["value"]), label=str(item["label"]), hidden=bool(item.get("hidden"))))
    values = [option.value for option in options]
    labels = [option.label for option in options]
    if len(set(values)) < len(values) or len(set(labels)) < len(labels):
        raise invalid("Option values and labels must be unique.", code="DUPLICATE_OPTION")
    if len(options) > _OPTIONS:
        raise invalid(f"A property may have at most {_OPTIONS} options.")
    return tuple(options)


def _field(held: ObjectType, name: str) -> Field:
    field = held.fields.get(name)
    if field is None or not field.visible:
        raise Refusal(404, f"Property {name} does not exist", category="OBJECT_NOT_FOUND")
    return field


def _group(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def _rendered(field: Field, *, archived: bool = False) -> dict[str, Any]:
    extra: Mapping[str, Any] = field.extra
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "fieldType": field.field_type,
        "description": field.description,
        "groupName": field.group,
        "options": [
            {
                "label": option.label,
                "value": option.value,
                "displayOrder": place,
                "hidden": option.hidden,
                "description": "",
            }
            for place, option in enumerate(field.options)
        ],
        "displayOrder": -1,
        "calculated": field.field_type == "calculation_equation",
        "externalOptions": "referencedObjectType" in extra,
        "hasUniqueValue": field.unique,
        "hidden": False,
        "hubspotDefined": not field.custom,
        "modificationMetadata": {
            "archivable": field.custom,
            "readOnlyDefinition": not field.custom,
            "readOnlyValue": field.read_only or not field.editable,
        },
        "formField": not field.read_only,
        "archived": archived,
        **extra,
    }
