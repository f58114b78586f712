"""What a formula field shows of a record. It sees all fields, whoever asks, also those of parents."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.field_values import Get, raw
from connectors.sandbox.salesforce.formulas import compiled
from connectors.sandbox.schema import Field, ObjectType


def computed(org: Org, object_type: ObjectType, field: Field, *, within: tuple[str, ...] = ()) -> Get:
    """The value of a formula field; `within` are the formulas that ask for it.

    Raises:
        Refusal: The formula names a field that does not exist or itself, or makes no sense.
    """
    own = f"{object_type.name}.{field.name}"
    if own in within:
        raise _wrong(f"Field {field.name} may not refer to itself.")
    inner = (*within, own)
    return compiled(str(field.extra["formula"]), lambda names: _read(org, object_type, names, inner))


def _read(org: Org, object_type: ObjectType, names: tuple[str, ...], within: tuple[str, ...]) -> Get:
    name = names[0].casefold()
    for field in object_type.fields.values():
        if len(names) == 1 and field.name.casefold() == name:
            return computed(org, object_type, field, within=within) if field.extra.get("formula") else raw(field)
        if len(names) > 1 and field.reference_to and (field.relationship or "").casefold() == name:
            parent = org.type(field.reference_to[0])
            return _beyond(org, parent.name, raw(field), _read(org, parent, names[1:], within))
    raise _wrong(f"Field {'.'.join(names)} does not exist. Check spelling.")


def _beyond(org: Org, parent: str, key: Get, inner: Get) -> Get:
    def read(record: Record) -> Any:
        held = key(record)
        found = None if held is None else org.find(parent, held)
        return None if found is None else inner(found)

    return read


def _wrong(message: str) -> Refusal:
    return Refusal(400, "FIELD_INTEGRITY_EXCEPTION", f"Formula: {message}", fields=["Metadata"])
