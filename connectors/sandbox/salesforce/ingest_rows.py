"""One row of an ingest job: its header resolved to fields and lookups, its cells to values, and the write itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.salesforce.errors import Refusal
from connectors.sandbox.salesforce.field_values import lookup_field
from connectors.sandbox.salesforce.ingest_csv import BadCsv, Row
from connectors.sandbox.salesforce.options import WriteOptions
from connectors.sandbox.salesforce.saving import Saving
from connectors.sandbox.schema import Field, ObjectType

#: What empties a field; an empty cell leaves it as it is.
_NULL = "#N/A"
_YES = frozenset({"true", "yes", "y", "on", "1"})
_NO = frozenset({"false", "no", "n", "off", "0"})
_NUMBERS = frozenset({"double", "currency", "percent"})

Values = dict[str, Any]
#: Puts the value of one cell where it belongs.
Setter = Callable[[Values, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What became of one row."""

    id: str
    created: bool = False
    #: `CODE:message:fields --`; empty when it was saved.
    error: str = ""


class RowWriter:
    """Writes the rows of one job."""

    def __init__(
        self,
        saving: Saving,
        object_type: ObjectType,
        operation: str,
        key: str | None,
        header: Row,
        *,
        options: WriteOptions,
    ) -> None:
        self._saving = saving
        self._object = object_type
        self._operation = operation
        self._key = key
        self._options = options
        self._setters = self._resolve(header)

    def write(self, row: Row) -> Written:
        """Saves one row; a refusal is its own."""
        values: Values = {}
        try:
            for setter, cell in zip(self._setters, row, strict=True):
                if cell:
                    setter(values, cell)
            return self._save(values)
        except Refusal as refusal:
            held = values.get("Id")
            return Written(id=held if isinstance(held, str) else "", error=_spoken(refusal))

    # ---- inside ----

    def _save(self, values: Values) -> Written:
        name, saving = self._object.name, self._saving
        record_id = values.pop("Id", None)
        if self._operation == "insert":
            return Written(id=saving.create(name, values, options=self._options), created=True)
        if self._key not in (None, "Id"):
            value = values.pop(str(self._key), None)
            if value is None:
                raise Refusal(400, "MISSING_ARGUMENT", f"{self._key} not specified")
            saved, created = saving.upsert(name, str(self._key), str(value), values, options=self._options)
            return Written(id=saved, created=created)
        if record_id is None and self._operation == "upsert":
            return Written(id=saving.create(name, values, options=self._options), created=True)
        if record_id is None:
            raise Refusal(400, "MISSING_ARGUMENT", "Id not specified")
        try:
            if self._operation in ("delete", "hardDelete"):
                saving.delete(name, record_id, hard=self._operation == "hardDelete")
            else:
                saving.update(name, record_id, values, options=self._options)
        except Refusal:
            values["Id"] = record_id
            raise
        return Written(id=record_id)

    def _resolve(self, header: Row) -> list[Setter]:
        folded = [name.casefold() for name in header]
        twice = next((name for place, name in enumerate(header) if folded.index(name.casefold()) != place), None)
        if twice is not None:
            raise BadCsv(f"InvalidBatch : Duplicate field name : {twice}")
        if self._operation in ("delete", "hardDelete") and folded != ["id"]:
            raise BadCsv(f"InvalidBatch : {self._operation} batch must contain only ids")
        return [self._setter(name) for name in header]

    def _setter(self, name: str) -> Setter:
        if name.casefold() == "id" and self._operation != "insert":
            return lambda values, cell: values.__setitem__("Id", cell)
        if "." in name:
            return self._lookup(name)
        try:
            field = self._saving.columns.field(self._object, name)
        except Refusal as refusal:
            raise BadCsv(f"InvalidBatch : Field name not found : {name}") from refusal
        return lambda values, cell: values.__setitem__(field.name, _value(field, cell))

    def _lookup(self, name: str) -> Setter:
        """`Owner.Email`, or `Lead:Who.Email` where the parent may be one of several."""
        kind, _, path = name.rpartition(":")
        relationship, _, key = path.partition(".")
        columns = self._saving.columns
        references: Sequence[Field] = [
            field
            for field in self._object.fields.values()
            if field.visible and field.relationship and field.relationship.casefold() == relationship.casefold()
        ]
        parents = list(references[0].reference_to) if references else []
        if kind:
            parents = [parent for parent in parents if parent.casefold() == kind.casefold()]
        found = lookup_field(columns.object(parents[0]), key) if len(parents) == 1 else None
        if found is None:
            raise BadCsv(f"InvalidBatch : Field name not found : {name}")
        reference, parent, by = references[0], parents[0], found

        def look_up(values: Values, cell: str) -> None:
            if cell == _NULL:
                values[reference.name] = None
                return
            records = [record for record in columns.org.where(parent, by.name, cell) if not record.deleted]
            if len(records) != 1:
                how = "not found" if not records else "found more than once"
                raise Refusal(
                    400,
                    "INVALID_FIELD",
                    f"Foreign key external ID: {cell} {how} for field {by.name} in entity {parent}",
                )
            values[reference.name] = records[0].id

        return look_up


def _value(field: Field, cell: str) -> Any:
    if cell == _NULL:
        return False if field.type == "boolean" else None
    if field.type == "boolean":
        word = cell.strip().casefold()
        if word not in _YES and word not in _NO:
            raise wrong_type(field, cell)
        return word in _YES
    if field.type == "int" or field.type in _NUMBERS:
        try:
            number = float(cell)
        except ValueError as error:
            raise wrong_type(field, cell) from error
        if not math.isfinite(number) or (field.type == "int" and number != int(number)):
            raise wrong_type(field, cell)
        return int(number) if field.type == "int" else number
    return cell


def wrong_type(field: Field, cell: str) -> Refusal:
    """A cell that its field cannot hold."""
    message = f"{field.label}: value not of required type: {cell}"
    return Refusal(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", message, fields=[field.name])


def _spoken(refusal: Refusal) -> str:
    code = "INVALID_TYPE_ON_FIELD_IN_RECORD" if refusal.code == "JSON_PARSER_ERROR" else refusal.code
    return f"{code}:{refusal.message}:{', '.join(refusal.fields)} --"
