"""Which keys of the model format a model uses, by the shipped JSON Schema."""

from __future__ import annotations

from scoring.model_conditions import Operator
from scoring.model_schema import model_schema
from scoring.vocabulary import ACTIVITY_ATTRIBUTES

SCHEMA = model_schema()
_LOGIC = {"all", "any", "not"}
_WORDS = {"case"}


def all_keys():
    """Every key with the sections above it (`*` for a name of one's own), operators and activity attributes."""
    found = set()
    _schema_keys(SCHEMA, "", found)
    operators = {f"operator {each.value}" for each in Operator} | {"operator case"}
    return (
        found | operators | {f"where {name}" for name in ACTIVITY_ATTRIBUTES} | {f"condition {name}" for name in _LOGIC}
    )


def used_keys(model):
    """Those of them that one model uses."""
    found = set()
    _model_keys(model, SCHEMA, "", found)
    return found


def _branches(schema):
    """The schema itself and all its alternatives; a reference is not followed."""
    yield schema
    for key in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(key, ()):
            yield from _branches(each)


def _schema_keys(schema, path, found):
    for branch in _branches(schema):
        if "$ref" in branch:
            continue
        for name, part in branch.get("properties", {}).items():
            found.add(f"{path}{name}")
            _schema_keys(part, f"{path}{name}.", found)
        if isinstance(branch.get("additionalProperties"), dict):
            _schema_keys(branch["additionalProperties"], f"{path}*.", found)
        if isinstance(branch.get("items"), dict):
            _schema_keys(branch["items"], path, found)


def _model_keys(node, schema, path, found):
    for branch in _branches(schema):
        if "$ref" in branch:
            _condition_keys(node, branch["$ref"].rsplit("/", 1)[1], found)
        elif isinstance(node, list) and isinstance(branch.get("items"), dict):
            for each in node:
                _model_keys(each, branch["items"], path, found)
        elif isinstance(node, dict):
            known, more = branch.get("properties", {}), branch.get("additionalProperties")
            for name, part in node.items():
                if name in known:
                    found.add(f"{path}{name}")
                    _model_keys(part, known[name], f"{path}{name}.", found)
                elif isinstance(more, dict):
                    _model_keys(part, more, f"{path}*.", found)


def _condition_keys(node, kind, found):
    """Operators and logic of a condition, and the attributes of a `where`."""
    if not isinstance(node, dict):
        return
    for name, part in node.items():
        if name in _LOGIC:
            found.add(f"condition {name}")
            for each in part if isinstance(part, list) else [part]:
                _condition_keys(each, kind, found)
        elif name == "happened":
            _model_keys(node, SCHEMA["$defs"][kind], "", found)
        else:
            found |= {f"where {name}"} if kind == "where" else set()
            found |= _operators(part)


def _operators(test):
    if isinstance(test, list):
        return {"operator in"}
    return {f"operator {name}" for name in test} if isinstance(test, dict) else {"operator equals"}
