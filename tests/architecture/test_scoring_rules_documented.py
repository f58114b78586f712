"""docs/scoring-rules.md names every key, operator, kind and attribute of the model's format, and its examples load."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from config.settings import load_settings
from scoring.model_check import check_model
from scoring.model_check_segments import check_segments
from scoring.model_file import load_model
from scoring.model_file_operands import CASE, OPERATORS
from scoring.model_file_yaml import Mapping, Node, Scalar, Sequence, parse_yaml
from scoring.model_schema import model_schema
from scoring.vocabulary import (
    ACTIVITY_ATTRIBUTES,
    ACTIVITY_KINDS,
    CANONICAL_ATTRIBUTES,
    DERIVED_ATTRIBUTES,
    DERIVED_VALUES,
    INBOUND_KINDS,
    SCORE_COLUMNS,
    AttributeType,
)
from sync.scoring_model import read_models

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "scoring-rules.md").read_text(encoding="utf-8")
PROSE = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
WORDS = set(re.findall(r"`([^`\n]+)`", PROSE))
WORDS |= {word for each in WORDS for word in re.findall(r"[\w]+", each)}

#: What a part of a model needs around it; a section that an example has itself is left out.
AROUND = {
    "attributes": "{seats: number, signed: date}",
    "lists": "{rivals: [rival.example]}",
    "fit": "{rules: [{id: around-fit, label: Around, when: {title: boss}, points: 1}]}",
    "engagement": "{rules: [{id: around-engagement, label: Around, on: other, points: 1}]}",
    "products": "{suite: {include_fit: true}}",
    "grade": "{letter: {from: fit, A: 3, B: 2, C: 1}, number: {from: engagement, 1: 3, 2: 2, 3: 1}}",
}


class Example(NamedTuple):
    """A fenced block: a whole model, sections of one, or (as the fence says) a condition, a where or settings."""

    form: str
    text: str
    line: int

    def model(self) -> str:
        text = self.text
        if self.form:
            section, on = ("fit", "") if self.form == "condition" else ("engagement", "    on: other\n")
            key = "when" if self.form == "condition" else "where"
            inside = "".join(f"      {line}\n" for line in text.splitlines())
            text = f"{section}:\n  rules:\n  - id: example\n    label: Example\n    points: 1\n{on}    {key}:\n{inside}"
        if re.match(r"model:", text):
            return text
        present = set(re.findall(r"^(\w+):", text, re.MULTILINE))
        around = [f"{key}: {value}" for key, value in AROUND.items() if key not in present]
        return "\n".join(["model: example", *around, text])


def _examples() -> Iterator[Example]:
    for found in re.finditer(r"^```yaml *(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        yield Example(found[1], found[2], PAGE.count("\n", 0, found.start()) + 1)


#: What the fences of settings say.
MODELS = "models"
SETTINGS = [each for each in _examples() if each.form == MODELS]
EXAMPLES = [each for each in _examples() if each.form != MODELS]
LISTS = {"staff.txt": "our-company.example\n"}


def _load(example: Example) -> Any:
    return load_model(example.model(), name=f"example of line {example.line}", read_list=LISTS.__getitem__)


def test_the_page_has_examples_of_every_form() -> None:
    assert {example.form for example in EXAMPLES} == {"", "condition", "where"}
    assert len(re.findall(r"^```\w", PAGE, re.MULTILINE)) == len(EXAMPLES) + len(SETTINGS)


@pytest.mark.parametrize("example", SETTINGS, ids=lambda each: f"line {each.line}")
def test_an_example_of_settings_loads_without_findings(example: Example, tmp_path: Path) -> None:
    (tmp_path / "leadgrade.yaml").write_text(example.text, encoding="utf-8")
    for name in re.findall(r"[\w-]+\.yaml", example.text):
        (tmp_path / name).write_text(f"model: {name.removesuffix('.yaml')}\n", encoding="utf-8")

    found = read_models(load_settings(tmp_path / "leadgrade.yaml"))

    positions = [each.position for each in found.entries]
    assert check_segments(found.segments.entries, positions, file="leadgrade.yaml") == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"line {each.line}")
def test_an_example_loads(example: Example) -> None:
    assert _load(example).version


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.text.startswith("model:")])
def test_a_whole_model_has_no_findings(example: Example) -> None:
    assert check_model(_load(example)) == []


def _plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return node.text if isinstance(node, Scalar) else None


def _known(schema: dict[str, Any], path: str, seen: frozenset[str]) -> Iterator[str]:
    """Every key that the schema names, with its path; what is chosen by the author is a star."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        if name not in seen:
            yield from _known(model_schema()["$defs"][name], name, seen | {name})
        return
    for each in schema.get("anyOf", []):
        yield from _known(each, path, seen)
    for key, inner in schema.get("properties", {}).items():
        yield f"{path}.{key}"
        yield from _known(inner, f"{path}.{key}", seen)
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        yield from _known(more, f"{path}.*", seen)
    if "items" in schema:
        yield from _known(schema["items"], path, seen)


