"""SOQL cut into tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from connectors.sandbox.salesforce.errors import Refusal

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>'(?:\\.|[^'\\])*')
    | (?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<day>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<sign><=|>=|!=|<>|[=<>(),:])
    """,
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class Token(NamedTuple):
    """One token: its kind, its text (a string without quotes and escapes) and its column from 1."""

    kind: str
    text: str
    column: int


def malformed(message: str, column: int = 1) -> Refusal:
    """MALFORMED_QUERY with the place, as Salesforce words it."""
    return Refusal(400, "MALFORMED_QUERY", f"\nERROR at Row:1:Column:{column}\n{message}")


def tokens_of(text: str) -> list[Token]:
    """All tokens, an `end` token last."""
    found = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise malformed(f"line 1:{place} no viable alternative at character '{text[place]}'", place + 1)
        kind = match.lastgroup or ""
        if kind != "space":
            held = unquoted(match[0]) if kind == "string" else match[0]
            found.append(Token(kind, held, place + 1))
        place = match.end()
    found.append(Token("end", "<EOF>", len(text) + 1))
    return found


def unquoted(quoted: str) -> str:
    r"""The text of a quoted literal; `\%` and `\_` keep their backslash, they mean something to LIKE."""
    return re.sub(r"\\(.)", _escaped, quoted[1:-1], flags=re.DOTALL)


def _escaped(match: re.Match[str]) -> str:
    char = match[1]
    return match[0] if char in "%_" else _ESCAPES.get(char, char)
