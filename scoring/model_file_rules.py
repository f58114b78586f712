"""The grammar of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from scoring.model_dimensions import NO_DECAY, ActivityRule, AttributeRule, Decay, DecayKind, Limit
from scoring.model_file_conditions import CONDITION, MATCH_KEYS, build_match
from scoring.model_file_forms import Duration, JsonSchema, Name, Text, Thousandths, Whole, choice_of
from scoring.model_file_reading import shown, suggestion, what
from scoring.model_file_shapes import Fields, Key, ListOf, Shape
from scoring.model_file_yaml import Mapping, Node, Scalar
from scoring.vocabulary import Intent, Tier

if TYPE_CHECKING:
    from scoring.model_file_reading import Reading

POINTS: Final = Thousandths()
#: Points that are taken off.
PENALTY: Final = Thousandths(most=0)


@dataclass(frozen=True, slots=True)
class DecayForm:
    """`none`, or exactly one of the ways to shrink with its length."""

    def read(self, node: Node, reading: Reading) -> Decay | None:
        """Read the decay of a dimension or rule."""
        kinds = [kind.value for kind in DecayKind if kind is not DecayKind.NONE]
        if isinstance(node, Scalar) and node.text == DecayKind.NONE.value:
            return NO_DECAY
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            reading.problem(
                node.position, f"expected none, or one of {', '.join(kinds)} with a duration, not {what(node)}"
            )
            return None
        key, value = node.entries[0]
        if key.text not in kinds:
            near = suggestion(key.text, kinds)
            reading.problem(
                key.position, f"{shown(key.text)} is not a kind of decay{near or '; they are ' + ', '.join(kinds)}"
            )
            return None
        days = Duration().read(value, reading)
        return None if days is None else Decay(kind=DecayKind(key.text), days=days)

    def schema(self) -> JsonSchema:
        """Describe both ways to write it."""
        ways = [
            {
                "type": "object",
                "properties": {kind.value: Duration().schema()},
                "required": [kind.value],
                "additionalProperties": False,
            }
            for kind in DecayKind
            if kind is not DecayKind.NONE
        ]
        return {"anyOf": [{"const": DecayKind.NONE.value}, *ways]}


@dataclass(frozen=True, slots=True)
class ProductName:
    """A product that the model declares."""

    def read(self, node: Node, reading: Reading) -> str | None:
        """Read a name and look it up under `products`."""
        name = Name().read(node, reading)
        if name is not None and name not in reading.products:
            near = suggestion(name, reading.products)
            reading.problem(node.position, f"there is no product {shown(name)} under `products`{near}")
            return None
        return name

    def schema(self) -> JsonSchema:
        """Describe it as any name; the products are the model's own."""
        return Name().schema()


_RULE_KEYS: Final = {
    "id": Key(form=Name(), required=True),
    "label": Key(form=Text(), required=True),
}
_TIER: Final = {"tier": Key(form=choice_of(Tier))}
_ACTIVITY_ONLY: Final = {
    key: f"`{key}` belongs to rules on activities; this is a rule on attributes"
    for key in ("on", "where", "decay", "limit", "cap", "group", "intent", "products")
}


def _build_attribute_rule(found: Fields, _: Reading) -> AttributeRule:
    return AttributeRule(
        id=found["id"],
        label=found["label"],
        points=found["points"],
        when=found["when"],
        tier=Tier(found["tier"]) if "tier" in found else None,
        position=found.position,
    )


ATTRIBUTE_RULE: Final[Shape[AttributeRule]] = Shape(
    noun="a rule on attributes",
    keys={
        **_RULE_KEYS,
        "when": Key(form=CONDITION, required=True),
        "points": Key(form=POINTS, required=True),
        **_TIER,
    },
    build=_build_attribute_rule,
    elsewhere=_ACTIVITY_ONLY,
)
QUALITY_RULE: Final[Shape[AttributeRule]] = Shape(
    noun="a quality rule",
    keys={**ATTRIBUTE_RULE.keys, "points": Key(form=PENALTY, required=True)},
    build=_build_attribute_rule,
    elsewhere=_ACTIVITY_ONLY,
)
LIMIT: Final[Shape[Limit]] = Shape(
    noun="a limit",
    keys={"count": Key(form=Whole(least=1), required=True), "per": Key(form=Duration())},
    build=lambda found, _: Limit(count=found["count"], per_days=found.get("per")),
)


class UndecidedRule(NamedTuple):
    """An activity rule as it stands in the file, before its dimension's decay is known."""

    found: Fields


def _build_activity_rule(found: Fields, reading: Reading) -> UndecidedRule | None:
    points, cap = found["points"], found.get("cap")
    if cap is not None and (cap < 0 <= points or points < 0 < cap):
        wanted = "0 or more, like its points" if cap < 0 else "0 or less, like its points"
        reading.problem(found.at("cap"), f"the cap of {shown(found['id'])} has the wrong sign; it must be {wanted}")
        return None
    return UndecidedRule(found)


def decided(rule: UndecidedRule, default: Decay) -> ActivityRule:
    """Build the rule with its own decay, or else its dimension's."""
    found = rule.found
    return ActivityRule(
        id=found["id"],
        label=found["label"],
        points=found["points"],
        activities=build_match(found),
        decay=found.get("decay", default),
        limit=found.get("limit"),
        cap=found.get("cap"),
        group=found.get("group"),
        intent=Intent(found.get("intent", Intent.PASSIVE)),
        products=tuple(dict.fromkeys(found.get("products", ()))),
        tier=Tier(found["tier"]) if "tier" in found else None,
        position=found.position,
    )


ACTIVITY_RULE: Final[Shape[UndecidedRule]] = Shape(
    noun="a rule on activities",
    keys={
        **_RULE_KEYS,
        **MATCH_KEYS,
        "points": Key(form=POINTS, required=True),
        "decay": Key(form=DecayForm()),
        "limit": Key(form=LIMIT),
        "cap": Key(form=POINTS),
        "group": Key(form=Name()),
        "intent": Key(form=choice_of(Intent)),
        "products": Key(form=ListOf(form=ProductName(), single=True)),
        **_TIER,
    },
    build=_build_activity_rule,
    elsewhere={"when": "`when` belongs to rules on attributes; a rule on activities has `on` and `where`"},
)
