"""The sheet: one row per person with every step of the evaluation as a column. Scores and explanations are read off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from scoring.activities import Recycling, prepare
from scoring.activities_happened import happened, newest_inbound
from scoring.activities_sums import MatchedRows
from scoring.arithmetic import scaled
from scoring.attribute_values import Reading, folded_value, person_values, reading, value
from scoring.dimensions import GIVEN_CONFIDENCE
from scoring.errors import FrameError
from scoring.frames import taken
from scoring.grades import OVERRIDE
from scoring.local_days import instant_us
from scoring.plan import DROPPED, Plan
from scoring.quality import conflict_texts
from scoring.steps import NOW, THEN, dense, inbound_column
from scoring.texts import with_folded
from scoring.vocabulary import ENRICHED_PREFIX, SCALE, AttributeType

if TYPE_CHECKING:
    from datetime import date

    from scoring.activities import Activities
    from scoring.compile import CompiledModel


@dataclass(frozen=True, slots=True)
class Sheet:
    plan: Plan
    #: `person_id`, attribute values, sums of activities, then the steps; in the order of the people.
    frame: pl.DataFrame


def fill_sheet(
    compiled: CompiledModel,
    people: pl.DataFrame | pl.LazyFrame,
    activities: pl.DataFrame | pl.LazyFrame,
    *,
    day: date,
    assets: pl.DataFrame | pl.LazyFrame | None,
    scores: bool = False,
    details: bool = False,
) -> Sheet:
    """Evaluate the model: for `scores` on the day of the trend, too; with `details` every rule has columns of its own."""
    people = _checked(taken(people, set(compiled.person_columns)))
    values = _values(compiled, people)
    known = prepare(
        compiled,
        activities,
        assets,
        people["person_id"],
        day=day,
        recycling=_recycling(compiled, people, values),
        trend=scores,
    )
    apart = details or _keeps_in_part(known)
    plan = compiled.once(Plan, day, tuple(values.schema.items()), scores, apart)
    facts = _facts(plan, known, people.height, details=details)
    frame = values.hstack([column.alias(name) for name, column in facts.items()])
    for steps in plan.passes:
        frame = frame.with_columns(steps)
    return Sheet(plan, frame)


def _facts(plan: Plan, known: Activities, people: int, *, details: bool) -> dict[str, pl.Series]:
    """What the activities come to for each of the people: columns of the sheet."""
    compiled, scores = plan.compiled, THEN in plan.views
    views = {NOW: known.now, THEN: known.then}
    facts = {DROPPED: dense(people, known.dropped["person"], known.dropped[DROPPED])}
    facts |= happened({name: (views[view], each) for name, (view, each) in plan.happenings.items()}, people)
    if compiled.needs_inbound:
        facts |= {inbound_column(view): newest_inbound(views[view], people) for view in plan.views}
    matched = MatchedRows(known.now.source, plan.buckets, people, day=plan.day)
    recent = compiled.model.recent_days if scores else None
    facts |= matched.sums(NOW, known.now, recent=recent, share=scores, details=details)
    if scores:
        if known.then.source is not known.now.source:
            matched = MatchedRows(known.then.source, plan.buckets, people, day=plan.day)
        facts |= matched.sums(THEN, known.then)
    return facts


def _checked(people: pl.DataFrame) -> pl.DataFrame:
    if "person_id" not in people.columns:
        raise FrameError("people have no column person_id")
    ids = people["person_id"]
    if ids.null_count():
        raise FrameError("some people have no person_id")
    if ids.n_unique() < len(ids):
        raise FrameError("some people stand twice: person_id must be unique")
    return people


def _values(compiled: CompiledModel, people: pl.DataFrame) -> pl.DataFrame:
    """Attribute values, folded texts of those that are compared, and what the evaluation reads as integers."""
    values = person_values(people, compiled.once(_reading, tuple(people.schema.items())))
    confidence = scaled(values[value("enrichment_confidence")], SCALE)
    override = scaled(values[value("score_override")], 1)
    texts = [each.name for each in compiled.attributes if each.type is AttributeType.TEXT]
    compared = {value(name): folded_value(name) for name in texts if name in compiled.compared}
    values = with_folded(values, compared | conflict_texts(compiled, values.columns))
    return values.hstack([people["person_id"], confidence.alias(GIVEN_CONFIDENCE), override.alias(OVERRIDE)])


def _reading(compiled: CompiledModel, schema: tuple[tuple[str, pl.DataType], ...]) -> Reading:
    return reading(dict(schema), compiled.attributes, time_zone=compiled.model.time_zone)


def _recycling(compiled: CompiledModel, people: pl.DataFrame, values: pl.DataFrame) -> Recycling | None:
    zone = compiled.model.time_zone
    instants = [
        instant_us(pl.col(column), people.schema[column], zone)
        for column in ("recycled_at", ENRICHED_PREFIX + "recycled_at")
        if column in people.columns and people.schema[column] != pl.Null
    ]
    if not instants:
        return None
    before = people.select(pl.coalesce(instants).alias("before"))["before"]
    if before.null_count() == len(before):
        return None
    return Recycling(before, scaled(values[value("recycle_keep")], SCALE).clip(0, SCALE).fill_null(0))


def _keeps_in_part(known: Activities) -> bool:
    """Whether some activity keeps a share of its amount, which must then be rounded rule by rule."""
    return any(
        view.source.rows["keep"].is_between(1, SCALE - 1).any()
        for view in (known.now, known.then)
        if "keep" in view.source.rows.columns
    )
