"""Operators with their operands, checked against the type of the attribute they stand on."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.model_conditions import Comparison, DaysBefore, Operand, Operator
from scoring.model_file_forms import Duration, read_text
from scoring.model_file_reading import Meaning, as_boolean, as_number, meaning, shown, suggestion, what
from scoring.model_file_yaml import Mapping, Node, Scalar, Sequence
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from scoring.model_file_reading import Reading

_EVERY: Final = frozenset(AttributeType)
_TEXTUAL: Final = frozenset({AttributeType.TEXT, AttributeType.LIST})
_ORDERED: Final = frozenset({AttributeType.NUMBER, AttributeType.DATE})

#: Every operator of the format and the types of attributes it suits; `missing` is PRESENT turned round.
OPERATORS: Final[dict[str, frozenset[AttributeType]]] = {
    "gt": _ORDERED,
    "gte": _ORDERED,
    "lt": _ORDERED,
    "lte": _ORDERED,
    "between": _ORDERED,
    "in": _EVERY,
    "in_list": _EVERY - {AttributeType.BOOLEAN},
    "contains": _TEXTUAL,
    "starts_with": _TEXTUAL,
    "ends_with": _TEXTUAL,
    "matches": _TEXTUAL,
    "present": _EVERY,
    "missing": _EVERY,
    "before": frozenset({AttributeType.DATE}),
    "after": frozenset({AttributeType.DATE}),
}
#: Beside text operators: compare without folding.
CASE: Final = "case"
#: Operators that have something to fold.
FOLDING: Final = (
    Operator.IN,
    Operator.IN_LIST,
    Operator.CONTAINS,
    Operator.STARTS_WITH,
    Operator.ENDS_WITH,
    Operator.MATCHES,
)

_RELATIVE: Final = Duration(least=0)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ARTICLES: Final = {AttributeType.TEXT: "a text", AttributeType.LIST: "a list"}
MAX_PATTERN: Final = 1_000


def read_comparison(written: Scalar, node: Node, kind: AttributeType, reading: Reading) -> Comparison | None:
    """Read one operator and its operands; notes a problem when the attribute's type does not allow it."""
    name = written.text
    if kind not in OPERATORS[name]:
        article = _ARTICLES.get(kind, f"a {kind.value}")
        usable = ", ".join(each for each, kinds in OPERATORS.items() if kind in kinds)
        reading.problem(written.position, f"{name!r} does not suit {article} attribute; its operators are {usable}")
        return None
    if name in ("present", "missing"):
        return _presence(name, node, reading)
    operator = Operator(name)
    if operator is Operator.IN_LIST:
        return _in_list(node, kind, reading)
    if operator is Operator.MATCHES:
        return _pattern(node, reading)
    if operator in (Operator.IN, Operator.BETWEEN):
        return _several(operator, node, kind, reading)
    if operator in (Operator.BEFORE, Operator.AFTER):
        value = _moment(node, reading)
    else:
        value = read_operand(node, kind, reading)
    return None if value is None else Comparison(operator=operator, values=(value,), position=node.position)


def read_equality(node: Scalar | Sequence, kind: AttributeType, reading: Reading) -> Comparison | None:
    """Read a value or a list of values that stands without an operator."""
    if isinstance(node, Sequence):
        return _several(Operator.IN, node, kind, reading)
    value = read_operand(node, kind, reading)
    return None if value is None else Comparison(operator=Operator.IN, values=(value,), position=node.position)


def read_operand(node: Node, kind: AttributeType, reading: Reading) -> Operand | None:
    """Read one value of the attribute's type."""
    if not isinstance(node, Scalar):
        reading.problem(node.position, f"expected one value, not {what(node)}")
        return None
    if meaning(node) is Meaning.NOTHING:
        reading.problem(node.position, "expected a value, not nothing; to ask for absence write {missing: true}")
        return None
    if kind in _TEXTUAL:
        return read_text(node, reading)
    value, wanted = _typed(node, kind)
    if value is None:
        reading.problem(node.position, f"expected {wanted}, not {what(node)}")
    return value


def _typed(node: Scalar, kind: AttributeType) -> tuple[Operand | None, str]:
    if kind is AttributeType.NUMBER:
        return as_number(node.text.strip()), "a number (digits with at most one decimal point)"
    if kind is AttributeType.BOOLEAN:
        return as_boolean(node), "true or false"
    return as_date(node.text), "a date such as 2026-03-31"


