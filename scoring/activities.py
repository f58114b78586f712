"""Activities made ready to be summed: those that exist, of people who are scored, by person and instant, in classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.activities_classes import classify, depends_on_day, where_attributes
from scoring.activities_machines import CLICK, SENDS, machine_rows, suspects
from scoring.activities_views import Source, View
from scoring.errors import FrameError
from scoring.frames import ASSET_ATTRIBUTES, taken
from scoring.local_days import day_number, instant_us, local_day_number
from scoring.vocabulary import ACTIVITY_KINDS, INBOUND_KINDS, SCALE

if TYPE_CHECKING:
    from scoring.compile import CompiledModel

_KIND: Final = pl.Enum(ACTIVITY_KINDS)


@dataclass(frozen=True, slots=True)
class Recycling:
    """Per row of people: the instant (microseconds) before which activities keep only a share, and that share."""

    before: pl.Series
    keep: pl.Series


@dataclass(frozen=True, slots=True)
class Activities:
    now: View
    #: The activities as they were `trend.days` earlier.
    then: View
    #: Dropped activities by person: `person` (row of the frame of people), `dropped`.
    dropped: pl.DataFrame


def prepare(
    compiled: CompiledModel,
    activities: pl.DataFrame | pl.LazyFrame,
    assets: pl.DataFrame | pl.LazyFrame | None,
    person_ids: pl.Series,
    *,
    day: date,
    recycling: Recycling | None,
    trend: bool = True,
) -> Activities:
    """Find what exists on the day and on the day of the trend; with `trend=False` the second view is the first."""
    trend_days = compiled.model.trend_days if trend else 0
    rows = _by_person(_existing(compiled, activities, assets, day, trend_days), person_ids)
    rows, dropped = _without_machines(compiled, _ordered(rows), trend_days)
    if recycling is not None:
        rows = _with_keep(rows, recycling)
    counts = dropped.group_by("person").agg(pl.col("count").sum().alias("dropped")) if dropped.height else dropped
    asset_rows = None if assets is None else taken(assets, {"asset_no", *ASSET_ATTRIBUTES})
    now, then = _views(compiled, rows, asset_rows, day, trend_days if trend else None)
    return Activities(now, then, counts.rename({"count": "dropped"}, strict=False))


def _existing(
    compiled: CompiledModel,
    activities: pl.DataFrame | pl.LazyFrame,
    assets: pl.DataFrame | pl.LazyFrame | None,
    day: date,
    trend_days: int,
) -> pl.DataFrame:
    """Rows `person_id, kind, at, age` and what else is needed of the activities that exist on one of the two days."""
    frame = activities.lazy()
    schema = frame.collect_schema()
    for required in ("person_id", "kind", "at"):
        if required not in schema:
            raise FrameError(f"activities have no column {required}")
    if assets is not None and "asset_no" not in schema:
        raise FrameError("assets are given, but activities have no column asset_no")
    model = compiled.model
    today = day_number(day)
    first = today - model.horizon_days - trend_days + 1
    at = instant_us(pl.col("at"), schema["at"], model.time_zone)
    local_day = local_day_number(at, time_zone=model.time_zone, first=first, last=today)
    kinds = [ACTIVITY_KINDS.index(kind) for kind in sorted(compiled.once(_relevant_kinds))]
    wanted = pl.col("age").is_between(0, today - first) & pl.col("person_id").is_not_null()
    relevant = pl.col("kind").is_in(pl.Series(kinds, dtype=pl.UInt8).implode())
    if schema.get("machine", pl.Null()) == pl.Boolean:
        relevant = relevant | pl.col("machine").fill_null(value=False)
    columns = [name for name in sorted(_other_columns(compiled, assets)) if name in schema]
    return (
        frame.select(
            "person_id",
            pl.col("kind").cast(_KIND, strict=False).to_physical().cast(pl.UInt8).alias("kind"),
            at.alias("at"),
            (today - local_day).alias("age"),
            *(pl.col(name).fill_null(1).cast(pl.Int64) if name == "count" else pl.col(name) for name in columns),
        )
        .filter(wanted & relevant)
        .collect()
    )


def _relevant_kinds(compiled: CompiledModel) -> set[str]:
    kinds = {kind for match in compiled.distinct_matches for kind in match.kinds}
    if compiled.needs_inbound:
        kinds |= INBOUND_KINDS
    if compiled.looks_for_machines:
        kinds |= {CLICK, *SENDS}
    return kinds


def _other_columns(compiled: CompiledModel, assets: object | None) -> set[str]:
    wanted = where_attributes(compiled.distinct_matches) - {"at"} | {"count", "machine"}
    if assets is not None and wanted & set(ASSET_ATTRIBUTES):
        wanted.add("asset_no")
    if compiled.looks_for_machines:
        wanted |= {"message_id", "link"}
    return wanted


def _by_person(rows: pl.DataFrame, person_ids: pl.Series) -> pl.DataFrame:
    """Put the row of the person in the place of `person_id`, rows of a person together; strangers are left out."""
    known = pl.DataFrame({"person_id": person_ids}).with_row_index("person")
    if rows.schema["person_id"] != person_ids.dtype:
        rows = rows.with_columns(pl.col("person_id").cast(person_ids.dtype, strict=False))
    start = pl.col("person_id").ne_missing(pl.col("person_id").shift())
    heads = rows.select(pl.col("person_id").filter(start))["person_id"]
    if heads.n_unique() < len(heads):
        return rows.join(known, on="person_id", how="inner").drop("person_id").sort("person", "at")
    # Each person's rows stand together, as a store gives them: only the first of each is looked up.
    found = heads.to_frame().join(known, on="person_id", how="left", maintain_order="left")["person"]
    person = pl.lit(found).gather(start.cum_sum() - 1).alias("person")
    rows = rows.select(person, pl.exclude("person_id"))
    return rows.filter(pl.col("person").is_not_null()) if found.null_count() else rows


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort by person and instant (of one instant by count), unless they came so."""
    keys = ["at", "count"] if "count" in rows.columns else ["at"]
    falls, ties = pl.lit(value=False), pl.col("person") == pl.col("person").shift()
    for key in keys:
        falls, ties = falls | (ties & (pl.col(key).diff() < 0)), ties & (pl.col(key).diff() == 0)
    return rows.sort("person", *keys) if rows.select(falls.any()).item() else rows


