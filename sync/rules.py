"""What the stages follow in this installation: settings, field maps and model, as the values that people and rescore take."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sync.people.profiles import Rules as PeopleRules
from sync.rescore.scoring_run import Rules

if TYPE_CHECKING:
    from datetime import date

    from sync.app import App, ModelInForce


def scoring_rules(app: App, *, day: date, model: ModelInForce, force: bool = False) -> Rules:
    """What a rescore follows on a day."""
    outputs = {}
    for name, row in app.connections(app.names()).items():
        field_map = app.field_map(name)
        outputs[row.connection_no] = {each: frozenset(fields) for each, fields in field_map.outputs.items()}
    return Rules(
        segments=model.segments,
        day=day,
        deadband=app.settings.deadband,
        brings=app.brings(),
        believed=app.settings.believed_kinds,
        outputs=outputs,
        force=force,
    )


def people_rules(app: App) -> PeopleRules:
    """Whose values win."""
    return PeopleRules(believed_attributes=app.settings.believed_attributes)


def scoring_day(app: App) -> date:
    """Today, where the models live."""
    return app.clock.now().astimezone(ZoneInfo(app.model.time_zone)).date()


def lease_name(app: App) -> str:
    """The people of one workspace are rescored by one process at a time: whoever holds this lease."""
    return f"workspace:{app.settings.workspace}"


def connection_lease(connection_no: int) -> str:
    """One connection is read and written by one process at a time: whoever holds this lease."""
    return f"connection:{connection_no}"
