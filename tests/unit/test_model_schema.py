"""The JSON Schema describes every key that the loader knows, and accepts the models that it loads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scoring.model_file import model_shape
from scoring.model_file_operands import OPERATORS
from scoring.model_file_yaml import Mapping, Node, Scalar, Sequence, parse_yaml
from scoring.model_schema import model_schema
from scoring.vocabulary import ACTIVITY_ATTRIBUTES, ACTIVITY_KINDS, CANONICAL_ATTRIBUTES, DERIVED_ATTRIBUTES

ROOT = Path(__file__).parents[2]
MODELS = [ROOT / "tests/unit/model_example.yaml", *sorted((ROOT / "config/presets").glob("*.yaml"))]


def plain(node: Node) -> Any:
    """What an editor sees: the JSON of the file."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    if node.plain and node.text in ("true", "false"):
        return node.text == "true"
    if node.plain and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", node.text):
        return json.loads(node.text)
    return node.text


def refused(value: Any, schema: dict[str, Any], defs: dict[str, Any], path: str = "") -> list[str]:
    """Where a value breaks a schema, by the few keywords that ours uses."""
    if "$ref" in schema:
        return refused(value, defs[schema["$ref"].removeprefix("#/$defs/")], defs, path)
    if "anyOf" in schema:
        attempts = [refused(value, each, defs, path) for each in schema["anyOf"]]
        return [] if [] in attempts else [f"{path}: none of anyOf"]
    if "enum" in schema or "const" in schema:
        return [] if value in schema.get("enum", [schema.get("const")]) else [f"{path}: {value!r}"]
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(fits(value, kind) for kind in types):
        return [f"{path}: {value!r} is not {types}"]
    found: list[str] = []
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{path}: {value!r} does not match")
    if fits(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{path}: {value!r} out of bounds")
    if isinstance(value, list):
        found += [each for item in value for each in refused(item, schema["items"], defs, f"{path}[]")]
    if isinstance(value, dict):
        found += [f"{path}: lacks {key}" for key in schema.get("required", []) if key not in value]
        for key, item in value.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties", False))
            found += [f"{path}.{key}: unknown"] if inner is False else refused(item, inner, defs, f"{path}.{key}")
    return found


def fits(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
    return isinstance(value, kinds.get(kind, ()))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_models_that_load_suit_the_schema(path: Path) -> None:
    schema = model_schema()

    assert refused(plain(parse_yaml(path.read_text(encoding="utf-8"))), schema, schema["$defs"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{model: m, engagment: {}}",
        "{model: m, horizon: 30}",
        "{model: m, fit: {rules: [{id: a}]}}",
        "{model: m, scope: {}, rating: {by: grad, hot: []}}",
        "{model: m, scope: {happened: {on: pageview}}}",
        "{model: m, scope: {happened: {on: other, where: {urll: x}}}}",
        "{model: m, scope: {company: {gtt: 3}}}",
        "{model: m, dimensions: {d: {kind: attributes, decay: none}}}",
    ],
)
def test_mistakes_break_the_schema(text: str) -> None:
    schema = model_schema()

    assert refused(plain(parse_yaml(text)), schema, schema["$defs"])


def test_the_schema_knows_every_key_kind_operator_and_attribute() -> None:
    schema = model_schema()
    condition, where = schema["$defs"]["condition"], schema["$defs"]["where"]

    assert list(schema["properties"]) == list(model_shape(str).keys)
    assert condition["properties"]["happened"]["properties"]["on"]["anyOf"][0]["enum"] == list(ACTIVITY_KINDS)
    assert set(schema["$defs"]["test"]["anyOf"][2]["properties"]) == {*OPERATORS, "case"}
    assert set(condition["properties"]) >= {*CANONICAL_ATTRIBUTES, *DERIVED_ATTRIBUTES}
    assert set(where["properties"]) == {*ACTIVITY_ATTRIBUTES, "all", "any", "not"}


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(model_schema())) == model_schema()
