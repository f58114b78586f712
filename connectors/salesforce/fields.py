"""Provisioning: custom fields by the Tooling API, access to them by a permission set. Idempotent, step by step.

A new field is invisible, even to its maker, until field-level security grants it; so each step is its own, and a refused one
says what to click instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.errors import ConnectorError
from connectors.mapping import FieldMap
from connectors.outputs import OutputField, output_of
from connectors.port import FieldStep, OutputType
from connectors.salesforce import soql
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import FieldDescription, Schema
from connectors.salesforce.formulas import click_stars, star_metadata

#: Salesforce types that can hold an output of each type.
FITTING: dict[OutputType, frozenset[str]] = {
    OutputType.NUMBER: frozenset({"double", "int", "currency", "percent"}),
    OutputType.TEXT: frozenset({"string", "textarea", "picklist"}),
    OutputType.LONG_TEXT: frozenset({"textarea"}),
    OutputType.CHOICE: frozenset({"picklist", "string", "combobox"}),
    OutputType.CHECKBOX: frozenset({"boolean"}),
    OutputType.DATE_TIME: frozenset({"datetime"}),
}
_WORDS = {
    OutputType.NUMBER: "Number",
    OutputType.TEXT: "Text",
    OutputType.LONG_TEXT: "Text Area (Long)",
    OutputType.CHOICE: "Picklist",
    OutputType.CHECKBOX: "Checkbox",
    OutputType.DATE_TIME: "Date/Time",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Access:
    """What the permission set grants so far."""

    set_id: str | None
    assigned: bool
    #: Fields that may be read and edited, and those that may be read at all.
    granted: frozenset[tuple[str, str]] = frozenset()
    readable: frozenset[tuple[str, str]] = frozenset()


class Provisioner:
    """Plans and creates the fields that Leadgrade writes."""

    def __init__(self, client: SalesforceClient, schema: Schema, field_map: FieldMap, *, permission_set: str) -> None:
        self._client = client
        self._schema = schema
        self._outputs = field_map.outputs
        self._formulas = field_map.formulas
        self._set = permission_set
        self._known_set: str | None = None

    def plan(self) -> list[FieldStep]:
        """What `apply` would do; empty when every field is there and writable."""
        self._schema.forget()
        hidden = [(name, output, field) for name, output, field in self._wanted() if not self._writable(name, field)]
        shown = [(name, field, of) for name, field, of in self._shown() if self._schema.field(name, field) is None]
        if not hidden and not shown:
            return []
        existing = self._existing()
        access = self._access()
        steps = [
            FieldStep(action="create_field", object=name, field=field, manual=_click_field(name, field, output))
            for name, output, field in hidden
            if (name, field) not in existing
        ]
        # NOTE: behind the others, for a formula needs the field that it looks at.
        steps += [
            FieldStep(action="create_formula", object=name, field=field, manual=click_stars(name, field, of))
            for name, field, of in shown
            if (name, field) not in existing
        ]
        if access.set_id is None:
            steps.append(
                FieldStep(
                    action="create_permission_set",
                    object="PermissionSet",
                    field=self._set,
                    manual=f"Setup > Permission Sets > New: label Leadgrade Fields, API name {self._set}",
                )
            )
        steps.extend(
            FieldStep(action="grant_field", object=name, field=field, manual=self._click_grant(name, field))
            for name, _, field in hidden
            if (name, field) not in access.granted
        )
        steps.extend(
            FieldStep(action="grant_formula", object=name, field=field, manual=self._click_grant(name, field, "Read"))
            for name, field, _ in shown
            if (name, field) not in access.readable
        )
        if not access.assigned:
            steps.append(
                FieldStep(
                    action="assign_permission_set",
                    object="PermissionSetAssignment",
                    field=self._set,
                    manual=f"Setup > Permission Sets > {self._set} > Manage Assignments: add the integration user",
                )
            )
        return steps

    def apply(self) -> list[FieldStep]:
        """Do the plan; a refused step carries its error, the others go on."""
        done = []
        for step in self.plan():
            try:
                self._do(step)
            except ConnectorError as error:
                there = "DUPLICATE" in error.message
                done.append(replace(step, done=there, error=None if there else error.message))
            else:
                done.append(replace(step, done=True))
        self._schema.forget()
        return done

    # ---- inside ----

    def _wanted(self) -> Iterator[tuple[str, OutputField, str]]:
        for name, fields in self._outputs.items():
            for output, field in fields.items():
                known = output_of(output)
                if known is not None:
                    yield name, known, field

    def _shown(self) -> Iterator[tuple[str, str, str]]:
        """Object, formula field and the number field behind it."""
        for name, formulas in self._formulas.items():
            for output, field in formulas.items():
                yield name, field, self._outputs[name][output]

    def _writable(self, name: str, field: str) -> bool:
        description = self._schema.field(name, field)
        return description is not None and description.updateable

    def _existing(self) -> set[tuple[str, str]]:
        """Custom fields whether we may see them or not, which describe does not tell."""
        query = soql.select(
            "CustomField", ["DeveloperName", "TableEnumOrId"], where=[soql.one_of("TableEnumOrId", list(self._outputs))]
        )
        content = self._client.get("tooling/query/", {"q": query}, kind="fields", subject="CustomField")
        rows = content.get("records", ()) if isinstance(content, Mapping) else ()
        custom = {(row["TableEnumOrId"], f"{row['DeveloperName']}__c") for row in rows}
        standard = {
            (name, field)
            for name, _, field in self._wanted()
            if not field.endswith("__c") and self._schema.field(name, field) is not None
        }
        return custom | standard

    def _access(self) -> _Access:
        sets = self._client.rows(
            soql.select("PermissionSet", ["Id"], where=[f"Name = {soql.text(self._set)}"]), subject="PermissionSet"
        )
        if not sets:
            return _Access(set_id=None, assigned=False)
        set_id = str(sets[0]["Id"])
        parent = soql.text(set_id)
        rows = self._client.rows(
            soql.select(
                "FieldPermissions",
                ["SobjectType", "Field", "PermissionsRead", "PermissionsEdit"],
                where=[f"ParentId = {parent}"],
            ),
            subject="FieldPermissions",
        )
        readable = {_field_of(row) for row in rows if row.get("PermissionsRead")}
        granted = {_field_of(row) for row in rows if row.get("PermissionsRead") and row.get("PermissionsEdit")}
        assigned = self._client.rows(
            soql.select(
                "PermissionSetAssignment",
                ["Id"],
                where=[f"PermissionSetId = {parent}", f"AssigneeId = {soql.text(self._client.user_id() or '')}"],
            ),
            subject="PermissionSetAssignment",
        )
        return _Access(set_id=set_id, assigned=bool(assigned), granted=frozenset(granted), readable=frozenset(readable))

    def _do(self, step: FieldStep) -> None:
        body: dict[str, Any]
        if step.action == "create_field":
            output = next(
                output for name, output, field in self._wanted() if (name, field) == (step.object, step.field)
            )
            body = {"FullName": f"{step.object}.{step.field}", "Metadata": metadata_of(output)}
            self._client.post("tooling/sobjects/CustomField", body, kind="fields")
        elif step.action == "create_formula":
            of = next(of for name, field, of in self._shown() if (name, field) == (step.object, step.field))
            body = {"FullName": f"{step.object}.{step.field}", "Metadata": star_metadata(of)}
            self._client.post("tooling/sobjects/CustomField", body, kind="fields")
        elif step.action == "create_permission_set":
            body = {
                "Name": self._set,
                "Label": "Leadgrade Fields",
                "Description": "Read and edit access to the fields that Leadgrade writes.",
            }
            self._client.post("sobjects/PermissionSet", body, kind="fields")
        elif step.action in ("grant_field", "grant_formula"):
            body = {
                "ParentId": self._set_id(),
                "SobjectType": step.object,
                "Field": f"{step.object}.{step.field}",
                "PermissionsRead": True,
                # A field that Salesforce computes can be edited by nobody, and asking for it is refused.
                "PermissionsEdit": step.action == "grant_field",
            }
            self._client.post("sobjects/FieldPermissions", body, kind="fields")
        else:
            body = {"AssigneeId": self._client.user_id(), "PermissionSetId": self._set_id()}
            self._client.post("sobjects/PermissionSetAssignment", body, kind="fields")

    def _set_id(self) -> str | None:
        if self._known_set is None:
            self._known_set = self._access().set_id
        return self._known_set

    def _click_grant(self, name: str, field: str, access: str = "Read and Edit") -> str:
        return f"Setup > Permission Sets > {self._set} > Object Settings > {name}: {access} access for {field}"


def _field_of(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["SobjectType"]), str(row["Field"]).partition(".")[2]


def fits(output: OutputField, field: FieldDescription) -> bool:
    """Whether a field of the CRM can hold an output."""
    return field.type in FITTING[output.type]


def metadata_of(output: OutputField) -> dict[str, Any]:
    """A custom field as the Tooling API wants it."""
    metadata: dict[str, Any] = {
        "label": output.label,
        "description": "Written by Leadgrade.",
        "inlineHelpText": output.help,
        "required": False,
    }
    if output.type is OutputType.NUMBER:
        return {**metadata, "type": "Number", "precision": min(18, output.length), "scale": 0}
    if output.type is OutputType.TEXT:
        return {**metadata, "type": "Text", "length": min(255, output.length)}
    if output.type is OutputType.LONG_TEXT:
        return {**metadata, "type": "LongTextArea", "length": output.length, "visibleLines": 10}
    if output.type is OutputType.CHECKBOX:
        del metadata["required"]  # checkboxes have a default instead
        return {**metadata, "type": "Checkbox", "defaultValue": "false"}
    if output.type is OutputType.DATE_TIME:
        return {**metadata, "type": "DateTime"}
    values = [{"valueName": choice, "label": choice, "default": False} for choice in output.choices]
    # Not restricted: another model may use other words, and a refused score helps nobody.
    definition = {"sorted": False, "value": values}
    return {**metadata, "type": "Picklist", "valueSet": {"restricted": False, "valueSetDefinition": definition}}


def _click_field(name: str, field: str, output: OutputField) -> str:
    if not field.endswith("__c"):
        return f"{field} is no custom field: name an existing field of {name} in the field map, or one that ends in __c"
    size = {
        OutputType.NUMBER: f", {min(18, output.length)} digits, 0 decimals",
        OutputType.TEXT: f", length {min(255, output.length)}",
        OutputType.LONG_TEXT: f", length {output.length}",
        OutputType.CHOICE: f", values {', '.join(output.choices)}",
    }.get(output.type, "")
    return (
        f"Setup > Object Manager > {name} > Fields & Relationships > New: {_WORDS[output.type]}{size}, "
        f"label {output.label}, field name {field.removesuffix('__c')}"
    )
