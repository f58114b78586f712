"""The rules of a model and the dimensions they add up to. Units as in scoring.model."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from scoring.model_conditions import NOWHERE, ActivityMatch, Condition, Position
from scoring.vocabulary import SCALE, Intent, Tier


class DecayKind(StrEnum):
    """How an amount shrinks with age: 0.5^(age/days), max(0, 1 - age/days), 1 below days and 0 from it on, 1."""

    HALF_LIFE = "half_life"
    LINEAR = "linear"
    EXPIRY = "expiry"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay:
    kind: DecayKind = DecayKind.NONE
    #: 0 with NONE, otherwise at least 1.
    days: int = 0


NO_DECAY = Decay()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeRule:
    """A rule of an attribute dimension, or of quality (points at most 0)."""

    id: str
    label: str
    points: int
    when: Condition
    tier: Tier | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    count: int
    #: Length of the calendar's blocks; absent: one block for all.
    per_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRule:
    id: str
    label: str
    points: int
    activities: ActivityMatch
    #: The rule's own or its dimension's.
    decay: Decay = NO_DECAY
    limit: Limit | None = None
    #: At least 0 with points of at least 0 (an upper bound), at most 0 with negative points (a lower bound).
    cap: int | None = None
    group: str | None = None
    intent: Intent = Intent.PASSIVE
    products: tuple[str, ...] = field(default=(), metadata={"unordered": True})
    tier: Tier | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """The first true rule counts."""

    name: str
    rules: tuple[AttributeRule, ...]
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDimension:
    name: str
    weight: int = SCALE
    floor: int | None = None
    cap: int | None = None
    groups: tuple[RuleGroup, ...] = ()
    #: Outside groups: every true rule counts.
    rules: tuple[AttributeRule, ...] = ()
    position: Position = field(default=NOWHERE, compare=False, repr=False)

    def all_rules(self) -> tuple[AttributeRule, ...]:
        """Rules of the groups, then the others, in the order of the file."""
        return (*(rule for group in self.groups for rule in group.rules), *self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCap:
    """Bounds the sum of the activity rules of this group from above."""

    name: str
    cap: int
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inactivity:
    """Either points (at most 0) or percent is given."""

    after_days: int
    #: Absent: applies once.
    every_days: int | None = None
    points: int | None = None
    #: Thousandths of a percent: 20 % is 20,000.
    percent: int | None = None
    #: At most 0.
    cap: int | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDimension:
    name: str
    weight: int = SCALE
    floor: int | None = None
    cap: int | None = None
    group_caps: tuple[GroupCap, ...] = ()
    rules: tuple[ActivityRule, ...] = ()
    inactivity: Inactivity | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)

    def all_rules(self) -> tuple[ActivityRule, ...]:
        """Rules in the order of the file."""
        return self.rules


Dimension = AttributeDimension | ActivityDimension
