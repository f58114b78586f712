"""The properties that Leadgrade writes: planned, created, completed. The admin's own choices are never lost.

A property group `leadgrade` and one property per output on each written object. Applying twice changes nothing. Of an
enumeration only missing options are added: HubSpot replaces the whole list, so what is there is sent back with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.errors import NeedsAttention, Rejected
from connectors.hubspot.calls import Client
from connectors.hubspot.schema import Property, Schema
from connectors.outputs import OutputField, output_of
from connectors.port import FieldCheck, FieldStep, OutputType, Presence

GROUP = "leadgrade"
_GROUP_LABEL = "Leadgrade"
_TYPES: dict[OutputType, tuple[str, str]] = {
    OutputType.NUMBER: ("number", "number"),
    OutputType.TEXT: ("string", "text"),
    OutputType.LONG_TEXT: ("string", "textarea"),
    OutputType.CHOICE: ("enumeration", "select"),
    OutputType.CHECKBOX: ("bool", "booleancheckbox"),
    OutputType.DATE_TIME: ("datetime", "date"),
}
_FLAGS = (("true", "Yes"), ("false", "No"))
_THERE = frozenset({"OBJECT_ALREADY_EXISTS", "CONFLICT"})


class Provisioning:
    """Plans and makes the group and properties of one connection."""

    def __init__(self, client: Client, schema: Schema, outputs: Mapping[str, Mapping[str, str]]) -> None:
        self._client = client
        self._schema = schema
        self._outputs = outputs

    def plan(self) -> list[FieldStep]:
        """The steps that are missing, in the order in which they must be made."""
        steps: list[FieldStep] = []
        for object_name, outputs in self._outputs.items():
            known = self._schema.properties(object_name, fresh=True)
            missing = [name for name, field in outputs.items() if field not in known and output_of(name) is not None]
            if missing and not self._has_group(object_name):
                steps.append(
                    FieldStep(
                        action="create_group",
                        object=object_name,
                        field=GROUP,
                        manual=f"Settings > Properties > {object_name} > Groups: create the group {_GROUP_LABEL}",
                    )
                )
            for name, field in outputs.items():
                output = output_of(name)
                step = _step(object_name, output, field, known.get(field)) if output is not None else None
                if step is not None:
                    steps.append(step)
        return steps

    def apply(self) -> list[FieldStep]:
        """Make the steps of the plan; one that is refused carries its error, the others are made nevertheless."""
        made: list[FieldStep] = []
        for step in self.plan():
            if step.error is not None:
                made.append(step)
                continue
            try:
                self._make(step)
            except Rejected as error:
                there = error.code in _THERE or "EXISTS" in error.code
                made.append(replace(step, done=there, error=None if there else error.message))
            except NeedsAttention as error:
                if error.code == "credentials":
                    raise
                made.append(replace(step, error=f"{error.message} {error.next_step or ''}".strip()))
            else:
                made.append(replace(step, done=True))
        for object_name in self._outputs:
            self._schema.properties(object_name, fresh=True)
        return made

    def checks(self) -> list[FieldCheck]:
        """How each written property stands."""
        return [
            _check(object_name, name, field, self._schema.properties(object_name).get(field))
            for object_name, outputs in self._outputs.items()
            for name, field in outputs.items()
        ]

    def _has_group(self, object_name: str) -> bool:
        rows = self._client.groups(object_name).results()
        return any(isinstance(row, dict) and row.get("name") == GROUP for row in rows)

    def _make(self, step: FieldStep) -> None:
        if step.action == "create_group":
            self._client.create_group(step.object, {"name": GROUP, "label": _GROUP_LABEL, "displayOrder": -1})
            return
        names = [name for name, field in self._outputs[step.object].items() if field == step.field]
        output = next(output for name in names if (output := output_of(name)) is not None)
        if step.action == "create_field":
            self._client.create_property(step.object, _definition(output, step.field))
            return
        held = self._schema.properties(step.object)[step.field]
        self._client.update_property(step.object, step.field, {"options": _options_with(held, output)})


def _step(object_name: str, output: OutputField, field: str, held: Property | None) -> FieldStep | None:
    kind, field_type = _TYPES[output.type]
    where = f"Settings > Properties > {object_name}"
    if held is None:
        return FieldStep(
            action="create_field",
            object=object_name,
            field=field,
            manual=f"{where}: create the property {output.label} with internal name {field}, "
            f"type {kind} ({field_type}), group {_GROUP_LABEL}",
        )
    if held.read_only or held.type != kind:
        wrong = "is read-only" if held.read_only else f"is of type {held.type}, not {kind}"
        return FieldStep(
            action="resolve",
            object=object_name,
            field=field,
            manual=f"{where}: {field} {wrong}; name another property for {output.name} in the field map",
            error=f"{field} {wrong}",
        )
    missing = [choice for choice in output.choices if choice not in held.options]
    if missing:
        return FieldStep(
            action="add_options",
            object=object_name,
            field=field,
            manual=f"{where} > {field}: add the options {', '.join(missing)}",
        )
    return None


def _definition(output: OutputField, field: str) -> dict[str, Any]:
    kind, field_type = _TYPES[output.type]
    definition: dict[str, Any] = {
        "name": field,
        "label": output.label,
        "type": kind,
        "fieldType": field_type,
        "groupName": GROUP,
        "description": output.help,
        "formField": False,
    }
    if output.type is OutputType.CHECKBOX:
        definition["options"] = [
            {"label": label, "value": value, "displayOrder": place, "hidden": False}
            for place, (value, label) in enumerate(_FLAGS)
        ]
    elif output.choices:
        definition["options"] = [_option(choice, place) for place, choice in enumerate(output.choices)]
    return definition


def _options_with(held: Property, output: OutputField) -> list[dict[str, Any]]:
    options = [dict(option) for option in held.raw_options]
    missing = [choice for choice in output.choices if choice not in held.options]
    return options + [_option(choice, len(options) + place) for place, choice in enumerate(missing)]


def _option(choice: str, place: int) -> dict[str, Any]:
    return {"label": choice[:1].upper() + choice[1:], "value": choice, "displayOrder": place, "hidden": False}


def _check(object_name: str, name: str, field: str, held: Property | None) -> FieldCheck:
    output = output_of(name)
    presence, detail = Presence.OK, ""
    if output is None:
        presence, detail = Presence.WRONG_TYPE, f"Leadgrade has no output {name}"
    elif held is None:
        presence, detail = Presence.MISSING, "the property does not exist, or the token may not see it"
    elif held.read_only:
        presence, detail = Presence.READ_ONLY, "HubSpot computes it or lets nobody write it"
    elif held.type != (kind := _TYPES[output.type][0]):
        presence, detail = Presence.WRONG_TYPE, f"{held.type} instead of {kind}"
    elif missing := [choice for choice in output.choices if choice not in held.options]:
        presence, detail = Presence.WRONG_TYPE, f"lacks the options {', '.join(missing)}"
    return FieldCheck(object=object_name, field=field, name=name, written=True, presence=presence, detail=detail)
