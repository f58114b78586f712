"""Small models and frames for tests of the engine."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from scoring.engine import score
from scoring.explain import explain
from scoring.model_file import load_model
from scoring.vocabulary import ACTIVITY_ATTRIBUTES, AttributeType

if TYPE_CHECKING:
    from scoring.model import Model

#: A day whose number, 20,400, begins a block of 30 days.
DAY = date(2025, 11, 8)

_ACTIVITY_TYPES = {
    AttributeType.TEXT: pl.String,
    AttributeType.NUMBER: pl.Int64,
    AttributeType.BOOLEAN: pl.Boolean,
}


def a_model(**sections: Any) -> Model:
    """A model from its sections; JSON is YAML."""
    sections.setdefault("model", "test")
    return load_model(json.dumps(sections), name="test.yaml", read_list=lambda name: name)


def a_rule(rule_id: str, points: float, on: Any = "page_view", **more: Any) -> dict[str, Any]:
    return {"id": rule_id, "label": rule_id, "on": on, "points": points, **more}


def a_fit_rule(rule_id: str, points: float, when: dict[str, Any]) -> dict[str, Any]:
    return {"id": rule_id, "label": rule_id, "when": when, "points": points}


def aged(
    kind: str, age: int, *, person: int = 1, day: date = DAY, at: time = time(12), **attributes: Any
) -> dict[str, Any]:
    """An activity of that age."""
    instant = datetime.combine(day - timedelta(days=age), at, tzinfo=UTC)
    return {"person_id": person, "kind": kind, "at": instant, **attributes}


def activity_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = sorted({name for row in rows for name in row} - {"person_id", "kind", "at"})
    types = {
        name: _ACTIVITY_TYPES.get(ACTIVITY_ATTRIBUTES.get(name, AttributeType.NUMBER), pl.String) for name in names
    }
    schema = {"person_id": pl.Int64, "kind": pl.String, "at": pl.Datetime("us", "UTC"), **types}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def people_frame(*people: dict[str, Any], **types: Any) -> pl.DataFrame:
    rows = [{"person_id": number, **each} for number, each in enumerate(people, start=1)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = pl.DataFrame([{name: row.get(name) for name in names} for row in rows], infer_schema_length=None)
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in types.items())


def scored(
    model: Model, person: dict[str, Any] | None = None, *activities: dict[str, Any], day: date = DAY
) -> dict[str, Any]:
    """Scores of one person."""
    return score(model, people_frame(person or {}), activity_frame(list(activities)), day=day).row(0, named=True)


def explained(
    model: Model, person: dict[str, Any] | None = None, *activities: dict[str, Any], day: date = DAY
) -> list[dict[str, Any]]:
    """Lines of one person."""
    return explain(model, people_frame(person or {}), activity_frame(list(activities)), day=day).rows(named=True)


def points_of(lines: list[dict[str, Any]]) -> list[tuple[str, str | None, float]]:
    """Part, rule and points of each line."""
    return [(line["part"], line["rule_id"], float(line["points"])) for line in lines]
