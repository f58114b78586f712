"""The JSON Schema of the model's format, made from the same grammar that the loader reads with."""

from __future__ import annotations

from typing import Any, Final

from scoring.model_file import model_shape
from scoring.model_file_conditions import CONDITION, HAPPENED, WHERE, ConditionForm
from scoring.model_file_forms import Duration
from scoring.model_file_operands import CASE, OPERATORS
from scoring.vocabulary import ACTIVITY_ATTRIBUTES, CANONICAL_ATTRIBUTES, DERIVED_ATTRIBUTES

_SCALAR: Final[dict[str, Any]] = {"type": ["string", "number", "boolean"]}
_SCALARS: Final[dict[str, Any]] = {"type": "array", "items": _SCALAR, "minItems": 1}


def model_schema() -> dict[str, Any]:
    """Describe the format for editors, which complete and check with it; types of attributes are the loader's to check."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scoring model",
        **model_shape(_no_lists).schema(),
        "$defs": {
            "condition": _condition(CONDITION, [*CANONICAL_ATTRIBUTES, *DERIVED_ATTRIBUTES]),
            "where": _condition(WHERE, [*ACTIVITY_ATTRIBUTES]),
            "test": {"anyOf": [_SCALAR, _SCALARS, _operators()]},
        },
    }


def _no_lists(path: str) -> str:
    raise LookupError(path)


def _condition(form: ConditionForm, attributes: list[str]) -> dict[str, Any]:
    itself = form.schema()
    test = {"$ref": "#/$defs/test"}
    words: dict[str, Any] = {
        "all": {"type": "array", "items": itself, "minItems": 1},
        "any": {"type": "array", "items": itself, "minItems": 1},
        "not": itself,
    }
    if not form.activities:
        words["happened"] = HAPPENED.schema()
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {**words, **dict.fromkeys(attributes, test)},
        # Custom attributes are anything; those of activities are a closed list.
        "additionalProperties": False if form.activities else test,
    }


def _operators() -> dict[str, Any]:
    moment = {"anyOf": [Duration().schema(), {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}]}
    special: dict[str, Any] = {
        "in": _SCALARS,
        "between": {"type": "array", "items": _SCALAR, "minItems": 2, "maxItems": 2},
        "in_list": {"type": "string"},
        "matches": {"type": "string", "format": "regex"},
        "present": {"type": "boolean"},
        "missing": {"type": "boolean"},
        "before": moment,
        "after": moment,
    }
    properties = {name: special.get(name, _SCALAR) for name in OPERATORS}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {**properties, CASE: {"type": "boolean"}},
        "additionalProperties": False,
    }
