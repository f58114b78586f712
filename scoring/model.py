"""A scoring model as the loader hands it to the engine: every value is checked and typed, nothing is left to parse.

Units: points, caps, floors and thresholds are integers in milli-points; weights, factors, shares and percentages are
integers in thousandths; durations are whole days, or microseconds where the name says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoring.model_conditions import NOWHERE, Condition, Position
from scoring.model_digest import digest
from scoring.model_dimensions import ActivityDimension, AttributeDimension, AttributeRule, Dimension
from scoring.vocabulary import ENGAGEMENT, FIT, SCALE, AttributeType, Language, RollUp, attribute_type

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    links: int
    within_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    click_after_send_us: int | None = None
    burst: Burst | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """At most one of `below` (with its points) and `linear` is given."""

    fields: tuple[str, ...] = field(metadata={"unordered": True})
    #: Thousandths of a percent.
    below_percent: int | None = None
    below_points: int | None = None
    #: At most 0.
    linear_points: int | None = None
    #: Where each field stands.
    positions: tuple[Position, ...] = field(default=(), compare=False, repr=False)
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    #: At most 0.
    cap: int | None = None
    completeness: Completeness | None = None
    rules: tuple[AttributeRule, ...] = ()
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    after_days: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LowConfidence:
    #: Thousandths.
    below: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """Points once per field in conflict."""

    fields: tuple[str, ...]
    points: int
    #: Where each field stands.
    positions: tuple[Position, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """All amounts are at most 0."""

    cap: int | None = None
    discount: bool = False
    unmatched: int | None = None
    stale: Stale | None = None
    low_confidence: LowConfidence | None = None
    conflicts: Conflicts | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Whole points, in milli-points like every amount."""

    floor: int = 0
    cap: int = 100 * SCALE
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Where `unless` is false (or unknown) the total is at most `cap`."""

    id: str
    label: str
    cap: int
    unless: Condition
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Thresholds on one dimension, strictly falling; at or above the first is the best step, below the last the worst."""

    dimension: str
    thresholds: tuple[int, int, int]
    #: Where each threshold stands.
    positions: tuple[Position, Position, Position] = field(
        default=(NOWHERE, NOWHERE, NOWHERE), compare=False, repr=False
    )
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    letter: Axis
    number: Axis


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingByGrade:
    """Grades such as A1; those that are named nowhere are cold."""

    hot: tuple[str, ...] = field(metadata={"unordered": True})
    warm: tuple[str, ...] = field(metadata={"unordered": True})
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingByTotal:
    """At or above `hot`, at or above `warm`, else cold."""

    hot: int
    warm: int
    position: Position = field(default=NOWHERE, compare=False, repr=False)


Rating = RatingByGrade | RatingByTotal


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualified:
    """Either suffices: the total at or above `total` (`keep_until` for whoever was qualified), or one of the grades."""

    total: int | None = None
    keep_until: int | None = None
    grades: tuple[str, ...] = field(default=(), metadata={"unordered": True})
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """An entry of `disqualify` or of `attention`."""

    code: str
    reason: str
    when: Condition
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisqualify:
    total: int = 0
    grade: str = "D4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    name: str
    include_fit: bool = False
    cap: int | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWeight:
    value: str
    #: Thousandths.
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWeights:
    """Weights by an attribute of the person; another value, or none, weighs 1."""

    attribute: str
    weights: tuple[RoleWeight, ...] = field(metadata={"unordered": True})
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    roll_up: RollUp
    #: With TOP only.
    n: int | None = None
    cap: int | None = None
    weights: RoleWeights | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedList:
    name: str
    values: tuple[str, ...] = field(metadata={"unordered": True})
    #: Where the values were read from, when they do not stand in the model.
    file: str | None = field(default=None, compare=False)
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAttribute:
    name: str
    type: AttributeType
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    #: Value of `model:`, the column `model` of the scores.
    name: str
    #: Name of the file, for messages.
    file: str = field(default="", compare=False)
    title: str = ""
    language: Language = Language.ENGLISH
    time_zone: str = "UTC"
    #: Absent: money is taken as it comes.
    currency: str | None = None
    #: Activities of this age or more do not exist.
    horizon_days: int = 730
    attributes: tuple[DeclaredAttribute, ...] = field(default=(), metadata={"unordered": True})
    lists: tuple[NamedList, ...] = field(default=(), metadata={"unordered": True})
    scope: Condition | None = None
    #: Fit, engagement, then the others in the order of the file; those that the file has.
    dimensions: tuple[Dimension, ...] = ()
    machines: Machines = Machines()
    quality: Quality | None = None
    enrichment: Enrichment | None = None
    total: Total = Total()
    gates: tuple[Gate, ...] = ()
    grade: Grade | None = None
    rating: Rating | None = None
    qualified: Qualified | None = None
    attention: tuple[Reason, ...] = ()
    disqualify: tuple[Reason, ...] = ()
    on_disqualify: OnDisqualify = OnDisqualify()
    products: tuple[Product, ...] = ()
    companies: Companies | None = None
    trend_days: int = 30
    recent_days: int = 90
    #: Digest of everything above that changes a score or a sentence.
    version: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", "")
        object.__setattr__(self, "version", digest(self))

    def dimension(self, name: str) -> Dimension | None:
        """The dimension of that name, if the model has it."""
        return next((each for each in self.dimensions if each.name == name), None)

    @property
    def fit(self) -> AttributeDimension | None:
        found = self.dimension(FIT)
        return found if isinstance(found, AttributeDimension) else None

    @property
    def engagement(self) -> ActivityDimension | None:
        found = self.dimension(ENGAGEMENT)
        return found if isinstance(found, ActivityDimension) else None

    def attribute_type(self, name: str) -> AttributeType:
        """Type of a person's attribute under this model; text when nobody declares it."""
        return attribute_type(name, {each.name: each.type for each in self.attributes})

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition on people, by its root, in the order of evaluation."""
        if self.scope is not None:
            yield self.scope
        for dimension in self.dimensions:
            if isinstance(dimension, AttributeDimension):
                yield from (rule.when for rule in dimension.all_rules())
        if self.quality is not None:
            yield from (rule.when for rule in self.quality.rules)
        yield from (gate.unless for gate in self.gates)
        yield from (reason.when for reason in (*self.disqualify, *self.attention))
