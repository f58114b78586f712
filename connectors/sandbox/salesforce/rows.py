"""One record by its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.salesforce.columns import full_id
from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.saving import Saving
from connectors.sandbox.schema import ObjectType


def one_record(
    saving: Saving, object_type: ObjectType, record_id: str, names: Sequence[str] | None, version: str
) -> dict[str, Any]:
    """GET /sobjects/X/id, all visible fields or the named ones."""
    record = saving.org.find(object_type.name, full_id(record_id))
    if record is None or record.deleted:
        raise Refusal(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {record_id}")
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
