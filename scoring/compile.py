"""A model made ready for the engine: conditions numbered, attributes collected, decay tables computed. Day-independent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from scoring.arithmetic import decay_table
from scoring.attribute_values import Attribute
from scoring.conditions import attributes_of, happenings_of
from scoring.frames import ASSET_ATTRIBUTES
from scoring.model_conditions import AttributeTest, Operator, nodes
from scoring.model_dimensions import ActivityDimension, AttributeDimension
from scoring.vocabulary import ENRICHED_PREFIX, NORMALISED_AS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    import polars as pl

    from scoring.model import Model
    from scoring.model_conditions import ActivityMatch, Condition, Happened
    from scoring.model_dimensions import ActivityRule

_WITHOUT_FOLDING: Final = (Operator.PRESENT, Operator.MATCHES)
_Made = TypeVar("_Made")
#: So many results of one function are kept: plans for yet other days or columns of people are made anew.
_KEPT: Final = 64
#: Attributes that the order of evaluation itself looks at.
STEERING: Final = (
    *("enrichment_status", "enrichment_confidence", "enriched_at", "last_activity_on", "created_at"),
    *("was_qualified", "score_override", "score_override_until", "recycle_keep"),
)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """An activity rule with what remains of its points at each age."""

    rule: ActivityRule
    dimension: ActivityDimension
    amounts: pl.Series


class CompiledModel:
    """What can be known of a model before any data is seen; reused over shards and days."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._made: dict[object, dict[tuple[Hashable, ...], Any]] = {}

    def once(self, make: Callable[..., _Made], *arguments: Hashable) -> _Made:
        """What a function makes of the model and of arguments: made when it is asked for first, and kept."""
        kept = self._made.setdefault(make, {})
        # Other threads may ask at the same time: at worst they make it twice.
        made: _Made | None = kept.get(arguments)
        if made is None:
            made = make(self, *arguments)
            if len(kept) >= _KEPT:
                kept.clear()
            kept[arguments] = made
        return made

    @cached_property
    def conditions(self) -> dict[Condition, int]:
        """Conditions on people, equal ones once, with their numbers."""
        return {condition: number for number, condition in enumerate(dict.fromkeys(self.model.conditions()))}

    @cached_property
    def happenings(self) -> dict[Happened, int]:
        """What conditions ask of the activities, with their numbers."""
        found = dict.fromkeys(
            each for condition in self.conditions for each in sorted(happenings_of(condition), key=repr)
        )
        return {each: number for number, each in enumerate(found)}

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """Attributes of people whose values the plan needs."""
        needed = {each for condition in self.conditions for each in attributes_of(condition)}
        names: set[str] = set(STEERING)
        quality, enrichment = self.model.quality, self.model.enrichment
        if quality is not None and quality.completeness is not None:
            names |= set(quality.completeness.fields)
        if enrichment is not None and enrichment.conflicts is not None:
            names |= set(enrichment.conflicts.fields)
            names |= {NORMALISED_AS["country"]} if "country" in names else set()
        return tuple(sorted(needed | {Attribute(name, self.model.attribute_type(name)) for name in names}))

    @cached_property
    def compared(self) -> frozenset[str]:
        """Names of the attributes whose texts must be folded, since some condition compares them."""
        tests = (node for condition in self.conditions for node in nodes(condition) if isinstance(node, AttributeTest))
        return frozenset(
            test.attribute for test in tests for each in test.comparisons if each.operator not in _WITHOUT_FOLDING
        )

    @cached_property
    def rules(self) -> tuple[CompiledRule, ...]:
        """All activity rules, in the order of evaluation."""
        return tuple(
            CompiledRule(rule, dimension, decay_table(rule.points, rule.decay, self.model.horizon_days))
            for dimension in self.activity_dimensions
            for rule in dimension.rules
        )

    @cached_property
    def activity_dimensions(self) -> tuple[ActivityDimension, ...]:
        return tuple(each for each in self.model.dimensions if isinstance(each, ActivityDimension))

    @cached_property
    def attribute_dimensions(self) -> tuple[AttributeDimension, ...]:
        return tuple(each for each in self.model.dimensions if isinstance(each, AttributeDimension))

    @cached_property
    def person_columns(self) -> frozenset[str]:
        """Columns of people that the plan reads."""
        names = {each.name for each in self.attributes} | {"recycled_at"}
        return frozenset({"person_id"} | names | {ENRICHED_PREFIX + name for name in names})

    @cached_property
    def activity_columns(self) -> frozenset[str]:
        """Columns of activities that the plan reads when what they refer to stands in a table of assets."""
        found = {each.name for match in self.matches() if match.where for each in attributes_of(match.where)}
        if found & set(ASSET_ATTRIBUTES):
            found = found - set(ASSET_ATTRIBUTES) | {"asset_no"}
        machines = {"message_id", "link"} if self.looks_for_machines else set[str]()
        return frozenset({"person_id", "kind", "at", "count", "machine", *found, *machines})

    @cached_property
    def looks_for_machines(self) -> bool:
        machines = self.model.machines
        return machines.click_after_send_us is not None or machines.burst is not None

    @cached_property
    def needs_inbound(self) -> bool:
        return any(each.inactivity is not None for each in self.activity_dimensions)

    @cached_property
    def distinct_matches(self) -> tuple[ActivityMatch, ...]:
        """Every activity match of rules and conditions, equal ones once."""
        return tuple(dict.fromkeys(self.matches()))

    def matches(self) -> Iterator[ActivityMatch]:
        """Yield every activity match of rules and conditions."""
        yield from (each.rule.activities for each in self.rules)
        yield from (each.activities for each in self.happenings)


def compile_model(model: Model) -> CompiledModel:
    """Prepare a model for scoring; keep the result for as long as the model is in use."""
    return CompiledModel(model)
