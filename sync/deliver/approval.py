"""What an operator approved when a model was published: how many records of a connection may change because of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sync.store.sql.markers import RESCORED

if TYPE_CHECKING:
    from sync.store.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """For one connection, until everything that the model changed there is written."""

    #: Of the model, or of the models and their conditions.
    version: str
    #: Records whose grade, qualified or disqualified may change.
    changes: int
    #: Records that may be blanked.
    blanks: int
    by: str


def approve(unit: Unit, connection_no: int, approval: Approval) -> None:
    """Note an approval, in place of an earlier one."""
    unit.markers.put(_name(connection_no), asdict(approval))


def approval_in_force(unit: Unit, connection_no: int) -> Approval | None:
    """The approval of the model that everybody was last scored with; before that it says nothing."""
    known = unit.markers.get(_name(connection_no))
    if known is None:
        return None
    scored = unit.markers.get(RESCORED) or {}
    return Approval(**known) if scored.get("version") == known["version"] else None


def end_approval(unit: Unit, connection_no: int) -> None:
    """Everything is written: what comes now is not the model's doing."""
    if approval_in_force(unit, connection_no) is not None:
        unit.markers.drop(_name(connection_no))


def _name(connection_no: int) -> str:
    return f"approved.{connection_no}"
