"""Creating, updating and deleting one record: what Salesforce checks about the record, and what happens besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.salesforce import access
from connectors.sandbox.salesforce.columns import Columns
from connectors.sandbox.salesforce.errors import Refusal, no_external_id
from connectors.sandbox.salesforce.field_values import full_id, lookup_field
from connectors.sandbox.salesforce.options import WriteOptions
from connectors.sandbox.salesforce.values import checked, require
from connectors.sandbox.schema import ObjectType

#: `org.settings["validation_rules"][object]`: (record, new values) to the message of the rule that refuses, or None.
ValidationRule = Callable[[Record, Mapping[str, Any]], str | None]
#: Picklists that take their first value when a new record has none.
_DEFAULTED = {"Lead": ("Status",), "Task": ("Status", "Priority")}


class Saving:
    """Writes of one org through the API."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.columns = Columns(org)

    def create(self, name: str, values: Mapping[str, Any], *, options: WriteOptions) -> str:
        """A new record's id."""
        object_type = self.columns.object(name)
        if not object_type.writable:
            raise Refusal(
                400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {object_type.label}"
            )
        held = checked(self.columns, object_type, values)
        for field in _DEFAULTED.get(object_type.name, ()):
            held.setdefault(field, object_type.fields[field].options[0].value)
        require(object_type, held)
        if "OwnerId" in object_type.fields:
            held.setdefault("OwnerId", self.org.api_user)
        access.before_create(self.org, object_type.name, held)
        self._single(object_type, held, options)
        record = self.org.create(object_type.name, held, assign=options.assign)
        access.after_create(self.org, object_type.name)
        return record.id

    def update(self, name: str, record_id: Any, values: Mapping[str, Any], *, options: WriteOptions) -> None:
        """Changes a record."""
        object_type = self.columns.object(name)
        record = self.find(object_type, record_id)
        held = checked(self.columns, object_type, values)
        self._writable(object_type, record, held)
        self._single(object_type, {**record.values, "Id": record.id, **held}, options)
        self.org.update(object_type.name, record.id, held, assign=options.assign)

    def upsert(
        self, name: str, key: str, value: str, values: Mapping[str, Any], *, options: WriteOptions
    ) -> tuple[str, bool]:
        """Changes the record whose external id has this value, or creates one; its id and whether it is new.

        Raises:
            Refusal: NOT_FOUND when the field is no external id, DUPLICATE_EXTERNAL_ID when several records match.
        """
        object_type = self.columns.object(name)
        field = lookup_field(object_type, key)
        if field is None or field.name == "Id":
            raise no_external_id(key)
        held = [record for record in self.org.where(object_type.name, field.name, value) if not record.deleted]
        if len(held) > 1:
            ids = ", ".join(record.id for record in held)
            raise Refusal(
                300, "DUPLICATE_EXTERNAL_ID", f"{key}: more than one record found for external id field: [{ids}]"
            )
        rest = {field_name: item for field_name, item in values.items() if field_name.casefold() != key.casefold()}
        if held:
            self.update(name, held[0].id, rest, options=options)
            return held[0].id, False
        return self.create(name, {**rest, field.name: value}, options=options), True

    def delete(self, name: str, record_id: str, *, hard: bool = False) -> None:
        """Moves a record to the recycle bin; `hard` does without."""
        object_type = self.columns.object(name)
        record = self.find(object_type, record_id)
        access.before_delete(object_type.name)
        self._unlocked(record)
        if hard:
            self.org.purge(object_type.name, record.id)
        else:
            self.org.delete(object_type.name, record.id)

    def find(self, object_type: ObjectType, record_id: Any) -> Record:
        """A live record.

        Raises:
            Refusal: MALFORMED_ID, ENTITY_IS_DELETED or INVALID_CROSS_REFERENCE_KEY.
        """
        if not isinstance(record_id, str) or len(record_id) not in (15, 18) or not record_id.isalnum():
            raise Refusal(400, "MALFORMED_ID", f"malformed id {record_id}", fields=["Id"])
        full = full_id(record_id)
        if not full.startswith(object_type.prefix):
            raise Refusal(
                400, "MALFORMED_ID", f"{object_type.label} ID: id value of incorrect type: {record_id}", fields=["Id"]
            )
        record = self.org.find(object_type.name, full)
        if record is None:
            raise Refusal(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if record.deleted:
            raise Refusal(404, "ENTITY_IS_DELETED", "entity is deleted")
        return record

    # ---- inside ----

    def _writable(self, object_type: ObjectType, record: Record, values: Mapping[str, Any]) -> None:
        if not object_type.writable:
            raise Refusal(
                400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be updated: {object_type.label}"
            )
        if record.get("IsConverted") and not self.org.settings.get("edit_converted_leads"):
            raise Refusal(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        self._unlocked(record)
        rules: Mapping[str, ValidationRule] = self.org.settings.get("validation_rules", {})
        rule = rules.get(object_type.name)
        message = rule(record, values) if rule else None
        if message:
            raise Refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", message)

    def _single(self, object_type: ObjectType, values: Mapping[str, Any], options: WriteOptions) -> None:
        """`settings["duplicate_rules"]`: by object the fields whose values no two records may share (rules that alert)."""
        fields = self.org.settings.get("duplicate_rules", {}).get(object_type.name, ())
        if not fields or options.allow_duplicates or not all(values.get(field) for field in fields):
            return
        for record in self.org.where(object_type.name, fields[0], values[fields[0]]):
            same = all(str(record.get(field, "")).casefold() == str(values[field]).casefold() for field in fields)
            if same and record.id != values.get("Id") and not record.deleted:
                raise Refusal(400, "DUPLICATES_DETECTED", "Use one of these records?")

    def _unlocked(self, record: Record) -> None:
        """`settings["locked_rows"]`: ids that are always locked, or ids with the number of writes that find them so."""
        locked = self.org.settings.get("locked_rows", ())
        if record.id not in locked:
            return
        if isinstance(locked, dict):
            locked[record.id] -= 1
            if locked[record.id] <= 0:
                del locked[record.id]
        raise Refusal(
            400, "UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {record.id}"
        )
