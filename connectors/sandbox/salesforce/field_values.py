"""Values of fields as an org holds them, as REST shows them and as they compare; which fields records are looked up by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from connectors.sandbox.clock import Stamp, iso, stamp_of
from connectors.sandbox.ids import with_checksum
from connectors.sandbox.records import Record
from connectors.sandbox.schema import Field, ObjectType

#: Fields besides Id and external ids by which a record may be looked up.
_ID_LOOKUPS = frozenset({("Contact", "Email"), ("Lead", "Email"), ("User", "Email"), ("User", "Username")})
_IDS = frozenset({"id", "reference"})
_NUMBERS = frozenset({"int", "double", "currency", "percent"})
Get = Callable[[Record], Any]

_SYSTEM: dict[str, Get] = {
    "Id": lambda record: record.id,
    "IsDeleted": lambda record: record.deleted,
    "MasterRecordId": lambda record: record.merged_into,
    "CreatedDate": lambda record: record.created_at,
    "CreatedById": lambda record: record.created_by,
    "LastModifiedDate": lambda record: record.modified_at,
    "LastModifiedById": lambda record: record.modified_by,
    "SystemModstamp": lambda record: record.system_at,
}
_STAMPS = frozenset({"CreatedDate", "LastModifiedDate", "SystemModstamp"})


def raw(field: Field) -> Get:
    """The value as the org holds it."""
    system = _SYSTEM.get(field.name)
    if system is not None:
        return system
    name = field.name
    if field.type == "address":
        return _address(str(field.extra["parts"]))
    if field.type == "boolean":
        return lambda record: bool(record.values.get(name, False))
    return lambda record: record.values.get(name)


def _address(prefix: str) -> Get:
    """A compound field: its parts as one object, nothing when all of them are empty."""
    parts = {part.casefold(): f"{prefix}{part}" for part in ("City", "Country", "State", "Street")}
    parts["postalCode"] = f"{prefix}PostalCode"

    def read(record: Record) -> dict[str, Any] | None:
        found: dict[str, Any] = {part: record.values.get(name) for part, name in parts.items()}
        if not any(found.values()):
            return None
        return dict(sorted({**found, "geocodeAccuracy": None, "latitude": None, "longitude": None}.items()))

    return read


def shown(field: Field) -> Get:
    """The value as REST shows it: stamps as text with milliseconds and +0000."""
    get = raw(field)
    if field.name in _STAMPS:
        return lambda record: iso(get(record), "+0000")
    return get


def comparable(field: Field) -> Get:
    """The value as it compares: instants as stamps, texts without case, ids as they are."""
    get = raw(field)
    if field.name in _STAMPS or field.type in _IDS or field.type in _NUMBERS or field.type in ("boolean", "date"):
        return get
    if field.type == "datetime":
        return lambda record: stamp_of_text(held) if (held := get(record)) is not None else None
    return folded(get)


@lru_cache(maxsize=65_536)
def stamp_of_text(text: str) -> Stamp:
    """The stamp of a date-time text."""
    return stamp_of(datetime.fromisoformat(text))


def full_id(record_id: str) -> str:
    """The 18-character form of an id."""
    return with_checksum(record_id) if len(record_id) == 15 else record_id


def lookup_field(object_type: ObjectType, name: str) -> Field | None:
    """The field of this name if records may be looked up by it: Id, an external id, an address; else None."""
    folded = name.casefold()
    found = next((field for field in object_type.fields.values() if field.name.casefold() == folded), None)
    if found is None or not found.visible:
        return None
    return found if found.name == "Id" or is_lookup(object_type, found) else None


def is_lookup(object_type: ObjectType, field: Field) -> bool:
    """What describe calls `idLookup`, Id left aside."""
    return bool(field.extra.get("externalId")) or (object_type.name, field.name) in _ID_LOOKUPS


def folded(get: Get) -> Get:
    """The same with texts without case."""
    return lambda record: value.casefold() if isinstance(value := get(record), str) else value
