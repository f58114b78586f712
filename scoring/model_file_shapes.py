"""The forms that contain others: lists, mappings by name, and shapes, the mappings with known keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from scoring.model_file_forms import Form, JsonSchema, Name
from scoring.model_file_reading import Reading, shown, suggestion, what
from scoring.model_file_yaml import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoring.model_conditions import Position

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of a shape."""

    form: Form
    required: bool = False


class Fields:
    """The values that a shape's keys had in the file, with their places."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self._values: dict[str, Any] = {}
        self._positions: dict[str, Position] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def put(self, key: str, value: Any, position: Position) -> None:
        """Keep the value of a key."""
        self._values[key] = value
        self._positions[key] = position

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default when the file lacks it."""
        return self._values.get(key, default)

    def at(self, key: str) -> Position:
        """Where the value of a key stands; the mapping itself when it lacks the key."""
        return self._positions.get(key, self.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape(Generic[T]):
    """A mapping with known keys, built into a value once all of them could be read."""

    noun: str
    keys: dict[str, Key]
    build: Callable[[Fields, Reading], T | None]
    #: Keys that belong to something else, with the sentence that says so.
    elsewhere: dict[str, str] = field(default_factory=dict)

    def read(self, node: Node, reading: Reading) -> T | None:
        if not isinstance(node, Mapping):
            wanted = ", ".join(key for key, each in self.keys.items() if each.required) or ", ".join(
                list(self.keys)[:3]
            )
            reading.problem(node.position, f"expected {self.noun} as a mapping ({wanted}), not {what(node)}")
            return None
        found = Fields(node.position)
        whole = True
        for key, value in self._in_order(node):
            if key.text not in self.keys:
                reading.problem(key.position, self._unknown(key.text))
                whole = False
                continue
            content = self.keys[key.text].form.read(value, reading)
            whole = whole and content is not None
            found.put(key.text, content, value.position)
        present = {key.text for key, _ in node.entries}
        missing = [key for key, each in self.keys.items() if each.required and key not in present]
        if missing:
            reading.problem(node.position, f"{self.noun} needs {' and '.join(f'`{key}`' for key in missing)}")
        # NOTE: a part may fail without a problem of its own, when what it refers to is already a problem elsewhere.
        return self.build(found, reading) if whole and not missing else None

    def _in_order(self, node: Mapping) -> list[tuple[Scalar, Node]]:
        """Entries in the order of the shape: what is referred to comes before what refers to it."""
        order = {key: place for place, key in enumerate(self.keys)}
        return sorted(node.entries, key=lambda entry: order.get(entry[0].text, len(order)))

    def _unknown(self, key: str) -> str:
        if key in self.elsewhere:
            return self.elsewhere[key]
        return f"{shown(key)} is not a key of {self.noun}{suggestion(key, self.keys)}"

    def schema(self) -> JsonSchema:
        """Describe the mapping; unknown keys are refused there too."""
        described: JsonSchema = {
            "type": "object",
            "properties": {key: each.form.schema() for key, each in self.keys.items()},
            "additionalProperties": False,
        }
        required = [key for key, each in self.keys.items() if each.required]
        if required:
            described["required"] = required
        return described


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list; with `single`, one value may stand without the list."""

    form: Form
    least: int = 0
    single: bool = False

    def read(self, node: Node, reading: Reading) -> tuple[Any, ...] | None:
        if not isinstance(node, Sequence):
            if self.single and not isinstance(node, Mapping):
                value = self.form.read(node, reading)
                return None if value is None else (value,)
            reading.problem(node.position, f"expected a list, not {what(node)}")
            return None
        if len(node.items) < self.least:
            reading.problem(node.position, "this list is empty; name at least one value or leave the key out")
            return None
        values = tuple(self.form.read(item, reading) for item in node.items)
        return None if None in values else values

    def schema(self) -> JsonSchema:
        """Describe the list."""
        many: JsonSchema = {"type": "array", "items": self.form.schema(), "minItems": self.least}
        return {"anyOf": [self.form.schema(), many]} if self.single else many


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a mapping by name."""

    name: str
    value: Any
    position: Position


_ANY_NAME = Name()


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """A mapping whose keys are names that the model's author chose."""

    form: Form
    names: Form = _ANY_NAME

    def read(self, node: Node, reading: Reading) -> tuple[Entry, ...] | None:
        if not isinstance(node, Mapping):
            reading.problem(node.position, f"expected a mapping by name, not {what(node)}")
            return None
        entries = []
        for key, value in node.entries:
            name = self.names.read(key, reading)
            content = self.form.read(value, reading)
            if name is not None and content is not None:
                entries.append(Entry(name=name, value=content, position=key.position))
        return tuple(entries) if len(entries) == len(node.entries) else None

    def schema(self) -> JsonSchema:
        """Describe the mapping."""
        return {"type": "object", "additionalProperties": self.form.schema()}
