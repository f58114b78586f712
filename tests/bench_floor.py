"""What benchmarks compare the engine with: a bare aggregation of the same columns, and the slow evaluator on a sample."""

from __future__ import annotations

import polars as pl
from ruamel.yaml import YAML

from scoring.vocabulary import INBOUND_KINDS
from tests.slow_scorer import Slow

_POINTS = {
    "page_view": 1.0,
    "search": 8.0,
    "form_submitted": 5.0,
    "download": 1.0,
    "email_opened": 0.5,
    "email_clicked": 2.0,
    "webinar_registered": 2.0,
    "webinar_attended": 4.0,
    "event_attended": 5.0,
    "campaign_responded": 2.0,
    "demo_requested": 10.0,
    "demo_attended": 10.0,
    "meeting_held": 10.0,
    "meeting_booked": 5.0,
    "call_connected": 5.0,
    "trial_started": 10.0,
    "unsubscribed": -10.0,
    "email_bounced": -100.0,
}


def floor(people, activities, assets, day):
    """One hand-written query over the columns that the preset reads; no limits, caps, machines, exactness or explanations."""
    points = pl.DataFrame({"kind": list(_POINTS), "points": list(_POINTS.values())})
    url, asset = pl.col("url").str.to_lowercase(), pl.col("asset").str.to_lowercase()
    worth = assets.lazy().select(
        "asset_no",
        extra=pl.when(url.str.contains("/(pricing|preise|tarifs)")).then(12.0).otherwise(0.0)
        + pl.when(url.str.contains("/demo")).then(3.0).otherwise(0.0)
        - pl.when(url.str.contains("/(careers|jobs|investors|press)")).then(2.0).otherwise(0.0)
        + pl.when(asset.str.contains("review|guide|sheet|paper")).then(8.0).otherwise(0.0),
    )
    age = (pl.lit(day) - pl.col("at").dt.date()).dt.total_days()
    inbound = pl.col("kind").is_in(sorted(INBOUND_KINDS))
    did = (
        activities.lazy()
        .join(points.lazy(), on="kind", how="left")
        .join(worth, on="asset_no", how="left")
        .with_columns(age=age, amount=pl.col("points").fill_null(0) + pl.col("extra").fill_null(0))
        .filter(pl.col("age").is_between(0, 760))
        .with_columns(decayed=pl.col("amount") * 0.5 ** (pl.col("age") / 30))
        .group_by("person_id")
        .agg(
            pl.col("decayed").sum().alias("now"),
            pl.col("decayed").filter(pl.col("age") < 90).sum().alias("recent"),
            (pl.col("decayed").filter(pl.col("age") >= 30).sum() * 2).alias("then"),
            pl.col("amount").filter(pl.col("amount") > 0).sum().alias("undecayed"),
            pl.col("age").filter(inbound).min().alias("last"),
            pl.col("message_id").n_unique().alias("messages"),
            pl.col("link").n_unique().alias("links"),
            *(
                ((pl.col("kind") == kind) & (pl.col("age") < 180)).any().alias(kind)
                for kind in ("demo_attended", "meeting_held")
            ),
        )
    )
    texts = [name for name, dtype in people.schema.items() if dtype == pl.String]
    fit = pl.sum_horizontal(
        pl.col(name).str.strip_chars().str.to_lowercase().is_in(["vp", "us", "software"]) for name in texts
    )
    filled = pl.sum_horizontal(pl.col(name).is_not_null() for name in texts)
    total = (pl.col("now").fill_null(0).clip(0, 70) + pl.col("fit") * 5 - pl.col("filled")).clip(0, 100).round()
    joined = people.lazy().with_columns(fit=fit, filled=filled).join(did, on="person_id", how="left")
    return joined.with_columns(total=total).collect()


def slow_people(model, cohort, assets, day, many):
    """A call that evaluates some people row by row."""
    sections = YAML(typ="safe").load(model.source)
    sections["lists"] = {
        name: model.lists[each["file"]].split() if isinstance(each, dict) else each
        for name, each in sections["lists"].items()
    }
    sections["grade"]["number"] = {str(name): each for name, each in sections["grade"]["number"].items()}
    people = cohort.people.head(many)
    joined = cohort.activities.join(people.select("person_id"), on="person_id", how="semi")
    joined = joined.join(assets, on="asset_no", how="left").drop("asset_no")
    rows = {number: [] for number in people["person_id"]}
    for row in joined.iter_rows(named=True):
        rows[row["person_id"]].append(row)
    # The slow evaluator knows exact numbers of Python only.
    exact = people.with_columns(pl.col(pl.Decimal).cast(pl.Float64)).with_columns(pl.col(pl.Float64).cast(pl.Int64))
    days = [
        name
        for name in ("created_at", "last_activity_on", "enriched_at", "score_override_until")
        if name in exact.columns
    ]
    named = exact.with_columns(pl.col(name).cast(pl.Date) for name in days).rows(named=True)
    slow = Slow(sections, day)
    return lambda: [slow.score(person, rows[person["person_id"]]) for person in named]
