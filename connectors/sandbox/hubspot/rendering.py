"""Records as the API returns them: every value a string, system properties computed, unknown ones left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.clock import Stamp, iso
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record

_DEFAULTS = {
    "contacts": ("email", "firstname", "lastname"),
    "companies": ("name", "domain"),
    "deals": ("amount", "closedate", "dealname", "dealstage", "pipeline"),
}
_OLD_STYLE = frozenset({"contacts", "companies", "deals", "tickets", "products", "line_items", "quotes"})
_SINGULAR = {"companies": "company", "postal_mail": "postal_mail"}


def modified_name(object_name: str) -> str:
    """The property that holds an object's modified date."""
    return "lastmodifieddate" if object_name == "contacts" else "hs_lastmodifieddate"


def created_name(object_name: str) -> str:
    """The property that holds an object's created date."""
    return "createdate" if object_name in _OLD_STYLE else "hs_createdate"


def singular(object_name: str) -> str:
    """`contact` of `contacts`."""
    return _SINGULAR.get(object_name, object_name.removesuffix("s"))


def merged_ids(org: Org, object_name: str, record_id: str) -> list[str]:
    """Ids that ended up in this record, through any number of merges, in numeric order."""
    aliases = org.table(object_name).aliases
    found: set[str] = set()
    waiting = {record_id} if aliases else set()
    while waiting:
        waiting = {old for old, new in aliases.items() if new in waiting} - found
        found |= waiting
    return sorted(found, key=int)


def all_values(
    org: Org,
    object_name: str,
    record: Record,
    *,
    values: Mapping[str, Any] | None = None,
    modified: Stamp | None = None,
) -> dict[str, Any]:
    """The values of a record with its system properties; `values` and `modified` when an index holds older ones."""
    held = dict(record.values if values is None else values)
    held["hs_object_id"] = record.id
    held[created_name(object_name)] = iso(record.created_at)
    held[modified_name(object_name)] = iso(record.modified_at if modified is None else modified)
    merged = merged_ids(org, object_name, record.id)
    if merged:
        held["hs_merged_object_ids"] = ";".join(merged)
    return held


def rendered(
    org: Org,
    object_name: str,
    record: Record,
    *,
    properties: Sequence[str] = (),
    history: Sequence[str] = (),
    values: Mapping[str, Any] | None = None,
    modified: Stamp | None = None,
) -> dict[str, Any]:
    """One record: asked-for properties (null when empty, absent when unknown or hidden) and the ones that always come."""
    held = all_values(org, object_name, record, values=values, modified=modified)
    fields = org.type(object_name).fields
    always = ("hs_object_id", created_name(object_name), modified_name(object_name))
    wanted = [*(properties or _DEFAULTS.get(object_name, ())), *always]
    shown = {name: held.get(name) for name in sorted(set(wanted)) if name in fields and fields[name].visible}
    content: dict[str, Any] = {
        "id": record.id,
        "properties": shown,
        "createdAt": held[created_name(object_name)],
        "updatedAt": held[modified_name(object_name)],
        "archived": record.deleted,
    }
    if record.deleted_at is not None:
        content["archivedAt"] = iso(record.deleted_at)
    if history:
        content["propertiesWithHistory"] = {
            name: _history(record, name) for name in history if name in fields and fields[name].visible
        }
    return content


def _history(record: Record, name: str) -> list[dict[str, Any]]:
    return [
        {"value": "" if value is None else value, "timestamp": iso(stamp), "sourceType": source}
        for stamp, value, source in record.history(name)
    ]
