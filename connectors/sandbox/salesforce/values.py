"""Checking values as Salesforce does before a record is saved, and the form in which the org keeps them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.sandbox.clock import iso, stamp_of
from connectors.sandbox.ids import with_checksum
from connectors.sandbox.salesforce.columns import Columns
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.schema import Field, ObjectType

_NUMBERS = frozenset({"double", "currency", "percent"})


def checked(columns: Columns, object_type: ObjectType, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a write by canonical field name, as the org keeps them.

    Raises:
        Refusal: With the code and words of the first thing that is wrong.
    """
    found: dict[str, Any] = {}
    locked: list[str] = []
    for name, value in values.items():
        field = _field(object_type, name)
        if field.read_only or not field.editable or not object_type.writable:
            locked.append(field.name)
            continue
        found[field.name] = _value(columns, field, value)
    if locked:
        raise Refusal(
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(locked)}. Please check the security settings of this field and "
            "verify that it is read/write for your profile or permission set.",
            fields=locked,
        )
    return found


def require(object_type: ObjectType, values: Mapping[str, Any]) -> None:
    """Refuses a record without its required fields.

    Raises:
        Refusal: REQUIRED_FIELD_MISSING.
    """
    missing = [
        field.name
        for field in object_type.fields.values()
        if not field.nillable
        and not field.read_only
        and field.type != "boolean"
        and field.name != "OwnerId"
        and values.get(field.name) is None
    ]
    if missing:
        raise Refusal(
            400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", fields=missing
        )


def _field(object_type: ObjectType, name: str) -> Field:
    folded = name.casefold()
    found = next((field for field in object_type.fields.values() if field.name.casefold() == folded), None)
    if found is None or not found.visible:
        raise Refusal(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {object_type.name}")
    return found


def _value(columns: Columns, field: Field, value: Any) -> Any:
    if field.type == "boolean":
        if not isinstance(value, bool):
            raise _not_deserialized(field, "boolean", value)
        return value
    if value is None or value == "":
        if not field.nillable:
            raise Refusal(
                400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{field.name}]", fields=[field.name]
            )
        return None
    if field.type == "int":
        return _whole(field, value)
    if field.type in _NUMBERS:
        return _number(field, value)
    if not isinstance(value, str):
        raise _not_deserialized(field, "string", value)
    if field.type == "datetime":
        return _instant(field, value)
    if field.type == "date":
        try:
            return date.fromisoformat(value[:10]).isoformat()
        except ValueError as error:
            raise _not_deserialized(field, "date", value) from error
    if field.type == "reference":
        return _reference(columns, field, value)
    return _text(field, value)


def _text(field: Field, value: str) -> str | None:
    text = value.strip() if field.type != "textarea" else value
    if field.type in ("picklist", "multipicklist"):
        parts = text.split(";") if field.type == "multipicklist" else [text]
        allowed = {option.value.casefold() for option in field.options if not option.hidden}
        wrong = next((part for part in parts if part.casefold() not in allowed), None)
        if wrong is not None and field.restricted:
            raise Refusal(
                400,
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field.label}: bad value for restricted picklist field: {wrong}",
                fields=[field.name],
            )
    if field.length and len(text) > field.length:
        raise Refusal(
            400,
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text[:50]} (max length={field.length})",
            fields=[field.name],
        )
    if field.type == "email" and ("@" not in text or " " in text or text.startswith("@") or text.endswith("@")):
        raise Refusal(
            400, "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", fields=[field.name]
        )
    return text or None


def _whole(field: Field, value: Any) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not math.isfinite(value)
        or value != int(value)
    ):
        raise _not_deserialized(field, "int", value)
    if not -(2**31) <= value < 2**31:
        raise _out_of_range(field, value)
    return int(value)


def _number(field: Field, value: Any) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError as error:
            raise _not_deserialized(field, "double", value) from error
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _not_deserialized(field, "double", value)
    step = Decimal(1).scaleb(-field.scale)
    number = float(Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP))
    if field.precision and abs(number) >= 10 ** (field.precision - field.scale):
        raise _out_of_range(field, value)
    return number


def _instant(field: Field, value: str) -> str:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise _not_deserialized(field, "datetime", value) from error
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    stamp = stamp_of(aware)
    return iso(stamp - stamp % 1000, "+0000")  # Salesforce keeps whole seconds


def _reference(columns: Columns, field: Field, value: str) -> str:
    record_id = with_checksum(value) if len(value) == 15 else value
    if len(record_id) != 18 or not record_id.isalnum():
        raise Refusal(400, "MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", fields=[field.name])
    name = columns.type_of(record_id, field)
    if name is None:
        raise Refusal(
            400,
            "FIELD_INTEGRITY_EXCEPTION",
            f"{field.label}: id value of incorrect type: {value}",
            fields=[field.name],
        )
    target = columns.org.find(name, record_id)
    if target is None or target.deleted:
        raise Refusal(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[field.name])
    return record_id


def _not_deserialized(field: Field, kind: str, value: Any) -> Refusal:
    token = {str: "VALUE_STRING", bool: "VALUE_TRUE" if value is True else "VALUE_FALSE", type(None): "VALUE_NULL"}.get(
        type(value), "VALUE_NUMBER"
    )
    return Refusal(
        400,
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {token} value for field {field.name}",
        fields=[field.name],
    )


def _out_of_range(field: Field, value: Any) -> Refusal:
    return Refusal(
        400,
        "NUMBER_OUTSIDE_VALID_RANGE",
        f"{field.label}: value outside of valid range on numeric field: {value}",
        fields=[field.name],
    )
