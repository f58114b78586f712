"""The grammar of machines, quality and enrichment: what is dropped, and what is taken off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scoring.model import Burst, Completeness, Conflicts, Enrichment, LowConfidence, Machines, Quality, Stale
from scoring.model_file_dimensions import PERCENT
from scoring.model_file_forms import Duration, Field, Flag, JsonSchema, Thousandths, Whole, repeated
from scoring.model_file_rules import PENALTY, QUALITY_RULE
from scoring.model_file_shapes import Fields, Key, ListOf, Shape
from scoring.model_file_yaml import Node, Sequence

if TYPE_CHECKING:
    from scoring.model_conditions import Position
    from scoring.model_file_reading import Reading

SHARE: Final = Thousandths(least=0, most=1)


_NAMES: Final = ListOf(form=Field(), least=1)


@dataclass(frozen=True, slots=True)
class FieldsForm:
    """A list of fields, each with its place."""

    def read(self, node: Node, reading: Reading) -> tuple[tuple[str, Position], ...] | None:
        """Read the names; none stands twice."""
        names = _NAMES.read(node, reading)
        if names is None or not isinstance(node, Sequence):
            return None
        placed = tuple(zip(names, (item.position for item in node.items), strict=True))
        repeated(placed, reading, "field")
        return placed

    def schema(self) -> JsonSchema:
        """Describe the list."""
        return _NAMES.schema()


FIELDS: Final = FieldsForm()


def _placed(found: Fields) -> dict[str, Any]:
    return {
        "fields": tuple(name for name, _ in found["fields"]),
        "positions": tuple(position for _, position in found["fields"]),
    }


MACHINES: Final[Shape[Machines]] = Shape(
    noun="`machines`",
    keys={
        "click_after_send": Key(form=Duration(least=0, days=False)),
        "burst": Key(
            form=Shape(
                noun="a burst",
                keys={
                    "links": Key(form=Whole(least=2), required=True),
                    "within": Key(form=Duration(least=0, days=False), required=True),
                },
                build=lambda found, _: Burst(links=found["links"], within_us=found["within"]),
            )
        ),
    },
    build=lambda found, _: Machines(click_after_send_us=found.get("click_after_send"), burst=found.get("burst")),
)

_BELOW: Final[Shape[tuple[int, int]]] = Shape(
    noun="`below`",
    keys={"percent": Key(form=PERCENT, required=True), "points": Key(form=PENALTY, required=True)},
    build=lambda found, _: (found["percent"], found["points"]),
)


def _build_completeness(found: Fields, reading: Reading) -> Completeness | None:
    if "below" in found and "linear" in found:
        reading.problem(found.at("linear"), "`linear` and `below` exclude each other; keep one")
        return None
    percent, points = found.get("below", (None, None))
    return Completeness(
        **_placed(found),
        below_percent=percent,
        below_points=points,
        linear_points=found.get("linear"),
        position=found.position,
    )


COMPLETENESS: Final[Shape[Completeness]] = Shape(
    noun="completeness",
    keys={"fields": Key(form=FIELDS, required=True), "below": Key(form=_BELOW), "linear": Key(form=PENALTY)},
    build=_build_completeness,
)
QUALITY: Final[Shape[Quality]] = Shape(
    noun="`quality`",
    keys={
        "cap": Key(form=PENALTY),
        "completeness": Key(form=COMPLETENESS),
        "rules": Key(form=ListOf(form=QUALITY_RULE)),
    },
    build=lambda found, _: Quality(
        cap=found.get("cap"),
        completeness=found.get("completeness"),
        rules=found.get("rules", ()),
        position=found.position,
    ),
)
ENRICHMENT: Final[Shape[Enrichment]] = Shape(
    noun="`enrichment`",
    keys={
        "cap": Key(form=PENALTY),
        "discount": Key(form=Flag()),
        "unmatched": Key(form=PENALTY),
        "stale": Key(
            form=Shape(
                noun="`stale`",
                keys={"after": Key(form=Duration(least=0), required=True), "points": Key(form=PENALTY, required=True)},
                build=lambda found, _: Stale(after_days=found["after"], points=found["points"]),
            )
        ),
        "low_confidence": Key(
            form=Shape(
                noun="`low_confidence`",
                keys={"below": Key(form=SHARE, required=True), "points": Key(form=PENALTY, required=True)},
                build=lambda found, _: LowConfidence(below=found["below"], points=found["points"]),
            )
        ),
        "conflicts": Key(
            form=Shape(
                noun="`conflicts`",
                keys={"fields": Key(form=FIELDS, required=True), "points": Key(form=PENALTY, required=True)},
                build=lambda found, _: Conflicts(**_placed(found), points=found["points"]),
            )
        ),
    },
    build=lambda found, _: Enrichment(
        cap=found.get("cap"),
        discount=found.get("discount", False),
        unmatched=found.get("unmatched"),
        stale=found.get("stale"),
        low_confidence=found.get("low_confidence"),
        conflicts=found.get("conflicts"),
        position=found.position,
    ),
)
