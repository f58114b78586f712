"""A model as a flat list of named parts, so that two models can be held against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scoring.model_conditions import All, AnyOf, AttributeTest, Happened, Not
from scoring.model_digest import digest
from scoring.model_dimensions import AttributeDimension
from sync.admin.actions import model_words as words
from sync.admin.actions.model_page import enrichment_facts, outcome_facts, quality_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scoring.model import Model, Quality
    from scoring.model_conditions import ActivityMatch, Condition
    from scoring.model_dimensions import ActivityRule, AttributeRule, Dimension


@dataclass(frozen=True, slots=True)
class Facet:
    """One side of a part: how it is shown, and what decides whether it is the same."""

    shown: str
    key: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something in a model that comes and goes as a whole."""

    section: str
    name: str
    facets: Mapping[str, Facet]


def _facet(shown: object, value: object = None) -> Facet:
    text = "" if shown is None else str(shown)
    return Facet(text, text if value is None else digest(value))


def _condition(node: Condition | None) -> Facet:
    """A condition; the values of the lists it names are told under `lists`."""
    return _facet(words.condition(node), None if node is None else _without_list_values(node))


def _match(match: ActivityMatch) -> Facet:
    where = None if match.where is None else _without_list_values(match.where)
    return _facet(words.activities(match), replace(match, where=where))


def _without_list_values(node: Condition) -> Condition:
    match node:
        case All(parts=parts) | AnyOf(parts=parts):
            return replace(node, parts=tuple(map(_without_list_values, parts)))
        case Not(part=part):
            return replace(node, part=_without_list_values(part))
        case Happened(activities=activities) if activities.where is not None:
            return replace(node, activities=replace(activities, where=_without_list_values(activities.where)))
        case AttributeTest(comparisons=comparisons):
            bare = (replace(each, values=()) if each.list_name is not None else each for each in comparisons)
            return replace(node, comparisons=tuple(bare))
        case _:
            return node


def _plain(**facets: object) -> dict[str, Facet]:
    return {name.replace("_", " "): _facet(shown) for name, shown in facets.items()}


def model_parts(model: Model) -> Iterator[Part]:
    """Yield whatever counts for the version, but for the values of lists and for order."""
    yield Part("model", "", _general(model))
    for attribute in model.attributes:
        yield Part("attributes", attribute.name, _plain(type=attribute.type.value))
    for dimension in model.dimensions:
        yield from _dimension(dimension)
    if model.quality is not None:
        yield Part("quality", "", _quality(model.quality))
        yield from (Part("quality", rule.id, _attribute_rule(rule, None)) for rule in model.quality.rules)
    if model.enrichment is not None:
        facts = {name: _facet(text) for name, text in enrichment_facts(model.enrichment).items()}
        yield Part("enrichment", "", facts)
    yield Part("total", "", _plain(floor=words.points(model.total.floor), cap=words.points(model.total.cap)))
    for gate in model.gates:
        unless = _condition(gate.unless)
        yield Part("gates", gate.id, {**_plain(cap=words.points(gate.cap), label=gate.label), "unless": unless})
    yield Part("outcome", "", _outcome(model))
    for section, reasons in (("disqualify", model.disqualify), ("attention", model.attention)):
        for reason in reasons:
            when = _condition(reason.when)
            yield Part(section, reason.code, {**_plain(reason=reason.reason), "when": when})
    for product in model.products:
        with_fit = "yes" if product.include_fit else "no"
        yield Part("products", product.name, _plain(with_fit=with_fit, cap=words.points(product.cap)))


def _general(model: Model) -> dict[str, Facet]:
    return {
        **_plain(
            name=model.name,
            title=model.title,
            language=model.language.value,
            time_zone=model.time_zone,
            currency=model.currency,
            horizon=words.days(model.horizon_days),
            machines=words.machines(model.machines),
        ),
        "scope": _facet("everybody") if model.scope is None else _condition(model.scope),
    }


def _quality(quality: Quality) -> dict[str, Facet]:
    facts = {name: _facet(text) for name, text in quality_facts(quality).items()}
    if quality.completeness is not None:
        fields = quality.completeness.fields
        facts["completeness of"] = Facet(", ".join(fields), ", ".join(sorted(fields)))
    return facts


def _outcome(model: Model) -> dict[str, Facet]:
    """The facts of the page; what is compared is the model's own value, in which order means nothing."""
    values: dict[str, object] = {"rating": model.rating, "qualified": model.qualified, "companies": model.companies}
    return {name: _facet(text, values.get(name)) for name, text in outcome_facts(model).items()}


def _dimension(dimension: Dimension) -> Iterator[Part]:
    bounds = _plain(
        weight=words.points(dimension.weight),
        floor=words.points(dimension.floor),
        cap=words.points(dimension.cap),
    )
    if isinstance(dimension, AttributeDimension):
        yield Part(dimension.name, "", {**_plain(kind="attributes"), **bounds})
        for group, rule in grouped(dimension):
            yield Part(dimension.name, rule.id, _attribute_rule(rule, group))
        return
    caps = ", ".join(f"{each.name} {words.points(each.cap)}" for each in dimension.group_caps)
    silence = words.inactivity(dimension.inactivity) if dimension.inactivity is not None else ""
    yield Part(
        dimension.name, "", {**_plain(kind="activities"), **bounds, **_plain(group_caps=caps, inactivity=silence)}
    )
    yield from (Part(dimension.name, rule.id, _activity_rule(rule)) for rule in dimension.rules)


def grouped(dimension: AttributeDimension) -> Iterator[tuple[str | None, AttributeRule]]:
    """Yield the rules with their groups, in the order of evaluation."""
    for group in dimension.groups:
        yield from ((group.name, rule) for rule in group.rules)
    yield from ((None, rule) for rule in dimension.rules)


def _attribute_rule(rule: AttributeRule, group: str | None) -> dict[str, Facet]:
    return {
        **_plain(points=words.points(rule.points), label=rule.label, group=group),
        "when": _condition(rule.when),
        **_plain(tier=rule.tier.value if rule.tier else None),
    }


def _activity_rule(rule: ActivityRule) -> dict[str, Facet]:
    return {
        **_plain(points=words.points(rule.points), label=rule.label, group=rule.group),
        "on": _match(rule.activities),
        **_plain(
            limit=words.bounds(rule),
            decay=words.decay(rule.decay),
            intent=rule.intent.value,
            products=", ".join(sorted(rule.products)),
            tier=rule.tier.value if rule.tier else None,
        ),
    }
