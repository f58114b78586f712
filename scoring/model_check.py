"""Checks a model that loads for what will not do what its author means. Honest and simple: it proves, it does not guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.model_check_bounds import check_bounds
from scoring.model_check_names import check_declared, check_kinds, check_names, check_written
from scoring.model_check_rules import check_rules
from scoring.model_check_values import check_values
from scoring.model_findings import Finding, Remarks, Severity

if TYPE_CHECKING:
    from collections.abc import Collection

    from scoring.model import Model

__all__ = ["Finding", "Severity", "check_model"]


def check_model(
    model: Model,
    *,
    mapped_attributes: Collection[str] | None = None,
    mapped_kinds: Collection[str] | None = None,
    written_attributes: Collection[str] = (),
) -> list[Finding]:
    """Find what is wrong, or could be better, with a model.

    Args:
        model: a model that loads.
        mapped_attributes: the canonical and custom attributes that the field maps or the files provide; absent:
            attributes are only checked against the closed lists and the model's own declarations.
        mapped_kinds: the kinds of activities that are provided; absent: not checked.
        written_attributes: attributes that the field maps read from fields that Leadgrade writes.

    Returns:
        Findings in the order of the file.
    """
    remarks = Remarks(file=model.file, found=[])
    check_names(model, mapped_attributes, remarks)
    check_declared(model, remarks)
    check_written(model, written_attributes, remarks)
    check_kinds(model, mapped_kinds, remarks)
    check_values(model, remarks)
    check_rules(model, remarks)
    check_bounds(model, remarks)
    unique = dict.fromkeys(remarks.found)
    return sorted(unique, key=lambda each: (each.line, each.column, each.message))
