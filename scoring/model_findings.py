"""What the checker says about a model, and how it walks through one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scoring.model_conditions import Happened, nodes
from scoring.model_dimensions import ActivityDimension
from scoring.model_logic import attribute_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring.model import Model
    from scoring.model_conditions import ActivityMatch, AttributeTest, Comparison, Condition, Position


class Severity(StrEnum):
    """A warning: something does not do what it says. A note: it does, but there is a better way."""

    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark about a model that loads."""

    file: str
    line: int
    column: int
    severity: Severity
    message: str
    #: What to do about it.
    advice: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}; {self.advice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """Collects findings of one model."""

    file: str
    found: list[Finding]

    def warn(self, at: Position, message: str, advice: str) -> None:
        """Something does not do what it says."""
        self._add(Severity.WARNING, at, message, advice)

    def note(self, at: Position, message: str, advice: str) -> None:
        """Something could be better."""
        self._add(Severity.NOTE, at, message, advice)

    def _add(self, severity: Severity, at: Position, message: str, advice: str) -> None:
        self.found.append(
            Finding(file=self.file, line=at.line, column=at.column, severity=severity, message=message, advice=advice)
        )


def matches(model: Model) -> Iterator[ActivityMatch]:
    """Yield what every activity rule and every `happened` looks for."""
    for dimension in model.dimensions:
        if isinstance(dimension, ActivityDimension):
            yield from (rule.activities for rule in dimension.rules)
    yield from (node.activities for node in happenings(model))


def happenings(model: Model) -> Iterator[Happened]:
    """Yield every `happened`."""
    for condition in model.conditions():
        yield from (node for node in nodes(condition) if isinstance(node, Happened))


def roots(model: Model) -> Iterator[Condition]:
    """Yield every condition by its root: on people, then those of every `where`."""
    yield from model.conditions()
    yield from (match.where for match in matches(model) if match.where is not None)


def people_tests(model: Model) -> Iterator[AttributeTest]:
    """Yield every test on an attribute of people."""
    for condition in model.conditions():
        yield from attribute_tests(condition)


def comparisons(model: Model) -> Iterator[tuple[AttributeTest, Comparison]]:
    """Yield every comparison with its test, on people and activities."""
    for root in roots(model):
        for test in attribute_tests(root):
            yield from ((test, each) for each in test.comparisons)
