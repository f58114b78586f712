"""From text to positioned YAML nodes: YAML 1.2, one document, no duplicate keys, no surprises.

Scalars keep their text as it was written; what they mean is decided by whoever reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from scoring.model_conditions import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bounds that no sensible model comes near; they keep hostile files cheap.
MAX_CHARACTERS: Final = 2_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 500_000

_UNUSABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_STRING_TAGS: Final = ("tag:yaml.org,2002:str", "!")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    text: str
    #: Written without quotes, so that it may be a number, a boolean or nothing.
    plain: bool
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    items: tuple[Node, ...]
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    entries: tuple[tuple[Scalar, Node], ...]
    position: Position


Node = Scalar | Sequence | Mapping


class YamlError(Exception):
    """The text is not the YAML that a model is written in."""

    def __init__(self, message: str, position: Position) -> None:
        self.message = message
        self.position = position
        super().__init__(message)


def parse_yaml(text: str) -> Node:
    """Parse one document; raises YamlError and nothing else."""
    if len(text) > MAX_CHARACTERS:
        raise YamlError(f"the file is longer than {MAX_CHARACTERS:,} characters", Position(line=1, column=1))
    try:
        return _Builder(YAML(typ="safe", pure=True).parse(text.removeprefix("\ufeff"))).document()
    except ReaderError as exc:
        raise YamlError(*_unreadable(exc, text)) from exc
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        where = Position(line=mark.line + 1, column=mark.column + 1) if mark else Position(line=1, column=1)
        raise YamlError(f"this is not YAML: {exc.problem or exc.context or 'unreadable'}", where) from exc
    except YamlError:
        raise
    except (YAMLError, ValueError, OverflowError, LookupError, AttributeError, TypeError, RuntimeError) as exc:
        # NOTE: the scanner lets Python's own errors escape on some malformed input, such as "\UFFFFFFFF".
        raise YamlError("this is not YAML that can be read", Position(line=1, column=1)) from exc


def _unreadable(error: ReaderError, text: str) -> tuple[str, Position]:
    character = error.character if isinstance(error.character, int) else 0
    before = text[: max(text.find(chr(character)), 0)]
    line_start = before.rfind("\n") + 1
    where = Position(line=before.count("\n") + 1, column=len(before) - line_start + 1)
    return f"the character U+{character:04X} is not allowed in YAML", where


class _Builder:
    """Builds nodes from events; an alias is the node it stands for."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._nodes = 0

    def document(self) -> Node:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    raise YamlError("a model is one YAML document; remove the second one", _position(event))
                if event.version not in (None, (1, 2)):
                    raise YamlError("models are YAML 1.2; remove the %YAML line", _position(event))
                root = self._node(next(self._events), depth=0)[0]
        if root is None:
            raise YamlError("the file is empty; a model begins with `model: NAME`", Position(line=1, column=1))
        return root

    def _node(self, event: Event, *, depth: int) -> tuple[Node, int]:
        """Return the node and how many nodes it stands for, aliases written out."""
        if depth > MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels", _position(event))
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                raise YamlError(f"the alias *{event.anchor} refers to nothing before it", _position(event))
            node, size = self._anchors[event.anchor]
            self._count(size, event)
            return node, size
        if isinstance(event, NodeEvent) and getattr(event, "tag", None) not in (None, *_allowed_tags(event)):
            raise YamlError("tags such as !name are not used in models; remove it", _position(event))
        node, size = self._fresh(event, depth)
        if isinstance(event, NodeEvent) and event.anchor:
            self._anchors[event.anchor] = (node, size)
        return node, size

    def _fresh(self, event: Event, depth: int) -> tuple[Node, int]:
        self._count(1, event)
        where = _position(event)
        size = 1
        if isinstance(event, SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(part := next(self._events), SequenceEndEvent):
                item, counted = self._node(part, depth=depth + 1)
                items.append(item)
                size += counted
            return Sequence(items=tuple(items), position=where), size
        if isinstance(event, MappingStartEvent):
            entries: dict[str, tuple[Scalar, Node]] = {}
            while not isinstance(part := next(self._events), MappingEndEvent):
                key, _ = self._node(part, depth=depth + 1)
                value, counted = self._node(next(self._events), depth=depth + 1)
                size += 1 + counted
                if not isinstance(key, Scalar):
                    raise YamlError("a key must be a word, not a list or a mapping", key.position)
                if key.text in entries:
                    first = entries[key.text][0].position.line
                    raise YamlError(f"{key.text!r} stands twice in this mapping; first on line {first}", key.position)
                entries[key.text] = (key, value)
            return Mapping(entries=tuple(entries.values()), position=where), size
        scalar = cast("ScalarEvent", event)  # nothing else begins a node
        if _UNUSABLE.search(scalar.value):
            raise YamlError("a control character or half a character pair stands in this text; remove it", where)
        return Scalar(text=scalar.value, plain=scalar.style is None and scalar.tag is None, position=where), size

    def _count(self, nodes: int, event: Event) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise YamlError(f"the file stands for more than {MAX_NODES:,} values", _position(event))


def _allowed_tags(event: NodeEvent) -> tuple[str, ...]:
    return _STRING_TAGS if isinstance(event, ScalarEvent) else ()


def _position(event: Event) -> Position:
    mark = event.start_mark
    return Position(line=mark.line + 1, column=mark.column + 1) if mark else Position(line=1, column=1)
