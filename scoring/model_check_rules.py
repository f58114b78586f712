"""Checks that every rule can fire, and that what is declared has rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scoring.model_check_bands import check_together
from scoring.model_dimensions import ActivityDimension
from scoring.model_findings import happenings, roots
from scoring.model_logic import can_hold, implies

if TYPE_CHECKING:
    from scoring.model import Model
    from scoring.model_findings import Remarks

#: More rules than anybody can keep in mind; start with the ten that matter.
MANY_RULES: Final = 100


def check_rules(model: Model, remarks: Remarks) -> None:
    """Remark on rules that never fire or take each other's place, and on dimensions and products without rules."""
    for root in roots(model):
        if not can_hold(root):
            remarks.warn(
                root.position, "this condition can never hold", "remove one of the parts that exclude each other"
            )
    for dimension in model.dimensions:
        if not dimension.all_rules():
            remarks.warn(dimension.position, f"the dimension {dimension.name!r} has no rules", "add rules or remove it")
        check_together(dimension, remarks)
    _check_covered_reasons(model, remarks)
    _check_horizon(model, remarks)
    _check_silence(model, remarks)
    _check_products(model, remarks)
    _check_number(model, remarks)


def _check_covered_reasons(model: Model, remarks: Remarks) -> None:
    for place, reason in enumerate(model.attention):
        earlier = next((each for each in model.attention[:place] if implies(reason.when, each.when)), None)
        if earlier is not None:
            remarks.warn(
                reason.position,
                f"the attention entry {reason.code!r} is never shown, because {earlier.code!r} above it holds whenever it does",
                "put the narrower entry first",
            )


def _check_horizon(model: Model, remarks: Remarks) -> None:
    """What is older than the horizon does not exist."""
    for node in happenings(model):
        if node.within_days is not None and node.within_days > model.horizon_days:
            remarks.warn(
                node.position,
                f"activities of {model.horizon_days} days and more do not exist under the horizon, so this looks back no"
                " further",
                "raise `horizon`, or shorten `within`",
            )


def _check_silence(model: Model, remarks: Remarks) -> None:
    for dimension in model.dimensions:
        silence = dimension.inactivity if isinstance(dimension, ActivityDimension) else None
        if silence is not None and silence.after_days >= model.horizon_days:
            remarks.warn(
                silence.position,
                f"activities of {model.horizon_days} days and more do not exist under the horizon, so inactivity begins"
                " for nobody without `last_activity_on`",
                "raise `horizon`, or let inactivity begin earlier",
            )


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
        remarks.note(
            model.dimensions[0].position,
            f"the model has {number} rules, more than a team can judge",
            "start with few rules, and add those that the outcomes ask for",
        )