def _used(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    """Every key of the schema that an example writes, with its path."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from _used(value, model_schema()["$defs"][name], name)
        return
    for each in schema.get("anyOf", []):
        yield from _used(value, each, path)
    if isinstance(value, list) and "items" in schema:
        for item in value:
            yield from _used(item, schema["items"], path)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                yield f"{path}.{key}"
                yield from _used(inner, schema["properties"][key], f"{path}.{key}")
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from _used(inner, schema["additionalProperties"], f"{path}.*")


def _once(key: str) -> str:
    """The same key of every dimension, and the decay of a rule and of its dimension, are explained once."""
    return re.sub(r"^\.(fit|engagement|dimensions\.\*)\.", ".DIMENSION.", key).replace(".rules.decay", ".decay")


#: Attributes of people are documented in their tables; keys and operators want an example each.
KEYS = sorted(
    {
        _once(key)
        for key in _known(model_schema(), "", frozenset())
        if key.removeprefix("condition.") not in {*CANONICAL_ATTRIBUTES, *DERIVED_ATTRIBUTES}
    }
)


def _keys_of(example: Example) -> Iterator[str]:
    schema = model_schema()
    return _used(_plain(parse_yaml(example.text)), schema["$defs"].get(example.form, schema), example.form)


WRITTEN = {_once(key) for example in EXAMPLES for key in _keys_of(example)}


def test_the_schema_gives_the_keys() -> None:
    assert {".model", ".DIMENSION.rules.limit.per", "condition.happened.at_least", "test.matches"} <= set(KEYS)
    assert {"where.url", ".DIMENSION.kind", ".machines.burst.links"} <= set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_stands_in_an_example(key: str) -> None:
    assert key in WRITTEN


@pytest.mark.parametrize("name", sorted({key.rpartition(".")[2] for key in KEYS} | set(OPERATORS) | {CASE}))
def test_a_key_or_operator_is_explained(name: str) -> None:
    assert name in WORDS


def _rows(heading: str) -> dict[str, str]:
    """Rows of the table with this heading."""
    table = PROSE.split(heading, 1)[1].split("\n\n", 1)[0]
    cells = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    return {first.strip(): rest.strip() for first, rest in cells}


@pytest.mark.parametrize(
    ("heading", "attributes"),
    [
        ("| type | attributes |", CANONICAL_ATTRIBUTES),
        ("| type | derived attributes |", DERIVED_ATTRIBUTES),
        ("| type | attributes of activities |", ACTIVITY_ATTRIBUTES),
    ],
)
def test_attributes_are_documented_with_their_types(heading: str, attributes: dict[str, AttributeType]) -> None:
    documented = {name: kind for kind, names in _rows(heading).items() for name in re.findall(r"`(\w+)`", names)}

    assert documented == {name: kind.value for name, kind in attributes.items()}


def test_kinds_are_documented_and_signs_of_interest_are_marked() -> None:
    found = re.findall(r"`(\w+)`(\\\*)?", " ".join(_rows("| about | kinds |").values()))

    assert sorted(name for name, _ in found) == list(ACTIVITY_KINDS)
    assert {name for name, star in found if star} == INBOUND_KINDS


@pytest.mark.parametrize("attribute", DERIVED_VALUES)
def test_values_of_derived_attributes_are_documented(attribute: str) -> None:
    line = next(line for line in PROSE.splitlines() if line.startswith(f"- `{attribute}`: "))

    assert tuple(re.findall(r"`(\w+)`", line.partition(": ")[2])) == DERIVED_VALUES[attribute]


def _choices(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (each for each in schema.get("enum", []) if isinstance(each, str))
        yield from ([schema["const"]] if "const" in schema else [])
        for inner in schema.values():
            yield from _choices(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _choices(inner)


@pytest.mark.parametrize("word", sorted({*_choices(model_schema())} - set(ACTIVITY_KINDS)))
def test_words_to_choose_from_are_documented(word: str) -> None:
    assert word in WORDS or re.fullmatch(r"[A-D][1-4]", word)


def test_columns_of_the_scores_are_documented() -> None:
    assert set(SCORE_COLUMNS) <= WORDS
