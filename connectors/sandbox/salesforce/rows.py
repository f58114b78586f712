"""One record by its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.salesforce.errors import Refusal, no_external_id
from connectors.sandbox.salesforce.field_values import full_id, lookup_field
from connectors.sandbox.salesforce.saving import Saving
from connectors.sandbox.schema import ObjectType


def one_record(
    saving: Saving, object_type: ObjectType, record_id: str, names: Sequence[str] | None, version: str
) -> dict[str, Any]:
    """GET /sobjects/X/id, all visible fields or the named ones."""
    record = saving.org.find(object_type.name, full_id(record_id))
    if record is None or record.deleted:
        raise no_external_id(record_id)
    wanted = names or [field.name for field in object_type.fields.values() if field.visible]
    row: dict[str, Any] = {
        "attributes": {
            "type": object_type.name,
            "url": f"/services/data/v{version}/sobjects/{object_type.name}/{record.id}",
        }
    }
    for name in wanted:
        column = saving.columns.column(object_type, (name,))
        row[column.path[0]] = column.get(record)
    return row


def several_records(
    saving: Saving, object_type: ObjectType, ids: Sequence[str], names: Sequence[str], version: str
) -> list[dict[str, Any] | None]:
    """/composite/sobjects/X: the named fields of several records, null where there is none."""
    found: list[dict[str, Any] | None] = []
    for record_id in ids:
        record = saving.org.find(object_type.name, full_id(record_id))
        gone = record is None or record.deleted
        found.append(None if gone else one_record(saving, object_type, record_id, names, version))
    return found


def id_by(saving: Saving, object_type: ObjectType, key: str, value: str) -> str:
    """The id of the record with this external id.

    Raises:
        Refusal: NOT_FOUND; several are 300 in Salesforce.
    """
    field = lookup_field(object_type, key)
    if field is None:
        raise no_external_id(key)
    held = [record for record in saving.org.where(object_type.name, field.name, value) if not record.deleted]
    if not held:
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
    if len(held) > 1:
        raise Refusal(300, "DUPLICATE_EXTERNAL_ID", f"{key}: {len(held)} records have this value")
    return held[0].id
