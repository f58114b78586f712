"""A model as a page of sections, for people; and its whole content as plain values, for programs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING

from scoring.model import RatingByGrade
from scoring.model_dimensions import AttributeDimension
from sync.admin.actions import model_words as words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from scoring.model import Enrichment, Model, Quality
    from scoring.model_dimensions import ActivityDimension, Dimension


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Facts, then a table; either may be empty."""

    title: str
    facts: dict[str, object] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    rows: Sequence[Sequence[object]] = ()


def model_page(model: Model) -> list[Section]:
    """The model in the order of evaluation."""
    return [section for section in _sections(model) if section.rows or section.facts]


def model_content(model: Model) -> dict[str, Any]:
    """Everything that counts for the model's version.

    Points, caps, thresholds, weights and percentages are in thousandths, durations in days, as in the engine; a union's
    members carry their name under `is`.
    """
    return {each.name: _plain(getattr(model, each.name)) for each in fields(model) if each.compare}


def _sections(model: Model) -> Iterator[Section]:
    yield Section(
        title=model.title or model.name,
        facts={
            "model": model.name,
            "version": model.version,
            "language": model.language.value,
            "time zone": model.time_zone,
            "currency": model.currency,
            "horizon": words.days(model.horizon_days),
            "scope": words.condition(model.scope) or "everybody",
            **({"machines": words.machines(model.machines)} if words.machines(model.machines) else {}),
        },
    )
    attributes = [(each.name, each.type.value) for each in model.attributes]
    yield Section(title="Attributes", columns=("attribute", "type"), rows=attributes)
    lists = [(each.name, len(each.values), each.file or "in the model") for each in model.lists]
    yield Section(title="Lists", columns=("list", "values", "from"), rows=lists)
    for dimension in model.dimensions:
        yield from _dimension(dimension)
    if model.quality is not None:
        yield _quality(model.quality)
    if model.enrichment is not None:
        yield Section(title="Enrichment", facts=enrichment_facts(model.enrichment))
    gates = [(each.id, words.points(each.cap), each.label, words.condition(each.unless)) for each in model.gates]
    total = f"{words.points(model.total.floor)} to {words.points(model.total.cap)}"
    yield Section(title="Total", facts={"range": total}, columns=("gate", "cap", "label", "unless"), rows=gates)
    yield Section(title="Outcome", facts=outcome_facts(model))
    for title, reasons in (("Disqualification", model.disqualify), ("Attention", model.attention)):
        rows = [(each.code, each.reason, words.condition(each.when)) for each in reasons]
        yield Section(title=title, columns=("code", "reason", "when"), rows=rows)
    products = [(each.name, "yes" if each.include_fit else "no", words.points(each.cap)) for each in model.products]
    yield Section(title="Products", columns=("product", "with fit", "cap"), rows=products)


def _dimension(dimension: Dimension) -> Iterator[Section]:
    facts: dict[str, object] = {
        "weight": words.points(dimension.weight),
        "from": words.points(dimension.floor),
        "to": words.points(dimension.cap),
    }
    title = dimension.name.capitalize()
    if isinstance(dimension, AttributeDimension):
        groups = {id(rule): group.name for group in dimension.groups for rule in group.rules}
        rows = [
            (groups.get(id(rule)), rule.id, words.points(rule.points), rule.label, words.condition(rule.when))
            for rule in dimension.all_rules()
        ]
        yield Section(
            title=title, facts=_known(facts), columns=("first of", "rule", "points", "label", "when"), rows=rows
        )
        return
    yield _activities(title, facts, dimension)


