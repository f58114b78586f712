"""What scoring takes of one person on a past day: what was known when people were scored on that day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from sync.rescore.cohorts import Cohort, divide
from sync.rescore.frames import activities_frame, oldest_instant
from sync.store.types import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.people.past import PersonThen
    from sync.rescore.scoring_run import Rules
    from sync.store.unit import Unit


def end_of(day: date, time_zone: str) -> datetime:
    """The last instant of a day."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(time_zone))
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def cohort_then(
    unit: Unit,
    rules: Rules,
    person_no: int,
    then: PersonThen,
    *,
    at: datetime,
    newest: int | None,
    was_qualified: bool | None,
) -> tuple[Cohort, pl.DataFrame | None]:
    """The person as the engine took them, by the model that scored them, and what the activities refer to.

    Args:
        unit: Of one snapshot.
        rules: Of that day, with the models of that day.
        person_no: Whose.
        then: The person as they were known.
        at: The instant.
        newest: The newest activity that was stored by then, where that is known.
        was_qualified: Whether they were over the line before.
    """
    reads, segments = unit.scoring_inputs, rules.segments
    since = min(oldest_instant(rules.day, each.model) for each in segments.models)
    numbers = [each.contact_no for each in then.contacts]
    rows = unit.past.activities(
        person_no, numbers, at=at, newest=newest, since=since, columns=segments.activity_columns
    )
    assets = None
    if "asset_no" in segments.activity_columns:
        assets = reads.assets(only=set(rows["asset_no"].to_list()) - {None})
    crms = pl.DataFrame(
        sorted({(person_no, each.connection_no) for each in then.contacts}),
        schema={"person_no": pl.Int64, "connection_no": pl.Int64},
        orient="row",
    )
    activities = activities_frame(
        rows, crm_kinds=reads.crm_kinds(), brings=rules.brings, contact_crms=crms, believed=rules.believed
    )
    live = pl.DataFrame({"person_no": [person_no], "profile": [canonical_json(then.profile)]})
    qualified = pl.DataFrame(
        {"person_no": [person_no], "qualified": [was_qualified]},
        schema={"person_no": pl.Int64, "qualified": pl.Boolean},
    )
    (cohort,) = divide(segments, live, activities, qualified, day=rules.day, assets=assets)
    return cohort, assets


def standing_before(history: Sequence[Mapping[str, Any]], day: date) -> Mapping[str, Any] | None:
    """What was remembered before the last scoring that changed something up to a day: rows are in order."""
    known = [each for each in history if each["day"] <= day]
    if known and known[-1]["day"] == day:
        known.pop()
    return known[-1] if known else None
