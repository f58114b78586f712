"""What HubSpot does with property values that are written: checks them, brings them into its own form, refuses them by code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.clock import iso, stamp_of
from connectors.sandbox.hubspot.errors import bad_values
from connectors.sandbox.objects_hubspot import LIFECYCLE
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.schema import Field

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_TEXT_LENGTH = 65_536
_STAGES = [stage for stage, _ in LIFECYCLE]

Problem = tuple[str, str, str]


def checked(org: Org, object_name: str, given: Mapping[str, Any], record: Record | None = None) -> dict[str, Any]:
    """Values ready for the org: None where the empty string clears.

    Raises:
        Refusal: 400 with every property that is not valid.
    """
    fields = org.type(object_name).fields
    problems: list[Problem] = []
    ready: dict[str, Any] = {}
    for name, value in given.items():
        field = fields.get(name)
        if field is None or not field.visible:
            problems.append((name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
            continue
        if field.read_only or not field.editable:
            problems.append((name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.'))
            continue
        if value is None or value == "":
            ready[name] = None
            continue
        text = _text(value)
        normal, problem = _normal(field, text)
        if problem is not None:
            problems.append(problem)
        elif name == "lifecyclestage" and record is not None and _backward(record, text):
            continue  # HubSpot leaves it as it is; it must be cleared first
        else:
            ready[name] = normal
    if problems:
        raise bad_values(problems)
    return ready


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _normal(field: Field, text: str) -> tuple[str, Problem | None]:
    name = field.name
    match field.type:
        case "number":
            if _NUMBER.fullmatch(text.strip()):
                return text.strip(), None
            return text, (name, "INVALID_INTEGER", f"{text} was not a valid number.")
        case "bool":
            if text.lower() in ("true", "false"):
                return text.lower(), None
            return text, (name, "INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")
        case "enumeration":
            return _chosen(field, text)
        case "date" | "datetime":
            return _moment(field, text)
        case _:
            pass
    if name == "email" and not _ADDRESS.fullmatch(text.strip()):
        return text, (name, "INVALID_EMAIL", f"Email address {text} is invalid")
    if len(text) > _TEXT_LENGTH:
        return text, (name, "PROPERTY_VALUE_TOO_LONG", f"Property values may have at most {_TEXT_LENGTH} characters.")
    return (text.strip().lower() if name == "email" else text), None


def _chosen(field: Field, text: str) -> tuple[str, Problem | None]:
    if field.extra.get("referencedObjectType"):
        return text, None
    allowed = {option.value for option in field.options}
    parts = text.split(";") if field.field_type == "checkbox" else [text]
    for part in parts:
        if part and part not in allowed:
            listed = ", ".join(option.value for option in field.options)
            return text, (field.name, "INVALID_OPTION", f"{part} was not one of the allowed options: [{listed}]")
    return text, None


def _moment(field: Field, text: str) -> tuple[str, Problem | None]:
    code = "INVALID_DATE"
    try:
        if text.lstrip("-").isdigit():
            stamp = int(text)
        else:
            moment = datetime.fromisoformat(text)
            stamp = stamp_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        shown = iso(stamp)
    except (ValueError, OverflowError):
        return text, (field.name, code, f"{text} was not a valid {field.type}.")
    if field.type == "datetime":
        return shown, None
    if stamp % 86_400_000:
        return text, (field.name, code, f"{text} is at {shown}, not midnight!")
    return shown[:10], None


def _backward(record: Record, stage: str) -> bool:
    held = record.get("lifecyclestage")
    return held in _STAGES and stage in _STAGES and _STAGES.index(stage) < _STAGES.index(held)
