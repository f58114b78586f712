"""What the checker thinks of the models of an installation: each by itself, and the conditions that share people out among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from scoring.model_check import Finding, Severity, check_model
from scoring.model_check_segments import check_segments
from scoring.model_logic import attribute_tests

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Unpack

    from scoring.model import Model
    from sync.scoring_model import ModelInForce


class Provided(TypedDict, total=False):
    """What the field maps bring, as `check_model` takes it."""

    mapped_attributes: Collection[str] | None
    mapped_kinds: Collection[str] | None
    written_attributes: Collection[str]


def configured_findings(configured: ModelInForce, **provided: Unpack[Provided]) -> list[Finding]:
    """What the checker thinks of every model of an installation, and of the conditions that share people out among them."""
    if configured.is_plain:
        return check_model(configured.models[0].model, **provided)
    file = configured.entries[0].file
    entries, positions = configured.segments.entries, [each.position for each in configured.entries]
    findings = check_segments(entries, positions, file=file, **provided)
    for each in configured.models:
        # What a condition of the settings looks at is not useless in its model.
        used = _used_by_conditions(configured, each.model)
        findings += [
            found
            for found in check_model(each.model, **provided)
            if found.severity is not Severity.NOTE or (found.line, found.column) not in used
        ]
    return findings


def _used_by_conditions(configured: ModelInForce, model: Model) -> set[tuple[int, int]]:
    """Where the lists and custom attributes are declared that the conditions of a model's entries look at."""
    conditions = [each.when for each in configured.segments.entries if each.model == model and each.when is not None]
    tests = [test for each in conditions for test in attribute_tests(each)]
    names = {test.attribute for test in tests}
    lists = {each.list_name for test in tests for each in test.comparisons}
    declared = [each.position for each in model.attributes if each.name in names]
    declared += [each.position for each in model.lists if each.name in lists]
    return {(each.line, each.column) for each in declared}
