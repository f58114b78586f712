"""What every reader of a model file shares: where problems go, what names exist, and what a scalar means."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Final

from scoring.errors import Problem
from scoring.model_file_yaml import Mapping, Scalar, Sequence
from scoring.vocabulary import attribute_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring.model import NamedList
    from scoring.model_conditions import Position
    from scoring.model_file_yaml import Node
    from scoring.vocabulary import AttributeType

#: An optional sign and digits with at most one decimal point.
NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_YAML_NUMBER: Final = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS: Final = ("", "~", "null", "Null", "NULL")

#: Digits of a number before and after the point, so that amounts fit into 64-bit integers and exact decimals.
MAX_WHOLE_DIGITS: Final = 15
MAX_DECIMALS: Final = 30


class Meaning(Enum):
    """What a scalar is under the core schema of YAML 1.2."""

    NOTHING = "nothing"
    BOOLEAN = "true or false"
    NUMBER = "a number"
    TEXT = "text"


def meaning(scalar: Scalar) -> Meaning:
    """Decide what a scalar is; quoted ones are text."""
    if not scalar.plain:
        return Meaning.TEXT
    if scalar.text in _NULLS:
        return Meaning.NOTHING
    if scalar.text in _BOOLEANS:
        return Meaning.BOOLEAN
    return Meaning.NUMBER if _YAML_NUMBER.fullmatch(scalar.text) else Meaning.TEXT


def as_boolean(scalar: Scalar) -> bool | None:
    """True or false when it is written so, without quotes."""
    return _BOOLEANS.get(scalar.text) if scalar.plain else None


def as_number(text: str) -> Decimal | None:
    """Read a number as the format writes it; None when it is none, or longer than any amount."""
    if not NUMBER.fullmatch(text):
        return None
    whole, _, decimals = text.lstrip("+-").partition(".")
    if len(whole.lstrip("0")) > MAX_WHOLE_DIGITS or len(decimals.rstrip("0")) > MAX_DECIMALS:
        return None
    return Decimal(text)


def what(node: Node) -> str:
    """Name what stands in the file, for a message."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    kind = meaning(node)
    return kind.value if kind is Meaning.NOTHING else shown(node.text)


def shown(text: str) -> str:
    """Quote a word of the file for a message, shortened."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say `; did you mean 'x'?` when a known word is nearly that."""
    if len(word) > 60:
        return ""
    by_folded = {each.casefold(): each for each in known}
    folded = word.strip().casefold().replace("-", "_").replace(" ", "_")
    for attempt in (folded, word.strip().casefold()):
        near = difflib.get_close_matches(attempt, by_folded, n=1, cutoff=0.65)
        if near:
            return f"; did you mean {by_folded[near[0]]!r}?"
    return ""


@dataclass(slots=True, kw_only=True)
class Reading:
    """One reading of one file: the problems so far, and the names that its parts may refer to."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    #: Declared custom attributes; None when the declaration itself is wrong.
    attributes: dict[str, AttributeType | None] = field(default_factory=dict)
    #: None when the list itself is wrong.
    lists: dict[str, NamedList | None] = field(default_factory=dict)
    #: Values of inline lists that were written as numbers or booleans, with their places.
    unquoted: dict[str, dict[str, Position]] = field(default_factory=dict)
    dimensions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    def problem(self, at: Position, message: str, *, file: str | None = None) -> None:
        """Note a problem and go on, so that one reading reports them all."""
        self.problems.append(Problem(file=file or self.file, line=at.line, column=at.column, message=message))

    def type_of(self, attribute: str) -> AttributeType | None:
        """Type of a person's attribute; None when it is declared wrongly, which is a problem of its own."""
        if attribute in self.attributes and self.attributes[attribute] is None:
            return None
        return attribute_type(attribute, {name: kind for name, kind in self.attributes.items() if kind is not None})
