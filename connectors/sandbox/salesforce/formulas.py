"""Formula fields: the text of a formula to a function of a record. The commonest functions; others are said not to be emulated."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from inspect import signature
from operator import ge, gt, le, lt
from typing import Any

from connectors.sandbox.records import Record
from connectors.sandbox.salesforce.errors import Refusal, not_emulated

#: The value of a formula, or of a part of it, for a record.
Get = Callable[[Record], Any]
#: Path of a field to its value; raises Refusal when there is no such field.
Fields = Callable[[tuple[str, ...]], Get]

_TOKEN = re.compile(
    r'\s*("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|\d+(?:\.\d+)?|[A-Za-z_][\w.]*|&&|\|\||<>|!=|<=|>=|==|[-+*/&=<>(),!])'
)
_POWERS = {"||": 1, "&&": 2, "=": 3, "==": 3, "<>": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3}
_POWERS |= {"&": 4, "+": 5, "-": 5, "*": 6, "/": 6}
_UNARY = 7
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def compiled(text: str, fields: Fields) -> Get:
    """The function of a formula; empty text is nothing.

    Raises:
        Refusal: FIELD_INTEGRITY_EXCEPTION where it makes no sense.
    """
    parser = _Parser(_tokens(text), fields)
    get = parser.expression(0)
    parser.expect("")

    def value(record: Record) -> Any:
        try:
            found = get(record)
        except (TypeError, ValueError, ArithmeticError):
            return None  # what the vendor's pages show as #Error! is nothing in its API
        return None if found == "" else found

    return value


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise _wrong(f"Syntax error at {text[place:].strip()[:20]}")
        found.append(match[1])
        place = match.end()
    return [*found, ""]


class _Parser:
    def __init__(self, tokens: Sequence[str], fields: Fields) -> None:
        self._tokens = tokens
        self._place = 0
        self._fields = fields

    def expression(self, power: int) -> Get:
        left = self._operand()
        while (sign := self._tokens[self._place]) and _POWERS.get(sign, 0) > power:
            self._place += 1
            left = _binary(sign, left, self.expression(_POWERS[sign]))
        return left

    def expect(self, token: str) -> None:
        if self._tokens[self._place] != token:
            raise _wrong(f"Syntax error. Missing '{token}'" if token else f"Extra '{self._tokens[self._place]}'")
        self._place += 1

    def _operand(self) -> Get:
        token = self._tokens[self._place]
        self._place += 1
        if token == "(":
            inner = self.expression(0)
            self.expect(")")
            return inner
        if token == "-":
            inner = self.expression(_UNARY)
            return lambda record: None if (value := inner(record)) is None else -value
        if token == "!":
            inner = self.expression(_UNARY)
            return lambda record: not inner(record)
        if token[:1] in ('"', "'"):
            literal = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda _: literal
        if token[:1].isdigit():
            number = float(token)
            return lambda _: number
        if not re.fullmatch(r"[A-Za-z_][\w.]*", token):
            raise _wrong(f"Syntax error at '{token}'")
        if self._tokens[self._place] == "(":
            self._place += 1
            return self._call(token.upper())
        if token.upper() in ("TRUE", "FALSE", "NULL"):
            constant = {"TRUE": True, "FALSE": False, "NULL": None}[token.upper()]
            return lambda _: constant
        return self._fields(tuple(token.split(".")))

    def _call(self, name: str) -> Get:
        inner: list[Get] = []
        while self._tokens[self._place] != ")":
            inner.append(self.expression(0))
            if self._tokens[self._place] != ")":
                self.expect(",")
        self.expect(")")
        if name == "IF" and len(inner) == 3:
            test, yes, no = inner
            return lambda record: yes(record) if test(record) else no(record)
        if name == "CASE" and len(inner) >= 4 and len(inner) % 2 == 0:
            return _case(inner)
        function = _FUNCTIONS.get(name)
        if function is None:
            raise not_emulated(f"the formula function {name} with {len(inner)} arguments")
        try:
            signature(function).bind(*inner)
        except TypeError as error:
            raise _wrong(f"Incorrect number of parameters for function '{name}'") from error
        return lambda record: function(*(get(record) for get in inner))


def _case(inner: list[Get]) -> Get:
    of, pairs, other = inner[0], list(zip(inner[1:-1:2], inner[2:-1:2], strict=True)), inner[-1]

    def read(record: Record) -> Any:
        value = of(record)
        return next((then for when, then in pairs if when(record) == value), other)(record)

    return read


def _binary(sign: str, left: Get, right: Get) -> Get:
    if sign == "&&":
        return lambda record: bool(left(record)) and bool(right(record))
    if sign == "||":
        return lambda record: bool(left(record)) or bool(right(record))
    if sign in ("=", "=="):
        return lambda record: left(record) == right(record)
    if sign in ("<>", "!="):
        return lambda record: left(record) != right(record)
    if sign == "&":
        return lambda record: _text(left(record)) + _text(right(record))

    def read(record: Record) -> Any:
        one, other = left(record), right(record)
        if one is None or other is None:
            return None
        if sign in _ORDERED:
            return _ORDERED[sign](one, other)
        if sign == "+":
            return one + other
        if sign == "-":
            return one - other
        if sign == "*":
            return one * other
        return one / other if other else None

    return read


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _cut(text: Any, number: Any) -> int:
    return max(0, min(len(_text(text)), int(number or 0)))


def _rounded(value: Any, digits: Any) -> Any:
    step = Decimal(1).scaleb(-int(digits or 0))
    return None if value is None else float(Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP))


def _image(url: Any, alternative: Any, height: Any = None, width: Any = None) -> str:
    size = "".join(f"{name}:{int(value)}px; " for name, value in (("height", height), ("width", width)) if value)
    style = f' style="{size.strip()}"' if size else ""
    return f'<img src="{_text(url)}" alt="{_text(alternative)}"{style} border="0"/>'


def _blank(value: Any) -> bool:
    return value is None or value == ""


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ABS": lambda value: None if value is None else abs(value),
    "AND": lambda *values: all(values),
    "BEGINS": lambda text, start: _text(text).startswith(_text(start)),
    "BLANKVALUE": lambda value, other: other if _blank(value) else value,
    "CEILING": lambda value: None if value is None else float(math.ceil(value)),
    "CONTAINS": lambda text, part: _text(part) in _text(text),
    "FLOOR": lambda value: None if value is None else float(math.floor(value)),
    "IMAGE": _image,
    "ISBLANK": _blank,
    "ISNULL": _blank,
    "ISPICKVAL": lambda value, wanted: _text(value) == _text(wanted),
    "LEFT": lambda text, number: _text(text)[: _cut(text, number)],
    "LEN": lambda text: float(len(_text(text))),
    "LOWER": lambda text: _text(text).lower(),
    "MAX": lambda *values: None if None in values else max(values),
    "MIN": lambda *values: None if None in values else min(values),
    "NOT": lambda value: not value,
    "NULLVALUE": lambda value, other: other if value is None else value,
    "OR": lambda *values: any(values),
    "RIGHT": lambda text, number: _text(text)[len(_text(text)) - _cut(text, number) :],
    "ROUND": _rounded,
    "TEXT": _text,
    "UPPER": lambda text: _text(text).upper(),
}


def _wrong(message: str) -> Refusal:
    return Refusal(400, "FIELD_INTEGRITY_EXCEPTION", f"Formula: {message}", fields=["Metadata"])
