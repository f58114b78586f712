"""Reads the conditions of `models:` in a settings file as a model file's are read: same words, same positions, same errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scoring.errors import ModelError, Problem
from scoring.model_file_conditions import CONDITION
from scoring.model_file_reading import Reading
from scoring.model_file_yaml import Mapping, Node, Sequence, YamlError, parse_yaml

if TYPE_CHECKING:
    from scoring.model import Model
    from scoring.model_conditions import Condition, Position

#: The key of the settings under which the entries stand.
MODELS: Final = "models"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentNode:
    """One entry as it is written: where its model stands, and its condition when it has one."""

    position: Position
    when: Node | None = None


def segment_nodes(text: str, *, name: str) -> tuple[SegmentNode, ...]:
    """Find the entries of `models:` in the text of a settings file; none when it has no such list.

    Raises:
        ModelError: the text is not YAML that can be read.
    """
    try:
        root = parse_yaml(text)
    except YamlError as error:
        where = {"line": error.position.line, "column": error.position.column}
        raise ModelError([Problem(file=name, message=error.message, **where)]) from error
    entries = _under(root, MODELS)
    return tuple(map(_entry, entries.items)) if isinstance(entries, Sequence) else ()


def read_when(node: Node, model: Model, *, name: str) -> Condition:
    """Read the condition of an entry; custom attributes have the types that its model declares, lists are its model's.

    Raises:
        ModelError: with every problem of the condition.
    """
    reading = Reading(
        file=name,
        attributes={each.name: each.type for each in model.attributes},
        lists={each.name: each for each in model.lists},
    )
    condition = CONDITION.read(node, reading)
    if condition is None or reading.problems:
        raise ModelError(reading.problems)
    return condition


def _entry(node: Node) -> SegmentNode:
    model = _under(node, "model")
    return SegmentNode(position=(model or node).position, when=_under(node, "when"))


def _under(node: Node, key: str) -> Node | None:
    entries = node.entries if isinstance(node, Mapping) else ()
    return next((value for each, value in entries if each.text == key), None)
