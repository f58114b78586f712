"""The grammar of what other parts refer to: custom attributes, lists, time zone, currency."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.model import DeclaredAttribute, NamedList
from scoring.model_file_forms import JsonSchema, Name, choice_of, read_text
from scoring.model_file_reading import Meaning, meaning, shown, suggestion, what
from scoring.model_file_yaml import Mapping, Node, Scalar, Sequence
from scoring.vocabulary import (
    CANONICAL_ATTRIBUTES,
    CONDITION_WORDS,
    DERIVED_ATTRIBUTES,
    ENRICHED_PREFIX,
    AttributeType,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoring.model_file_reading import Reading

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_NOT_CUSTOM: Final = {
    **dict.fromkeys(CANONICAL_ATTRIBUTES, "has its type already"),
    **dict.fromkeys(DERIVED_ATTRIBUTES, "has its type already"),
    **dict.fromkeys(CONDITION_WORDS, "is a word of conditions"),
    "person_id": "names the person and is no attribute",
}


@dataclass(frozen=True, slots=True)
class AttributesForm:
    """Custom attributes with their types."""

    def read(self, node: Node, reading: Reading) -> tuple[DeclaredAttribute, ...] | None:
        """Read the declarations and make them known to the conditions."""
        if not isinstance(node, Mapping):
            reading.problem(node.position, f"expected attributes with their types, not {what(node)}")
            return None
        declared = []
        for key, value in node.entries:
            name = key.text.strip()
            taken = _NOT_CUSTOM.get(name)
            if name.startswith(ENRICHED_PREFIX):
                taken = f"has the type of {shown(name.removeprefix(ENRICHED_PREFIX))}"
            kind = choice_of(AttributeType).read(value, reading)
            if taken or not name:
                reading.problem(key.position, f"{shown(name)} {taken or 'is no name'}; remove it")
            elif kind is None:
                reading.attributes[name] = None
            else:
                reading.attributes[name] = AttributeType(kind)
                declared.append(DeclaredAttribute(name=name, type=AttributeType(kind), position=key.position))
        return tuple(declared) if len(declared) == len(node.entries) else None

    def schema(self) -> JsonSchema:
        """Describe names with types."""
        return {"type": "object", "additionalProperties": choice_of(AttributeType).schema()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsForm:
    """Named lists of values, inline or from files that the caller reads."""

    read_list: Callable[[str], str] = field(compare=False)

    def read(self, node: Node, reading: Reading) -> tuple[NamedList, ...] | None:
        """Read the lists and make them known to the conditions."""
        if not isinstance(node, Mapping):
            reading.problem(node.position, f"expected lists by name, not {what(node)}")
            return None
        for key, value in node.entries:
            name = Name().read(key, reading)
            reading.lists[key.text.strip()] = None if name is None else self._list(key, value, reading)
        found = tuple(each for each in reading.lists.values() if each is not None)
        return found if len(found) == len(node.entries) else None

    def schema(self) -> JsonSchema:
        """Describe both ways to give a list."""
        values = {"type": "array", "items": {"type": ["string", "number"]}}
        file = {
            "type": "object",
            "properties": {"file": {"type": "string"}},
            "required": ["file"],
            "additionalProperties": False,
        }
        return {"type": "object", "additionalProperties": {"anyOf": [values, file]}}

    def _list(self, key: Scalar, node: Node, reading: Reading) -> NamedList | None:
        name = key.text.strip()
        if isinstance(node, Sequence):
            values = self._inline(name, node, reading)
            return None if values is None else NamedList(name=name, values=values, position=key.position)
        keys = {each.text for each, _ in node.entries} if isinstance(node, Mapping) else set()
        if not isinstance(node, Mapping) or keys != {"file"}:
            reading.problem(node.position, f"expected a list of values or {{file: NAME}}, not {what(node)}")
            return None
        path_node = node.entries[0][1]
        path = read_text(path_node, reading)
        if path is None:
            return None
        parts = re.split(r"[/\\]", path)
        if parts[0] in ("", "~") or ":" in parts[0] or ".." in parts:
            reading.problem(path_node.position, f"{shown(path)} must be a path beside or below the model file")
            return None
        try:
            text = self.read_list(path)
        except (OSError, ValueError, LookupError) as exc:
            reason = "there is no such file" if isinstance(exc, LookupError) else "it is not UTF-8 text"
            reason = exc.strerror or "it cannot be opened" if isinstance(exc, OSError) else reason
            reading.problem(
                path_node.position, f"the list file {shown(path)} cannot be read: {reason}; put it beside the model"
            )
            return None
        return NamedList(name=name, values=list_values(text), file=path, position=key.position)

    def _inline(self, name: str, node: Sequence, reading: Reading) -> tuple[str, ...] | None:
        values: dict[str, None] = {}
        for item in node.items:
            if not isinstance(item, Scalar) or meaning(item) is Meaning.NOTHING or not item.text.strip():
                reading.problem(item.position, f"expected a value, not {what(item)}")
                return None
            values[item.text.strip()] = None
            if meaning(item) in (Meaning.NUMBER, Meaning.BOOLEAN):
                reading.unquoted.setdefault(name, {})[item.text.strip()] = item.position
        return tuple(values)


def list_values(text: str) -> tuple[str, ...]:
    """Values of a list file: one a line, without blank lines and lines beginning with #."""
    lines = (line.strip() for line in _LINE_END.split(text.removeprefix("\ufeff")))
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


@dataclass(frozen=True, slots=True)
class TimeZone:
    """A time zone that the engine knows."""

    def read(self, node: Node, reading: Reading) -> str | None:
        """Read a name such as Europe/Paris."""
        name = read_text(node, reading)
        if name is None:
            return None
        try:
            pl.Series([datetime(2026, 1, 1, tzinfo=UTC)]).dt.convert_time_zone(name)
        except pl.exceptions.ComputeError:
            near = suggestion(name, zoneinfo.available_timezones())
            reading.problem(node.position, f"{shown(name)} is not a time zone{near or ' such as Europe/Paris or UTC'}")
            return None
        return name

    def schema(self) -> JsonSchema:
        """Describe it by examples."""
        return {"type": "string", "examples": ["UTC", "Europe/Paris", "America/New_York"]}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency code of three letters."""

    def read(self, node: Node, reading: Reading) -> str | None:
        """Read a code such as EUR."""
        code = read_text(node, reading)
        if code is not None and not _CURRENCY.fullmatch(code):
            reading.problem(node.position, f"{shown(code)} is not a currency code such as EUR")
            return None
        return code

    def schema(self) -> JsonSchema:
        """Describe it by its pattern."""
        return {"type": "string", "pattern": f"^{_CURRENCY.pattern}$"}
