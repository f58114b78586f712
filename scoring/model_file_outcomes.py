"""The grammar of what is made of the points: total, gates, grade, rating, qualified, disqualification, attention."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scoring.model import (
    Axis,
    Gate,
    Grade,
    OnDisqualify,
    Qualified,
    Rating,
    RatingByGrade,
    RatingByTotal,
    Reason,
    Total,
)
from scoring.model_file_conditions import CONDITION
from scoring.model_file_forms import Choice, JsonSchema, Name, Text, Thousandths, repeated
from scoring.model_file_reading import shown, suggestion
from scoring.model_file_rules import POINTS
from scoring.model_file_shapes import Fields, Key, ListOf, Shape
from scoring.model_file_yaml import Mapping, Node
from scoring.vocabulary import GRADES, LETTERS, NUMBERS, SCALE

if TYPE_CHECKING:
    from scoring.model_file_reading import Reading

WHOLE_POINTS: Final = Thousandths(whole=True)
CELL: Final = Choice(GRADES)
CELLS: Final = ListOf(form=CELL)


def _build_total(found: Fields, reading: Reading) -> Total | None:
    floor, cap = found.get("floor", 0), found.get("cap", 100 * SCALE)
    if floor >= cap:
        reading.problem(found.position, f"the total's floor {floor // SCALE} is not below its cap {cap // SCALE}")
        return None
    return Total(floor=floor, cap=cap, position=found.position)


TOTAL: Final[Shape[Total]] = Shape(
    noun="`total`",
    keys={"floor": Key(form=WHOLE_POINTS), "cap": Key(form=WHOLE_POINTS)},
    build=_build_total,
)
GATE: Final[Shape[Gate]] = Shape(
    noun="a gate",
    keys={
        "id": Key(form=Name(), required=True),
        "label": Key(form=Text(), required=True),
        "cap": Key(form=POINTS, required=True),
        "unless": Key(form=CONDITION, required=True),
    },
    build=lambda found, _: Gate(
        id=found["id"], label=found["label"], cap=found["cap"], unless=found["unless"], position=found.position
    ),
)


@dataclass(frozen=True, slots=True)
class DimensionName:
    """A dimension that the model has."""

    def read(self, node: Node, reading: Reading) -> str | None:
        """Read a name and look it up."""
        name = Name().read(node, reading)
        if name is not None and name not in reading.dimensions:
            near = suggestion(name, reading.dimensions)
            known = ", ".join(reading.dimensions) or "none"
            reading.problem(
                node.position, f"{shown(name)} is not a dimension of this model{near or '; it has ' + known}"
            )
            return None
        return name

    def schema(self) -> JsonSchema:
        """Describe it as any name; dimensions are the model's own."""
        return Name().schema()


def _axis(noun: str, steps: tuple[str, ...]) -> Shape[Axis]:
    def build(found: Fields, reading: Reading) -> Axis | None:
        first, second, third = (found[step] for step in steps)
        best, next_best, last = (found.at(step) for step in steps)
        for better, worse in itertools.pairwise(steps):
            if found[better] <= found[worse]:
                reading.problem(found.at(worse), f"the threshold of {worse} must be below that of {better}")
                return None
        return Axis(
            dimension=found["from"],
            thresholds=(first, second, third),
            positions=(best, next_best, last),
            position=found.position,
        )

    keys = {
        "from": Key(form=DimensionName(), required=True),
        **{step: Key(form=POINTS, required=True) for step in steps},
    }
    return Shape(noun=noun, keys=keys, build=build)


GRADE: Final[Shape[Grade]] = Shape(
    noun="`grade`",
    keys={
        "letter": Key(form=_axis("the letter of the grade", LETTERS[:3]), required=True),
        "number": Key(form=_axis("the number of the grade", NUMBERS[:3]), required=True),
    },
    build=lambda found, _: Grade(letter=found["letter"], number=found["number"]),
)