def as_date(text: str) -> date | None:
    """Read a date as YYYY-MM-DD."""
    if not _DATE.fullmatch(text.strip()):
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _presence(name: str, node: Node, reading: Reading) -> Comparison | None:
    value = as_boolean(node) if isinstance(node, Scalar) else None
    if value is None:
        reading.problem(node.position, f"{name!r} takes true or false, not {what(node)}")
        return None
    return Comparison(operator=Operator.PRESENT, values=(value is (name == "present"),), position=node.position)


def _several(operator: Operator, node: Node, kind: AttributeType, reading: Reading) -> Comparison | None:
    if not isinstance(node, Sequence) or not node.items:
        reading.problem(
            node.position,
            f"expected a list of values, not {what(node) if not isinstance(node, Sequence) else 'an empty one'}",
        )
        return None
    values = [read_operand(item, kind, reading) for item in node.items]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(values):
        return None
    if operator is Operator.BETWEEN and not _is_range(known):
        reading.problem(node.position, "'between' takes two values, the lower first")
        return None
    return Comparison(operator=operator, values=known, position=node.position)


def _is_range(values: tuple[Operand, ...]) -> bool:
    if len(values) != 2:
        return False
    low, high = values
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return low <= high
    return isinstance(low, date) and isinstance(high, date) and low <= high


def _moment(node: Node, reading: Reading) -> Operand | None:
    if isinstance(node, Scalar):
        absolute = as_date(node.text)
        if absolute is not None:
            return absolute
        if _DATE.match(node.text):
            reading.problem(
                node.position, f"{shown(node.text)} is not a date of the calendar; write a date such as 2026-03-31"
            )
            return None
    days = _RELATIVE.read(node, reading)
    return None if days is None else DaysBefore(days=days)


def _pattern(node: Node, reading: Reading) -> Comparison | None:
    if not isinstance(node, Scalar) or not node.text.strip():
        reading.problem(node.position, f"expected a regular expression, not {what(node)}")
        return None
    if len(node.text) > MAX_PATTERN:
        reading.problem(node.position, f"the regular expression is longer than {MAX_PATTERN:,} characters")
        return None
    try:
        pl.Series(["x"]).str.contains(f"(?i){node.text}", literal=False, strict=True)
    except pl.exceptions.ComputeError as exc:
        reason = next((line for line in str(exc).splitlines() if line.startswith(("error: ", "regex error: Comp"))), "")
        detail = reason.removeprefix("regex error: ").removeprefix("error: ").rstrip(".")
        reading.problem(node.position, f"the regular expression cannot be used: {detail or 'it is malformed'}")
        return None
    return Comparison(operator=Operator.MATCHES, values=(node.text,), position=node.position)


def _in_list(node: Node, kind: AttributeType, reading: Reading) -> Comparison | None:
    name = read_text(node, reading)
    if name is None:
        return None
    if name not in reading.lists:
        reading.problem(node.position, f"there is no list {shown(name)} under `lists`{suggestion(name, reading.lists)}")
        return None
    found = reading.lists[name]
    if found is None:
        return None
    values: list[Operand] = []
    for text in found.values:
        value: Operand | None = text
        wanted = ""
        if kind not in _TEXTUAL:
            value, wanted = _typed(Scalar(text=text, plain=True, position=node.position), kind)
        elif text in reading.unquoted.get(name, {}):
            reading.problem(
                reading.unquoted[name][text],
                f'{text} is not text, but the list is used on text attributes; write "{text}" in quotes',
            )
            return None
        if value is None:
            reading.problem(node.position, f"the list {shown(name)} holds {shown(text)}; this attribute needs {wanted}")
            return None
        values.append(value)
    return Comparison(operator=Operator.IN_LIST, values=tuple(values), list_name=name, position=node.position)


def unknown_operator(key: Scalar, node: Node, reading: Reading) -> None:
    """Note that a mapping on an attribute holds something that is no operator."""
    hint = suggestion(key.text, [*OPERATORS, CASE])
    if not hint and isinstance(node, Mapping):
        hint = "; conditions on other attributes stand beside this one, not inside it"
    reading.problem(key.position, f"{shown(key.text)} is not an operator{hint or '; they are ' + ', '.join(OPERATORS)}")
