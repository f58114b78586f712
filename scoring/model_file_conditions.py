"""Reads conditions: on people, and on the attributes of activities in a `where`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scoring.model_conditions import ActivityMatch, All, AnyOf, AttributeTest, Comparison, Condition, Happened, Not
from scoring.model_file_forms import ActivityKind, Duration, JsonSchema, Whole
from scoring.model_file_operands import CASE, FOLDING, OPERATORS, read_comparison, read_equality, unknown_operator
from scoring.model_file_reading import as_boolean, shown, suggestion, what
from scoring.model_file_shapes import Fields, Key, ListOf, Shape
from scoring.model_file_yaml import Mapping, Node, Scalar, Sequence
from scoring.vocabulary import (
    ACTIVITY_ATTRIBUTES,
    CANONICAL_ATTRIBUTES,
    CONDITION_WORDS,
    DERIVED_ATTRIBUTES,
    NORMALISED_AS,
)
from scoring.vocabulary import AttributeType as Type

if TYPE_CHECKING:
    from scoring.model_file_reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionForm:
    """A condition on people, or with `activities` one on the attributes of an activity."""

    activities: bool = False

    def read(self, node: Node, reading: Reading) -> Condition | None:
        """Read a mapping whose entries must all hold."""
        if not isinstance(node, Mapping):
            reading.problem(node.position, f"expected a condition such as {{country: US}}, not {what(node)}")
            return None
        if not node.entries:
            reading.problem(node.position, "an empty condition would hold for nobody or everybody; say what must hold")
            return None
        parts = [self._entry(key, value, reading) for key, value in node.entries]
        known = tuple(part for part in parts if part is not None)
        if len(known) < len(parts):
            return None
        return known[0] if len(known) == 1 else All(parts=known, position=node.position)

    def schema(self) -> JsonSchema:
        """Refer to the definition; model_schema writes it."""
        return {"$ref": "#/$defs/where" if self.activities else "#/$defs/condition"}

    def _entry(self, key: Scalar, value: Node, reading: Reading) -> Condition | None:
        if key.text in ("all", "any"):
            return self._combined(key, value, reading)
        if key.text == "not":
            part = self.read(value, reading)
            return None if part is None else Not(part=part, position=key.position)
        if key.text == "happened":
            if self.activities:
                reading.problem(key.position, "`happened` is about a person; a `where` sees one activity alone")
                return None
            return HAPPENED.read(value, reading)
        return self._test(key, value, reading)

    def _combined(self, key: Scalar, value: Node, reading: Reading) -> Condition | None:
        if not isinstance(value, Sequence) or not value.items:
            found = "an empty one" if isinstance(value, Sequence) else what(value)
            reading.problem(value.position, f"`{key.text}` takes a list of conditions, not {found}")
            return None
        parts = [self.read(item, reading) for item in value.items]
        known = tuple(part for part in parts if part is not None)
        if len(known) < len(parts):
            return None
        if len(known) == 1:
            return known[0]
        return (All if key.text == "all" else AnyOf)(parts=known, position=key.position)

    def _test(self, key: Scalar, value: Node, reading: Reading) -> Condition | None:
        attribute = key.text.strip()
        if not attribute:
            reading.problem(key.position, "the name of an attribute is missing")
            return None
        if self.activities and attribute not in ACTIVITY_ATTRIBUTES:
            near = suggestion(attribute, [*ACTIVITY_ATTRIBUTES, "all", "any", "not"])
            known = near or f"; they are {', '.join(ACTIVITY_ATTRIBUTES)}"
            reading.problem(key.position, f"{shown(attribute)} is not an attribute of activities{known}")
            return None
        effective = attribute if self.activities else NORMALISED_AS.get(attribute, attribute)
        kind = ACTIVITY_ATTRIBUTES[attribute] if self.activities else reading.type_of(effective)
        if kind is None:
            return None
        misspelt = self._misspelt(attribute, value, reading)
        if misspelt:
            reading.problem(key.position, f"{shown(attribute)} is not an attribute that the model knows{misspelt}")
            return None
        found = self._comparisons(value, kind, reading)
        if found is None:
            return None
        comparisons, case = found
        return AttributeTest(
            attribute=effective,
            type=kind,
            comparisons=comparisons,
            case=case,
            written=attribute,
            position=key.position,
        )

    def _misspelt(self, attribute: str, value: Node, reading: Reading) -> str:
        """Suggest a word of conditions where its content is written under a name that no attribute has."""
        if self.activities or attribute in {*CANONICAL_ATTRIBUTES, *DERIVED_ATTRIBUTES, *reading.attributes}:
            return ""
        holds_conditions = isinstance(value, Sequence) and any(isinstance(item, Mapping) for item in value.items)
        holds_match = isinstance(value, Mapping) and any(key.text == "on" for key, _ in value.entries)
        return suggestion(attribute, CONDITION_WORDS) if holds_conditions or holds_match else ""

    def _comparisons(self, node: Node, kind: Type, reading: Reading) -> tuple[tuple[Comparison, ...], bool] | None:
        if not isinstance(node, Mapping):
            only = read_equality(node, kind, reading)
            return None if only is None else ((only,), False)
        before = len(reading.problems)
        comparisons = []
        case: bool | None = None
        for key, value in node.entries:
            if key.text == CASE:
                case = as_boolean(value) if isinstance(value, Scalar) else None
                if case is None:
                    reading.problem(value.position, f"`case` takes true or false, not {what(value)}")
            elif key.text not in OPERATORS:
                unknown_operator(key, value, reading)
            else:
                comparisons.append(read_comparison(key, value, kind, reading))
        if len(reading.problems) == before and not comparisons:
            reading.problem(
                node.position, f"expected an operator, not an empty mapping; they are {', '.join(OPERATORS)}"
            )
        known = tuple(each for each in comparisons if each is not None)
        folds = kind in (Type.TEXT, Type.LIST) and any(each.operator in FOLDING for each in known)
        if len(reading.problems) == before and case is not None and not folds:
            reading.problem(node.position, "`case` stands beside an operator that compares text")
        if len(reading.problems) > before or len(known) < len(comparisons):
            return None
        return known, bool(case)


CONDITION: Final = ConditionForm()
WHERE: Final = ConditionForm(activities=True)
KINDS: Final = ListOf(form=ActivityKind(), least=1, single=True)

#: Keys that say which activities are meant, in `happened` and in activity rules.
MATCH_KEYS: Final = {"on": Key(form=KINDS, required=True), "where": Key(form=WHERE)}


def build_match(found: Fields) -> ActivityMatch:
    """Build the match from MATCH_KEYS."""
    return ActivityMatch(kinds=tuple(dict.fromkeys(found["on"])), where=found.get("where"), position=found.at("on"))


def _build_happened(found: Fields, _: Reading) -> Happened:
    return Happened(
        activities=build_match(found),
        within_days=found.get("within"),
        at_least=found.get("at_least", 1),
        position=found.position,
    )


HAPPENED: Final[Shape[Happened]] = Shape(
    noun="`happened`",
    keys={**MATCH_KEYS, "within": Key(form=Duration()), "at_least": Key(form=Whole(least=1))},
    build=_build_happened,
)
