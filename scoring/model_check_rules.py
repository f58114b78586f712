"""Checks that every rule can fire, and that what is declared has rules."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from scoring.model_conditions import AttributeTest
from scoring.model_dimensions import ActivityDimension, AttributeDimension
from scoring.model_findings import roots
from scoring.model_logic import band_of, can_hold, implies
from scoring.vocabulary import AttributeType

if TYPE_CHECKING:
    from scoring.model import Model
    from scoring.model_dimensions import RuleGroup
    from scoring.model_findings import Remarks
    from scoring.model_logic import Band

#: More rules than anybody can keep in mind; start with the ten that matter.
MANY_RULES: Final = 100


def check_rules(model: Model, remarks: Remarks) -> None:
    """Remark on rules that never fire, holes between bands, and dimensions and products without rules."""
    for root in roots(model):
        if not can_hold(root):
            remarks.warn(
                root.position, "this condition can never hold", "remove one of the parts that exclude each other"
            )
    for dimension in model.dimensions:
        if not dimension.all_rules():
            remarks.warn(dimension.position, f"the dimension {dimension.name!r} has no rules", "add rules or remove it")
        if isinstance(dimension, AttributeDimension):
            for group in dimension.groups:
                _check_covered(group, remarks)
                _check_holes(group, remarks)
    _check_covered_reasons(model, remarks)
    _check_products(model, remarks)
    _check_number(model, remarks)


def _check_covered(group: RuleGroup, remarks: Remarks) -> None:
    for place, rule in enumerate(group.rules):
        earlier = next((each for each in group.rules[:place] if implies(rule.when, each.when)), None)
        if earlier is not None:
            remarks.warn(
                rule.position,
                f"the rule {rule.id!r} never counts, because {earlier.id!r} above it in the group holds whenever it does",
                "put the narrower rule first",
            )


def _check_covered_reasons(model: Model, remarks: Remarks) -> None:
    for place, reason in enumerate(model.attention):
        earlier = next((each for each in model.attention[:place] if implies(reason.when, each.when)), None)
        if earlier is not None:
            remarks.warn(
                reason.position,
                f"the attention entry {reason.code!r} is never shown, because {earlier.code!r} above it holds whenever it does",
                "put the narrower entry first",
            )


def _check_holes(group: RuleGroup, remarks: Remarks) -> None:
    """Bands on one number attribute should leave no whole number between them."""
    bands: list[Band] = []
    for rule in group.rules:
        test = rule.when
        if not isinstance(test, AttributeTest) or test.type is not AttributeType.NUMBER:
            return
        band = band_of(test)
        first = group.rules[0].when
        if band is None or not isinstance(first, AttributeTest) or first.attribute != test.attribute:
            return
        bands.append(band)
    bands.sort(key=lambda band: (band.low is not None, band.low if isinstance(band.low, Decimal) else Decimal(0)))
    reached: Band | None = None
    for band in bands:
        if reached is not None and isinstance(reached.high, Decimal) and isinstance(band.low, Decimal):
            hole = _whole_number_between(reached, band)
            if hole is not None:
                remarks.warn(
                    group.position,
                    f"no rule of the group {group.name!r} holds for {hole:,}, though some do below and above it",
                    "let one band begin where the other ends, for instance with `gte` after `lt`",
                )
                return
        if reached is None or _ends_later(band, reached):
            reached = band


def _ends_later(band: Band, reached: Band) -> bool:
    if not isinstance(reached.high, Decimal):
        return False
    return not isinstance(band.high, Decimal) or band.high >= reached.high


def _whole_number_between(below: Band, above: Band) -> int | None:
    if not isinstance(below.high, Decimal) or not isinstance(above.low, Decimal):
        return None
    candidate = int(below.high.to_integral_value(rounding="ROUND_FLOOR"))
    if below.high_included or candidate < below.high:
        candidate += 1
    if candidate < above.low or (candidate == above.low and not above.low_included):
        return candidate
    return None


def _check_products(model: Model, remarks: Remarks) -> None:
    tagged: set[str] = set()
    if model.engagement is not None:
        tagged = {product for rule in model.engagement.rules for product in rule.products}
    for product in model.products:
        if product.name not in tagged and not product.include_fit:
            remarks.warn(
                product.position,
                f"no rule of engagement is tagged with the product {product.name!r}, so its score is 0 for everybody",
                f"add `products: [{product.name}]` to rules",
            )


def _check_number(model: Model, remarks: Remarks) -> None:
    number = sum(len(dimension.all_rules()) for dimension in model.dimensions)
    if number > MANY_RULES:
        first = next(each for each in model.dimensions if isinstance(each, AttributeDimension | ActivityDimension))
        remarks.note(
            first.position,
            f"the model has {number} rules, more than a team can judge",
            "start with few rules, and add those that the outcomes ask for",
        )
