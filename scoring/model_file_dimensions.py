"""The grammar of dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scoring.model_dimensions import (
    NO_DECAY,
    ActivityDimension,
    AttributeDimension,
    Dimension,
    GroupCap,
    Inactivity,
    RuleGroup,
)
from scoring.model_file_forms import Choice, Duration, JsonSchema, Thousandths
from scoring.model_file_reading import shown, suggestion
from scoring.model_file_rules import ACTIVITY_RULE, ATTRIBUTE_RULE, PENALTY, POINTS, DecayForm, decided
from scoring.model_file_shapes import Entry, Fields, Key, ListOf, MapOf, Shape
from scoring.model_file_yaml import Mapping, Node
from scoring.vocabulary import SCALE

if TYPE_CHECKING:
    from scoring.model_file_reading import Reading

#: Caps that bound from above something that starts at 0.
CEILING: Final = Thousandths(least=0)
WEIGHT: Final = Thousandths(least=0, most=1_000)
PERCENT: Final = Thousandths(least=0, most=100)


def _build_inactivity(found: Fields, reading: Reading) -> Inactivity | None:
    if ("points" in found) == ("percent" in found):
        reading.problem(found.position, "inactivity takes either `points` or `percent`")
        return None
    return Inactivity(
        after_days=found["after"],
        every_days=found.get("every"),
        points=found.get("points"),
        percent=found.get("percent"),
        cap=found.get("cap"),
        position=found.position,
    )


INACTIVITY: Final[Shape[Inactivity]] = Shape(
    noun="inactivity",
    keys={
        "after": Key(form=Duration(least=0), required=True),
        "points": Key(form=PENALTY),
        "percent": Key(form=PERCENT),
        "every": Key(form=Duration()),
        "cap": Key(form=PENALTY),
    },
    build=_build_inactivity,
)
_BOUND_KEYS: Final = {"weight": Key(form=WEIGHT), "floor": Key(form=POINTS), "cap": Key(form=POINTS)}


def _bounds(found: Fields, reading: Reading) -> dict[str, Any]:
    floor, cap = found.get("floor"), found.get("cap")
    if floor is not None and cap is not None and floor > cap:
        reading.problem(found.at("floor"), "the floor is above the cap")
    return {"weight": found.get("weight", SCALE), "floor": floor, "cap": cap, "position": found.position}


def _group(entry: Entry) -> RuleGroup:
    return RuleGroup(name=entry.name, rules=entry.value, position=entry.position)


def _build_attributes(found: Fields, reading: Reading) -> AttributeDimension:
    return AttributeDimension(
        name="",
        groups=tuple(_group(entry) for entry in found.get("groups", ())),
        rules=found.get("rules", ()),
        **_bounds(found, reading),
    )


def _build_activities(found: Fields, reading: Reading) -> ActivityDimension:
    rules = tuple(decided(rule, found.get("decay", NO_DECAY)) for rule in found.get("rules", ()))
    caps: tuple[Entry, ...] = found.get("group_caps", ())
    capped, used = {entry.name for entry in caps}, {rule.group for rule in rules if rule.group is not None}
    for rule in found.get("rules", ()):
        group = rule.found.get("group")
        if group is not None and group not in capped:
            near = suggestion(group, capped)
            reading.problem(rule.found.at("group"), f"the group {shown(group)} has no cap under `group_caps`{near}")
    for entry in caps:
        if entry.name not in used:
            near = suggestion(entry.name, used)
            reading.problem(entry.position, f"no rule of this dimension is in the group {shown(entry.name)}{near}")
    return ActivityDimension(
        name="",
        group_caps=tuple(GroupCap(name=entry.name, cap=entry.value, position=entry.position) for entry in caps),
        rules=rules,
        inactivity=found.get("inactivity"),
        **_bounds(found, reading),
    )


ATTRIBUTE_DIMENSION: Final[Shape[AttributeDimension]] = Shape(
    noun="a dimension of attribute rules",
    keys={
        **_BOUND_KEYS,
        "groups": Key(form=MapOf(form=ListOf(form=ATTRIBUTE_RULE, least=1))),
        "rules": Key(form=ListOf(form=ATTRIBUTE_RULE)),
    },
    build=_build_attributes,
    elsewhere={
        key: f"`{key}` belongs to dimensions of activity rules" for key in ("decay", "group_caps", "inactivity")
    },
)
ACTIVITY_DIMENSION: Final[Shape[ActivityDimension]] = Shape(
    noun="a dimension of activity rules",
    keys={
        **_BOUND_KEYS,
        "decay": Key(form=DecayForm()),
        "group_caps": Key(form=MapOf(form=CEILING)),
        "rules": Key(form=ListOf(form=ACTIVITY_RULE)),
        "inactivity": Key(form=INACTIVITY),
    },
    build=_build_activities,
    elsewhere={"groups": "`groups` belongs to dimensions of attribute rules; here a rule names its `group`"},
)
_SHAPES: Final[dict[str, Shape[AttributeDimension] | Shape[ActivityDimension]]] = {
    "attributes": ATTRIBUTE_DIMENSION,
    "activities": ACTIVITY_DIMENSION,
}
_KIND: Final = Choice(tuple(_SHAPES))


@dataclass(frozen=True, slots=True)
class DimensionForm:
    """A dimension under `dimensions`: its `kind` decides on the other keys."""

    def read(self, node: Node, reading: Reading) -> Dimension | None:
        """Read the kind first, then the rest with the shape of that kind."""
        entries = node.entries if isinstance(node, Mapping) else ()
        kinds = [value for key, value in entries if key.text == "kind"]
        if not kinds:
            reading.problem(node.position, "a dimension needs `kind`: attributes or activities")
            return None
        kind = _KIND.read(kinds[0], reading)
        if kind is None:
            return None
        rest = Mapping(entries=tuple(each for each in entries if each[0].text != "kind"), position=node.position)
        dimension: Dimension | None = _SHAPES[kind].read(rest, reading)
        return dimension

    def schema(self) -> JsonSchema:
        """Describe both kinds."""
        described = []
        for kind, shape in _SHAPES.items():
            each = shape.schema()
            each["properties"] = {"kind": {"const": kind}, **each["properties"]}
            each["required"] = ["kind", *each.get("required", [])]
            described.append(each)
        return {"anyOf": described}
