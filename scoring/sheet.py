"""The sheet: one row per person with every step of the evaluation as a column. Scores and explanations are read off it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.activities import Recycling, prepare
from scoring.activities_sums import Bucket, MatchedRows, buckets, happened, newest_inbound
from scoring.arithmetic import scaled
from scoring.attribute_values import declared, enriched, folded_value, person_values, value
from scoring.compile import STEERING
from scoring.conditions import Sight, happenings_of, truth
from scoring.dimensions import (
    CONFIDENCE,
    NOW,
    RECENT,
    THEN,
    activity_stages,
    attribute_stages,
    truth_column,
)
from scoring.errors import FrameError
from scoring.frames import taken
from scoring.grades import OVERRIDE, final_stages, total_stages
from scoring.local_days import instant_us
from scoring.quality import FILLED, enrichment_penalties, filled, quality_penalties, summed, with_conflict_texts
from scoring.vocabulary import ENRICHED_PREFIX, SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring.activities import Activities
    from scoring.activities_views import View
    from scoring.compile import CompiledModel

IN_SCOPE: Final = "in_scope"
DROPPED: Final = "dropped"


@dataclass(frozen=True, slots=True)
class Sheet:
    compiled: CompiledModel
    day: date
    #: `person_id`, then the steps; in the order of the people.
    frame: pl.DataFrame
    buckets: tuple[Bucket, ...]


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
    frame = _with_truths(compiled, values, known, day, trend=scores)
    parts = buckets(compiled, apart=details or _keeps_in_part(known))
    frame = _with_penalties(compiled, frame, day, trend=scores)
    frame = frame if details else frame.drop(_spent(compiled, frame.columns))
    matched = MatchedRows(known.now.source, parts, frame.height)
    frame = _with_dimensions(
        compiled, frame, NOW, known.now, matched.sums(known.now, share=scores, details=details), parts=parts
    )
    if scores:
        recent = matched.sums(known.now.younger_than(compiled.model.recent_days))
        frame = _with_recent(compiled, frame, day, recent, parts)
        if known.then.source is not known.now.source:
            matched = MatchedRows(known.then.source, parts, frame.height)
        frame = _with_dimensions(compiled, frame, THEN, known.then, matched.sums(known.then), parts=parts)
    frame = final_stages(compiled, frame, day)
    dropped = _dense(frame.height, known.dropped["person"], known.dropped[DROPPED])
    return Sheet(compiled, day, frame.with_columns(dropped.alias(DROPPED)), parts)


def _checked(people: pl.DataFrame) -> pl.DataFrame:
    if "person_id" not in people.columns:
        raise FrameError("people have no column person_id")
    ids = people["person_id"]
    if ids.null_count():
        raise FrameError("some people have no person_id")
    if not ids.is_unique().all():
        raise FrameError("some people stand twice: person_id must be unique")
    return people


def _values(compiled: CompiledModel, people: pl.DataFrame) -> pl.DataFrame:
    """Attribute values, with what the evaluation reads as integers."""
    values = person_values(people, compiled.attributes, compared=compiled.compared, time_zone=compiled.model.time_zone)
    confidence = scaled(values[value("enrichment_confidence")], SCALE).clip(0, SCALE).fill_null(SCALE)
    override = scaled(values[value("score_override")], 1)
    return values.with_columns(people["person_id"], confidence.alias(CONFIDENCE), override.alias(OVERRIDE))


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


def _with_truths(
    compiled: CompiledModel, frame: pl.DataFrame, known: Activities, day: date, *, trend: bool
) -> pl.DataFrame:
    """Add a column per condition, by the activities of each day; and who is in scope."""
    views = ((NOW, known.now), (THEN, known.then)) if trend else ((NOW, known.now),)
    names = {
        view: {each: f"{view}.happened.{number}" for each, number in compiled.happenings.items()} for view, _ in views
    }
    frame = frame.with_columns(
        _flags(frame.height, happened(seen, each)).alias(names[view][each])
        for view, seen in views
        for each in compiled.happenings
    )
    truths = {}
    for view, _ in views:
        sight = Sight(frame.schema, day, names[view])
        for condition in compiled.conditions:
            if view == NOW or happenings_of(condition):
                truths[truth_column(compiled, condition, view)] = truth(condition, sight).fill_null(value=False)
    scope = compiled.model.scope
    inside = pl.lit(value=True)
    if scope is not None:
        inside = truth(scope, Sight(frame.schema, day, names[NOW])).fill_null(value=True)
    return frame.with_columns(inside.alias(IN_SCOPE), **truths)


def _with_penalties(compiled: CompiledModel, frame: pl.DataFrame, day: date, *, trend: bool) -> pl.DataFrame:
    """Add quality and enrichment, on both days."""
    model = compiled.model
    if model.quality is not None and model.quality.completeness is not None:
        frame = frame.with_columns(filled(model.quality.completeness).alias(FILLED))
    frame = with_conflict_texts(compiled, frame)
    enrichment = list(enrichment_penalties(compiled, frame, day))
    _, off = summed(enrichment, model.enrichment.cap if model.enrichment is not None else None)
    for view in (NOW, THEN) if trend else (NOW,):
        quality = list(quality_penalties(compiled, view))
        _, points = summed(quality, model.quality.cap if model.quality is not None else None)
        frame = frame.with_columns(points.alias(f"{view}.quality"), off.alias(f"{view}.enrichment"))
    return frame


def _spent(compiled: CompiledModel, columns: Iterable[str]) -> list[str]:
    """Values that nothing reads any more once the conditions are known."""
    spent = set()
    for each in compiled.attributes:
        spent |= {declared(each.name), enriched(each.name), folded_value(each.name)}
        spent |= {f"conflict.{declared(each.name)}", f"conflict.{enriched(each.name)}"}
        if each.name not in STEERING:
            spent.add(value(each.name))
    return [name for name in columns if name in spent]


def _with_dimensions(
    compiled: CompiledModel,
    frame: pl.DataFrame,
    name: str,
    view: View,
    sums: dict[str, pl.Series],
    *,
    parts: tuple[Bucket, ...],
) -> pl.DataFrame:
    frame = frame.with_columns(column.alias(f"{name}.bucket.{what}") for what, column in sums.items())
    if compiled.needs_inbound:
        inbound = newest_inbound(view)
        ages = _dense(frame.height, inbound["person"], inbound["age"], empty=None)
        frame = frame.with_columns(ages.alias(f"{name}.inbound_age"))
    for attributes in compiled.attribute_dimensions:
        frame = attribute_stages(compiled, attributes, name, frame)
    for behaviour in compiled.activity_dimensions:
        frame = activity_stages(behaviour, parts, name, frame, day=view.day)
    return total_stages(compiled, name, frame)


def _with_recent(
    compiled: CompiledModel, frame: pl.DataFrame, day: date, sums: dict[str, pl.Series], parts: tuple[Bucket, ...]
) -> pl.DataFrame:
    engagement = compiled.model.engagement
    if engagement is None:
        return frame
    frame = frame.with_columns(column.alias(f"{RECENT}.bucket.{what}") for what, column in sums.items())
    return activity_stages(engagement, parts, RECENT, frame, day=day)


def _dense(height: int, rows: pl.Series, values: pl.Series, *, empty: int | None = 0) -> pl.Series:
    """Put values at their rows, something else everywhere else."""
    column = pl.repeat(empty, height, dtype=pl.Int64, eager=True)
    return column.scatter(rows, values.cast(pl.Int64)) if len(rows) else column


def _flags(height: int, rows: pl.Series) -> pl.Series:
    return _dense(height, rows, pl.ones(len(rows), dtype=pl.Int64, eager=True)) == 1


def day_of_trend(sheet: Sheet) -> date:
    """The earlier day with which the trend compares."""
    return sheet.day - timedelta(days=sheet.compiled.model.trend_days)
