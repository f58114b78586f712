"""Frames of random people, with the types and derived columns that the engine expects of its caller."""

from __future__ import annotations

from typing import Any

import polars as pl

_CODES = {"Norway": "NO", "Norge": "NO", "Sverige": "SE", "France": "FR"}
_TYPES: dict[str, Any] = {
    "title": pl.String,
    "employees": pl.Int64,
    "revenue": pl.Float64,
    "do_not_call": pl.Boolean,
    "interests": pl.List(pl.String),
    "country": pl.String,
    "seniority": pl.String,
    "created_at": pl.Date,
    "last_activity_on": pl.Date,
    "recycled_at": pl.Datetime("us", "UTC"),
    "recycle_keep": pl.Float64,
    "score_override": pl.Float64,
    "score_override_until": pl.Date,
    "was_qualified": pl.Boolean,
    "enrichment_status": pl.String,
    "enrichment_confidence": pl.Float64,
    "enriched_at": pl.Date,
}


def population_frame(people: list[dict[str, Any]]) -> pl.DataFrame:
    """People numbered from 1, with the columns that any of them has, and country codes."""
    names = list(dict.fromkeys(name for person in people for name in person))
    columns: dict[str, pl.Series] = {"person_id": pl.Series(range(1, len(people) + 1), dtype=pl.Int64)}
    for name in names:
        dtype = _TYPES.get(name) or _TYPES[name.removeprefix("enriched_")]
        cells = [person.get(name) for person in people]
        columns[name] = pl.Series(
            [float(c) if dtype == pl.Float64 and c is not None else c for c in cells], dtype=dtype
        )
        if name.endswith("country"):
            codes = [_CODES.get(cell) if cell is not None else None for cell in cells]
            columns[f"{name}_code"] = pl.Series(codes, dtype=pl.String)
    return pl.DataFrame(columns)
