"""SOQL text to a `Query`. What the grammar of Salesforce has beyond this is refused as malformed or not emulated."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from connectors.sandbox.clock import stamp_of
from connectors.sandbox.salesforce.errors import not_emulated
from connectors.sandbox.salesforce.soql.tokens import Token, malformed, tokens_of
from connectors.sandbox.salesforce.soql.tree import (
    Aggregate,
    And,
    Compare,
    Condition,
    Day,
    DayRange,
    Instant,
    Not,
    Or,
    Order,
    Path,
    Query,
    Within,
)

_AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
_DAYS = {"TODAY": (0, 0), "YESTERDAY": (-1, -1), "TOMORROW": (1, 1)}
_DAYS |= {"LAST_90_DAYS": (-90, 0), "NEXT_90_DAYS": (1, 90)}
#: `THIS_MONTH`, `LAST_N_WEEKS` and their kind.
_LITERAL = re.compile(r"(?:THIS|LAST|NEXT)(?:_N)?_(?:FISCAL_)?(?:WEEK|MONTH|QUARTER|YEAR)S?|N_\w+_AGO")
_SPAN_DAYS = {"LAST_N_DAYS": -1, "NEXT_N_DAYS": 1}
_CLAUSES = frozenset({"WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET", "FOR", "HAVING", "WITH", "ALL", "USING"})
_UNKNOWN = frozenset({"HAVING", "WITH", "USING", "FOR"})


def parse(text: str) -> Query:
    """The query of a text.

    Raises:
        Refusal: MALFORMED_QUERY, or what the sandbox does not carry.
    """
    parser = _Parser(tokens_of(text))
    query = parser.query()
    parser.expect_end()
    return query


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    # ---- clauses ----

    def query(self) -> Query:
        self._word("SELECT")
        fields: list[Path | Aggregate | Query] = [self._field()]
        while self._skip(","):
            fields.append(self._field())
        self._word("FROM")
        source = self._name()
        if self._peek().kind == "name" and self._peek().text.upper() not in _CLAUSES:
            raise not_emulated("aliases of objects in SOQL")
        where = self._condition() if self._skip_word("WHERE") else None
        group_by: list[Path] = []
        if self._skip_word("GROUP"):
            self._word("BY")
            group_by.append(self._path())
            while self._skip(","):
                group_by.append(self._path())
        order: list[Order] = []
        if self._skip_word("ORDER"):
            self._word("BY")
            order.append(self._order())
            while self._skip(","):
                order.append(self._order())
        limit = self._whole() if self._skip_word("LIMIT") else None
        offset = self._whole() if self._skip_word("OFFSET") else 0
        ahead = self._peek()
        if ahead.kind == "name" and ahead.text.upper() in _UNKNOWN:
            raise not_emulated(f"{ahead.text.upper()} in SOQL")
        return Query(
            fields=tuple(fields),
            source=source,
            where=where,
            group_by=tuple(group_by),
            order=tuple(order),
            limit=limit,
            offset=offset,
        )

    def expect_end(self) -> None:
        if self._peek().kind != "end":
            raise self._unexpected()

    def _field(self) -> Path | Aggregate | Query:
        if self._skip("("):
            inner = self.query()
            self._sign(")")
            return inner
        if self._peek().text.upper() == "TYPEOF":
            raise not_emulated("TYPEOF in SOQL")
        column = self._peek().column
        name = self._name()
        if not self._skip("("):
            return Path(tuple(name.split(".")))
        function = name.upper()
        if function == "FIELDS":
            which = self._name().upper()
            self._sign(")")
            return Path(("FIELDS", which))
        if function not in _AGGREGATES:
            raise not_emulated(f"the function {name} in SOQL")
        path = None if self._peek().text == ")" else self._path()
        if path is None and function != "COUNT":
            raise malformed(f"the function {name} needs a field", column)
        self._sign(")")
        alias = None
        ahead = self._peek()
        if ahead.kind == "name" and ahead.text.upper() != "FROM":
            alias = self._name()
        return Aggregate(function, path, alias)

    def _order(self) -> Order:
        path = self._path()
        descending = False
        if self._skip_word("DESC"):
            descending = True
        else:
            self._skip_word("ASC")
        nulls_last = False
        if self._skip_word("NULLS"):
            nulls_last = self._name().upper() == "LAST"
        return Order(path, descending, nulls_last)

    # ---- conditions ----

    def _condition(self) -> Condition:
        first = self._negation()
        word = self._peek().text.upper()
        if word not in ("AND", "OR"):
            return first
        parts = [first]
        while self._skip_word(word):
            parts.append(self._negation())
        if self._peek().text.upper() in ("AND", "OR"):
            raise self._unexpected()  # AND and OR side by side need parentheses
        return And(tuple(parts)) if word == "AND" else Or(tuple(parts))

    def _negation(self) -> Condition:
        if self._skip_word("NOT"):
            return Not(self._negation())
        if self._skip("("):
            inner = self._condition()
            self._sign(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        path = self._path()
        token = self._next()
        word = token.text.upper()
        if word == "NOT":
            self._word("IN")
            return Within(path, self._list(), negated=True)
        if word == "IN":
            return Within(path, self._list())
        if word in ("INCLUDES", "EXCLUDES"):
            values = self._list()
            if isinstance(values, Query):
                raise self._unexpected()
            return Compare(path, word, values)
        if word == "LIKE" or token.kind == "sign":
            if token.text in ("(", ")", ",", ":"):
                raise self._unexpected(token)
            return Compare(path, "!=" if token.text == "<>" else word, self._value())
        raise self._unexpected(token)

    def _list(self) -> tuple[Any, ...] | Query:
        self._sign("(")
        if self._peek().text.upper() == "SELECT":
            inner = self.query()
            self._sign(")")
            return inner
        values = [self._value()]
        while self._skip(","):
            values.append(self._value())
        self._sign(")")
        return tuple(values)

    def _value(self) -> Any:
        token = self._next()
        if token.kind == "string":
            return token.text
        if token.kind == "number":
            return float(token.text) if "." in token.text else int(token.text)
        if token.kind == "instant":
            try:
                return Instant(stamp_of(datetime.fromisoformat(token.text)))
            except ValueError as error:
                raise malformed(f"Invalid datetime: {token.text}", token.column) from error
        if token.kind == "day":
            return Day(token.text)
        word = token.text.upper()
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        if word == "NULL":
            return None
        if word in _DAYS:
            return DayRange(*_DAYS[word])
        if word in _SPAN_DAYS and self._skip(":"):
            days = self._whole()
            return DayRange(-days, 0) if _SPAN_DAYS[word] < 0 else DayRange(1, days)
        if token.kind == "name" and _LITERAL.fullmatch(word):
            raise not_emulated(f"the date literal {word} in SOQL")
        if token.kind == "name":
            raise malformed(f"unexpected token: '{token.text}'", token.column)
        raise self._unexpected(token)

    # ---- tokens ----

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._tokens[self._place]
        if token.kind != "end":
            self._place += 1
        return token

    def _skip(self, sign: str) -> bool:
        if self._peek().kind == "sign" and self._peek().text == sign:
            self._place += 1
            return True
        return False

    def _skip_word(self, word: str) -> bool:
        if self._peek().kind == "name" and self._peek().text.upper() == word:
            self._place += 1
            return True
        return False

    def _sign(self, sign: str) -> None:
        if not self._skip(sign):
            raise self._unexpected()

    def _word(self, word: str) -> None:
        if not self._skip_word(word):
            raise self._unexpected()

    def _name(self) -> str:
        token = self._next()
        if token.kind != "name":
            raise self._unexpected(token)
        return token.text

    def _path(self) -> Path:
        return Path(tuple(self._name().split(".")))

    def _whole(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected(token)
        return int(token.text)

    def _unexpected(self, token: Token | None = None) -> Exception:
        found = token or self._peek()
        return malformed(f"unexpected token: '{found.text}'", found.column)
