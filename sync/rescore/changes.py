"""What a rescore changed: rows of the score table, who differs from before, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from scoring.vocabulary import SCORE_COLUMNS
from sync.store.sql.scores import SCORE_TABLE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: Columns of the scores that are not a person's values.
_NOT_VALUES: Final = ("person_id", "day", "model", "version")
_VALUES: Final = tuple(name for name in SCORE_COLUMNS if name not in _NOT_VALUES)
#: Those that tell whether a score changed; `others` are the other dimensions and the products, as one text.
_COMPARED: Final = (*_VALUES, "others")
#: What a person's standing consists of: another one is remembered whatever is written.
STANDING: Final = ("in_scope", "grade", "rating", "qualified", "disqualify_code")
_REMEMBERED: Final = (
    *("shard", "person_no", "day", "total", "grade", "rating", "qualified", "disqualify_code", "version", "changed_by"),
)
#: What `changed_by` says, by what made the person dirty.
_CAUSES: Final = {"activity": "activity", "override": "override", "profile": "profile", "identity": "profile"}


def changed_people(scores: pl.DataFrame, before: pl.DataFrame) -> set[int]:
    """People whose values differ from the stored ones, and people who have none stored.

    Args:
        scores: What the engine gave.
        before: Rows of the score table.
    """
    others = sorted(_others(scores))
    # The same text as the store's: names in order, no blanks.
    packed = pl.struct(others).struct.json_encode() if others else pl.lit(None, dtype=pl.String)
    made = scores.rename({"person_id": "person_no"}).with_columns(packed.alias("others"))
    now = _comparable(made, codes_are_lists=True)
    old = _comparable(before, codes_are_lists=False).with_columns(known=pl.lit(value=True))
    both = now.join(old, on="person_no", how="left", suffix=".old")
    differs = pl.any_horizontal(
        pl.col("known").is_null(), *(pl.col(name).ne_missing(pl.col(f"{name}.old")) for name in _COMPARED)
    )
    return set(both.filter(differs)["person_no"].to_list())


def score_rows(
    scores: pl.DataFrame, stored: pl.DataFrame, causes: Mapping[int, str], *, now: datetime
) -> list[dict[str, Any]]:
    """Scores as rows of the score table; other dimensions and products go into `others`."""
    shards = dict(stored.select("person_no", "shard").iter_rows())
    others = _others(scores)
    rows = []
    for row in scores.iter_rows(named=True):
        number = row["person_id"]
        codes = row["disqualify_codes"]
        made = {name: row.get(name) for name in SCORE_TABLE_COLUMNS} | {
            "shard": shards[number],
            "person_no": number,
            "disqualify_codes": "|".join(codes) if codes else None,
            "others": {name: row[name] for name in others} or None,
            "changed_by": causes.get(number, "profile"),
            "scored_at": now,
        }
        rows.append(made)
    return rows


def remembered_row(row: Mapping[str, Any], lines: str, run_no: int | None) -> dict[str, Any]:
    """A row of the score table as a row of the history."""
    return {name: row[name] for name in _REMEMBERED} | {"at": row["scored_at"], "run_no": run_no, "lines": lines}


def compact_lines(lines: pl.DataFrame) -> dict[int, str]:
    """person_no -> its lines as JSON text: [part, rule_id, points in thousandths] each, in the order of the evaluation."""
    said = lines.select("part", "rule_id").unique()
    heads = [json.dumps(list(each), ensure_ascii=False)[:-1] for each in said.iter_rows()]
    texts = lines.join(
        said.with_columns(pl.Series("head", heads, dtype=pl.String)),
        on=["part", "rule_id"],
        nulls_equal=True,
        maintain_order="left",
    )
    points = (pl.col("points") * 1000).cast(pl.Int64).cast(pl.String)
    each = pl.concat_str(pl.col("head"), pl.lit(", "), points, pl.lit("]"))
    joined = pl.concat_str(pl.lit("["), each.str.join(", "), pl.lit("]"))
    return dict(texts.group_by("person_id", maintain_order=True).agg(joined.alias("lines")).iter_rows())


def cause_of(*, dirty: bool, dirty_cause: str, before: str | None, version: str) -> str:
    """Why a score moved: what made the person dirty; else another model; else the passing of time."""
    if dirty:
        return _CAUSES[dirty_cause]
    return "model" if before is not None and before != version else "decay"


def _others(scores: pl.DataFrame) -> list[str]:
    return [name for name in scores.columns if name not in SCORE_COLUMNS]


def _comparable(frame: pl.DataFrame, *, codes_are_lists: bool) -> pl.DataFrame:
    codes = pl.col("disqualify_codes")
    joined = pl.when(codes.list.len() > 0).then(codes.list.join("|")) if codes_are_lists else codes
    whole = [
        pl.col(name).cast(pl.Int64) for name, dtype in frame.schema.items() if name in _VALUES and dtype.is_integer()
    ]
    return frame.with_columns(joined.alias("disqualify_codes"), *whole).select("person_no", *_COMPARED)