def _activities(title: str, facts: dict[str, object], dimension: ActivityDimension) -> Section:
    caps = {each.name: words.points(each.cap) for each in dimension.group_caps}
    if caps:
        facts["group caps"] = ", ".join(f"{name} {cap}" for name, cap in caps.items())
    if dimension.inactivity is not None:
        facts["inactivity"] = words.inactivity(dimension.inactivity)
    rows = [
        (
            rule.group,
            rule.id,
            words.points(rule.points),
            rule.label,
            words.activities(rule.activities),
            words.bounds(rule),
            words.decay(rule.decay),
            rule.intent.value,
        )
        for rule in dimension.rules
    ]
    columns = ("group", "rule", "points", "label", "on", "limit", "decay", "intent")
    return Section(title=title, facts=_known(facts), columns=columns, rows=rows)


def _quality(quality: Quality) -> Section:
    rows = [(rule.id, words.points(rule.points), rule.label, words.condition(rule.when)) for rule in quality.rules]
    facts = quality_facts(quality)
    return Section(title="Quality", facts=facts, columns=("rule", "points", "label", "when"), rows=rows)


def quality_facts(quality: Quality) -> dict[str, object]:
    """Quality without its rules."""
    facts: dict[str, object] = {"not below": words.points(quality.cap)}
    completeness = quality.completeness
    if completeness is not None:
        facts["completeness of"] = ", ".join(completeness.fields)
        if completeness.below_points is not None:
            facts["incomplete"] = (
                f"{words.points(completeness.below_points)} below {words.points(completeness.below_percent)} percent"
            )
        if completeness.linear_points is not None:
            facts["incomplete"] = f"{words.points(completeness.linear_points)} times the share that is missing"
    return _known(facts)


def enrichment_facts(enrichment: Enrichment) -> dict[str, object]:
    """What enrichment costs and whether it discounts."""
    facts: dict[str, object] = {
        "not below": words.points(enrichment.cap),
        "points count by confidence": "yes" if enrichment.discount else "no",
        "unmatched": words.points(enrichment.unmatched),
    }
    if enrichment.stale is not None:
        facts["stale"] = f"{words.points(enrichment.stale.points)} after {words.days(enrichment.stale.after_days)}"
    if enrichment.low_confidence is not None:
        low = enrichment.low_confidence
        facts["low confidence"] = f"{words.points(low.points)} below {words.points(low.below)}"
    if enrichment.conflicts is not None:
        conflicts = enrichment.conflicts
        facts["conflicts"] = f"{words.points(conflicts.points)} for each of {', '.join(conflicts.fields)}"
    return _known(facts)


def outcome_facts(model: Model) -> dict[str, object]:
    """What is made of the total: grade, rating, qualified, disqualified, companies, and the days looked back."""
    facts: dict[str, object] = {}
    if model.grade is not None:
        for name, axis, steps in (("letter", model.grade.letter, "ABC"), ("number", model.grade.number, "123")):
            pieces = (f"{step} from {words.points(least)}" for step, least in zip(steps, axis.thresholds, strict=True))
            facts[name] = f"of {axis.dimension}: {', '.join(pieces)}"
    rating = model.rating
    if isinstance(rating, RatingByGrade):
        facts["rating"] = f"hot {', '.join(rating.hot)}; warm {', '.join(rating.warm)}; else cold"
    elif rating is not None:
        facts["rating"] = f"hot from {words.points(rating.hot)}, warm from {words.points(rating.warm)}, else cold"
    qualified = model.qualified
    if qualified is not None:
        ways = [f"total from {words.points(qualified.total)}"] if qualified.total is not None else []
        ways += [f"kept until {words.points(qualified.keep_until)}"] if qualified.keep_until is not None else []
        ways += [f"grades {', '.join(qualified.grades)}"] if qualified.grades else []
        facts["qualified"] = ", ".join(ways)
    facts["disqualified"] = f"total {words.points(model.on_disqualify.total)}, grade {model.on_disqualify.grade}"
    companies = model.companies
    if companies is not None:
        facts["companies"] = words.companies(companies)
    facts["trend"] = words.days(model.trend_days)
    facts["recent"] = words.days(model.recent_days)
    return facts


def _known(facts: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value is not None}


def _plain(value: Any) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        content = {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.compare}
        return {"is": type(value).__name__, **content}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.value if isinstance(value, Enum) else value
