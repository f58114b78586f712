"""A person's score on a past day: what was known then, by the model of then, and what was written then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sync.admin.actions.model_configured import segments_of
from sync.errors import NotFound
from sync.people.past import person_then
from sync.rescore.past import cohort_then, end_of, standing_before
from sync.rules import people_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    import polars as pl

    from scoring.segments import Segments
    from sync.app import App
    from sync.rescore.cohorts import Cohort
    from sync.rescore.scoring_run import Rules
    from sync.store.sql.score_history import ScoredDay
    from sync.store.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class PastDay:
    """What an explanation of a past day rests on."""

    #: What was known at this instant counts: of the day's last rescore, or the end of a day without one.
    as_of: datetime
    #: What is not known of that day, a sentence each.
    unknown: tuple[str, ...]
    #: The last row of the history that was written for that day, if any.
    written: Mapping[str, Any] | None

    def differs(self, total: int | None) -> bool:
        """Whether another total was written on that day than what is computed now."""
        return self.written is not None and self.written["total"] != total


def on_day(
    app: App, person_no: int, rules: Rules, history: Sequence[Mapping[str, Any]]
) -> tuple[Rules, Cohort, pl.DataFrame | None, PastDay]:
    """What scored a person on the day of the rules: (rules with the models of then, the person, assets, what it rests on).

    Raises:
        NotFound: the person was not there, or the model of then is not kept.
    """
    day = rules.day
    with app.store.read() as unit:
        scored = unit.scores.scored_day(app.workspace_no, day)
        today = scored is not None and scored.day == day
        as_of = scored.at if scored is not None and today else end_of(day, app.model.time_zone)
        rules = replace(rules, segments=_models(app, unit, scored, as_of))
        then = person_then(unit, app.workspace_no, person_no, as_of, rules=people_rules(app))
        if then is None:
            raise NotFound(
                f"person {person_no} was not there on {day}: no record of theirs was known or existed",
                next_step=f"leadgrade explain {person_no} --history tells since when there are scores",
            )
        before = standing_before(history, day)
        cohort, assets = cohort_then(
            unit,
            rules,
            person_no,
            then,
            at=as_of,
            newest=scored.activity_no if scored is not None and today else None,
            was_qualified=before["qualified"] if before is not None else None,
        )
        unknown = (*_unscored(app, unit, scored, day), *then.unknown)
    written = next((each for each in reversed(history) if each["day"] == day), None)
    return rules, cohort, assets, PastDay(as_of=as_of, unknown=unknown, written=written)


def _models(app: App, unit: Unit, scored: ScoredDay | None, as_of: datetime) -> Segments:
    """The models of then; before the first one the first."""
    kept = unit.models.get(app.workspace_no, scored.version) if scored is not None else None
    if kept is None:
        versions = unit.models.all(app.workspace_no)
        kept = next((each for each in versions if each.published_at <= as_of), versions[-1] if versions else None)
    return segments_of(unit, kept) if kept is not None else app.model.segments


def _unscored(app: App, unit: Unit, scored: ScoredDay | None, day: date) -> list[str]:
    if scored is not None and scored.day == day:
        return []
    if scored is not None:
        return [f"Nobody was scored on {day}: the last day before it is {scored.day}, and its model is taken."]
    first = unit.scores.first_scored_day(app.workspace_no)
    since = f"people are scored since {first.day}" if first is not None else "nobody has been scored yet"
    return [f"Nobody was scored on {day}: {since}, and the first model is taken."]
