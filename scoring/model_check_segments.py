"""Checks the entries of several models: that each can score somebody, and that somebody scores everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.model import Model, Reason
from scoring.model_check_names import check_kinds, check_names, check_written
from scoring.model_check_values import check_values
from scoring.model_findings import Finding, Remarks, happenings
from scoring.model_logic import can_hold, implies

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from scoring.model_conditions import Position
    from scoring.segments import Segment


def check_segments(
    entries: Sequence[Segment],
    positions: Sequence[Position],
    *,
    file: str,
    mapped_attributes: Collection[str] | None = None,
    mapped_kinds: Collection[str] | None = None,
    written_attributes: Collection[str] = (),
) -> list[Finding]:
    """Find what is wrong with the conditions and the order of several models; the models themselves are not looked at.

    Args:
        entries: the entries in their order.
        positions: where each stands.
        file: the name of the file in which they stand.
        mapped_attributes: as for `check_model`.
        mapped_kinds: as for `check_model`.
        written_attributes: as for `check_model`.

    Returns:
        Findings in the order of the file.
    """
    remarks = Remarks(file=file, found=[])
    for place, (entry, position) in enumerate(zip(entries, positions, strict=True)):
        _check_order(entries, place, position, remarks)
        if entry.when is None:
            continue
        alone = _alone(entry)
        check_names(alone, mapped_attributes, remarks)
        check_written(alone, written_attributes, remarks)
        check_kinds(alone, mapped_kinds, remarks)
        check_values(alone, remarks)
        if not can_hold(entry.when):
            remarks.warn(
                entry.when.position, "this condition can never hold", "remove one of the parts that exclude each other"
            )
        for node in happenings(alone):
            if node.within_days is not None and node.within_days > alone.horizon_days:
                remarks.warn(
                    node.position,
                    f"activities of {alone.horizon_days} days and more do not exist under the horizon of the model"
                    f" {alone.name}, so this looks back no further",
                    "raise its `horizon`, or shorten `within`",
                )
    if entries[-1].when is not None:
        remarks.warn(
            positions[-1],
            "whoever none of these conditions holds for gets no score at all",
            "add a last entry without `when`, or leave it so if they are meant to have none",
        )
    return sorted(dict.fromkeys(remarks.found), key=lambda each: (each.line, each.column, each.message))


def _check_order(entries: Sequence[Segment], place: int, position: Position, remarks: Remarks) -> None:
    when = entries[place].when
    for number, earlier in enumerate(entries[:place], start=1):
        if earlier.when is None:
            remarks.warn(
                position,
                f"this model scores nobody, because entry {number} above it has no `when` and so holds for everybody",
                "put the entry without `when` last",
            )
            return
        if when is not None and implies(when, earlier.when):
            remarks.warn(
                position,
                f"this model scores nobody, because entry {number} above it holds whenever its condition does",
                "put the narrower condition first",
            )
            return


def _alone(entry: Segment) -> Model:
    """A model that has nothing but the condition, so that the checks of models can look at it."""
    model = entry.model
    conditions = () if entry.when is None else (entry.when,)
    return Model(
        name=model.name,
        horizon_days=model.horizon_days,
        attributes=model.attributes,
        attention=tuple(Reason(code=model.name, reason="", when=each) for each in conditions),
    )
