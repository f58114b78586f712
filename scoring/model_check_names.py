"""Checks that whatever a model looks at is provided by somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scoring.model_file_reading import suggestion
from scoring.model_findings import matches, people_tests
from scoring.vocabulary import CANONICAL_ATTRIBUTES, DERIVED_ATTRIBUTES, DERIVED_FROM, ENRICHED_PREFIX, without_enriched

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from scoring.model import Model
    from scoring.model_conditions import Position
    from scoring.model_findings import Remarks

#: Attributes that Leadgrade itself keeps for every person.
_KEPT: Final = frozenset(
    (
        *("modified_at", "created_at", "was_qualified", "company_id", "is_duplicate"),
        *("enrichment_status", "enrichment_source", "enrichment_confidence", "enriched_at"),
    )
)
#: How the fields that Leadgrade creates begin, in any CRM.
_OURS: Final = "leadgrade_"


def check_names(model: Model, mapped: Collection[str] | None, remarks: Remarks) -> None:
    """Remark on attributes that nobody provides, and on custom ones that nobody declares."""
    declared = {each.name for each in model.attributes}
    known = {*CANONICAL_ATTRIBUTES, *DERIVED_ATTRIBUTES, *declared}
    for name, position in _uses(model):
        plain = without_enriched(name)
        if plain.casefold().startswith(_OURS):
            continue  # check_written has more to say
        if plain not in known and (mapped is None or plain not in mapped):
            near = suggestion(plain, known)
            remarks.warn(
                position,
                f"{plain!r} is no attribute that Leadgrade knows{near}",
                "correct the name, or declare it under `attributes` and map a field to it",
            )
        elif mapped is not None and not _is_provided(name, mapped):
            sources = DERIVED_FROM.get(name, ())
            wanted = f"one of {', '.join(sources)}" if sources else f"{name!r}"
            remarks.warn(
                position, f"nothing provides {name!r}, so it is absent for everybody", f"map a field to {wanted}"
            )


def check_written(model: Model, written: Collection[str], remarks: Remarks) -> None:
    """Remark on attributes that are read from fields that Leadgrade itself writes."""
    for name, position in _uses(model):
        plain = without_enriched(name)
        if plain in written or plain.casefold().startswith(_OURS):
            remarks.warn(
                position,
                f"{plain!r} is read from a field that Leadgrade writes, so the score would feed on itself",
                "score what people are and do; take the rule out, or map another field",
            )


def check_declared(model: Model, remarks: Remarks) -> None:
    """Remark on custom attributes that are declared and never looked at."""
    used = {without_enriched(name) for name, _ in _uses(model)}
    for each in model.attributes:
        if each.name not in used:
            remarks.note(
                each.position, f"the attribute {each.name!r} is used nowhere", "use it in a condition or remove it"
            )


def check_kinds(model: Model, mapped: Collection[str] | None, remarks: Remarks) -> None:
    """Remark on rules and conditions none of whose kinds of activities is provided."""
    if mapped is None:
        return
    for match in matches(model):
        if not set(match.kinds) & set(mapped):
            remarks.warn(
                match.position,
                f"no activities of kind {', '.join(match.kinds)} are provided, so this never happens",
                "map something to this kind in the activity map, or remove the rule",
            )


def _uses(model: Model) -> Iterator[tuple[str, Position]]:
    for test in people_tests(model):
        yield test.attribute, test.position
    if model.quality is not None and model.quality.completeness is not None:
        completeness = model.quality.completeness
        yield from zip(completeness.fields, completeness.positions)
    if model.enrichment is not None and model.enrichment.conflicts is not None:
        yield from zip(model.enrichment.conflicts.fields, model.enrichment.conflicts.positions)
    if model.companies is not None and model.companies.weights is not None:
        yield model.companies.weights.attribute, model.companies.weights.position


def _is_provided(name: str, mapped: Collection[str]) -> bool:
    if name in mapped or ENRICHED_PREFIX + name in mapped or name in _KEPT:
        return True
    return any(_is_provided(source, mapped) for source in DERIVED_FROM.get(name, ()) if source != name)
