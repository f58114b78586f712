"""The grammar of products and companies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scoring.model import Companies, Product, RoleWeight, RoleWeights
from scoring.model_file_dimensions import CEILING, WEIGHT
from scoring.model_file_forms import Flag, JsonSchema, Text, Whole, choice_of
from scoring.model_file_reading import shown, what
from scoring.model_file_shapes import Fields, Key, Shape
from scoring.model_file_yaml import Mapping, Node
from scoring.vocabulary import NORMALISED_AS, AttributeType, RollUp

if TYPE_CHECKING:
    from scoring.model_file_reading import Reading

PRODUCT: Final[Shape[Product]] = Shape(
    noun="a product",
    keys={"include_fit": Key(form=Flag()), "cap": Key(form=CEILING)},
    build=lambda found, _: Product(
        name="", include_fit=found.get("include_fit", False), cap=found.get("cap"), position=found.position
    ),
)


@dataclass(frozen=True, slots=True)
class RoleWeightsForm:
    """`by`, the attribute, and beside it a weight for each of its values that has one."""

    def read(self, node: Node, reading: Reading) -> RoleWeights | None:
        """Read the attribute, then the weights of its values."""
        entries = node.entries if isinstance(node, Mapping) else ()
        by = [value for key, value in entries if key.text == "by"]
        if not by or len(entries) < 2:
            wanted = "expected `by`, an attribute, and a weight for at least one of its values"
            reading.problem(node.position, f"{wanted}, not {what(node)}" if not isinstance(node, Mapping) else wanted)
            return None
        attribute = Text().read(by[0], reading)
        if attribute is None:
            return None
        attribute = NORMALISED_AS.get(attribute, attribute)
        kind = reading.type_of(attribute)
        if kind not in (AttributeType.TEXT, AttributeType.LIST, None):
            reading.problem(
                by[0].position, f"weights go by an attribute with words, and {shown(attribute)} is a {kind.value}"
            )
            return None
        weights = []
        for key, value in entries:
            if key.text == "by":
                continue
            weight = WEIGHT.read(value, reading)
            if weight is not None:
                weights.append(RoleWeight(value=key.text.strip(), weight=weight))
        if len(weights) < len(entries) - 1:
            return None
        return RoleWeights(attribute=attribute, weights=tuple(weights), position=node.position)

    def schema(self) -> JsonSchema:
        """Describe `by` and the weights."""
        properties = {"by": {"type": "string"}}
        return {"type": "object", "properties": properties, "required": ["by"], "additionalProperties": WEIGHT.schema()}


def _build_companies(found: Fields, reading: Reading) -> Companies | None:
    roll_up = RollUp(found["roll_up"])
    if (roll_up is RollUp.TOP) != ("n" in found):
        message = (
            "`roll_up: top` needs `n`, how many people count"
            if roll_up is RollUp.TOP
            else "`n` belongs to `roll_up: top`"
        )
        reading.problem(found.at("n"), message)
        return None
    if roll_up is RollUp.WEIGHTED and "weights" not in found:
        reading.problem(found.position, "`roll_up: weighted` needs `weights`")
        return None
    return Companies(
        roll_up=roll_up,
        n=found.get("n"),
        cap=found.get("cap"),
        weights=found.get("weights"),
        position=found.position,
    )


COMPANIES: Final[Shape[Companies]] = Shape(
    noun="`companies`",
    keys={
        "roll_up": Key(form=choice_of(RollUp), required=True),
        "n": Key(form=Whole(least=1)),
        "cap": Key(form=CEILING),
        "weights": Key(form=RoleWeightsForm()),
    },
    build=_build_companies,
)
