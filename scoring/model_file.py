"""Loads a model from text: every problem with its place, or a Model in which nothing is left to check.

Opens nothing: list files come through a function of the caller.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from scoring.errors import ModelError, Problem
from scoring.model import (
    Machines,
    Model,
    OnDisqualify,
    RatingByGrade,
    Total,
)
from scoring.model_file_companies import COMPANIES, PRODUCT
from scoring.model_file_conditions import CONDITION
from scoring.model_file_dimensions import ACTIVITY_DIMENSION, ATTRIBUTE_DIMENSION, DimensionForm
from scoring.model_file_forms import MAX_DAYS, Duration, Name, Text, Whole, choice_of, repeated
from scoring.model_file_names import AttributesForm, Currency, ListsForm, TimeZone
from scoring.model_file_outcomes import (
    ATTENTION,
    DISQUALIFY,
    GATE,
    GRADE,
    ON_DISQUALIFY,
    QUALIFIED,
    TOTAL,
    RatingForm,
)
from scoring.model_file_reading import Reading, shown
from scoring.model_file_sections import ENRICHMENT, MACHINES, QUALITY
from scoring.model_file_shapes import Entry, Fields, Key, ListOf, MapOf, Shape
from scoring.model_file_yaml import Mapping, Node, YamlError, parse_yaml
from scoring.vocabulary import ENGAGEMENT, FIT, PARTS, SCALE, SCORE_COLUMNS, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scoring.model_conditions import Position
    from scoring.model_dimensions import Dimension

_RESERVED_DIMENSIONS: Final = frozenset({FIT, ENGAGEMENT, *PARTS, *SCORE_COLUMNS})
_DAYS: Final = {"days": Key(form=Whole(least=1, most=MAX_DAYS), required=True)}


def load_model(text: str, *, name: str, read_list: Callable[[str], str]) -> Model:
    """Load a model.

    Args:
        text: the content of the file.
        name: the file's name, as messages should show it.
        read_list: returns the content of a list file, named relative to the model's file; may raise OSError,
            ValueError (so UnicodeDecodeError) or LookupError, which become problems of the model.

    Raises:
        ModelError: with every problem found. Nothing else is ever raised.
    """
    try:
        root = parse_yaml(text)
    except YamlError as exc:
        place = {"line": exc.position.line, "column": exc.position.column}
        raise ModelError([Problem(file=name, message=exc.message, **place)]) from exc
    reading = Reading(file=name, dimensions=_dimension_names(root), products=_names_under(root, "products"))
    model = model_shape(read_list).read(root, reading)
    if model is None or reading.problems:
        raise ModelError(reading.problems)
    return model


def model_shape(read_list: Callable[[str], str]) -> Shape[Model]:
    """The grammar of the whole file, in the order in which it is read."""
    return Shape(
        noun="a model",
        keys={
            "model": Key(form=Name(), required=True),
            "title": Key(form=Text()),
            "language": Key(form=choice_of(Language)),
            "time_zone": Key(form=TimeZone()),
            "currency": Key(form=Currency()),
            "horizon": Key(form=Duration()),
            "attributes": Key(form=AttributesForm()),
            "lists": Key(form=ListsForm(read_list=read_list)),
            "scope": Key(form=CONDITION),
            "fit": Key(form=ATTRIBUTE_DIMENSION),
            "engagement": Key(form=ACTIVITY_DIMENSION),
            "dimensions": Key(form=MapOf(form=DimensionForm())),
            "machines": Key(form=MACHINES),
            "quality": Key(form=QUALITY),
            "enrichment": Key(form=ENRICHMENT),
            "total": Key(form=TOTAL),
            "gates": Key(form=ListOf(form=GATE)),
            "grade": Key(form=GRADE),
            "rating": Key(form=RatingForm()),
            "qualified": Key(form=QUALIFIED),
            "attention": Key(form=ListOf(form=ATTENTION)),
            "disqualify": Key(form=ListOf(form=DISQUALIFY)),
            "on_disqualify": Key(form=ON_DISQUALIFY),
            "products": Key(form=MapOf(form=PRODUCT)),
            "companies": Key(form=COMPANIES),
            "trend": Key(form=Shape(noun="`trend`", keys=_DAYS, build=lambda found, _: int(found["days"]))),
            "recent": Key(form=Shape(noun="`recent`", keys=_DAYS, build=lambda found, _: int(found["days"]))),
        },
        build=_build,
    )


def _build(found: Fields, reading: Reading) -> Model:
    model = Model(
        name=found["model"],
        file=reading.file,
        title=found.get("title", found["model"]),
        language=Language(found.get("language", Language.ENGLISH)),
        time_zone=found.get("time_zone", "UTC"),
        currency=found.get("currency"),
        horizon_days=found.get("horizon", 730),
        attributes=found.get("attributes", ()),
        lists=found.get("lists", ()),
        scope=found.get("scope"),
        dimensions=_dimensions(found),
        machines=found.get("machines", Machines()),
        quality=found.get("quality"),
        enrichment=found.get("enrichment"),
        total=found.get("total", Total()),
        gates=found.get("gates", ()),
        grade=found.get("grade"),
        rating=found.get("rating"),
        qualified=found.get("qualified"),
        attention=found.get("attention", ()),
        disqualify=found.get("disqualify", ()),
        on_disqualify=found.get("on_disqualify", OnDisqualify()),
        products=tuple(
            replace(each.value, name=each.name, position=each.position) for each in found.get("products", ())
        ),
        companies=found.get("companies"),
        trend_days=found.get("trend", 30),
        recent_days=found.get("recent", 90),
    )
    _check_names(model, found, reading)
    _check_together(model, reading)
    return model


def _dimensions(found: Fields) -> tuple[Dimension, ...]:
    named = [Entry(name=key, value=found[key], position=found.at(key)) for key in (FIT, ENGAGEMENT) if key in found]
    named += found.get("dimensions", ())
    return tuple(replace(each.value, name=each.name, position=each.position) for each in named)


def _check_names(model: Model, found: Fields, reading: Reading) -> None:
    repeated(_rule_ids(model), reading, "id")
    repeated(((gate.id, gate.position) for gate in model.gates), reading, "gate")
    repeated(((each.code, each.position) for each in model.disqualify), reading, "code")
    repeated(((each.code, each.position) for each in model.attention), reading, "code")
    taken: dict[str, str] = {}
    for kind in ("dimensions", "products"):
        entries: tuple[Entry, ...] = found.get(kind, ())
        for entry in entries:
            # Databases and spreadsheets do not tell columns apart by case, and CRMs turn '-' and '.' into '_'.
            column = f"{kind}_{entry.name}".casefold().replace("-", "_").replace(".", "_")
            if kind == "dimensions" and entry.name.casefold() in _RESERVED_DIMENSIONS:
                reading.problem(
                    entry.position, f"the name {shown(entry.name)} is taken; choose another for this dimension"
                )
            elif column in taken:
                message = f"the column of {shown(entry.name)} is taken by {shown(taken[column])}; choose another name"
                reading.problem(entry.position, message)
            taken.setdefault(column, entry.name)


def _rule_ids(model: Model) -> Iterator[tuple[str, Position]]:
    for dimension in model.dimensions:
        for rule in dimension.all_rules():
            yield rule.id, rule.position
    for rule in model.quality.rules if model.quality else ():
        yield rule.id, rule.position


def _check_together(model: Model, reading: Reading) -> None:
    for gate in model.gates:
        if gate.cap < model.total.floor:
            floor = model.total.floor // SCALE
            reading.problem(gate.position, f"the cap of gate {shown(gate.id)} is below the total's floor {floor}")
    if model.grade is None:
        if isinstance(model.rating, RatingByGrade):
            reading.problem(model.rating.position, "a rating by grade needs `grade`")
        if model.qualified is not None and model.qualified.grades:
            reading.problem(model.qualified.position, "`qualified: {grades: …}` needs `grade`")


def _dimension_names(root: Node) -> tuple[str, ...]:
    keys = [key.text for key, _ in root.entries] if isinstance(root, Mapping) else []
    return (*(name for name in (FIT, ENGAGEMENT) if name in keys), *_names_under(root, "dimensions"))


def _names_under(root: Node, key: str) -> tuple[str, ...]:
    for each, value in root.entries if isinstance(root, Mapping) else ():
        if each.text == key and isinstance(value, Mapping):
            return tuple(name.text for name, _ in value.entries)
    return ()