def _reason(noun: str) -> Shape[Reason]:
    return Shape(
        noun=noun,
        keys={
            "code": Key(form=Name(), required=True),
            "reason": Key(form=Text(), required=True),
            "when": Key(form=CONDITION, required=True),
        },
        build=lambda found, _: Reason(
            code=found["code"], reason=found["reason"], when=found["when"], position=found.position
        ),
    )


ATTENTION: Final = _reason("an attention entry")
DISQUALIFY: Final = _reason("a reason to disqualify")
ON_DISQUALIFY: Final[Shape[OnDisqualify]] = Shape(
    noun="`on_disqualify`",
    keys={"total": Key(form=WHOLE_POINTS), "grade": Key(form=CELL)},
    build=lambda found, _: OnDisqualify(total=found.get("total", 0), grade=found.get("grade", "D4")),
)


def _build_by_grade(found: Fields, reading: Reading) -> RatingByGrade:
    cells = [(cell, found.at(key)) for key in ("hot", "warm") for cell in found.get(key, ())]
    repeated(cells, reading, "grade")
    return RatingByGrade(hot=found.get("hot", ()), warm=found.get("warm", ()), position=found.position)


def _build_by_total(found: Fields, reading: Reading) -> RatingByTotal | None:
    if found["hot"] <= found["warm"]:
        reading.problem(found.at("hot"), "`hot` must be above `warm`")
        return None
    return RatingByTotal(hot=found["hot"], warm=found["warm"], position=found.position)


_RATINGS: Final[dict[str, Shape[RatingByGrade] | Shape[RatingByTotal]]] = {
    "grade": Shape(
        noun="a rating by grade",
        keys={"hot": Key(form=CELLS, required=True), "warm": Key(form=CELLS)},
        build=_build_by_grade,
    ),
    "total": Shape(
        noun="a rating by total",
        keys={"hot": Key(form=POINTS, required=True), "warm": Key(form=POINTS, required=True)},
        build=_build_by_total,
    ),
}
_BY: Final = Choice(tuple(_RATINGS))


@dataclass(frozen=True, slots=True)
class RatingForm:
    """`by` decides whether grades or totals make somebody hot or warm."""

    def read(self, node: Node, reading: Reading) -> Rating | None:
        """Read `by` first, then the rest with the shape of that kind."""
        entries = node.entries if isinstance(node, Mapping) else ()
        by = [value for key, value in entries if key.text == "by"]
        if not by:
            reading.problem(node.position, "a rating needs `by`: grade or total")
            return None
        kind = _BY.read(by[0], reading)
        if kind is None:
            return None
        rest = Mapping(entries=tuple(each for each in entries if each[0].text != "by"), position=node.position)
        return _RATINGS[kind].read(rest, reading)

    def schema(self) -> JsonSchema:
        """Describe both kinds."""
        described = []
        for kind, shape in _RATINGS.items():
            each = shape.schema()
            each["properties"] = {"by": {"const": kind}, **each["properties"]}
            each["required"] = ["by", *each.get("required", [])]
            described.append(each)
        return {"anyOf": described}


def _build_qualified(found: Fields, reading: Reading) -> Qualified | None:
    total, keep = found.get("total"), found.get("keep_until")
    if total is None and "grades" not in found:
        reading.problem(found.position, "`qualified` needs `total` or `grades`")
        return None
    if keep is not None and (total is None or keep > total):
        reading.problem(found.at("keep_until"), "`keep_until` needs a `total` that it is not above")
        return None
    grades: tuple[str, ...] = found.get("grades", ())
    repeated(((cell, found.at("grades")) for cell in grades), reading, "grade")
    return Qualified(total=total, keep_until=keep, grades=grades, position=found.position)


QUALIFIED: Final[Shape[Qualified]] = Shape(
    noun="`qualified`",
    keys={"total": Key(form=POINTS), "keep_until": Key(form=POINTS), "grades": Key(form=ListOf(form=CELL, least=1))},
    build=_build_qualified,
)