def _without_machines(
    compiled: CompiledModel, rows: pl.DataFrame, trend_days: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take machines' activities out of the day they are found on; `machine: true` is out on both.

    A row that is a machine's on one of the two days only gets true in the column `off_now` or `off_then`.
    """
    machines, horizon = compiled.model.machines, compiled.model.horizon_days
    if "count" in rows.columns and (rows["count"] == 1).all():
        rows = rows.drop("count")
    now, then = _exist(horizon, 0), _exist(horizon, trend_days)
    off_now = off_then = pl.Series("row", [], dtype=pl.UInt32)
    if compiled.looks_for_machines and "message_id" in rows.columns:
        suspected = suspects(rows, machines)
        if suspected.height:
            off_now = machine_rows(suspected.filter(now), machines)
            off_then = machine_rows(suspected.filter(then), machines)
    declared = rows["machine"].fill_null(value=False) if "machine" in rows.columns else None
    if declared is not None and not declared.any():
        declared = None
    count = pl.col("count") if "count" in rows.columns else pl.lit(1, dtype=pl.Int64).alias("count")
    if not len(off_now) and not len(off_then) and declared is None:
        return rows, rows.clear().select("person", count)
    marked = rows.with_row_index("row").with_columns(
        off_now=pl.col("row").is_in(off_now.implode()), off_then=pl.col("row").is_in(off_then.implode())
    )
    if declared is not None:
        marked = marked.with_columns(pl.col("off_now") | declared, pl.col("off_then") | declared)
    dropped = marked.filter(pl.col("off_now") & now).select("person", count)
    return marked.drop("row").filter((now & ~pl.col("off_now")) | (then & ~pl.col("off_then"))), dropped


def _exist(horizon_days: int, days_earlier: int) -> pl.Expr:
    return pl.col("age").is_between(days_earlier, horizon_days + days_earlier - 1)


def _with_keep(rows: pl.DataFrame, recycling: Recycling) -> pl.DataFrame:
    before = recycling.before.gather(rows["person"]).rename("before")
    keep = recycling.keep.gather(rows["person"]).rename("keep")
    old = (pl.col("at") < before).fill_null(value=False)
    return rows.with_columns(keep=pl.when(old).then(keep).otherwise(SCALE).cast(pl.Int64))


def _views(
    compiled: CompiledModel, rows: pl.DataFrame, assets: pl.DataFrame | None, day: date, trend_days: int | None
) -> tuple[View, View]:
    matches = compiled.distinct_matches
    dated = "at" in where_attributes(matches)
    inbound = INBOUND_KINDS if compiled.needs_inbound else frozenset[str]()
    horizon = compiled.model.horizon_days

    def source(on: date) -> Source:
        local = rows.with_columns(on=pl.lit(day) - pl.duration(days=pl.col("age"))) if dated else rows
        numbers, kinds = classify(local, matches, assets, day=on, inbound=inbound)
        kept = [name for name in ("count", "keep", "off_now", "off_then") if name in rows.columns]
        matters = pl.Series(kinds.mattering(), dtype=pl.Boolean).gather(numbers)
        newest_first = rows.select("person", "age", numbers, *kept).filter(matters).reverse()
        return Source(newest_first, kinds)

    found = source(day)
    now = View(found, day, 0, horizon, "off_now")
    if trend_days is None:
        return now, now
    earlier = day - timedelta(days=trend_days)
    return now, View(source(earlier) if depends_on_day(matches) else found, earlier, trend_days, horizon, "off_then")
