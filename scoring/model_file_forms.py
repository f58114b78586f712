"""The forms a single value can take in a model file. Each reads a node, or describes itself as JSON Schema.

`read` returns None after noting a problem: nothing is raised, so that one reading reports everything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from scoring.model_file_reading import Meaning, Reading, as_boolean, as_number, meaning, shown, suggestion, what
from scoring.model_file_yaml import Node, Scalar
from scoring.vocabulary import ACTIVITY_KINDS, CANONICAL_ATTRIBUTES, DERIVED_ATTRIBUTES, ENRICHED_PREFIX, SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring.model_conditions import Position

JsonSchema = dict[str, Any]

#: No amount of points is larger; sums of millions of activities stay within 64 bits.
MAX_POINTS: Final = 1_000_000
#: A hundred years: the tables by age stay small.
MAX_DAYS: Final = 36_500
MAX_TEXT: Final = 1_000

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_DURATION: Final = re.compile(r"([0-9]{1,9}) +(second|minute|hour|day|week)s?")
_MICROSECONDS: Final = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
_DURATION_SCHEMA: Final = r"^[0-9]+ +(second|minute|hour|day|week)s?$"


class Form(Protocol):
    """One way to write a value."""

    def read(self, node: Node, reading: Reading) -> Any:
        """Return the value, or None after noting a problem."""

    def schema(self) -> JsonSchema:
        """Describe the form for editors."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text that is not blank."""

    def read(self, node: Node, reading: Reading) -> str | None:
        return read_text(node, reading)

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": r"\S"}


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier of something in the model: it appears in columns, lines and messages."""

    def read(self, node: Node, reading: Reading) -> str | None:
        text = read_text(node, reading)
        if text is not None and not _NAME.fullmatch(text):
            reading.problem(
                node.position,
                f"{shown(text)} cannot be a name here; use up to 64 letters, digits, '-', '_' or '.', beginning with a "
                "letter or digit",
            )
            return None
        return text

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{_NAME.pattern}$"}


@dataclass(frozen=True, slots=True)
class Thousandths:
    """A number, kept as a whole number of thousandths; further decimals are rounded half away from zero."""

    least: int = -MAX_POINTS
    most: int = MAX_POINTS
    whole: bool = False

    def read(self, node: Node, reading: Reading) -> int | None:
        number = read_number(node, reading)
        if number is None:
            return None
        scaled = int(number.quantize(Decimal("0.001"), rounding=ROUND_HALF_UP).scaleb(3))
        if not self.least * SCALE <= scaled <= self.most * SCALE:
            reading.problem(node.position, f"{number:f} is not {_range(self.least, self.most)}")
            return None
        if self.whole and scaled % SCALE:
            reading.problem(node.position, f"{number:f} must be whole points")
            return None
        return scaled

    def schema(self) -> JsonSchema:
        kind = "integer" if self.whole else "number"
        return {"type": kind, "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, kept as it is."""

    least: int
    most: int = 1_000_000

    def read(self, node: Node, reading: Reading) -> int | None:
        number = read_number(node, reading)
        if number is None:
            return None
        if number % 1 or not self.least <= number <= self.most:
            reading.problem(node.position, f"{number:f} is not a whole number {_range(self.least, self.most)}")
            return None
        return int(number)

    def schema(self) -> JsonSchema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, node: Node, reading: Reading) -> bool | None:
        value = as_boolean(node) if isinstance(node, Scalar) else None
        if value is None:
            reading.problem(node.position, f"expected true or false, not {what(node)}")
        return value

    def schema(self) -> JsonSchema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Duration:
    """A whole number of seconds, minutes, hours, days or weeks: in whole days, or in microseconds."""

    least: int = 1
    days: bool = True

    def read(self, node: Node, reading: Reading) -> int | None:
        example = "30 days" if self.days else "2 seconds"
        match = _DURATION.fullmatch(node.text.strip()) if isinstance(node, Scalar) else None
        if match is None:
            bare = isinstance(node, Scalar) and node.text.strip().isdecimal()
            hint = f"did you mean {node.text.strip()} days?" if bare and isinstance(node, Scalar) else ""
            reading.problem(
                node.position,
                f"expected a whole number of seconds, minutes, hours, days or weeks such as `{example}`, not "
                f"{what(node)}{'; ' + hint if hint else ''}",
            )
            return None
        length = int(match[1]) * _MICROSECONDS[match[2]]
        unit = _MICROSECONDS["day"] if self.days else 1
        if length % unit:
            reading.problem(
                node.position, f"{match[0]} is not a whole number of days, which is held against an age here"
            )
            return None
        if length < self.least * unit or length > MAX_DAYS * _MICROSECONDS["day"]:
            least = f"{self.least} day{'' if self.least == 1 else 's'}" if self.days else f"{self.least} microseconds"
            reading.problem(node.position, f"{match[0]} is not between {least} and {MAX_DAYS:,} days")
            return None
        return length // unit

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": _DURATION_SCHEMA}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, node: Node, reading: Reading) -> str | None:
        text = node.text if isinstance(node, Scalar) else None
        if text in self.words:
            return text
        near = suggestion(text, self.words) if text is not None else ""
        shown_words = ", ".join(self.words) if len(self.words) <= 8 else f"{self.words[0]} to {self.words[-1]}"
        reading.problem(node.position, f"expected one of {shown_words}, not {what(node)}{near}")
        return None

    def schema(self) -> JsonSchema:
        return {"enum": list(self.words)}


def choice_of(words: type[StrEnum]) -> Choice:
    """Form of a member of a closed list, by its value."""
    return Choice(tuple(word.value for word in words))


@dataclass(frozen=True, slots=True)
class ActivityKind:
    """A kind of activity from the closed list."""

    def read(self, node: Node, reading: Reading) -> str | None:
        text = node.text if isinstance(node, Scalar) else None
        if text in ACTIVITY_KINDS:
            return text
        near = suggestion(text, ACTIVITY_KINDS) if text is not None else ""
        reading.problem(node.position, f"expected a kind of activity, not {what(node)}{near}")
        return None

    def schema(self) -> JsonSchema:
        return {"enum": list(ACTIVITY_KINDS)}


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute that arrives from outside: canonical or custom, not derived."""

    def read(self, node: Node, reading: Reading) -> str | None:
        text = read_text(node, reading)
        if text is None:
            return None
        derived = text in DERIVED_ATTRIBUTES or text.startswith(ENRICHED_PREFIX)
        if derived and text not in CANONICAL_ATTRIBUTES:
            near = suggestion(text.removeprefix(ENRICHED_PREFIX), CANONICAL_ATTRIBUTES)
            reading.problem(node.position, f"{shown(text)} is derived; name the field it comes from{near}")
            return None
        return text

    def schema(self) -> JsonSchema:
        return {"type": "string", "examples": list(CANONICAL_ATTRIBUTES)}


def read_text(node: Node, reading: Reading) -> str | None:
    """Trimmed text that is not blank; numbers and booleans want quotes."""
    if not isinstance(node, Scalar):
        reading.problem(node.position, f"expected text, not {what(node)}")
        return None
    kind = meaning(node)
    if kind in (Meaning.NUMBER, Meaning.BOOLEAN):
        reading.problem(
            node.position, f'{node.text} is {kind.value} here; to mean the text, write "{node.text}" in quotes'
        )
        return None
    text = node.text.strip()
    if not text:
        reading.problem(node.position, "expected text, not nothing")
        return None
    if len(text) > MAX_TEXT:
        reading.problem(node.position, f"the text is longer than {MAX_TEXT:,} characters")
        return None
    return text


def read_number(node: Node, reading: Reading) -> Decimal | None:
    """Read a number written without quotes."""
    if isinstance(node, Scalar) and node.plain:
        number = as_number(node.text)
        if number is not None:
            return number
        if meaning(node) is Meaning.NUMBER:
            reading.problem(
                node.position,
                f"{shown(node.text)} is not written as digits with at most one decimal point, or too long",
            )
            return None
    quoted = isinstance(node, Scalar) and not node.plain and as_number(node.text.strip()) is not None
    reading.problem(node.position, f"expected a number, not {what(node)}{'; remove the quotes' if quoted else ''}")
    return None


def repeated(names: Iterable[tuple[str, Position]], reading: Reading, noun: str) -> None:
    """Note every name that was used before."""
    seen: dict[str, int] = {}
    for name, position in names:
        if name in seen:
            reading.problem(position, f"the {noun} {shown(name)} is used twice; first on line {seen[name]}")
        else:
            seen[name] = position.line


def _range(least: int, most: int) -> str:
    if least == -MAX_POINTS and most == 0:
        return "0 or less"
    if most >= MAX_POINTS:
        return f"{least} or more" if least > -MAX_POINTS else f"between {least:,} and {most:,}"
    return f"between {least:,} and {most:,}"
